//! The machine that makes one call: when to send, when to wait, when to stop.
//!
//! ```text
//!            Client::call(…, now)
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

use alloc::{boxed::Box, format, string::String, sync::Arc};
use bytes::Bytes;
use core::{fmt, marker::PhantomData, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use time::{SignedDuration, UtcDateTime};

use crate::{
    client::Client,
    credentials::Credentials,
    denial,
    error::{Error, NoResponse, Problem, ServiceError, TransportError},
    error_code::ErrorCode,
    form::digits,
    metadata::Metadata,
    moment::Moment,
    operation::{Auth, Operation},
    query::Body,
    random::SplitMix,
    response::{self, Failure, Reply},
    retry::{self, Limits, Reason, RetryMode},
    sigv4::Signer,
    skew, timestamp,
    validate::InvalidInput,
    xml::FromXml,
};

/// What to do next.
#[must_use]
#[derive(Debug)]
pub enum Step<'c, T> {
    /// Send the request, then pass the result to [`InFlight::receive`].
    Transmit(Transmit, InFlight<'c, T>),
    /// Wait for that long, then continue with [`Waiting::resume`].
    Wait(Duration, Waiting<'c, T>),
    /// The call is over.
    Done(Result<Reply<T>, Error>),
}

/// One HTTP exchange, and how to make it.
#[derive(Debug)]
pub struct Transmit {
    /// The request, to be sent as it is. `Host` and `Content-Length` are set already.
    pub request: Request<Body>,
    /// How long the exchange may take, connecting and the response's body included; never zero. After that, report
    /// [`TransportErrorKind::Timeout`](crate::TransportErrorKind::Timeout).
    pub timeout: Duration,
    /// Whether the request may go through a proxy.
    pub route: Route,
}

/// Whether a request may go through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// A proxy may be used, if one is configured.
    ProxyAllowed,
    /// The request is for an agent on this machine or link. It or the response holds secrets, mostly over plain HTTP: no proxy may see
    /// either.
    Direct,
}

impl Client {
    /// Begins a call of `operation`: the first step is its first request, or an error when nothing can be sent. `credentials` may be
    /// `None` when the operation is not signed.
    pub fn call<'c, O: Operation + ?Sized>(
        &'c self,
        operation: &O,
        credentials: Option<&'c Credentials>,
        now: impl Into<Moment>,
    ) -> Step<'c, O::Output> {
        let body = if self.config.0.validate { operation.to_body() } else { Ok(operation.to_body_unchecked()) };
        Exchange::start(self, O::NAME, O::AUTH, body, credentials, now.into())
    }
}

/// A request is on its way.
#[must_use]
pub struct InFlight<'c, T> {
    exchange: Box<Exchange<'c, T>>,
    sent: Moment,
    /// What was added to our clock for the signature.
    correction: SignedDuration,
}

impl<'c, T: FromXml> InFlight<'c, T> {
    /// Continues with the result of the exchange: a response whose body has been read, or the reason why there is none. `now` is the time
    /// of its arrival; it comes last, since arguments are evaluated in their order.
    pub fn receive(
        self,
        result: Result<Response<impl AsRef<[u8]>>, TransportError>,
        now: impl Into<Moment>,
    ) -> Step<'c, T> {
        let (exchange, now) = (self.exchange, now.into());
        let response = match result {
            Ok(response) => response,
            Err(error) => {
                let reason = error.kind.is_transient().then_some(Reason::Transient);
                return exchange.retry_or(now, reason, None, |exchange| {
                    Error::NoResponse(Box::new(exchange.no_response(error, now)))
                });
            }
        };
        let skew = &exchange.client.skew;
        let corrects = exchange.client.config.0.correct_clock_skew;
        let estimate = || skew::estimate(response.headers(), self.sent, now).filter(|_| corrects);
        let failure = match response::read(exchange.operation, &response) {
            Ok(mut reply) => {
                skew.learn(estimate());
                exchange.learn_rate(now, false);
                exchange.client.limits.quota.give_back(exchange.last_reason.map(Reason::cost));
                exchange.complete(&mut reply.metadata);
                return Step::Done(Ok(reply));
            }
            Err(failure) => failure,
        };
        let after = retry::retry_after(response.headers());
        match failure {
            Failure::Service(mut error) => {
                let is_skewed = if corrects && exchange.signer.is_some() && skew::may_be_skew(&error.wire_code) {
                    skew.refused(estimate(), self.correction, exchange.last_reason == Some(Reason::Skew))
                } else {
                    skew.learn(estimate());
                    false
                };
                let reason = if is_skewed {
                    Some(Reason::Skew)
                } else if exchange.retries_denial(&error.code) {
                    Some(Reason::Denied)
                } else {
                    retry::classify_refusal(&error.code, &error.message, error.metadata.status)
                };
                let signed = timestamp::later(self.sent.wall, self.correction);
                exchange.retry_or(now, reason, after, |exchange| {
                    exchange.complete(&mut error.metadata);
                    error.difference = exchange.difference(&error, signed);
                    Error::Service(error)
                })
            }
            Failure::Response(mut error) => {
                // What is in the way of a request has a clock of its own.
                if error.metadata.request_id.is_some() {
                    skew.learn(estimate());
                }
                let reason = retry::classify_status(error.metadata.status);
                exchange.retry_or(now, reason, after, |exchange| {
                    exchange.complete(&mut error.metadata);
                    error.endpoint = exchange.endpoint();
                    Error::Response(error)
                })
            }
        }
    }
}

