//! The machine that makes one call: when to send, when to wait, when to stop.
//!
//! ```text
//!            Call::start(now)
//!                  │
//!                  ▼
//!  ┌──────▶ Step::Transmit ──── send it ────▶ InFlight::receive(result, now)
//!  │         signed request                              │
//!  │                                   worth a retry, ───┴─── an output, or a
//!  │                                   quota and time         final error
//!  │                                       left                    │
//!  │                                         ▼                     ▼
//!  └─── Waiting::resume(now) ◀─ let it ─ Step::Wait            Step::Done
//!                                pass
//! ```
//!
//! In adaptive mode, the first step may be a wait, too. Every arrow consumes what it starts from, so a step out of order does not compile.

use alloc::{boxed::Box, format, string::String};
use bytes::Bytes;
use core::{fmt, marker::PhantomData, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use time::{SignedDuration, UtcDateTime};

use crate::{
    config::{Config, RetryMode},
    credentials::Credentials,
    error::{Error, ErrorCode, Lost, Problem, ServiceError, TransportError},
    form::digits,
    message,
    operation::{Auth, Operation},
    query::Body,
    random::SplitMix,
    rate_limiter::RateLimiter,
    response::{self, Failure, Metadata, Reply},
    retry::{self, Quota, Reason},
    sigv4::{KeyCache, Signer},
    skew::{self, Skew},
    timestamp,
    validate::InvalidInput,
    xml::FromXml,
};

/// What a client learns from its calls and all of them share: the service's clock, how many
/// retries are left, how fast a throttled client may send, the day's signing key. Threads share it without waiting for each other.
#[derive(Debug)]
pub struct Learned {
    skew: Skew,
    quota: Quota,
    rate: RateLimiter,
    keys: KeyCache,
    random: SplitMix,
}

impl Learned {
    /// What a new client knows. `seed` is a random number; the delays before retries and the ids of calls are drawn from it.
    pub fn new(seed: u64) -> Self {
        Self {
            skew: Skew::default(),
            quota: Quota::new(),
            rate: RateLimiter::default(),
            keys: KeyCache::new(),
            random: SplitMix::new(seed),
        }
    }

    /// What to add to our clock for the service's, as far as that is known and wanted.
    pub fn correction(&self, config: &Config) -> SignedDuration {
        if config.0.correct_clock_skew { self.skew.correction() } else { SignedDuration::ZERO }
    }
}

/// What to do next.
#[must_use]
#[derive(Debug)]
pub enum Step<'c, T, E> {
    /// Send the request, then tell [`InFlight::receive`] what came of it.
    Transmit(Request<Body>, InFlight<'c, T>),
    /// Let the time pass, then go on with [`Waiting::resume`].
    Wait(Duration, Waiting<'c, T>),
    /// The call is over.
    Done(Result<Reply<T>, Error<E>>),
}

/// A call that has not begun.
#[must_use]
pub struct Call<'c, T> {
    config: &'c Config,
    learned: &'c Learned,
    credentials: Option<&'c Credentials>,
    operation: &'static str,
    auth: Auth,
    body: Result<Body, InvalidInput>,
    output: PhantomData<fn() -> T>,
}

impl<'c, T: FromXml> Call<'c, T> {
    /// A call of `operation`. `credentials` may be absent when the operation is not signed.
    pub fn new<O: Operation<Output = T> + ?Sized>(
        operation: &O,
        config: &'c Config,
        learned: &'c Learned,
        credentials: Option<&'c Credentials>,
    ) -> Self {
        let body = if config.0.validate { operation.to_body() } else { Ok(operation.to_body_unchecked()) };
        Self { config, learned, credentials, operation: O::NAME, auth: O::AUTH, body, output: PhantomData }
    }

    /// Begins the call: the first request, or an error if none can be sent.
    pub fn start<E>(self, now: UtcDateTime) -> Step<'c, T, E> {
        let operation = self.operation;
        let body = match self.body {
            Ok(body) => body,
            Err(error) => return Step::Done(Err(Error::Input { operation, problem: Problem::Invalid(error) })),
        };
        let signer = match (self.auth, self.credentials, self.config.signing_region()) {
            (Auth::None, _, _) => None,
            (Auth::SigV4, Some(credentials), Some(region)) => {
                Some(Signer::new(credentials, region, "sts").key_cache(&self.learned.keys))
            }
            (Auth::SigV4, None, _) => {
                return Step::Done(Err(Error::Input { operation, problem: Problem::NoCredentials }));
            }
            (Auth::SigV4, _, None) => {
                return Step::Done(Err(Error::Input { operation, problem: Problem::NoRegion }));
            }
        };
        let [invocation_id, content_length] = lasting_headers(&self.learned.random, body.expose().len());
        let exchange = Box::new(Exchange {
            config: self.config,
            learned: self.learned,
            operation,
            signer,
            body,
            invocation_id,
            content_length,
            started: now,
            attempt: 0,
            waited: Duration::ZERO,
            last_cost: None,
            output: PhantomData,
        });
        exchange.begin(now)
    }
}

