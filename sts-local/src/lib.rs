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
//! let Step::Done(reply) = call.receive(Ok::<_, Lost<Infallible>>(response), now) else { panic!("not done") };
//! let output = reply?.output;
//! assert_eq!(output.assumed_role_user.arn, "arn:aws:sts::123456789012:assumed-role/demo/test");
//! assert_eq!(output.credentials.expiration, utc_datetime!(2026-11-23 03:15));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it knows
//! - All operations of STS, in any region, as POST or GET, signed in a header or presigned, with the members' constraints, and
//!   the codes, statuses and texts with which STS refuses.
//! - One account with [users](LocalSts::user) and [roles](LocalSts::role). Every user may call everything, temporary credentials
//!   [what AWS lets them](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html); a role says
//!   itself who may assume it. Session policies and tags are checked for their form, then forgotten.
//! - [Web identity providers](LocalSts::web_identity_provider), by name only. Every SAML provider will do; the assertion
//!   must name the role with it, as for AWS. Every account is a member of the organization, for `AssumeRoot`.
//! - Trade-in tokens that you write yourself: a JSON web token with the ARN of a role as `sub`, and an end as `exp`.
//! - [Authorization messages](LocalSts::authorization_message) that it has encoded itself.
//!
//! # What it is not
//! **Not a security boundary.** Keys, secrets and tokens are derived from a [seed](LocalSts::seed), so that tests can be
//! repeated. Signatures of web identity tokens, trade-in tokens and SAML assertions are not checked, and those of the web identity
//! tokens that it issues are made up. It is no simulation of IAM: policies are not evaluated. It remembers every session that it
//! has issued until it is dropped.
//!
//! # Errors on purpose
//! | to get | do |
//! |---|---|
//! | `AccessDenied` | assume a role that does not exist, does not [trust](Role::trust) the caller or wants an [external id](Role::external_id); call `GetSessionToken` or `GetFederationToken` with temporary credentials, `GetScopedCredentials` with a fourth policy; give the `TokenCode` `000000` |
//! | `ExpiredToken` | use issued credentials after their end, or [let the clock run](#a-session-that-has-ended) |
//! | `ExpiredTokenException` | present a web identity token whose `exp` has passed, or a SAML assertion whose `NotOnOrAfter` has |
//! | `ExpiredTradeInTokenException` | present a trade-in token whose `exp` has passed |
//! | `IDPRejectedClaim` | present a SAML response whose `StatusCode` is not `Success` |
//! | `InsufficientSessionLifetime` | ask for scoped credentials that outlive the caller's |
//! | `InvalidAuthorizationMessageException` | decode any other message than [`authorization_message`](LocalSts::authorization_message) has encoded |
//! | `InvalidClientTokenId` | use an unknown access key, or another session's token |
//! | `InvalidIdentityToken` | present a token that is no JWT, lacks a claim, or comes from an unknown provider; a SAML response that is no XML or lacks a `RoleSessionName` |
//! | `InvalidParameterValue` | repeat a tag's key, or name a transitive key that is no tag's |
//! | `InvalidSubjectCredentials` | ask for scoped credentials with a user's own access key |
//! | `JWTPayloadSizeExceededException` | ask for a web identity token with more than 8192 bytes of claims |
//! | `MalformedPolicyDocument` | give a `Policy` that is not JSON |
//! | `PackedPolicyTooLarge` | give policies and tags of more than 4096 bytes together |
//! | `SessionDurationEscalationException` | ask with temporary credentials for a web identity token that outlives them |
//! | `SignatureDoesNotMatch` | sign with a wrong secret, or more than 15 minutes off ([`clock_offset`](LocalSts::clock_offset)) |
//! | `ValidationError` | break a member's constraint, chain roles for more than an hour, exceed [`Role::max_session_duration`], want a web identity token for an `OriginIdentity`, which no session has here |
//! | `IDPCommunicationError`, `InvalidContextAssertion`, `OutboundWebIdentityFederationDisabledException`, `RegionDisabledException`, and any other | say so with [`fail`](LocalSts::fail) |
//!
//! # A session that has ended
//! A listener goes by the system's clock. When its own jumps ahead and stays there, a client signs by the new time after one refusal, and
//! credentials that live for an hour have ended. [`Fault::Clock`] for one request does not do: the client corrects its clock, and back.
//!
//! ```
//! use sts_core::ErrorCode;
//! use sts_blocking::{AssumeRole, Client, Config, GetCallerIdentity};
//! use sts_local::{DEMO_ROLE_ARN, Fault, LocalSts, Script};
//! use time::SignedDuration;
//!
//! let listener = LocalSts::demo().serve(0)?;
//! let client = Client::new(Config::builder().region("us-east-1").endpoint_url(listener.url()).build()?);
//! let client = client.credentials(LocalSts::demo_credentials());
//! let session = client.send(&AssumeRole::new(DEMO_ROLE_ARN, "test"))?.output.credentials;
//! let client = client.credentials(session);
//!
//! listener.sts().fail(Script::every(1, [Fault::Clock(SignedDuration::hours(2))]));
//! let error = client.send(&GetCallerIdentity::new()).unwrap_err();
//! assert_eq!(error.code(), Some(&ErrorCode::ExpiredToken));
//!
//! listener.sts().recover();
//! assert!(client.send(&GetCallerIdentity::new()).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What was asked
//! A [`Listener`] counts requests and shows none. To see them, put [`LocalSts::handle`] where a client's transport goes, in a closure that
//! looks at each request first, as `examples/in_process.rs` does; no socket is needed then.
//!
//! # A network that fails on purpose
//! [`fail`](LocalSts::fail) also resets connections, breaks answers off, lets them drip, and whatever else a [`Fault`] is. This is how to
//! test what your program makes of a throttled STS, whichever client it uses:
//!
//! ```
//! use sts_core::ErrorCode;
//! use sts_local::{LocalSts, Script};
//!
//! let listener = LocalSts::demo().serve(0)?;
//! listener.sts().fail(Script::next([ErrorCode::Throttling, ErrorCode::Throttling]).of("GetCallerIdentity"));
//!
//! let account = your_program(&listener.url())?;
//! assert_eq!(account, "123456789012");
//! assert_eq!(listener.requests(), 3, "two were throttled");
//!
//! fn your_program(endpoint: &str) -> Result<String, Box<dyn std::error::Error>> {
//!     let config = sts_blocking::Config::builder().region("us-east-1").endpoint_url(endpoint).build()?;
//!     let client = sts_blocking::Client::new(config).credentials(LocalSts::demo_credentials());
//!     Ok(client.send(&sts_blocking::GetCallerIdentity::new())?.output.account)
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod answer;
mod fault;
mod form;
mod issue;
mod jwt;
mod listener;
mod mint;
mod operations;
mod saml;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{Request, Response};
use sts_core::{Credentials, ErrorCode, operation::API_VERSION, sigv4};
use time::{SignedDuration, UtcDateTime, macros::utc_datetime};

