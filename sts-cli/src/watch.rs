//! A transport that watches the requests of a command: it logs them for `--debug`, announces long waits, and removes signatures for
//! `--no-sign-request`.

use std::{
    error::Error as StdError,
    iter,
    sync::{Mutex, PoisonError},
    time::Instant,
};
use sts_blocking::{
    Credentials,
    core::{sigv4::Signer, timestamp},
    http::{HeaderMap, HeaderName, Request, Response, Uri},
    transport::{AnyTransport, Body, Transmit, Transport, TransportError},
};

use crate::{failure::warn, notice::Notice};

pub(crate) struct Watched {
    transport: AnyTransport,
    is_signed: bool,
    /// When the last attempt ended; `None` without `--debug`.
    last_end: Option<Mutex<Instant>>,
    notice: Notice,
}

impl Watched {
    pub(crate) fn new(transport: AnyTransport, is_signed: bool, is_logged: bool, notice: Notice) -> Self {
        Self { transport, is_signed, last_end: is_logged.then(|| Mutex::new(Instant::now())), notice }
    }

    fn exchange_and_log(
        &self,
        transmit: Transmit,
        last_end: &Mutex<Instant>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let start = Instant::now();
        let mut last_end = last_end.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = endpoint(transmit.request.uri());
        let mut text = described(&transmit.request, &endpoint);
        if is_repeated(transmit.request.headers()) {
            text = format!("debug: waited {} ms\n{text}", (start - *last_end).as_millis());
        }
        warn(&text);
        let result = self.transport.exchange(transmit);
        *last_end = Instant::now();
        let duration = (*last_end - start).as_millis();
        warn(&match &result {
            Ok(response) => {
                let id = response.headers().get("x-amzn-requestid").and_then(|id| id.to_str().ok());
                let id = id.map(|id| format!(", request id {id}")).unwrap_or_default();
                format!("debug: HTTP {} after {duration} ms{id}\n", response.status().as_u16())
            }
            Err(error) => {
                format!("debug: {} {endpoint} after {duration} ms: {}\n", error.kind, with_causes(error))
            }
        });
        result
    }
}

impl Transport for Watched {
    fn exchange(&self, mut transmit: Transmit) -> Result<Response<Vec<u8>>, TransportError> {
        let request = &mut transmit.request;
        if !self.is_signed {
            for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
                request.headers_mut().remove(name);
            }
        }
        let endpoint = endpoint(request.uri());
        self.notice.begin(|| format!("{endpoint}{}", attempt_of(request.headers())));
        let result = match &self.last_end {
            Some(last_end) => self.exchange_and_log(transmit, last_end),
            None => self.transport.exchange(transmit),
        };
        // Has no effect if the call has ended.
        self.notice.begin(|| format!("the time to call {endpoint} again"));
        result
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.notice.end();
    }
}

/// The error and its causes in one line: a proxy error alone says little more than the proxy's name.
fn with_causes(error: &dyn StdError) -> String {
    let causes: Vec<_> = iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

/// Whether this is a retry.
fn is_repeated(headers: &HeaderMap) -> bool {
    headers.get(ATTEMPT).is_some_and(|attempt| !attempt.as_bytes().starts_with(b"attempt=1;"))
}

const ATTEMPT: &str = "amz-sdk-request";

/// " (attempt 1 of 3)"
fn attempt_of(headers: &HeaderMap) -> String {
    // attempt=1; max=3
    let numbers =
        headers.get(ATTEMPT).and_then(|value| value.to_str().ok()?.strip_prefix("attempt=")?.split_once("; max="));
    numbers.map(|(attempt, max)| format!(" (attempt {attempt} of {max})")).unwrap_or_default()
}

/// The operation, the target of a request, and its signed parts. Omits the query, since an agent's URL may contain a secret, and all
/// headers outside the canonical request.
fn described(request: &Request<Body>, endpoint: &str) -> String {
    let operation = operation(request).map(|operation| format!("{operation}: ")).unwrap_or_default();
    let (method, path, attempt) = (request.method(), request.uri().path(), attempt_of(request.headers()));
    let mut text = format!("debug: {operation}{method} {endpoint}{path}{attempt}\n");
    if let Some((canonical_request, string_to_sign)) = signed(request) {
        for (name, value) in [("canonical request", canonical_request), ("string to sign", string_to_sign)] {
            text += &format!("debug: {name}:\n");
            text.extend(value.lines().map(|line| format!("  {line}\n")));
        }
    }
    text
}

/// The STS operation that a request calls.
fn operation(request: &Request<Body>) -> Option<&str> {
    let form = request.body().expose().strip_prefix(b"Action=")?;
    let name = form.split(|byte| *byte == b'&').next()?;
    str::from_utf8(name).ok()
}

fn endpoint(uri: &Uri) -> String {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}

/// The canonical request, without the session token, and the string to sign; `None` for an unsigned request.
fn signed(request: &Request<Body>) -> Option<(String, String)> {
    const TOKEN: &str = "x-amz-security-token:";
    let header = |name| request.headers().get(name)?.to_str().ok();
    let now = timestamp::parse_basic(header("x-amz-date")?)?;
    // AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=…
    let (credential, rest) = header("authorization")?.split_once(", SignedHeaders=")?;
    let region = credential.rsplit('/').nth(2)?;
    let names: Vec<_> = rest.split(',').next()?.split(';').collect();
    let present = request.headers().keys().map(HeaderName::as_str);
    let unsigned: Vec<_> = present.filter(|name| !names.contains(name)).collect();

    let nobody = Credentials::new("", "");
    let signer = Signer::new(&nobody, region, "sts").unsigned_headers(&unsigned);
    let canonical_request = signer.canonical_request(request, request.body().expose());
    let string_to_sign = canonical_request.string_to_sign(now, region, "sts").ok()?;
    let shown = |line: &str| if line.starts_with(TOKEN) { format!("{TOKEN}[redacted]\n") } else { format!("{line}\n") };
    Some((canonical_request.to_string().lines().map(shown).collect(), string_to_sign))
}