/// The time before the next attempt passes. When it is dropped, the retry quota and the turn of the attempt go back to the client.
#[must_use]
pub struct Waiting<'c, T> {
    exchange: Box<Exchange<'c, T>>,
    taken: Taken,
}

impl<'c, T: FromXml> Waiting<'c, T> {
    /// Makes the next attempt.
    pub fn resume(self, now: impl Into<Moment>) -> Step<'c, T> {
        let Self { exchange, taken } = self;
        taken.spend();
        exchange.transmit(now.into())
    }
}

/// What an attempt takes from the client, until it is made. It borrows nothing, so that a step may outlive what its call borrows.
struct Taken {
    limits: Arc<Limits>,
    /// Of the retry quota.
    cost: u32,
    /// Whether it has a turn in adaptive mode.
    has_turn: bool,
}

impl Taken {
    fn spend(mut self) {
        (self.cost, self.has_turn) = (0, false);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.cost > 0 {
            self.limits.quota.give_back(Some(self.cost));
        }
        if self.has_turn {
            self.limits.rate.give_back();
        }
    }
}

impl<T> fmt::Debug for InFlight<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InFlight({}, attempt {})", self.exchange.operation, self.exchange.attempt)
    }
}

impl<T> fmt::Debug for Waiting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({}, after attempt {})", self.exchange.operation, self.exchange.attempt)
    }
}

/// The call from its first request to its end; the public types are views of it.
struct Exchange<'c, T> {
    client: &'c Client,
    operation: &'static str,
    /// `None` when the operation is not signed.
    signer: Option<Signer<'c>>,
    body: Body,
    invocation_id: HeaderValue,
    content_length: HeaderValue,
    started: Moment,
    attempt: u32,
    waited: Duration,
    /// Why the last retry was made.
    last_reason: Option<Reason>,
    output: PhantomData<fn() -> T>,
}

