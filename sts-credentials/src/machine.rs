//! The machine that gets credentials from one source: which file to read, program to run, person to ask, request to send.
//!
//! ```text
//!                       Source::start(…, now)    
//!                                   │
//!      ┌──────────────┬─────────────┼───────────────────┬──────────────────┐
//!      ▼              ▼             ▼                   ▼                  │
//!  ReadFile       PromptMfa      Transmit ◀─▶ Wait  RunProcess             │ written down
//!      │              │           ▲   │ ▲               │                  │
//!      └──────────────┴───────────┘   │ └▶ WriteFile    │                  │
//!                                     └──────▶ Done ◀───┴──────────────────┘
//! ```
//!
//! Each arrow is a method that consumes what the step gave along: what was read, answered, printed or received goes in, the next step
//! comes out. A plan's sources are run one after the other, each with the credentials of the one before:
//!
//! ```
//! use sts_core::*;
//! use sts_credentials::{machine::{ProviderError, Step}, plan::Plan, location::Platform, profile::Profiles};
//! use time::{UtcDateTime, macros::utc_datetime};
//!
//! fn credentials(plan: &Plan, client: &Client, now: UtcDateTime) -> Result<Credentials, ProviderError> {
//!     let mut found = None;
//!     for source in &plan.sources {
//!         let mut step = source.start(client, found.as_ref(), now);
//!         found = Some(loop {
//!             step = match step {
//!                 Step::ReadFile(path, next) => next.receive(Err(format!("nobody reads {path} here")), now),
//!                 Step::WriteFile(path, _, next) => next.receive(Err(format!("nobody writes {path} here")), now),
//!                 Step::PromptMfa(serial, next) => next.receive(Err(format!("nobody knows {serial} here")), now),
//!                 Step::RunProcess(process, next) => next.receive(Err(format!("nobody starts {} here", process.program)), now),
//!                 Step::Transmit(transmit, next) => next.receive(Ok(http::Response::new("who sends?")), now),
//!                 Step::Wait(delay, next) => next.resume(now + delay),
//!                 Step::Done(result) => break result?,
//!             };
//!         });
//!     }
//!     Ok(found.expect("a plan has at least one source"))
//! }
//!
//! let environment = |name: &str| match name {
//!     "AWS_ROLE_ARN" => Some("arn:aws:iam::123456789012:role/demo".to_owned()),
//!     "AWS_WEB_IDENTITY_TOKEN_FILE" => Some("/var/run/token".to_owned()),
//!     _ => None,
//! };
//! let plan = Plan::new(Platform::Unix, &environment, &Profiles::default(), None)?;
//! let client = Client::new(Config::builder().region("eu-west-1").build()?, 7);
//! let error = credentials(&plan, &client, utc_datetime!(2026-11-23 03:00)).unwrap_err();
//! assert!(error.to_string().ends_with("/var/run/token cannot be read: nobody reads /var/run/token here"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{
    borrow::Cow,
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{error::Error as StdError, fmt, time::Duration};
use http::Response;
use time::{SignedDuration, UtcDateTime};
use zeroize::Zeroizing;

use crate::{
    container::{Authorization, Container},
    plan::{Role, Source, WebIdentity},
    process::{self, Process},
    question::{Next, Question},
    sso,
};
use sts_core::{
    Client, Credentials, Moment, Secret, TemporaryCredentials,
    call::{self, Route, Transmit},
    error::{Error, TransportError},
    operation::{Auth, Operation},
    operations::{AssumeRole, AssumeRoleWithWebIdentity},
    query::{Query, ToQuery},
    timestamp,
    web_identity::{Claims, TokenError},
    xml::{Element, FromXml, ParseError},
};