/// A request is on its way.
#[must_use]
pub struct InFlight<'c, T> {
    exchange: Box<Exchange<'c, T>>,
    sent: UtcDateTime,
    /// What was added to our clock for the signature.
    correction: SignedDuration,
    timeout: Duration,
}

impl<'c, T: FromXml> InFlight<'c, T> {
    /// How long this attempt may take; then it counts as [`Timeout`](crate::LostKind::Timeout).
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Goes on with what came of the request: a response whose body has been read, or a loss. The time is that of its arrival; it comes
    /// last, since arguments are evaluated in their order.
    pub fn receive<E>(self, result: Result<Response<impl AsRef<[u8]>>, Lost<E>>, now: UtcDateTime) -> Step<'c, T, E> {
        let exchange = self.exchange;
        let response = match result {
            Ok(response) => response,
            Err(lost) => {
                let reason = retry::classify_lost(lost.kind);
                return exchange
                    .retry_or(now, reason, None, |exchange| Error::Transport(Box::new(exchange.lost(lost))));
            }
        };
        let is_skewed = exchange.config.0.correct_clock_skew
            && exchange.learned.skew.learn(response.headers(), self.sent, now, self.correction);
        let failure = match response::read(exchange.operation, &response) {
            Ok(mut reply) => {
                exchange.learn_rate(now, false);
                exchange.learned.quota.give_back(exchange.last_cost);
                exchange.complete(&mut reply.metadata);
                return Step::Done(Ok(reply));
            }
            Err(failure) => failure,
        };
        let after = retry::retry_after(response.headers());
        match failure {
            Failure::Service(mut error) => {
                let skewed = is_skewed && skew::may_be_skew(&error.wire_code);
                let denied = exchange.config.0.retry_access_denied;
                let reason = if skewed { Some(Reason::Skew) } else { retry::classify_error(&error, denied) };
                let signed = timestamp::later(self.sent, self.correction);
                exchange.retry_or(now, reason, after, |exchange| {
                    exchange.complete(&mut error.metadata);
                    error.difference = exchange.difference(&error, signed);
                    Error::Service(error)
                })
            }
            Failure::Response(mut error) => {
                let reason = retry::classify_status(error.metadata.status);
                exchange.retry_or(now, reason, after, |exchange| {
                    exchange.complete(&mut error.metadata);
                    Error::Response(error)
                })
            }
        }
    }
}

/// The time before the next attempt passes.
#[must_use]
pub struct Waiting<'c, T>(Box<Exchange<'c, T>>);

impl<'c, T: FromXml> Waiting<'c, T> {
    /// Makes the next attempt.
    pub fn resume<E>(self, now: UtcDateTime) -> Step<'c, T, E> {
        self.0.transmit(now)
    }
}

