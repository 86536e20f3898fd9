//! Responses in the format of STS.

use std::fmt::Display;

use http::{HeaderValue, Response, StatusCode, header};
use quick_xml::escape::escape;
use sts_core::{ErrorCode, sigv4::VerifyError};
use time::{UtcDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::account::Caller;

/// The error code for a body that is too long.
pub(crate) const TOO_LARGE: &str = "RequestEntityTooLarge";
/// The error code for a body that arrives too slowly.
pub(crate) const TOO_SLOW: &str = "RequestTimeout";

pub(crate) fn success(document: String, id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
    respond(StatusCode::OK, document, id, now)
}

/// The response to a request that names no action.
pub(crate) fn redirect(id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
    let mut response = respond(StatusCode::FOUND, String::new(), id, now);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("https://aws.amazon.com/iam"));
    response
}

/// The response to a preflight, before its headers are added.
pub(crate) fn empty(id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
    let mut response = respond(StatusCode::OK, String::new(), id, now);
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

/// A response without headers and body, as from a load balancer or proxy in front of STS.
pub(crate) fn bare(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

/// An error response of STS.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationError, message)
    }

    pub(crate) fn invalid_token(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidIdentityToken, message)
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::AccessDenied, message)
    }

    pub(crate) fn denied(caller: &Caller, action: &str, resource: Option<&str>) -> Self {
        let resource = resource.map(|arn| format!(" on resource: {arn}")).unwrap_or_default();
        Self::access_denied(format!("User: {} is not authorized to perform: sts:{action}{resource}", caller.arn))
    }

    pub(crate) fn response(&self, id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
        let status = status(&self.code);
        let document = Xml::document("ErrorResponse", |xml| {
            xml.group("Error", |xml| {
                xml.text("Type", if status.is_server_error() { "Receiver" } else { "Sender" });
                xml.text("Code", &self.code);
                xml.text("Message", &self.message);
            });
            xml.text("RequestId", id);
        });
        respond(status, document, id, now)
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self::new(ErrorCode::from_wire(error.code()), error.to_string())
    }
}

fn status(code: &ErrorCode) -> StatusCode {
    match code {
        ErrorCode::AccessDenied
        | ErrorCode::ExpiredToken
        | ErrorCode::IdpRejectedClaim
        | ErrorCode::InvalidClientTokenId
        | ErrorCode::MissingAuthenticationToken
        | ErrorCode::OptInRequired
        | ErrorCode::OutboundWebIdentityFederationDisabledException
        | ErrorCode::RegionDisabledException
        | ErrorCode::SessionDurationEscalationException
        | ErrorCode::SignatureDoesNotMatch => StatusCode::FORBIDDEN,
        ErrorCode::InternalFailure => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Other(code) if **code == *TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Other(code) if **code == *TOO_SLOW => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// XML elements.
#[derive(Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// The complete document around an operation's result.
    pub(crate) fn finish(&self, action: &str, id: &str) -> String {
        Self::document(&format!("{action}Response"), |xml| {
            xml.group(&format!("{action}Result"), |xml| xml.0 += &self.0);
            xml.group("ResponseMetadata", |xml| xml.text("RequestId", id));
        })
    }

    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        let value = value.to_string().replace(|c| !is_xml(c), "\u{fffd}");
        self.0 += &format!("<{name}>{}</{name}>\n", escape(&value));
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn group(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.element(name, "", fill);
    }

    fn document(name: &str, fill: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self::default();
        xml.element(name, " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"", fill);
        xml.0
    }

    fn element(&mut self, name: &str, attributes: &str, fill: impl FnOnce(&mut Self)) {
        self.0 += &format!("<{name}{attributes}>\n");
        fill(self);
        self.0 += &format!("</{name}>\n");
    }
}

/// Whether a document may contain the character: [`Char`](https://www.w3.org/TR/xml/#charsets) without the carriage return, which parsers
/// turn into a line feed.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn respond(status: StatusCode, body: String, id: &str, now: UtcDateTime) -> Response<Vec<u8>> {
    // RFC 9110, IMF-fixdate
    const DATE: &[BorrowedFormatItem<'_>] = format_description!(
        version = 2,
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::HeaderName::from_static("x-amzn-requestid"), id);
    put(header::CONTENT_TYPE, "text/xml");
    put(header::DATE, &now.format(DATE).unwrap_or_default());
    response
}
