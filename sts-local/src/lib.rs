//! An AWS Security Token Service that runs in the process: a test double, and an embedded default for demos.
//!
//! [`LocalSts::handle`] is a function of the service's state, a request and the time: no sockets, clocks or random numbers.
//! It verifies signatures for real and issues credentials that it then accepts itself, so that role chains work.
//! [`LocalSts::serve`] puts it behind a listener on the loopback interface.
//!
//! ```
//! use std::convert::Infallible;
//! use sts_core::{AssumeRole, Call, Config, Learned, Lost, Step};
//! use sts_local::{DEMO_ROLE_ARN, LocalSts};
//! use time::macros::utc_datetime;
//!
//! let sts = LocalSts::demo();
//! let (config, learned) = (Config::builder().region("us-east-1").build()?, Learned::new(7));
//! let credentials = LocalSts::demo_credentials();
//! let operation = AssumeRole::new(DEMO_ROLE_ARN, "test").duration_seconds(900);
//!
//! let now = utc_datetime!(2026-11-23 03:00);
//! let call = Call::new(&operation, &config, &learned, Some(&credentials));
//! let Step::Transmit(request, call) = call.start::<Infallible>(now) else { panic!("nothing to send") };
//! let response = sts.handle(request, now);
//! let Step::Done(reply) = call.receive(now, Ok::<_, Lost<Infallible>>(response)) else { panic!("not done") };
//! let output = reply?.output;
//! assert_eq!(output.assumed_role_user.arn, "arn:aws:sts::123456789012:assumed-role/demo/test");
//! assert_eq!(output.credentials.expiration, utc_datetime!(2026-11-23 03:15));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it knows
//! - One account with [users](LocalSts::user) and [roles](LocalSts::role). Every user may call everything; a role says itself who
//!   may assume it. Session policies and tags are checked for their form, then forgotten.
//! - The operations in [`OPERATIONS`], in any region, as POST or GET, signed in the `Authorization` header.
//! - The members' constraints, and the codes, statuses and texts with which STS refuses.
//! - [Web identity providers](LocalSts::web_identity_provider), by name only.
//!
//! # What it is not
//! **Not a security boundary.** Keys, secrets and tokens are derived from a [seed](LocalSts::seed), so that tests can be
//! repeated, and the signature of a web identity token is not checked. It is no simulation of IAM: policies are not evaluated.
//! It remembers every session that it has issued until it is dropped.
//!
//! # Errors on purpose
//! | to get | do |
//! |---|---|
//! | `AccessDenied` | assume a role that does not exist, does not [trust](Role::trust) the caller or wants an [external id](Role::external_id); call GetSessionToken with temporary credentials; give the `TokenCode` `000000` |
//! | `ExpiredToken` | use issued credentials after their end |
//! | `ExpiredTokenException` | present a web identity token whose `exp` has passed |
//! | `InvalidClientTokenId` | use an unknown access key, or another session's token |
//! | `InvalidIdentityToken` | present a token that is no JWT, lacks a claim, or comes from an unknown provider |
//! | `InvalidParameterValue` | repeat a tag's key, or name a transitive key that is no tag's |
//! | `MalformedPolicyDocument` | give a `Policy` that is not JSON |
//! | `PackedPolicyTooLarge` | give policies and tags of more than 4096 bytes together |
//! | `SignatureDoesNotMatch` | sign with a wrong secret, or more than 15 minutes off |
//! | `ValidationError` | break a member's constraint, chain roles for more than an hour, exceed [`Role::max_session_duration`] |

mod account;
mod answer;
mod form;
mod issue;
mod listener;
mod mint;
mod operations;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{Request, Response};
use sts_core::{Credentials, operation::API_VERSION, sigv4};
use time::UtcDateTime;

pub use account::Role;
pub use listener::Listener;
pub use operations::OPERATIONS;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;

use account::{Caller, Provider, User};
use answer::{Refusal, Xml};
use form::Form;
use issue::Session;
use mint::Mint;
use operations::{Call, Handler};

/// ARN of the role that [`LocalSts::demo`] knows.
pub const DEMO_ROLE_ARN: &str = "arn:aws:iam::123456789012:role/demo";

/// A Security Token Service of one account. See the [crate's documentation](crate).
pub struct LocalSts {
    account: String,
    users: Vec<User>,
    roles: Vec<Role>,
    /// `None`: any provider will do.
    providers: Option<Vec<Provider>>,
    mint: Mint,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many numbers were drawn; every id is derived from one.
    drawn: u64,
    /// By access key id.
    sessions: HashMap<String, Session>,
}