/// What to do next.
#[must_use]
#[derive(Debug)]
pub enum Step<'c> {
    /// Read the file of that path as text, [`Reading::MAX_LENGTH`] and one bytes at most, then tell [`Reading::receive`].
    ReadFile(&'c str, Reading<'c>),
    /// Put the text, which holds secrets, into the file of that path, in place of what is there: at once, so that whoever else reads it sees
    /// the one or the other, and readable by the user alone. Then tell [`Writing::receive`].
    WriteFile(&'c str, Secret, Writing<'c>),
    /// Run the program without a shell and collect what it prints, [`Output::MAX_LENGTH`] and one bytes each at most, then tell
    /// [`Running::receive`].
    RunProcess(&'c Process, Running<'c>),
    /// Ask for the code that the MFA device of that serial number or ARN shows, then tell [`Prompting::receive`].
    PromptMfa(&'c str, Prompting<'c>),
    /// Send the request, then tell [`InFlight::receive`].
    Transmit(Transmit, InFlight<'c>),
    /// Let the time pass, then go on with [`Waiting::resume`].
    Wait(Duration, Waiting<'c>),
    /// These are the source's credentials, or there are none.
    Done(Result<Credentials, ProviderError>),
}

impl Source {
    /// Begins to get credentials: calls of STS are the client's, and signed with the credentials that the source before this one found,
    /// `None` for the first.
    pub fn start<'c>(
        &'c self,
        client: &'c Client,
        credentials: Option<&'c Credentials>,
        now: impl Into<Moment>,
    ) -> Step<'c> {
        let now = now.into();
        let run = Run { source: self, client, credentials };
        match self {
            Self::Keys(keys) => Step::Done(Ok(keys.credentials.clone())),
            Self::AssumeRole(role) => match &role.mfa_serial {
                Some(serial) => Step::PromptMfa(serial, Prompting { run, role, serial }),
                None => run.assume(role, None, now),
            },
            Self::WebIdentity(role) => run.read(&role.token_file),
            Self::Process(process) => Step::RunProcess(process, Running { run }),
            Self::Sso(sso) => match &sso.token_file {
                _ if sso.credentials_uri().is_none() => run.fail(Problem::Unsupported(
                    "the profile names no sso_account_id and sso_role_name, so that there is a token but no credentials",
                )),
                None => run.fail(Problem::Unsupported(
                    "the user's home folder is not known, where the token of `aws sso login` would be",
                )),
                Some(path) => run.read(path),
            },
            Self::Container(container) => match &container.authorization {
                Some(Authorization::File(path)) => run.read(path),
                Some(Authorization::Token(token)) => run.ask_container(container, Some(token.expose())),
                None => run.ask_container(container, None),
            },
            Self::InstanceMetadata(metadata) => run.ask(Question::of_instance(metadata)),
        }
    }
}

/// A file is being read.
#[must_use]
#[derive(Debug)]
pub struct Reading<'c> {
    run: Run<'c>,
    path: &'c str,
}

impl<'c> Reading<'c> {
    /// The length of the longest file that is read, in bytes. Of one that may be longer a driver reads one byte more, which is refused.
    pub const MAX_LENGTH: usize = 1 << 16;
    /// How long ago a web identity token must have ended for it not to be sent. Before the first answer nobody knows whether our clock
    /// is ahead, and a call that is not signed succeeds all the same. STS bears as much in the time of a signature.
    const LEEWAY: SignedDuration = SignedDuration::minutes(15);

    /// Goes on with the file's text, or why it cannot be read.
    pub fn receive(self, text: Result<String, String>, now: impl Into<Moment>) -> Step<'c> {
        let (Self { run, path }, now) = (self, now.into());
        let path = || path.to_string();
        let token = match text.map(Zeroizing::new) {
            Ok(text) if text.len() > Self::MAX_LENGTH => Err(format!("it is longer than {} bytes", Self::MAX_LENGTH)),
            Ok(text) if text.trim().is_empty() => Err("it is empty".to_string()),
            other => other,
        };
        let token = match (&token, run.source) {
            (Ok(text), _) => text.trim(),
            (Err(error), Source::Sso(sso)) => {
                let error = format!("{} cannot be read: {error}", path());
                return run.fail(Problem::SignIn { error, command: sso.login() });
            }
            (Err(error), _) => return run.fail(Problem::File { path: path(), error: error.clone() }),
        };
        match run.source {
            Source::Container(container) => run.ask_container(container, Some(token)),
            Source::WebIdentity(role) => {
                // What is no JSON web token is for the service to judge. So is what has expired by one clock alone, ours or the service's as
                // far as it is known: either may be wrong.
                if let Ok(claims) = Claims::peek(token) {
                    let there = timestamp::later(now.wall, run.client.clock_correction());
                    let has_expired = |at| match claims.check(at) {
                        Err(error @ TokenError::Expired { ago, .. }) if ago > Self::LEEWAY => Some(error),
                        _ => None,
                    };
                    if let (Some(_), Some(error)) = (has_expired(now.wall), has_expired(there)) {
                        return run.fail(Problem::Token { path: path(), error });
                    }
                }
                run.assume_with(role, token, now)
            }
            Source::Sso(sso) => {
                let sign_in = |error| Problem::SignIn { error: format!("{} {error}", path()), command: sso.login() };
                match sso::Token::parse(token) {
                    Err(error) => run.fail(sign_in(error)),
                    Ok(token) if token.end <= now.wall && !token.should_renew(now.wall) => {
                        run.fail(sign_in(format!("has a token that expired at {}", timestamp::format(token.end))))
                    }
                    Ok(token) => run.ask(Question::of_sso(sso, token, now.wall)),
                }
            }
            _ => run.fail(Problem::File { path: path(), error: "nobody asked for it".to_string() }),
        }
    }
}

