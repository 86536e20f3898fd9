//! The state machine of one call: when to send, when to wait and when to stop.
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
//! In adaptive mode, the first step can also be a wait. Each transition consumes the previous state, so steps in the wrong order do not
//! compile.

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
    /// Wait for this duration, then call [`Waiting::resume`].
    Wait(Duration, Waiting<'c, T>),
    /// The call is over.
    Done(Result<Reply<T>, Error>),
}

/// An HTTP request, with its timeout and route.
#[derive(Debug)]
pub struct Transmit {
    /// The request. Send it unchanged; `Host` and `Content-Length` are already set.
    pub request: Request<Body>,
    /// The time limit for the whole exchange, from connecting to the end of the response's body; never zero. When it expires, report
    /// [`TransportErrorKind::Timeout`](crate::TransportErrorKind::Timeout).
    pub timeout: Duration,
    /// Whether the request may go through a proxy.
    pub route: Route,
}

/// Whether a request may go through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// Use a proxy if one is configured.
    ProxyAllowed,
    /// Connect directly. The request goes to an agent on this machine or link, usually over plain HTTP, and the exchange carries secrets
    /// that no proxy may see.
    Direct,
}

impl Client {
    /// Starts a call of `operation`. The first step is the first request, a wait in adaptive mode, or an error if the call cannot be sent.
    /// `credentials` may be `None` for an operation that is not signed.
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

/// A call that waits for the response to its request.
#[must_use]
pub struct InFlight<'c, T> {
    exchange: Box<Exchange<'c, T>>,
    sent: Moment,
    /// The clock correction in the request's signature.
    correction: SignedDuration,
}

impl<'c, T: FromXml> InFlight<'c, T> {
    /// Continues with the result of the exchange: a response with its whole body, or a transport error. `now` is the time at which the
    /// result arrived. It is the last argument, so that `receive(exchange(…), now())` reads the clock after the exchange.
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
                // A proxy's clock is not the service's: only a response of AWS counts.
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

/// A call that waits before its next attempt. Dropping it returns its retry quota and its turn to the client.
#[must_use]
pub struct Waiting<'c, T> {
    exchange: Box<Exchange<'c, T>>,
    taken: Taken,
}

impl<'c, T: FromXml> Waiting<'c, T> {
    /// Starts the next attempt.
    pub fn resume(self, now: impl Into<Moment>) -> Step<'c, T> {
        let Self { exchange, taken } = self;
        taken.spend();
        exchange.transmit(now.into())
    }
}

/// The retry quota and the turn that a pending attempt has taken from the client. It has no borrow, so that dropping a step needs none.
struct Taken {
    limits: Arc<Limits>,
    /// The cost in retry quota.
    cost: u32,
    /// Whether the attempt holds a turn of the rate limiter (adaptive mode).
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

/// The state of a call, from its first request to its end. The public types wrap it.
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
    /// The reason for the last retry.
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

    /// Starts the first attempt, after a wait if the rate limiter requires one.
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
        // Some transports treat zero as "no limit".
        let timeout = self.client.config.0.attempt_timeout.min(left).max(Duration::from_millis(1));
        let transmit = Transmit { request, timeout, route: Route::ProxyAllowed };
        Step::Transmit(transmit, InFlight { exchange: self, sent: now, correction })
    }

    fn request(&self, time: UtcDateTime) -> Result<Request<Body>, Problem> {
        const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
        const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

        let settings = &*self.client.config.0;
        let mut request = self.signed_request(time)?;
        // The headers below are not signed.
        let attempt = match (self.attempt, settings.max_attempts) {
            // The most common value, without an allocation.
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

    /// The request with only the signed headers.
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

    /// Schedules a retry if there is a reason for one and attempts, time and quota remain; otherwise ends the call with the error.
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

    /// Whether to retry `AccessDenied`: the configuration asks for it, and the operation assumes a role.
    fn retries_denial(&self, code: &ErrorCode) -> bool {
        // `AssumeRole`, `AssumeRoleWithSAML` and `AssumeRoleWithWebIdentity`; not `AssumeRoot`.
        *code == ErrorCode::AccessDenied
            && self.operation.starts_with("AssumeRole")
            && self.client.config.0.retry_access_denied
    }

    /// The time that remains for the call.
    fn left(&self, now: Moment) -> Duration {
        self.client.config.0.call_timeout.saturating_sub(now.since(self.started))
    }

    /// How long the next attempt must wait for its turn. That wait is an error if it exceeds the call's remaining time.
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

    /// Adds the metadata that does not come from the response.
    fn complete(&self, metadata: &mut Metadata) {
        metadata.attempts = self.attempt;
        metadata.retry_delay = self.waited;
        metadata.region = self.signer.and(self.client.config.signing_region()).map(String::from);
    }

    /// The first difference between the request that was signed and the request that the service quotes, for `SignatureDoesNotMatch`.
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

/// The headers that are the same in all attempts of a call: its invocation id, a random UUID
/// ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)), and the length of its body. They share one allocation.
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