impl LocalSts {
    /// A service for an account, twelve digits, that knows nobody yet.
    pub fn new(account: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            users: Vec::new(),
            roles: Vec::new(),
            providers: None,
            mint: Mint::new(0),
            state: Mutex::default(),
        }
    }

    /// The account 123456789012 with a user and a role, both named `demo`: [`demo_credentials`](Self::demo_credentials)
    /// and [`DEMO_ROLE_ARN`].
    pub fn demo() -> Self {
        Self::new("123456789012").user("demo", Self::demo_credentials()).role(Role::new("demo"))
    }

    /// The access key of the user of [`demo`](Self::demo): the one of AWS's documentation, which is nobody's.
    pub fn demo_credentials() -> Credentials {
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    /// Adds a user with an access key.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, credentials: Credentials) -> Self {
        self.users.push(User { name: name.into(), credentials });
        self
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds an OpenID Connect provider by its issuer (the token's `iss`, `https://idp.example.com`) and the audiences
    /// (`aud`) that its tokens may be for. Until one is added, tokens of every provider for every audience are accepted.
    #[must_use]
    pub fn web_identity_provider(
        mut self,
        issuer: impl Into<String>,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let audiences = audiences.into_iter().map(Into::into).collect();
        self.providers.get_or_insert_default().push(Provider { issuer: issuer.into(), audiences });
        self
    }

    /// What all ids, keys, secrets and tokens are derived from; 0 by default. The same calls in the same order yield the same.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.mint = Mint::new(seed);
        self
    }

    /// Answers a request that arrives at `now`, as STS would.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a request is consumed, so that this fits where a transport does"
    )]
    pub fn handle(&self, request: Request<impl AsRef<[u8]>>, now: UtcDateTime) -> Response<Vec<u8>> {
        let id = self.mint.request_id(self.draw());
        let answered = Form::read(&request).and_then(|form| match form.get("Action") {
            Some(action) => self.answer(action, &form, &request, now).map(|result| Some(result.finish(action, &id))),
            None => Ok(None),
        });
        match answered {
            Ok(Some(document)) => answer::success(document, &id, now),
            Ok(None) => answer::redirect(&id, now),
            Err(refusal) => refusal.response(&id, now),
        }
    }

    fn answer(
        &self,
        action: &str,
        form: &Form,
        request: &Request<impl AsRef<[u8]>>,
        now: UtcDateTime,
    ) -> Result<Xml, Refusal> {
        let version = form.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
        let handler = operations::find(action).filter(|_| version == API_VERSION).ok_or_else(|| {
            Refusal::bad_request("InvalidAction", format!("Could not find operation {action} for version {version}"))
        })?;
        let call = Call { sts: self, form, now };
        match handler {
            Handler::Signed(answer) => answer(&call, &self.authenticate(request, now)?),
            Handler::Unsigned(answer) => answer(&call),
        }
    }

    fn authenticate(
        &self,
        request: &Request<impl AsRef<[u8]>>,
        now: UtcDateTime,
    ) -> Result<Caller, sigv4::VerifyError> {
        let mut caller = None;
        sigv4::verify(request, "sts", now, |access_key_id| {
            let (credentials, found) = self.find(access_key_id)?;
            caller = Some(found);
            Some(credentials)
        })?;
        caller.ok_or(sigv4::VerifyError::InvalidToken)
    }

    fn find(&self, access_key_id: &str) -> Option<(Credentials, Caller)> {
        let user = self.users.iter().find(|user| user.credentials.access_key_id == access_key_id);
        if let Some(user) = user {
            return Some((user.credentials.clone(), Caller::user(self, &user.name)));
        }
        let state = self.state();
        let session = state.sessions.get(access_key_id)?;
        Some((session.credentials(&self.mint, access_key_id), session.caller.clone()))
    }

    /// A number that was never drawn before.
    fn draw(&self) -> u64 {
        let mut state = self.state();
        state.drawn += 1;
        state.drawn
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock, and every state is a valid one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows no seed, since the secrets follow from it.
impl fmt::Debug for LocalSts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, users, roles, providers, mint: _, state: _ } = self;
        f.debug_struct("LocalSts")
            .field("account", account)
            .field("users", users)
            .field("roles", roles)
            .field("providers", providers)
            .finish_non_exhaustive()
    }
}