pub use account::Role;
pub use fault::{Fault, Script, Wire};
pub use listener::Listener;
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
#[derive(Debug)]
pub struct LocalSts {
    account: String,
    users: Vec<User>,
    roles: Vec<Role>,
    /// `None`: any provider will do.
    providers: Option<Vec<Provider>>,
    mint: Mint,
    clock_offset: SignedDuration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many numbers were drawn; every id is derived from one.
    drawn: u64,
    /// By access key id.
    sessions: HashMap<String, Session>,
    /// What shall fail, first come, first served.
    scripts: Vec<Script>,
}

impl LocalSts {
    /// A service for an account, twelve digits, that knows nobody yet.
    ///
    /// # Panics
    /// The account is anything else.
    pub fn new(account: impl Into<String>) -> Self {
        let account = account.into();
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_account, "the account is {account:?}, expected twelve digits");
        Self {
            account,
            users: Vec::new(),
            roles: Vec::new(),
            providers: None,
            mint: Mint::new(0),
            clock_offset: SignedDuration::ZERO,
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

    /// Lets the service's clock be wrong: how far it is ahead of the `now` that [`handle`](Self::handle) is given, and of the
    /// system's clock in [`serve`](Self::serve). Signatures are checked and credentials end by it, and the `Date` header shows it. It stays
    /// within the years 1 to 9998.
    #[must_use]
    pub fn clock_offset(mut self, ahead: SignedDuration) -> Self {
        self.clock_offset = ahead;
        self
    }

    /// Lets requests fail, whoever sends them: the next one with a [`Fault`] or an [`ErrorCode`], or those that a [`Script`] names.
    /// Said several times, a request is asked of one script after the other, and the first that has a fault for it is followed; those
    /// after it do not count the request.
    ///
    /// ```
    /// use sts_core::ErrorCode;
    /// use sts_local::{Fault, LocalSts};
    ///
    /// let listener = LocalSts::demo().serve(0)?;
    /// listener.sts().fail(ErrorCode::RegionDisabledException);
    /// listener.sts().fail(Fault::Truncated);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn fail(&self, script: impl Into<Script>) {
        self.state().scripts.push(script.into());
    }

