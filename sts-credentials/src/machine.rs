//! The machine that gets credentials from one source: which file to read, program to run, person to ask, request to send.
//!
//! ```text
//!                 Source::start(client, credentials, now)
//!                                   │
//!      ┌──────────────┬─────────────┼───────────────────┬──────────────────┐
//!      ▼              ▼             ▼                   ▼                  │
//!  ReadFile       PromptMfa      Transmit ◀─▶ Wait  RunProcess             │ written down
//!      │              │           ▲   │ ▲               │                  │
//!      └──────────────┴───────────┘   │ └▶ WriteFile    │                  │
//!                                     └──────▶ Done ◀───┴──────────────────┘
//! ```
//!
//! Each arrow is a method that consumes what the step gave: the text, the code, the output or the response goes in, the next step comes
//! out. A plan's sources are run one after the other, each with the credentials of the one before:
//!
//! ```
//! use sts_core::{Client, Config, Credentials, Transmit, http};
//! use sts_credentials::{error::SourceError, location::Platform, machine::*, plan::Plan, profile::Profiles, source::Source};
//! use time::{UtcDateTime, macros::utc_datetime};
//!
//! fn find(source: &Source, client: &Client, credentials: Option<&Credentials>, now: UtcDateTime) -> Result<Credentials, SourceError> {
//!     let mut step = source.start(client, credentials, now);
//!     loop {
//!         // Each of these would do what it says; here, nothing can be done.
//!         step = match step {
//!             Step::ReadFile(ReadFile { path, max_length: _ }, next) => next.receive(Err(format!("no file {path}")), now),
//!             Step::WriteFile(WriteFile { .. }, next) => next.receive(Err("read-only".to_owned()), now),
//!             Step::PromptMfa(serial, next) => next.receive(Err(format!("no prompt for {serial}")), now),
//!             Step::RunProcess(RunProcess { program, .. }, next) => next.receive(Err(format!("no {program}")), now),
//!             Step::Transmit(Transmit { .. }, next) => next.receive(Ok(http::Response::new("who sends?")), now),
//!             Step::Wait(delay, next) => next.resume(now + delay),
//!             Step::Done(result) => return result,
//!         };
//!     }
//! }
//!
//! let environment = |name: &str| match name {
//!     "AWS_ROLE_ARN" => Some("arn:aws:iam::123456789012:role/demo".to_owned()),
//!     "AWS_WEB_IDENTITY_TOKEN_FILE" => Some("/var/run/token".to_owned()),
//!     _ => None,
//! };
//! let plan = Plan::new(Platform::Unix, &environment, &Profiles::default(), None)?;
//! let client = Client::new(Config::builder().region("eu-west-1").build()?, 7);
//! let mut found = None;
//! let mut find_all = || {
//!     for source in &plan.sources {
//!         found = Some(find(source, &client, found.as_ref(), utc_datetime!(2026-11-23 03:00))?);
//!     }
//!     Ok::<_, SourceError>(())
//! };
//! let error = find_all().unwrap_err();
//! assert!(error.to_string().ends_with("/var/run/token cannot be read: no file /var/run/token"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, time::Duration};

use http::{Request, Response, StatusCode};
use sts_core::{
    Body, Client, Credentials, Moment, Route, Secret, TemporaryCredentials, Transmit, TransportError,
    TransportErrorKind, call,
    operation::{Auth, Operation},
    query::{Query, ToQuery},
    text::without_bom,
    xml::{Element, FromXml, ParseError},
};
use zeroize::Zeroizing;

use crate::{
    error::{Problem, SourceError},
    origin::Origin,
};

/// What to do next.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a step is taken apart at once")]
pub enum Step<'c> {
    /// Read the file, then call [`Reading::receive`].
    ReadFile(ReadFile<'c>, Reading<'c>),
    /// Write the file, then call [`Writing::receive`].
    WriteFile(WriteFile<'c>, Writing<'c>),
    /// Run the program, then call [`Running::receive`].
    RunProcess(RunProcess<'c>, Running<'c>),
    /// Ask for the code that the MFA device of this serial number or ARN shows, then call [`Prompting::receive`].
    PromptMfa(&'c str, Prompting<'c>),
    /// Send the request, then call [`InFlight::receive`].
    Transmit(Transmit, InFlight<'c>),
    /// Let this time pass, then call [`Waiting::resume`].
    Wait(Duration, Waiting<'c>),
    /// The source's credentials, or why there are none.
    Done(Result<Credentials, SourceError>),
}

/// A file to read as text.
#[derive(Clone, Copy, Debug)]
pub struct ReadFile<'c> {
    /// Where it is.
    pub path: &'c str,
    /// The length of the longest file that is used, in bytes. Of a longer one, read one byte more, which is refused.
    pub max_length: usize,
}

