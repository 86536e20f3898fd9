//! From an `http::Response` to an output or an error.

use alloc::{borrow::ToOwned, boxed::Box, format, string::String};
use base64::{Engine as _, prelude::BASE64_STANDARD as STANDARD};
use core::{array, fmt, time::Duration};
use http::{HeaderMap, HeaderName, StatusCode, header::LOCATION};
use time::UtcDateTime;

use crate::{
    error::{ErrorCode, Fault, ResponseError, ServiceError},
    message,
    text::{self, beginning},
    xml::{Document, Element, FromXml, ParseError},
};

/// A successful call: the output, and what is known about the exchange.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The operation's output.
    pub output: T,
    /// Status, request id and so on.
    pub metadata: Metadata,
}

/// What is known about an exchange, whether it succeeded or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// AWS's id of the request, from the body or else from a header. Support asks for it.
    pub request_id: Option<String>,
    /// `x-amz-id-2`
    pub extended_request_id: Option<String>,
    /// `x-amz-cf-id`: set by CloudFront.
    pub cloud_front_id: Option<String>,
    /// The HTTP status.
    pub status: StatusCode,
    /// How often the request was sent or tried to.
    pub attempts: u32,
    /// How long the call waited before and between attempts, all waits together.
    pub retry_delay: Duration,
    /// The region that the request was signed for; `None` when it was not signed for one.
    pub region: Option<String>,
    /// The region that served the request, where the response tells.
    pub serving_region: Option<String>,
    /// The service's clock, to the millisecond, where the response tells.
    pub server_time: Option<UtcDateTime>,
}

impl Metadata {
    /// `request_id`: the one in the body.
    pub(crate) fn new(status: StatusCode, headers: &HeaderMap, request_id: Option<&str>) -> Self {
        let header = |name: &HeaderName| headers.get(name)?.to_str().ok().filter(|text| !text.is_empty());
        let (serving_region, server_time) = header(&STS_EXTENDED_REQUEST_ID).and_then(served_by).unzip();
        Self {
            request_id: request_id.or_else(|| REQUEST_IDS.iter().find_map(header)).map(str::to_owned),
            extended_request_id: header(&EXTENDED_REQUEST_ID).map(str::to_owned),
            cloud_front_id: header(&CLOUD_FRONT_ID).map(str::to_owned),
            status,
            attempts: 1,
            retry_delay: Duration::ZERO,
            region: None,
            serving_region,
            server_time,
        }
    }
}

static REQUEST_IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("x-amzn-request-id"),
    HeaderName::from_static("x-amz-request-id"),
];
static EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
static CLOUD_FRONT_ID: HeaderName = HeaderName::from_static("x-amz-cf-id");
static STS_EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-sts-extended-request-id");

/// Region and time in `x-amz-sts-extended-request-id`: base64 of `1:<region>:S:<epoch milliseconds>:R:<id>`. AWS does not document it, so
/// anything else is no surprise.
fn served_by(id: &str) -> Option<(String, UtcDateTime)> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let mut parts = text.split(':');
    let parts: [_; 5] = array::from_fn(|_| parts.next());
    let [Some("1"), Some(region), Some("S"), Some(milliseconds), Some("R")] = parts else { return None };
    let nanoseconds = milliseconds.parse::<u64>().ok()?;
    let time = UtcDateTime::from_unix_timestamp_nanos(i128::from(nanoseconds) * 1_000_000).ok()?;
    Some((region.to_owned(), time))
}

/// `HTTP 403, request id 1234, region eu-west-1, attempt 3`
impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status.as_u16())?;
        if let Some(id) = &self.request_id {
            write!(f, ", request id {id}")?;
        }
        if let Some(region) = &self.region {
            write!(f, ", region {region}")?;
        }
        if self.attempts > 1 {
            write!(f, ", attempt {}", self.attempts)?;
        }
        Ok(())
    }
}

/// Why a response is not a success.
#[derive(Debug)]
pub(crate) enum Failure {
    Service(Box<ServiceError>),
    Response(Box<ResponseError>),
}

