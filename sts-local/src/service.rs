//! The service: turns a request into a response.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use sts_core::{
    Credentials, ErrorCode,
    operation::API_VERSION,
    sigv4::{self, Verifier},
};
use time::{SignedDuration, UtcDateTime, macros::utc_datetime};

use crate::{
    account::{Account, Caller, Provider, Role, User},
    answer::{self, Refusal, Xml},
    call::Call,
    cors,
    fault::{Fault, Script},
    form::Form,
    mint::Mint,
    operations::{self, Handler},
    session::Session,
};

/// ARN of the role of [`LocalSts::demo`].
pub const DEMO_ROLE_ARN: &str = "arn:aws:iam::123456789012:role/demo";

/// A Security Token Service for one account. See the [crate documentation](crate).
#[derive(Debug)]
pub struct LocalSts {
    account: Account,
    clock_offset: SignedDuration,
    cors: bool,
    /// The configured failures. Earlier scripts take precedence.
    scripts: Mutex<Vec<Script>>,
}

impl LocalSts {
    /// A service for an account of twelve digits, without users and roles.
    ///
    /// # Panics
    /// If `account` is not twelve digits.
    pub fn new(account: impl Into<String>) -> Self {
        let id = account.into();
        let is_account = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_account, "invalid account {id:?}: expected twelve digits");
        Self {
            account: Account { id, users: Vec::new(), roles: Vec::new(), providers: None, mint: Mint::new(0) },
            clock_offset: SignedDuration::ZERO,
            cors: true,
            scripts: Mutex::default(),
        }
    }

    /// A service for the account 123456789012 with a user and a role, both named `demo`: see [`demo_credentials`](Self::demo_credentials)
    /// and [`DEMO_ROLE_ARN`].
    pub fn demo() -> Self {
        Self::new("123456789012").user("demo", Self::demo_credentials()).role(Role::new("demo"))
    }

    /// The access key of the user in [`demo`](Self::demo): the example key of AWS's documentation.
    pub fn demo_credentials() -> Credentials {
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    /// Adds a user with an access key.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, credentials: Credentials) -> Self {
        self.account.users.push(User { name: name.into(), credentials });
        self
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.account.roles.push(role);
        self
    }

    /// Adds an OpenID Connect provider: its issuer (the `iss` of its tokens, `https://idp.example.com`) and the accepted audiences (`aud`).
    /// Without any provider, tokens of every provider for every audience are accepted.
    #[must_use]
    pub fn web_identity_provider(
        mut self,
        issuer: impl Into<String>,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let audiences = audiences.into_iter().map(Into::into).collect();
        self.account.providers.get_or_insert_default().push(Provider { issuer: issuer.into(), audiences });
        self
    }

    /// Sets the seed of all ids, keys, secrets and tokens; 0 by default. With the same seed, the same calls in the same order return the
    /// same results, and session tokens stay valid in another instance.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.account.mint = Mint::new(seed);
        self
    }

    /// Sets how far the service's clock is ahead of the `now` of [`handle`](Self::handle) or, in [`serve`](Self::serve), of the system's
    /// clock. The service's clock determines the validity of signatures, the expiration of credentials and the `Date` header. It stays
    /// within the years 1 to 9998.
    #[must_use]
    pub fn clock_offset(mut self, ahead: SignedDuration) -> Self {
        self.clock_offset = ahead;
        self
    }

    /// Sets whether browsers can call: the service answers preflights and adds CORS headers to every response, as AWS does. On by default.
    #[must_use]
    pub fn cors(mut self, on: bool) -> Self {
        self.cors = on;
        self
    }

    /// Makes requests fail: the next request with a [`Fault`] or an [`ErrorCode`], or the requests that a [`Script`] selects. With several
    /// scripts, the first one that has a fault for a request applies, and later scripts do not count the request. Preflights never fail.
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
        self.scripts().push(script.into());
    }

    /// Removes all scripts of [`fail`](Self::fail), so that the next request succeeds. Only this ends a [`Script::every`].
    pub fn recover(&self) {
        self.scripts().clear();
    }

    /// Encodes the details of a denial, as other AWS services do in an `Encoded authorization failure message`.
    /// `DecodeAuthorizationMessage` decodes them. AWS's details are JSON. A request can carry at most 7600 bytes of them.
    pub fn authorization_message(&self, details: &str) -> String {
        self.account.mint.seal(details)
    }

    /// Responds to a request that arrives at `now`, as STS would.
    #[expect(clippy::needless_pass_by_value, reason = "takes the request by value, as a transport does")]
    pub fn handle(&self, request: Request<impl AsRef<[u8]>>, now: UtcDateTime) -> Response<Vec<u8>> {
        let fault = self.next_fault(&request);
        self.respond(&request, now, fault.as_ref())
    }

    /// Takes this request's fault from the scripts.
    pub(crate) fn next_fault(&self, request: &Request<impl AsRef<[u8]>>) -> Option<Fault> {
        let mut scripts = self.scripts();
        if scripts.is_empty() || self.is_preflight(request) {
            return None;
        }
        let form = Form::read(request).ok();
        let operation = form.as_ref().and_then(|form| form.get("Action"));
        let fault = scripts.iter_mut().find_map(|script| script.take(operation));
        scripts.retain(|script| !script.is_over());
        fault
    }

    /// Responds, and applies the faults that need no connection.
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
        let response = match fault {
            Some(Fault::Error(code)) => Refusal::new(code.clone(), "LocalSts was told to fail here").response(&id, now),
            Some(Fault::Status(status)) => answer::bare(*status),
            _ if self.is_preflight(request) => cors::allow(request, answer::empty(&id, now)),
            _ => self.answer(request, &id, now),
        };
        self.expose(response)
    }

    /// Responds to an unreadable request.
    pub(crate) fn refuse(&self, refusal: &Refusal, now: UtcDateTime) -> Response<Vec<u8>> {
        let now = self.clock(now, SignedDuration::ZERO);
        self.expose(refusal.response(&self.request_id(), now))
    }

    fn answer(&self, request: &Request<impl AsRef<[u8]>>, id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
        let document = Form::read(request).and_then(|form| match form.get("Action") {
            Some(action) => self.call(action, &form, request, now).map(|result| Some(result.finish(action, id))),
            None => Ok(None),
        });
        match document {
            Ok(Some(document)) => answer::success(document, id, now),
            Ok(None) => answer::redirect(id, now),
            Err(refusal) => refusal.response(id, now),
        }
    }

    fn call(
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
        let call = Call { account: &self.account, form, now };
        let answer = match handler {
            Handler::Unsigned(answer) => return answer(&call),
            Handler::Signed(answer) => answer,
        };
        let caller = self.authenticate(request, form, now)?;
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
        form: &Form,
        now: UtcDateTime,
    ) -> Result<Caller, sigv4::VerifyError> {
        let header = request.headers().get("x-amz-security-token").and_then(|value| value.to_str().ok());
        let token = header.or_else(|| form.get("X-Amz-Security-Token"));
        let mut caller = None;
        Verifier::new("sts").ignore_expires(true).verify(request, now, |access_key_id| {
            let (credentials, found) = self.find(access_key_id, token)?;
            caller = Some(found);
            Some(credentials)
        })?;
        caller.ok_or(sigv4::VerifyError::InvalidToken)
    }

    /// The credentials with this access key, and their owner.
    fn find(&self, access_key_id: &str, token: Option<&str>) -> Option<(Credentials, Caller)> {
        let account = &self.account;
        if let Some(user) = account.user(access_key_id) {
            return Some((user.credentials.clone(), user.caller(account)));
        }
        let token = token?;
        let session = Session::open(&account.mint, token).filter(|session| session.access_key_id == access_key_id)?;
        let mut credentials =
            Credentials::new(access_key_id, account.mint.secret_access_key(access_key_id)).session_token(token);
        credentials.expiration = session.caller.expiration;
        Some((credentials, session.caller))
    }

    fn is_preflight<B>(&self, request: &Request<B>) -> bool {
        self.cors && cors::is_preflight(request)
    }

    fn expose(&self, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        if self.cors { cors::expose(response) } else { response }
    }

    /// The service's time. An hour earlier and a day later, the year still has four digits.
    fn clock(&self, now: UtcDateTime, further: SignedDuration) -> UtcDateTime {
        let ahead = self.clock_offset.saturating_add(further);
        now.saturating_add(ahead).clamp(utc_datetime!(0001-01-01 0:00), utc_datetime!(9998-12-31 23:59:59))
    }

    fn request_id(&self) -> String {
        self.account.mint.draw_uuid("request id")
    }

    fn scripts(&self) -> MutexGuard<'_, Vec<Script>> {
        // No code panics while it holds the lock, and every state is valid.
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