/// A file to write, in place of one that may be there: at once, so that other readers see the one or the other, and readable by the user
/// alone.
#[derive(Debug)]
pub struct WriteFile<'c> {
    /// Where it is.
    pub path: &'c str,
    /// What it is to hold.
    pub text: Secret,
}

/// A program to run without a shell. `Debug` redacts the arguments, since they may hold a secret.
#[derive(Clone, Copy, Debug)]
pub struct RunProcess<'c> {
    /// The program: a path, or a name to be looked for as the system does.
    pub program: &'c str,
    /// Its arguments.
    pub arguments: &'c [Secret],
    /// Who names it, so that a driver can tell when a program comes back to itself.
    pub origin: &'c Origin,
    /// How long it may take; then it is to be ended, with all that it has started, and that is the error.
    pub timeout: Duration,
    /// The length of the longest output that is used, in bytes. A program that prints more to its standard output may be ended: one byte
    /// more is an error, whatever the exit code. More on its standard error is no error, and must not become one by a closed pipe.
    pub max_length: usize,
}

/// The length of the longest file, and of the longest output of a program, that is read, in bytes.
const MAX_LENGTH: usize = 1 << 16;

/// A file is being read.
#[must_use]
pub struct Reading<'c> {
    run: Run<'c>,
    then: Box<ReadThen<'c>>,
}

impl<'c> Reading<'c> {
    /// Continues with the text of the file, or why it cannot be read.
    pub fn receive(self, text: Result<String, String>, now: impl Into<Moment>) -> Step<'c> {
        let text = text.map(Zeroizing::new).and_then(|text| match without_bom(&text).trim() {
            _ if text.len() > MAX_LENGTH => Err(format!("it is longer than {MAX_LENGTH} bytes")),
            "" => Err("it is empty".to_string()),
            _ => Ok(text),
        });
        let text = text.as_ref().map(|text| without_bom(text).trim()).map_err(Clone::clone);
        self.run.next((self.then)(text, now.into()))
    }
}

/// A file is being written.
#[must_use]
pub struct Writing<'c> {
    run: Run<'c>,
    then: Box<Action<'c>>,
}

impl<'c> Writing<'c> {
    /// Continues, whether or not the file could be written: its content is in use already, and only the next run would have gained.
    pub fn receive(self, _result: Result<(), String>, _now: impl Into<Moment>) -> Step<'c> {
        self.run.next(Ok(*self.then))
    }
}

/// Somebody is being asked for an MFA code.
#[must_use]
pub struct Prompting<'c> {
    run: Run<'c>,
    then: Box<PromptThen<'c>>,
}

impl<'c> Prompting<'c> {
    /// Continues with the code, or why there is none.
    pub fn receive(self, code: Result<Secret, String>, now: impl Into<Moment>) -> Step<'c> {
        self.run.next((self.then)(code, now.into()))
    }
}

/// A program is running.
#[must_use]
pub struct Running<'c> {
    run: Run<'c>,
    then: Box<ProcessThen<'c>>,
}

impl<'c> Running<'c> {
    /// Continues with what the program left behind, or why it did not start or end, perhaps with what it said: what may be a secret is
    /// taken out of that here.
    pub fn receive(self, result: Result<Finished, String>, now: impl Into<Moment>) -> Step<'c> {
        let result = result.map(|finished| match finished.stdout.expose().len() {
            0..=MAX_LENGTH => Ok(finished),
            _ => Err(format!("sent more than {MAX_LENGTH} bytes")),
        });
        self.run.next((self.then)(result.and_then(|result| result), now.into()))
    }
}

/// What a program left behind.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it. Ignored when it printed too much.
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

/// A request is on its way.
#[must_use]
pub struct InFlight<'c> {
    run: Run<'c>,
    sent: Sent<'c>,
}