impl<'c, T> Exchange<'c, T> {
    fn start(
        client: &'c Client,
        operation: &'static str,
        auth: Auth,
        body: Result<Body, InvalidInput>,
        credentials: Option<&'c Credentials>,
        now: Moment,
    ) -> Step<'c, T> {
        let body = match body {
            Ok(body) => body,
            Err(error) => return Step::Done(Err(Error::Input { operation, problem: Problem::Invalid(error) })),
        };
        let signer = match (auth, credentials, client.config.signing_region()) {
            (Auth::None, _, _) => None,
            (Auth::SigV4, Some(credentials), Some(region)) => {
                Some(Signer::new(credentials, region, "sts").key_cache(&client.keys))
            }
            (Auth::SigV4, None, _) => {
                return Step::Done(Err(Error::Input { operation, problem: Problem::NoCredentials }));
            }
            (Auth::SigV4, _, None) => {
                return Step::Done(Err(Error::Input { operation, problem: Problem::NoRegion }));
            }
        };
        let [invocation_id, content_length] = lasting_headers(&client.random, body.expose().len());
        let exchange = Box::new(Self {
            client,
            operation,
            signer,
            body,
            invocation_id,
            content_length,
            started: now,
            attempt: 0,
            waited: Duration::ZERO,
            last_reason: None,
            output: PhantomData,
        });
        exchange.begin(now)
    }

    /// Makes the first attempt as soon as the client's rate allows it.
    fn begin(mut self: Box<Self>, now: Moment) -> Step<'c, T> {
        match self.acquire(now) {
            Ok(Duration::ZERO) => self.transmit(now),
            Ok(wait) => {
                self.waited += wait;
                let taken = self.taken(0);
                Step::Wait(wait, Waiting { exchange: self, taken })
            }
            Err(wait) => Step::Done(Err(Error::Input { operation: self.operation, problem: Problem::Throttled(wait) })),
        }
    }

    fn transmit(mut self: Box<Self>, now: Moment) -> Step<'c, T> {
        self.attempt += 1;
        let correction = self.client.clock_correction();
        let request = match self.request(timestamp::later(now.wall, correction)) {
            Ok(request) => request,
            Err(problem) => return Step::Done(Err(Error::Input { operation: self.operation, problem })),
        };
        let left = self.left(now);
        // Some transports take zero for "no limit".
        let timeout = self.client.config.0.attempt_timeout.min(left).max(Duration::from_millis(1));
        let transmit = Transmit { request, timeout, route: Route::ProxyAllowed };
        Step::Transmit(transmit, InFlight { exchange: self, sent: now, correction })
    }

    fn request(&self, time: UtcDateTime) -> Result<Request<Body>, Problem> {
        const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
        const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

        let settings = &*self.client.config.0;
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
        if !settings.browser {
            headers.insert(header::USER_AGENT, settings.user_agent.clone());
        }
        if !settings.browser || self.signer.is_some() {
            headers.insert(INVOCATION_ID, self.invocation_id.clone());
            headers.insert(ATTEMPT, attempt);
        }
        Ok(request)
    }

    /// With the headers that are signed alone.
    fn signed_request(&self, time: UtcDateTime) -> Result<Request<Body>, Problem> {
        const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
        const X_AMZ_USER_AGENT: HeaderName = HeaderName::from_static("x-amz-user-agent");

        let settings = &*self.client.config.0;
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = settings.endpoint.uri().clone();
        *request.headers_mut() = HeaderMap::with_capacity(12);
        request.headers_mut().insert(header::CONTENT_TYPE, FORM);
        request.headers_mut().insert(header::HOST, settings.endpoint.host().clone());
        if let Some(signer) = self.signer {
            if settings.browser {
                request.headers_mut().insert(X_AMZ_USER_AGENT, settings.user_agent.clone());
            }
            signer.sign(&mut request, self.body.expose(), time).map_err(Problem::Sign)?;
        }
        Ok(request)
    }

    /// Waits for the next attempt if there is a reason for one and attempts, time and quota are left.
    fn retry_or(
        mut self: Box<Self>,
        now: Moment,
        reason: Option<Reason>,
        after: Option<Duration>,
        error: impl FnOnce(&Self) -> Error,
    ) -> Step<'c, T> {
        self.learn_rate(now, reason == Some(Reason::Throttling));
        let Some(reason) = reason.filter(|_| self.attempt < self.client.config.0.max_attempts) else {
            return Step::Done(Err(error(&self)));
        };
        let delay = retry::delay(reason, self.attempt - 1, self.client.random.fraction(), after);
        if delay >= self.left(now) || !self.client.limits.quota.take(reason.cost()) {
            return Step::Done(Err(error(&self)));
        }
        let Ok(wait) = self.acquire(now) else {
            self.client.limits.quota.give_back(Some(reason.cost()));
            return Step::Done(Err(error(&self)));
        };
        let (delay, taken) = (delay.max(wait), self.taken(reason.cost()));
        self.last_reason = Some(reason);
        self.waited += delay;
        Step::Wait(delay, Waiting { exchange: self, taken })
    }

    fn taken(&self, cost: u32) -> Taken {
        let has_turn = self.client.config.0.retry_mode == RetryMode::Adaptive;
        Taken { limits: self.client.limits.clone(), cost, has_turn }
    }

    /// Whether another attempt is wanted where a role is assumed and the answer is that it cannot be.
    fn retries_denial(&self, code: &ErrorCode) -> bool {
        // `AssumeRole`, `AssumeRoleWithSAML` and `AssumeRoleWithWebIdentity`; not `AssumeRoot`.
        *code == ErrorCode::AccessDenied
            && self.operation.starts_with("AssumeRole")
            && self.client.config.0.retry_access_denied
    }

    /// How long the call may still take.
    fn left(&self, now: Moment) -> Duration {
        self.client.config.0.call_timeout.saturating_sub(now.since(self.started))
    }

    /// How long the next attempt must wait for its turn; an error when that is longer than the call may take.
    fn acquire(&self, now: Moment) -> Result<Duration, Duration> {
        match self.client.config.0.retry_mode {
            RetryMode::Standard => Ok(Duration::ZERO),
            RetryMode::Adaptive => self.client.limits.rate.acquire(now.monotonic, self.left(now)),
        }
    }

    fn learn_rate(&self, now: Moment, throttled: bool) {
        if self.client.config.0.retry_mode == RetryMode::Adaptive {
            self.client.limits.rate.learn(now.monotonic, throttled);
        }
    }

    /// Adds what the response does not tell.
    fn complete(&self, metadata: &mut Metadata) {
        metadata.attempts = self.attempt;
        metadata.retry_delay = self.waited;
        metadata.region = self.signer.and(self.client.config.signing_region()).map(String::from);
    }

    /// What the service saw otherwise than it was signed, if it refused the signature and quotes what it saw.
    fn difference(&self, error: &ServiceError, at: UtcDateTime) -> Option<String> {
        let signer = self.signer.filter(|_| error.code == ErrorCode::SignatureDoesNotMatch)?;
        let request = self.signed_request(at).ok()?;
        denial::explain_mismatch(&error.message, &signer.canonical_request(&request, self.body.expose()))
    }

    fn no_response(&self, error: TransportError, now: Moment) -> NoResponse {
        NoResponse {
            operation: self.operation,
            endpoint: self.endpoint(),
            attempts: self.attempt,
            retry_delay: self.waited,
            elapsed: now.since(self.started),
            error,
        }
    }

    /// Scheme, host and port.
    fn endpoint(&self) -> String {
        let endpoint = self.client.config.endpoint();
        let (scheme, authority) = (endpoint.scheme_str(), endpoint.authority());
        format!("{}://{}", scheme.unwrap_or_default(), authority.map_or("", |authority| authority.as_str()))
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
