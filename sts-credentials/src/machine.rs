//! The state machine that gets credentials from a source. Its steps read files, run programs, prompt for MFA codes and send requests.
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
//! Each arrow is a method that consumes the step's continuation, takes the step's result (a text, code, output or response) and returns the
//! next step. A plan's sources run one after another, each with the credentials of the previous one:
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
    /// Ask for a code of the MFA device with this serial number or ARN, then call [`Prompting::receive`].
    PromptMfa(&'c str, Prompting<'c>),
    /// Send the request, then call [`InFlight::receive`].
    Transmit(Transmit, InFlight<'c>),
    /// Wait for this duration, then call [`Waiting::resume`].
    Wait(Duration, Waiting<'c>),
    /// The source's credentials, or its error.
    Done(Result<Credentials, SourceError>),
}

/// A file to read as text.
#[derive(Clone, Copy, Debug)]
pub struct ReadFile<'c> {
    /// The path.
    pub path: &'c str,
    /// The maximum length in bytes. Of a longer file, read one byte more than this, and the machine refuses it.
    pub max_length: usize,
}

/// A file to write atomically, replacing an existing one, and readable only by the user.
#[derive(Debug)]
pub struct WriteFile<'c> {
    /// The path.
    pub path: &'c str,
    /// The content. It contains secrets.
    pub text: Secret,
}

/// A program to run without a shell. `Debug` redacts the arguments, since they may contain a secret.
#[derive(Clone, Copy, Debug)]
pub struct RunProcess<'c> {
    /// The program: a path, or a name to look up in the system's search path.
    pub program: &'c str,
    /// Its arguments.
    pub arguments: &'c [Secret],
    /// Where the program is configured, so that a driver can detect a program that calls itself.
    pub origin: &'c Origin,
    /// The time limit. When it expires, kill the program with all its child processes, and report an error.
    pub timeout: Duration,
    /// The maximum length of standard output, in bytes. A longer output is an error, whatever the exit code; the program may then be
    /// killed. Longer output on standard error is allowed and must be drained, so that the program does not fail on a closed pipe.
    pub max_length: usize,
}

/// The maximum length of files and of program output, in bytes.
const MAX_LENGTH: usize = 1 << 16;

/// A source that waits for a file.
#[must_use]
pub struct Reading<'c> {
    run: Run<'c>,
    then: Box<ReadThen<'c>>,
}

impl<'c> Reading<'c> {
    /// Continues with the file's text, or the reason why it cannot be read.
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

/// A source that waits until a file is written.
#[must_use]
pub struct Writing<'c> {
    run: Run<'c>,
    then: Box<Action<'c>>,
}

impl<'c> Writing<'c> {
    /// Continues, whether or not the write succeeded: this run already uses the content, and only later runs need the file.
    pub fn receive(self, _result: Result<(), String>, _now: impl Into<Moment>) -> Step<'c> {
        self.run.next(Ok(*self.then))
    }
}

/// A source that waits for an MFA code.
#[must_use]
pub struct Prompting<'c> {
    run: Run<'c>,
    then: Box<PromptThen<'c>>,
}

impl<'c> Prompting<'c> {
    /// Continues with the code, or the reason why there is none.
    pub fn receive(self, code: Result<Secret, String>, now: impl Into<Moment>) -> Step<'c> {
        self.run.next((self.then)(code, now.into()))
    }
}

/// A source that waits for a program.
#[must_use]
pub struct Running<'c> {
    run: Run<'c>,
    then: Box<ProcessThen<'c>>,
}

impl<'c> Running<'c> {
    /// Continues with the program's output, or the reason why it did not start or end. The reason may quote the program; possible secrets
    /// in it are redacted here.
    pub fn receive(self, result: Result<Finished, String>, now: impl Into<Moment>) -> Step<'c> {
        let result = result.map(|finished| match finished.stdout.expose().len() {
            0..=MAX_LENGTH => Ok(finished),
            _ => Err(format!("sent more than {MAX_LENGTH} bytes")),
        });
        self.run.next((self.then)(result.and_then(|result| result), now.into()))
    }
}

/// The result of a program.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` if a signal ended the program. Ignored if the output is too long.
    pub code: Option<i32>,
    /// The standard output. It contains secrets.
    pub stdout: Output,
    /// The standard error.
    pub stderr: Output,
}

/// Output of a program. `Debug` shows only the length; the memory is wiped on drop.
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

/// A source that waits for a response.
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
    /// Continues with the result of the exchange: a response with its whole body, or a transport error.
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

/// A source that waits before its next attempt.
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
    /// Starts the next attempt.
    pub fn resume(self, now: impl Into<Moment>) -> Step<'c> {
        match self.pending {
            Pending::Call(call) => self.run.call(call.resume(now)),
            Pending::Exchange(exchange) => self.run.transmit(exchange),
        }
    }
}

/// The inputs of a source.
#[derive(Clone, Copy)]
pub(crate) struct Session<'c> {
    pub(crate) client: &'c Client,
    /// The credentials of the previous source; `None` for the first.
    pub(crate) credentials: Option<&'c Credentials>,
}

/// A kind of source. `Display` describes the source, without secrets.
pub(crate) trait FindCredentials: fmt::Display + Sync {
    /// Starts the search.
    fn start<'c>(&'c self, session: Session<'c>, now: Moment) -> Next<'c>;
}

/// The next task of a source, or its error.
pub(crate) type Next<'c> = Result<Action<'c>, Problem>;

/// The next task of a source, and its continuation.
pub(crate) enum Action<'c> {
    /// The continuation gets the file's text, which is not empty, trimmed and without a byte order mark.
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
    /// An STS call. Its output contains the source's credentials.
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

/// An HTTP request to an agent or a service other than STS, with its retries.
pub(crate) struct Exchange<'c> {
    pub(crate) request: Request<Body>,
    /// The URL, for messages.
    pub(crate) shown_uri: String,
    pub(crate) route: Route,
    pub(crate) timeout: Duration,
    pub(crate) max_attempts: u32,
    /// The maximum number of attempts without a response.
    pub(crate) max_unanswered: u32,
    /// The continuation, which gets the last response or transport error.
    pub(crate) then: Box<AnswerThen<'c>>,
    /// The number of attempts so far.
    pub(crate) attempts: u32,
}

/// A response, as a source reads it.
pub(crate) struct Answer<'b> {
    pub(crate) status: StatusCode,
    pub(crate) body: &'b [u8],
}

impl Exchange<'_> {
    /// The delay before a retry; `None` to not retry.
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

/// Whether to retry after a response.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// The state of a running source.
#[derive(Clone, Copy)]
struct Run<'c> {
    source: &'c dyn FindCredentials,
}

/// Starts a source.
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

/// An operation that returns only the credentials of its output.
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