/// A file is being written.
#[must_use]
#[derive(Debug)]
pub struct Writing<'c> {
    run: Run<'c>,
    question: Question<'c>,
}

impl<'c> Writing<'c> {
    /// Goes on, whether or not the file could be written: what it is to hold is of use now, and only the next run would have gained.
    pub fn receive(self, _result: Result<(), String>, _now: impl Into<Moment>) -> Step<'c> {
        self.run.ask(self.question)
    }
}

/// Somebody is being asked for an MFA code.
#[must_use]
#[derive(Debug)]
pub struct Prompting<'c> {
    run: Run<'c>,
    role: &'c Role,
    serial: &'c str,
}

impl<'c> Prompting<'c> {
    /// Goes on with the code, or why there is none.
    pub fn receive(self, code: Result<Secret, String>, now: impl Into<Moment>) -> Step<'c> {
        match code {
            Ok(code) => self.run.assume(self.role, Some((self.serial, code.expose().trim().into())), now.into()),
            Err(error) => self.run.fail(Problem::Mfa { serial: self.serial.into(), error }),
        }
    }
}

/// A program is running.
#[must_use]
#[derive(Debug)]
pub struct Running<'c> {
    run: Run<'c>,
}

/// What a program left behind.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it. Of no interest when it printed too much.
    pub code: Option<i32>,
    /// What it printed to the standard output. It holds secrets.
    pub stdout: Output,
    /// What it printed to the standard error.
    pub stderr: Output,
}

/// What a program printed. `Debug` shows the length alone; the memory is wiped on drop.
pub struct Output(Zeroizing<Vec<u8>>);

impl Output {
    /// The length of the longest output that is used, in bytes. When a program prints more to its standard output, a driver may end it: one
    /// byte more is an error, whatever the exit code. More on its standard error is no error, and must not become one by a closed pipe.
    pub const MAX_LENGTH: usize = 1 << 16;

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Output {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes redacted]", self.0.len())
    }
}

impl<'c> Running<'c> {
    /// How long the program may take; then it is to be ended, and the error says so.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Goes on with what the program left behind, or why it did not start or end, perhaps with what it said: of that, what may be a secret is
    /// taken out here.
    pub fn receive(self, result: Result<Finished, String>, now: impl Into<Moment>) -> Step<'c> {
        let result = result.map_err(|error| process::shown(&error));
        match result.and_then(|finished| process::credentials(&finished, now.into().wall)) {
            Ok(credentials) => Step::Done(Ok(credentials)),
            Err(error) => self.run.fail(Problem::Answer { from: "the program", error }),
        }
    }
}

/// A request is on its way.
#[must_use]
#[derive(Debug)]
pub struct InFlight<'c>(Box<Exchange<'c>>);

#[derive(Debug)]
struct Exchange<'c> {
    run: Run<'c>,
    sent: Sent<'c>,
}

