//! The machine that gets credentials from one source: which file to read, program to run, person to ask, request to send.
//!
//! ```text
//!                       Source::start(session, now)
//!                                   │
//!      ┌──────────────┬─────────────┼───────────────────┬──────────────────┐
//!      ▼              ▼             ▼                   ▼                  │
//!  ReadFile       PromptMfa      Transmit ◀─▶ Wait  RunProcess             │ written down
//!      │              │           ▲   │                 │                  │
//!      └──────────────┴───────────┘   └──────▶ Done ◀───┴──────────────────┘
//! ```
//!
//! Each arrow is a method that consumes what the step gave along: what was read, answered, printed or received goes in, the next step
//! comes out. A plan's sources are run one after the other, each with the credentials of the one before:
//!
//! ```
//! use std::convert::Infallible;
//! use sts_core::{*, provider::{machine::{ProviderError, Session, Step}, plan::Plan, profile::{Platform, Profiles}}};
//! use time::{UtcDateTime, macros::utc_datetime};
//!
//! fn credentials(plan: &Plan, config: &Config, now: UtcDateTime) -> Result<Credentials, ProviderError<Infallible>> {
//!     let learned = Learned::new(7);
//!     let mut found = None;
//!     for source in &plan.sources {
//!         let session = Session { config, learned: &learned, credentials: found.as_ref() };
//!         let mut step = source.start(session, now);
//!         found = Some(loop {
//!             step = match step {
//!                 Step::ReadFile(path, next) => next.receive(now, Err(format!("nobody reads {path} here"))),
//!                 Step::PromptMfa(serial, next) => next.receive(now, Err(format!("nobody knows {serial} here"))),
//!                 Step::RunProcess(process, next) => next.receive(now, Err(format!("nobody starts {} here", process.program))),
//!                 Step::Transmit(request, next) => next.receive(now, Ok(http::Response::new("who sends?"))),
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
//! let config = Config::builder().region("eu-west-1").build()?;
//! let error = credentials(&plan, &config, utc_datetime!(2026-11-23 03:00)).unwrap_err();
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
use http::{Request, Response};
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::{
    agent::{self, Next, Question},
    container::{Authorization, Container},
    plan::{Role, Source, WebIdentity},
    process::{self, Process},
};
use crate::{
    call::{self, Call, Learned},
    config::Config,
    credentials::{Credentials, Secret, TemporaryCredentials},
    error::{Error, Lost, LostKind},
    operation::{Auth, Operation},
    operations::{AssumeRole, AssumeRoleWithWebIdentity},
    query::{Body, Query, ToQuery},
    web_identity::{Claims, TokenError},
    xml::{Element, FromXml, ParseError},
};

/// What a source works with.
#[derive(Clone, Copy, Debug)]
pub struct Session<'c> {
    /// Where calls of STS go.
    pub config: &'c Config,
    /// What is shared with other calls.
    pub learned: &'c Learned,
    /// What the source before found; `None` for the first.
    pub credentials: Option<&'c Credentials>,
}