    /// Forgets all that [`fail`](Self::fail) was told, so that the next request is answered as it should be. A [`Script::every`] ends in no
    /// other way.
    pub fn recover(&self) {
        self.state().scripts.clear();
    }

    /// Encodes the details of a denial, as other services send them in an `Encoded authorization failure message`, for
    /// `DecodeAuthorizationMessage` to give them back. AWS's are JSON. At most 7600 bytes fit in a request.
    pub fn authorization_message(&self, details: &str) -> String {
        self.mint.seal(details)
    }

    /// Answers a request that arrives at `now`, as STS would.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a request is consumed, so that this fits where a transport does"
    )]
    pub fn handle(&self, request: Request<impl AsRef<[u8]>>, now: UtcDateTime) -> Response<Vec<u8>> {
        let fault = self.next_fault(&request);
        self.respond(&request, now, fault.as_ref())
    }

    /// What is to go wrong with this request, which no other will be told.
    pub(crate) fn next_fault(&self, request: &Request<impl AsRef<[u8]>>) -> Option<Fault> {
        let mut state = self.state();
        if state.scripts.is_empty() {
            return None;
        }
        let form = Form::read(request).ok();
        let operation = form.as_ref().and_then(|form| form.get("Action"));
        let fault = state.scripts.iter_mut().find_map(|script| script.take(operation));
        state.scripts.retain(|script| !script.is_over());
        fault
    }

    /// Answers with a fault, as far as that needs no connection.
    pub(crate) fn respond(
        &self,
        request: &Request<impl AsRef<[u8]>>,
        now: UtcDateTime,
        fault: Option<&Fault>,
    ) -> Response<Vec<u8>> {
        let further = match fault {
            Some(Fault::Clock(ahead)) => *ahead,
            _ => SignedDuration::ZERO,
        };
        let (now, id) = (self.clock(now, further), self.request_id());
        match fault {
            Some(Fault::Error(code)) => {
                return Refusal::new(code.clone(), "LocalSts was told to fail here").response(&id, now);
            }
            Some(Fault::Status(status)) => return answer::bare(*status),
            _ => {}
        }
        let answered = Form::read(request).and_then(|form| match form.get("Action") {
            Some(action) => self.answer(action, &form, request, now).map(|result| Some(result.finish(action, &id))),
            None => Ok(None),
        });
        match answered {
            Ok(Some(document)) => answer::success(document, &id, now),
            Ok(None) => answer::redirect(&id, now),
            Err(refusal) => refusal.response(&id, now),
        }
    }

    /// Refuses a request that cannot be read.
    pub(crate) fn refuse(&self, refusal: &Refusal, now: UtcDateTime) -> Response<Vec<u8>> {
        refusal.response(&self.request_id(), self.clock(now, SignedDuration::ZERO))
    }

    /// The service's time, whose clock may be further ahead than usual. What goes on an hour before it or a day later can still be written
    /// with a year of four digits.
    fn clock(&self, now: UtcDateTime, further: SignedDuration) -> UtcDateTime {
        let ahead = self.clock_offset.saturating_add(further);
        now.saturating_add(ahead).clamp(utc_datetime!(0001-01-01 0:00), utc_datetime!(9998-12-31 23:59:59))
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
            let text = format!("Could not find operation {action} for version {version}");
            Refusal::new(ErrorCode::InvalidAction, text)
        })?;
        let call = Call { sts: self, form, now };
        let answer = match handler {
            Handler::Unsigned(answer) => return answer(&call),
            Handler::Signed(answer) => answer,
        };
        let caller = self.authenticate(request, now)?;
        if caller.kind.may_call(action) {
            answer(&call, &caller)
        } else if let "GetFederationToken" | "GetSessionToken" = action {
            Err(Refusal::access_denied(format!("Cannot call {action} with session credentials")))
        } else {
            Err(Refusal::denied(&caller, action, None))
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

    fn request_id(&self) -> String {
        self.mint.uuid("request id", &self.draw().to_string())
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