#[derive(Debug)]
enum Sent<'c> {
    Call(call::InFlight<'c, Issued>),
    Question(Question<'c>),
}

impl<'c> InFlight<'c> {
    /// Goes on with what came of the request: a response whose body has been read, or a loss.
    pub fn receive(
        self,
        result: Result<Response<impl AsRef<[u8]>>, TransportError>,
        now: impl Into<Moment>,
    ) -> Step<'c> {
        let (Exchange { run, sent }, now) = (*self.0, now.into());
        let mut question = match sent {
            Sent::Call(call) => return run.step(call.receive(result, now)),
            Sent::Question(question) => question,
        };
        let is_transient = match &result {
            Ok(response) => Question::is_transient(response.status()),
            Err(error) => question.may_retry(error.kind),
        };
        if is_transient && let Some(delay) = question.retry() {
            return Step::Wait(delay, Waiting { run, pending: Pending::Question(question) });
        }
        let from = question.whom();
        match result {
            Ok(response) => match question.receive(now.wall, response.status(), response.body().as_ref()) {
                Next::Ask(question) => run.ask(question),
                Next::Write(path, text, question) => Step::WriteFile(path, text, Writing { run, question }),
                Next::Done(credentials) => Step::Done(Ok(credentials)),
                Next::Fail(error, None) => run.fail(Problem::Answer { from, error }),
                Next::Fail(error, Some(command)) => {
                    run.fail(Problem::SignIn { error: format!("{from} {error}"), command })
                }
            },
            Err(error) => match question.or_else(now.wall) {
                Ok(question) => run.ask(question),
                Err(question) => run.fail(Problem::NoResponse { uri: question.shown_uri(), error }),
            },
        }
    }
}

/// The time before the next attempt passes.
#[must_use]
#[derive(Debug)]
pub struct Waiting<'c> {
    run: Run<'c>,
    pending: Pending<'c>,
}

#[derive(Debug)]
enum Pending<'c> {
    Call(call::Waiting<'c, Issued>),
    Question(Question<'c>),
}

impl<'c> Waiting<'c> {
    /// Makes the next attempt.
    pub fn resume(self, now: impl Into<Moment>) -> Step<'c> {
        match self.pending {
            Pending::Call(call) => self.run.step(call.resume(now)),
            Pending::Question(question) => self.run.ask(question),
        }
    }
}

/// Why a source gives no credentials.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderError {
    /// What was attempted, in the words of the plan.
    pub source: String,
    /// What went wrong.
    pub problem: Problem,
}

impl ProviderError {
    /// Whether another attempt may end otherwise while nobody changes a profile, a role or a policy; for
    /// [`Cache::fail`](super::cache::Cache::fail). Calls of STS know that [themselves](Error::is_transient). A person may sign in again and a
    /// file be replaced at any time.
    pub fn may_pass(&self) -> bool {
        match &self.problem {
            Problem::Call(error) => error.is_transient(),
            Problem::Unsupported(_) => false,
            _ => true,
        }
    }
}

/// What went wrong at a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The call of STS.
    Call(Error),
    /// A file cannot be used.
    File {
        /// The file.
        path: String,
        /// Why.
        error: String,
    },
    /// The web identity token is of no use, so that it was not sent.
    Token {
        /// The file that holds it.
        path: String,
        /// Why.
        error: TokenError,
    },
    /// There is no MFA code.
    Mfa {
        /// The device.
        serial: String,
        /// Why.
        error: String,
    },
    /// The program, the agent on this machine or the portal of single sign-on failed or sent something else than credentials.
    Answer {
        /// Who.
        from: &'static str,
        /// What it did.
        error: String,
    },
    /// The token of single sign-on is not there, or of no use any more.
    SignIn {
        /// Why.
        error: String,
        /// The command that makes a new one.
        command: String,
    },
    /// The agent on this machine, or the portal of single sign-on, sent nothing.
    NoResponse {
        /// Where the request went; of a container's agent, without the query.
        uri: String,
        /// What the driver reported of the last attempt.
        error: TransportError,
    },
    /// The source has no credentials to give.
    Unsupported(&'static str),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials from \"{}\": ", self.source)?;
        match &self.problem {
            Problem::Call(error) => error.fmt(f),
            Problem::File { path, error } => write!(f, "{path} cannot be read: {error}"),
            Problem::Token { path, error } => write!(f, "{error} ({path})"),
            Problem::Mfa { serial, error } => write!(f, "no code of MFA device {serial}: {error}"),
            Problem::Answer { from, error } => write!(f, "{from} {error}"),
            Problem::SignIn { error, command } => write!(f, "{error}; run `{command}`"),
            Problem::NoResponse { uri, error } => write!(f, "{} {uri}", error.kind),
            Problem::Unsupported(reason) => f.write_str(reason),
        }
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Call(error) => error.source(),
            Problem::NoResponse { error, .. } => Some(&*error.source),
            _ => None,
        }
    }
}