/// What to do next.
#[must_use]
#[derive(Debug)]
pub enum Step<'c, E> {
    /// Read the file of that path as text, then tell [`Reading::receive`].
    ReadFile(&'c str, Reading<'c>),
    /// Run the program without a shell and collect what it prints, then tell [`Running::receive`].
    RunProcess(&'c Process, Running<'c>),
    /// Ask for the code that the MFA device of that serial number or ARN shows, then tell [`Prompting::receive`].
    PromptMfa(&'c str, Prompting<'c>),
    /// Send the request, then tell [`InFlight::receive`].
    Transmit(Request<Body>, InFlight<'c>),
    /// Let the time pass, then go on with [`Waiting::resume`].
    Wait(Duration, Waiting<'c>),
    /// These are the source's credentials, or there are none.
    Done(Result<Credentials, ProviderError<E>>),
}

impl Source {
    /// Begins to get credentials.
    pub fn start<'c, E>(&'c self, session: Session<'c>, now: UtcDateTime) -> Step<'c, E> {
        let run = Run { source: self, session };
        match self {
            Self::Keys(keys) => Step::Done(Ok(keys.credentials.clone())),
            Self::AssumeRole(role) => match &role.mfa_serial {
                Some(serial) => Step::PromptMfa(serial, Prompting { run, role, serial }),
                None => run.assume(role, None, now),
            },
            Self::WebIdentity(role) => run.read(&role.token_file),
            Self::Process(process) => Step::RunProcess(process, Running { run }),
            Self::Sso(_) => run.fail(Problem::Unsupported("single sign-on is not supported yet")),
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
    /// Goes on with the file's text, or why it cannot be read.
    pub fn receive<E>(self, now: UtcDateTime, text: Result<String, String>) -> Step<'c, E> {
        let Self { run, path } = self;
        let path = || path.to_string();
        let token = match text {
            Ok(text) => Zeroizing::new(text),
            Err(error) => return run.fail(Problem::File { path: path(), error }),
        };
        let token = token.trim();
        if token.is_empty() {
            return run.fail(Problem::File { path: path(), error: "it is empty".to_string() });
        }
        match run.source {
            Source::Container(container) => run.ask_container(container, Some(token)),
            Source::WebIdentity(role) => {
                // What is no JSON web token is for the service to judge.
                if let Ok(Err(error)) = Claims::peek(token).map(|claims| claims.check(now)) {
                    return run.fail(Problem::Token { path: path(), error });
                }
                run.assume_with(role, token, now)
            }
            _ => run.fail(Problem::File { path: path(), error: "nobody asked for it".to_string() }),
        }
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
    pub fn receive<E>(self, now: UtcDateTime, code: Result<Secret, String>) -> Step<'c, E> {
        match code {
            Ok(code) => self.run.assume(self.role, Some((self.serial, code.expose().trim().into())), now),
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
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed to the standard output. It holds secrets.
    pub stdout: Output,
    /// What it printed to the standard error.
    pub stderr: Output,
}

/// What a program printed. `Debug` shows the length alone; the memory is wiped on drop.
pub struct Output(Zeroizing<Vec<u8>>);

impl Output {
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

    /// Goes on with what the program left behind, or why it did not start or end.
    pub fn receive<E>(self, now: UtcDateTime, result: Result<Finished, String>) -> Step<'c, E> {
        match result.and_then(|finished| process::credentials(&finished, now)) {
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
    /// How long this attempt may take, connecting included; then it counts as [`Timeout`](crate::LostKind::Timeout).
    pub fn timeout(&self) -> Duration {
        match &self.0.sent {
            Sent::Call(call) => call.timeout(),
            Sent::Question(_) => Question::TIMEOUT,
        }
    }

    /// Whether the request stays on this machine, so that no proxy may see it: it and its answer hold secrets, mostly over plain HTTP.
    pub fn is_local(&self) -> bool {
        matches!(self.0.sent, Sent::Question(_))
    }

    /// Goes on with what came of the request: a response whose body has been read, or a loss.
    pub fn receive<E>(self, now: UtcDateTime, result: Result<Response<impl AsRef<[u8]>>, Lost<E>>) -> Step<'c, E> {
        let Exchange { run, sent } = *self.0;
        let mut question = match sent {
            Sent::Call(call) => return run.step(call.receive(now, result)),
            Sent::Question(question) => question,
        };
        let is_transient = match &result {
            Ok(response) => Question::is_transient(response.status()),
            Err(lost) => matches!(lost.kind, LostKind::Connect | LostKind::Timeout | LostKind::Interrupted),
        };
        if is_transient && let Some(delay) = question.retry() {
            return Step::Wait(delay, Waiting { run, pending: Pending::Question(question) });
        }
        match result {
            Ok(response) => match question.receive(now, response.status(), response.body().as_ref()) {
                Next::Ask(question) => run.ask(question),
                Next::Done(credentials) => Step::Done(Ok(credentials)),
                Next::Fail(error) => run.fail(Problem::Answer { from: agent::name(run.source), error }),
            },
            Err(lost) => run.fail(Problem::Lost { uri: question.uri(), lost }),
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
    pub fn resume<E>(self, now: UtcDateTime) -> Step<'c, E> {
        match self.pending {
            Pending::Call(call) => self.run.step(call.resume(now)),
            Pending::Question(question) => self.run.ask(question),
        }
    }
}

/// Why a source gives no credentials.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderError<E> {
    /// What was attempted, in the words of the plan.
    pub source: String,
    /// What went wrong.
    pub problem: Problem<E>,
}

/// What went wrong at a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem<E> {
    /// The call of STS.
    Call(Error<E>),
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
    /// The program, or the agent on this machine, failed or sent something else than credentials.
    Answer {
        /// Who.
        from: &'static str,
        /// What it did.
        error: String,
    },
    /// The agent on this machine sent nothing.
    Lost {
        /// Where the request went.
        uri: String,
        /// The last loss.
        lost: Lost<E>,
    },
    /// The source is known, but not how to use it.
    Unsupported(&'static str),
}

impl<E> fmt::Display for ProviderError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials from \"{}\": ", self.source)?;
        match &self.problem {
            Problem::Call(error) => error.fmt(f),
            Problem::File { path, error } => write!(f, "{path} cannot be read: {error}"),
            Problem::Token { path, error } => write!(f, "{error} ({path})"),
            Problem::Mfa { serial, error } => write!(f, "no code of MFA device {serial}: {error}"),
            Problem::Answer { from, error } => write!(f, "{from} {error}"),
            Problem::Lost { uri, lost } => write!(f, "{} {uri}", lost.kind),
            Problem::Unsupported(reason) => f.write_str(reason),
        }
    }
}

impl<E: StdError + 'static> StdError for ProviderError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Call(error) => error.source(),
            Problem::Lost { lost, .. } => Some(&lost.error),
            _ => None,
        }
    }
}