enum Sent<'c> {
    Call(call::InFlight<'c, CredentialsOnly>),
    Exchange(Box<Exchange<'c>>),
}

impl<'c> InFlight<'c> {
    /// Continues with the result of the exchange: a response whose body has been read, or why there is none.
    pub fn receive(
        self,
        result: Result<Response<impl AsRef<[u8]>>, TransportError>,
        now: impl Into<Moment>,
    ) -> Step<'c> {
        let now = now.into();
        let exchange = match self.sent {
            Sent::Call(call) => return self.run.call(call.receive(result, now)),
            Sent::Exchange(exchange) => exchange,
        };
        if let Some(delay) = exchange.retry(&result) {
            return Step::Wait(delay, Waiting { run: self.run, pending: Pending::Exchange(exchange) });
        }
        let Exchange { shown_uri: uri, then, .. } = *exchange;
        self.run.next(match result {
            Ok(response) => then(Ok(Answer { status: response.status(), body: response.body().as_ref() }), now),
            Err(error) => then(Err(Problem::NoResponse { uri, error, hint: None }), now),
        })
    }
}

/// The time before the next attempt passes.
#[must_use]
pub struct Waiting<'c> {
    run: Run<'c>,
    pending: Pending<'c>,
}

enum Pending<'c> {
    Call(call::Waiting<'c, CredentialsOnly>),
    Exchange(Box<Exchange<'c>>),
}

impl<'c> Waiting<'c> {
    /// Makes the next attempt.
    pub fn resume(self, now: impl Into<Moment>) -> Step<'c> {
        match self.pending {
            Pending::Call(call) => self.run.call(call.resume(now)),
            Pending::Exchange(exchange) => self.run.transmit(exchange),
        }
    }
}

/// What a source works with.
#[derive(Clone, Copy)]
pub(crate) struct Session<'c> {
    pub(crate) client: &'c Client,
    /// Those that the source before this one found; `None` for the first.
    pub(crate) credentials: Option<&'c Credentials>,
}

/// What every source does. `Display` says what that is, without secrets.
pub(crate) trait FindCredentials: fmt::Display + Sync {
    /// Begins to find credentials.
    fn start<'c>(&'c self, session: Session<'c>, now: Moment) -> Next<'c>;
}

/// What a source wants done next, or why it gives no credentials.
pub(crate) type Next<'c> = Result<Action<'c>, Problem>;

/// What a source wants done next, and how it continues.
pub(crate) enum Action<'c> {
    /// Its continuation gets the text without a byte order mark and white space around it, which is not empty.
    ReadFile(&'c str, Box<ReadThen<'c>>),
    WriteFile(&'c str, Secret, Box<Action<'c>>),
    RunProcess {
        program: &'c str,
        arguments: &'c [Secret],
        origin: &'c Origin,
        then: Box<ProcessThen<'c>>,
    },
    PromptMfa(&'c str, Box<PromptThen<'c>>),
    Send(Box<Exchange<'c>>),
    /// A call of STS, whose output's credentials are the source's.
    Call(Box<call::Step<'c, CredentialsOnly>>),
    Done(Credentials),
}

type ReadThen<'c> = dyn FnOnce(Result<&str, String>, Moment) -> Next<'c> + Send + 'c;
type ProcessThen<'c> = dyn FnOnce(Result<Finished, String>, Moment) -> Next<'c> + Send + 'c;
type PromptThen<'c> = dyn FnOnce(Result<Secret, String>, Moment) -> Next<'c> + Send + 'c;
type AnswerThen<'c> = dyn FnOnce(Result<Answer<'_>, Problem>, Moment) -> Next<'c> + Send + 'c;

impl<'c> Action<'c> {
    /// Calls STS for credentials.
    pub(crate) fn call(operation: impl Operation, session: Session<'c>, now: Moment) -> Self {
        Self::Call(Box::new(session.client.call(&WithCredentials(operation), session.credentials, now)))
    }
}

/// A small HTTP request to somebody other than STS, and how often it is sent.
pub(crate) struct Exchange<'c> {
    pub(crate) request: Request<Body>,
    /// Where it goes, as it may be shown.
    pub(crate) shown_uri: String,
    pub(crate) route: Route,
    pub(crate) timeout: Duration,
    pub(crate) max_attempts: u32,
    /// How often it is sent as long as nobody answers.
    pub(crate) max_unanswered: u32,
    /// Gets the last answer, or why there is none.
    pub(crate) then: Box<AnswerThen<'c>>,
    /// How often it has been sent.
    pub(crate) attempts: u32,
}

/// A response, as a source reads it.
pub(crate) struct Answer<'b> {
    pub(crate) status: StatusCode,
    pub(crate) body: &'b [u8],
}