/// One source at work.
#[derive(Clone, Copy, Debug)]
struct Run<'c> {
    source: &'c Source,
    client: &'c Client,
    credentials: Option<&'c Credentials>,
}

impl<'c> Run<'c> {
    fn assume(self, role: &Role, mfa: Option<(&str, Secret)>, now: Moment) -> Step<'c> {
        let name = session_name(role.role_session_name.as_deref(), now.wall);
        let mut operation = AssumeRole::new(&role.role_arn, name);
        if let Some(id) = &role.external_id {
            operation = operation.external_id(id);
        }
        if let Some(seconds) = role.duration_seconds {
            operation = operation.duration_seconds(seconds);
        }
        if let Some((serial, code)) = mfa {
            operation = operation.serial_number(serial).token_code(code);
        }
        self.call(operation, now)
    }

    fn assume_with(self, role: &WebIdentity, token: &str, now: Moment) -> Step<'c> {
        let name = session_name(role.role_session_name.as_deref(), now.wall);
        let mut operation = AssumeRoleWithWebIdentity::new(&role.role_arn, name, token);
        if let Some(seconds) = role.duration_seconds {
            operation = operation.duration_seconds(seconds);
        }
        self.call(operation, now)
    }

    fn read(self, path: &'c str) -> Step<'c> {
        Step::ReadFile(path, Reading { run: self, path })
    }

    fn ask_container(self, container: &'c Container, token: Option<&str>) -> Step<'c> {
        match Question::of_container(container, token) {
            Ok(question) => self.ask(question),
            Err(error) => self.fail(Problem::Answer { from: Question::AGENT, error }),
        }
    }

    fn ask(self, question: Question<'c>) -> Step<'c> {
        match question.request() {
            Ok(request) => {
                let (timeout, route) = if question.is_local() {
                    (Question::LOCAL_TIMEOUT, Route::Direct)
                } else {
                    (self.client.config().attempt_timeout(), Route::ProxyAllowed)
                };
                let sent = Sent::Question(question);
                Step::Transmit(Transmit { request, timeout, route }, InFlight(Box::new(Exchange { run: self, sent })))
            }
            Err(error) => self.fail(Problem::Answer {
                from: question.whom(),
                error: format!("cannot be asked at {}: {error}", question.shown_uri()),
            }),
        }
    }

    fn call(self, operation: impl Operation, now: Moment) -> Step<'c> {
        self.step(self.client.call(&Issues(operation), self.credentials, now))
    }

    fn step(self, step: call::Step<'c, Issued>) -> Step<'c> {
        match step {
            call::Step::Transmit(transmit, call) => {
                Step::Transmit(transmit, InFlight(Box::new(Exchange { run: self, sent: Sent::Call(call) })))
            }
            call::Step::Wait(delay, call) => Step::Wait(delay, Waiting { run: self, pending: Pending::Call(call) }),
            call::Step::Done(Ok(reply)) => Step::Done(Ok(reply.output.0.into())),
            call::Step::Done(Err(error)) => self.fail(Problem::Call(error)),
        }
    }

    fn fail(self, problem: Problem) -> Step<'c> {
        Step::Done(Err(ProviderError { source: self.source.to_string(), problem }))
    }
}

/// A name that tells when the session began, for roles that are given none.
fn session_name(given: Option<&str>, now: UtcDateTime) -> Cow<'_, str> {
    given.map_or_else(|| format!("sts-rust-{}", now.unix_timestamp()).into(), Cow::Borrowed)
}

/// An operation of whose output the credentials alone matter.
struct Issues<O>(O);

impl<O: Operation> Operation for Issues<O> {
    const NAME: &'static str = O::NAME;
    const AUTH: Auth = O::AUTH;
    type Output = Issued;
}

impl<O: Operation> ToQuery for Issues<O> {
    fn to_query(&self, query: &mut Query) {
        self.0.to_query(query);
    }
}

#[derive(Debug)]
struct Issued(TemporaryCredentials);

impl FromXml for Issued {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self(x.get("Credentials")?))
    }
}