/// One source at work.
#[derive(Clone, Copy, Debug)]
struct Run<'c> {
    source: &'c Source,
    session: Session<'c>,
}

impl<'c> Run<'c> {
    fn assume<E>(self, role: &Role, mfa: Option<(&str, Secret)>, now: UtcDateTime) -> Step<'c, E> {
        let name = session_name(role.role_session_name.as_deref(), now);
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

    fn assume_with<E>(self, role: &WebIdentity, token: &str, now: UtcDateTime) -> Step<'c, E> {
        let name = session_name(role.role_session_name.as_deref(), now);
        let mut operation = AssumeRoleWithWebIdentity::new(&role.role_arn, name, token);
        if let Some(seconds) = role.duration_seconds {
            operation = operation.duration_seconds(seconds);
        }
        self.call(operation, now)
    }

    fn read<E>(self, path: &'c str) -> Step<'c, E> {
        Step::ReadFile(path, Reading { run: self, path })
    }

    fn ask_container<E>(self, container: &'c Container, token: Option<&str>) -> Step<'c, E> {
        match Question::of_container(container, token) {
            Ok(question) => self.ask(question),
            Err(error) => self.fail(Problem::Answer { from: agent::name(self.source), error }),
        }
    }

    fn ask<E>(self, question: Question<'c>) -> Step<'c, E> {
        match question.request() {
            Ok(request) => {
                let sent = Sent::Question(question);
                Step::Transmit(request, InFlight(Box::new(Exchange { run: self, sent })))
            }
            Err(error) => self.fail(Problem::Answer {
                from: agent::name(self.source),
                error: format!("cannot be asked at {}: {error}", question.uri()),
            }),
        }
    }

    fn call<E>(self, operation: impl Operation, now: UtcDateTime) -> Step<'c, E> {
        let Session { config, learned, credentials } = self.session;
        self.step(Call::new(&Issues(operation), config, learned, credentials).start(now))
    }

    fn step<E>(self, step: call::Step<'c, Issued, E>) -> Step<'c, E> {
        match step {
            call::Step::Transmit(request, call) => {
                Step::Transmit(request, InFlight(Box::new(Exchange { run: self, sent: Sent::Call(call) })))
            }
            call::Step::Wait(delay, call) => Step::Wait(delay, Waiting { run: self, pending: Pending::Call(call) }),
            call::Step::Done(Ok(reply)) => Step::Done(Ok(reply.output.0.into())),
            call::Step::Done(Err(error)) => self.fail(Problem::Call(error)),
        }
    }

    fn fail<E>(self, problem: Problem<E>) -> Step<'c, E> {
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