impl<T> fmt::Debug for Call<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.operation)
    }
}

impl<T> fmt::Debug for InFlight<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InFlight({}, attempt {})", self.exchange.operation, self.exchange.attempt)
    }
}

impl<T> fmt::Debug for Waiting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({}, after attempt {})", self.0.operation, self.0.attempt)
    }
}

/// The call from its first request to its end; the public types are views of it.
struct Exchange<'c, T> {
    config: &'c Config,
    learned: &'c Learned,
    operation: &'static str,
    /// `None` when the operation is not signed.
    signer: Option<Signer<'c>>,
    body: Body,
    invocation_id: HeaderValue,
    content_length: HeaderValue,
    started: UtcDateTime,
    attempt: u32,
    waited: Duration,
    /// What the last retry took of the quota.
    last_cost: Option<u32>,
    output: PhantomData<fn() -> T>,
}

impl<'c, T> Exchange<'c, T> {
    /// Makes the first attempt as soon as the client's rate allows it.
    fn begin<E>(mut self: Box<Self>, now: UtcDateTime) -> Step<'c, T, E> {
        match self.acquire(now) {
            Ok(Duration::ZERO) => self.transmit(now),
            Ok(wait) => {
                self.waited += wait;
                Step::Wait(wait, Waiting(self))
            }
            Err(wait) => Step::Done(Err(Error::Input { operation: self.operation, problem: Problem::Throttled(wait) })),
        }
    }

    fn transmit<E>(mut self: Box<Self>, now: UtcDateTime) -> Step<'c, T, E> {
        self.attempt += 1;
        let correction = self.learned.correction(self.config);
        let request = match self.request(timestamp::later(now, correction)) {
            Ok(request) => request,
            Err(problem) => return Step::Done(Err(Error::Input { operation: self.operation, problem })),
        };
        let left = self.left(now);
        // Some transports take zero for "no limit".
        let timeout = self.config.0.attempt_timeout.min(left).max(Duration::from_millis(1));
        Step::Transmit(request, InFlight { exchange: self, sent: now, correction, timeout })
    }

    fn request(&self, time: UtcDateTime) -> Result<Request<Body>, Problem> {
        const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
        const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

        let settings = &*self.config.0;
        let mut request = self.signed_request(time)?;
        // What follows is not signed.
        let attempt = match (self.attempt, settings.max_attempts) {
            // What nearly all attempts say.
            (1, 3) => HeaderValue::from_static("attempt=1; max=3"),
            (attempt, max) => HeaderValue::try_from(format!("attempt={attempt}; max={max}"))
                .expect("words and digits may stand in a header"),
        };
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_LENGTH, self.content_length.clone());
        headers.insert(header::USER_AGENT, settings.user_agent.clone());
        headers.insert(INVOCATION_ID, self.invocation_id.clone());
        headers.insert(ATTEMPT, attempt);
        Ok(request)
    }

    /// With the headers that are signed alone.
    fn signed_request(&self, time: UtcDateTime) -> Result<Request<Body>, Problem> {
        const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

        let settings = &*self.config.0;
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = settings.endpoint.uri().clone();
        *request.headers_mut() = HeaderMap::with_capacity(12);
        request.headers_mut().insert(header::CONTENT_TYPE, FORM);
        request.headers_mut().insert(header::HOST, settings.endpoint.host().clone());
        if let Some(signer) = self.signer {
            signer.sign(&mut request, self.body.expose(), time).map_err(Problem::Sign)?;
        }
        Ok(request)
    }

    /// Waits for the next attempt if there is a reason for one and attempts, time and quota are left.
    fn retry_or<E>(
        mut self: Box<Self>,
        now: UtcDateTime,
        reason: Option<Reason>,
        after: Option<Duration>,
        error: impl FnOnce(&Self) -> Error<E>,
    ) -> Step<'c, T, E> {
        self.learn_rate(now, reason == Some(Reason::Throttling));
        let Some(reason) = reason.filter(|_| self.attempt < self.config.0.max_attempts) else {
            return Step::Done(Err(error(&self)));
        };
        let delay = retry::delay(reason, self.attempt - 1, self.learned.random.fraction(), after);
        if delay >= self.left(now) || !self.learned.quota.take(reason.cost()) {
            return Step::Done(Err(error(&self)));
        }
        let Ok(wait) = self.acquire(now) else {
            self.learned.quota.give_back(Some(reason.cost()));
            return Step::Done(Err(error(&self)));
        };
        let delay = delay.max(wait);
        self.last_cost = Some(reason.cost());
        self.waited += delay;
        Step::Wait(delay, Waiting(self))
    }

    /// How long the call may still take.
    fn left(&self, now: UtcDateTime) -> Duration {
        let spent = Duration::try_from(now - self.started).unwrap_or_default();
        self.config.0.call_timeout.saturating_sub(spent)
    }

    /// How long the next attempt must wait for its turn; an error when that is longer than the call may take.
    fn acquire(&self, now: UtcDateTime) -> Result<Duration, Duration> {
        match self.config.0.retry_mode {
            RetryMode::Standard => Ok(Duration::ZERO),
            RetryMode::Adaptive => self.learned.rate.acquire(now, self.left(now)),
        }
    }

    fn learn_rate(&self, now: UtcDateTime, throttled: bool) {
        if self.config.0.retry_mode == RetryMode::Adaptive {
            self.learned.rate.learn(now, throttled);
        }
    }

    /// Adds what the response does not tell.
    fn complete(&self, metadata: &mut Metadata) {
        metadata.attempts = self.attempt;
        metadata.retry_delay = self.waited;
        metadata.region = self.signer.and(self.config.signing_region()).map(String::from);
    }

    /// What the service saw otherwise than it was signed, if it refused the signature and quotes what it saw.
    fn difference(&self, error: &ServiceError, at: UtcDateTime) -> Option<String> {
        let signer = self.signer.filter(|_| error.code == ErrorCode::SignatureDoesNotMatch)?;
        let request = self.signed_request(at).ok()?;
        message::explain_mismatch(&error.message, &signer.canonical_request(&request, self.body.expose()))
    }

    fn lost<E>(&self, lost: Lost<E>) -> TransportError<E> {
        let endpoint = self.config.endpoint();
        let endpoint = format!(
            "{}://{}",
            endpoint.scheme_str().unwrap_or_default(),
            endpoint.authority().map_or("", |authority| authority.as_str())
        );
        TransportError { operation: self.operation, endpoint, attempts: self.attempt, retry_delay: self.waited, lost }
    }
}

/// The call's id, a random UUID ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)), and the length of its body: the same
/// for all attempts, so that they share one piece of memory.
fn lasting_headers(random: &SplitMix, length: usize) -> [HeaderValue; 2] {
    let mut id = (u128::from(random.next()) << 64 | u128::from(random.next())).to_be_bytes();
    id[6] = 0x40 | id[6] & 0x0f;
    id[8] = 0x80 | id[8] & 0x3f;
    let mut hex = [0; 32];
    hex::encode_to_slice(id, &mut hex).expect("two digits for each byte");
    let mut text = [b'-'; 36 + 20];
    for (place, digits) in [(0, 0..8), (9, 8..12), (14, 12..16), (19, 16..20), (24, 20..32)] {
        text[place..][..digits.len()].copy_from_slice(&hex[digits]);
    }
    let mut buffer = [0; 20];
    let length = digits(length as u64, &mut buffer);
    let end = 36 + length.len();
    text[36..end].copy_from_slice(length.as_bytes());
    let text = Bytes::from_owner(text);
    [0..36, 36..end]
        .map(|place| HeaderValue::from_maybe_shared(text.slice(place)).expect("digits may stand in a header"))
}