/// Reads the response to an operation of that name.
pub(crate) fn read<T: FromXml>(
    operation: &'static str,
    response: &http::Response<impl AsRef<[u8]>>,
) -> Result<Reply<T>, Failure> {
    let (status, body) = (response.status(), response.body().as_ref());
    let document = Document::parse(body);
    let request_id = document.as_ref().ok().and_then(|document| request_id(document.root()));
    let metadata = Metadata::new(status, response.headers(), request_id);
    let problem = match document {
        Ok(document) => {
            let root = document.root();
            if let Some(error) = find_error(root) {
                return Err(Failure::Service(Box::new(read_error(operation, error, metadata))));
            }
            // Every status from 300 on is an error, whatever the body says.
            let output = if status.is_success() {
                result(operation, root).and_then(T::from_xml)
            } else {
                Err(root.error(format!("{} is not an error response", text::snippet(root.name()))))
            };
            match output {
                Ok(output) => return Ok(Reply { output, metadata }),
                Err(problem) => problem,
            }
        }
        Err(problem) => problem,
    };
    let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
    let location = location.map(|location| beginning(&String::from_utf8_lossy(location.as_bytes()), 1024).to_owned());
    let is_empty = body.trim_ascii().is_empty();
    let error = ResponseError { operation, problem, is_empty, snippet: snippet(status, body), location, metadata };
    Err(Failure::Response(Box::new(error)))
}

/// The beginning of an error page. What may be an output, or may hold a secret otherwise, is not shown.
fn snippet(status: StatusCode, body: &[u8]) -> String {
    let is_output = Document::parse(body).is_ok_and(|document| document.root().name().ends_with("Response"));
    if status.is_success() || is_output {
        return String::new();
    }
    let text = String::from_utf8_lossy(body);
    let beginning = text::snippet(text.trim());
    let lower = beginning.to_ascii_lowercase();
    if ["secret", "token", "credential", "authorization"].iter().any(|word| lower.contains(word)) {
        return String::new();
    }
    beginning.to_owned()
}

/// The `<{operation}Result>` in `<{operation}Response>`.
fn result<'d, 'x>(operation: &str, root: Element<'d, 'x>) -> Result<Element<'d, 'x>, ParseError> {
    if root.name().strip_suffix("Response") != Some(operation) {
        return Err(root.error(format!("expected {operation}Response, found {}", text::snippet(root.name()))));
    }
    root.children()
        .find(|child| child.name().strip_suffix("Result") == Some(operation))
        .ok_or_else(|| root.error(format!("missing element {operation}Result in {operation}Response")))
}

/// The request id in the metadata, beside the error or in it.
fn request_id<'d>(root: Element<'d, '_>) -> Option<&'d str> {
    let places = [root.child("ResponseMetadata"), Some(root), find_error(root)];
    let names = ["RequestId", "requestId", "RequestID"];
    let found = places.into_iter().flatten().flat_map(|place| names.map(|name| place.child(name))).flatten();
    found.map(Element::text).find(|id| !id.is_empty()).map(|id| beginning(id, 256))
}

/// The `<Error>` of `<ErrorResponse><Error>`, `<ErrorResponse><Errors><Error>` and of a bare `<Error>`.
fn find_error<'d, 'x>(root: Element<'d, 'x>) -> Option<Element<'d, 'x>> {
    let error = match root.name() {
        "Error" => root,
        "ErrorResponse" | "Response" => root.child("Error").or_else(|| root.child("Errors")?.child("Error"))?,
        _ => return None,
    };
    error.child("Code").is_some().then_some(error)
}

fn read_error(operation: &'static str, error: Element<'_, '_>, metadata: Metadata) -> ServiceError {
    let text = |name| error.child(name).map(|child| child.text().trim()).filter(|text| !text.is_empty());
    let code = beginning(text("Code").unwrap_or("Unknown"), 128);
    ServiceError {
        operation,
        code: ErrorCode::from_wire(code),
        wire_code: code.to_owned(),
        message: message::without_token(beginning(
            text("Message").or_else(|| text("message")).unwrap_or_default(),
            8192,
        )),
        fault: match text("Type").unwrap_or_default() {
            "Sender" => Some(Fault::Sender),
            "Receiver" => Some(Fault::Receiver),
            _ => None,
        },
        difference: None,
        metadata,
    }
}