impl Exchange<'_> {
    /// How long to wait before the request is sent again, if it is.
    fn retry(&self, result: &Result<Response<impl AsRef<[u8]>>, TransportError>) -> Option<Duration> {
        let max = match result {
            Ok(response) if is_transient(response.status()) => self.max_attempts,
            Ok(_) => return None,
            Err(error) => match error.kind {
                TransportErrorKind::Connect | TransportErrorKind::Timeout => self.max_unanswered,
                TransportErrorKind::Interrupted => self.max_attempts,
                _ => return None,
            },
        };
        (self.attempts < max).then(|| Duration::from_millis(100 << self.attempts.min(5)))
    }
}

/// Whether a response is no answer, and the next one may be.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// One source at work.
#[derive(Clone, Copy)]
struct Run<'c> {
    source: &'c dyn FindCredentials,
}

/// Begins to find the credentials of a source.
pub(crate) fn start<'c>(source: &'c dyn FindCredentials, session: Session<'c>, now: Moment) -> Step<'c> {
    Run { source }.next(source.start(session, now))
}

impl<'c> Run<'c> {
    fn next(self, next: Next<'c>) -> Step<'c> {
        match next {
            Ok(Action::ReadFile(path, then)) => {
                Step::ReadFile(ReadFile { path, max_length: MAX_LENGTH }, Reading { run: self, then })
            }
            Ok(Action::WriteFile(path, text, then)) => {
                Step::WriteFile(WriteFile { path, text }, Writing { run: self, then })
            }
            Ok(Action::RunProcess { program, arguments, origin, then }) => {
                const TIMEOUT: Duration = Duration::from_secs(60);
                let process = RunProcess { program, arguments, origin, timeout: TIMEOUT, max_length: MAX_LENGTH };
                Step::RunProcess(process, Running { run: self, then })
            }
            Ok(Action::PromptMfa(serial, then)) => Step::PromptMfa(serial, Prompting { run: self, then }),
            Ok(Action::Send(exchange)) => self.transmit(exchange),
            Ok(Action::Call(step)) => self.call(*step),
            Ok(Action::Done(credentials)) => Step::Done(Ok(credentials)),
            Err(problem) => Step::Done(Err(SourceError { source: self.source.to_string(), problem })),
        }
    }

    fn transmit(self, mut exchange: Box<Exchange<'c>>) -> Step<'c> {
        exchange.attempts += 1;
        let Exchange { request, timeout, route, .. } = &*exchange;
        let transmit = Transmit { request: request.clone(), timeout: *timeout, route: *route };
        Step::Transmit(transmit, InFlight { run: self, sent: Sent::Exchange(exchange) })
    }

    fn call(self, step: call::Step<'c, CredentialsOnly>) -> Step<'c> {
        match step {
            call::Step::Transmit(transmit, call) => {
                Step::Transmit(transmit, InFlight { run: self, sent: Sent::Call(call) })
            }
            call::Step::Wait(delay, call) => Step::Wait(delay, Waiting { run: self, pending: Pending::Call(call) }),
            call::Step::Done(Ok(reply)) => Step::Done(Ok(reply.output.0.into())),
            call::Step::Done(Err(error)) => self.next(Err(Problem::Call(error))),
        }
    }
}

impl fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({})", self.run.source)
    }
}

impl fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writing({})", self.run.source)
    }
}

impl fmt::Debug for Prompting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prompting({})", self.run.source)
    }
}

impl fmt::Debug for Running<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", self.run.source)
    }
}

impl fmt::Debug for InFlight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InFlight({})", self.run.source)
    }
}

impl fmt::Debug for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.run.source)
    }
}

/// An operation of whose output the credentials alone matter.
struct WithCredentials<O>(O);

impl<O: Operation> Operation for WithCredentials<O> {
    const NAME: &'static str = O::NAME;
    const AUTH: Auth = O::AUTH;
    type Output = CredentialsOnly;
}

impl<O: Operation> ToQuery for WithCredentials<O> {
    fn to_query(&self, query: &mut Query) {
        self.0.to_query(query);
    }
}

/// The credentials in the output of an operation.
#[derive(Debug)]
pub(crate) struct CredentialsOnly(TemporaryCredentials);

impl FromXml for CredentialsOnly {
    fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
        Ok(Self(x.get("Credentials")?))
    }
}
