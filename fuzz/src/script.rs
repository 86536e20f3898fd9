//! Scripted answers of servers, separated by U+0000.
//!
//! The first line of a part is a status, or the kind of a transport error. Headers, an empty line and a body follow.

use http::{HeaderName, HeaderValue, Response, StatusCode};
use sts_core::{TransportError, TransportErrorKind};

pub fn response(part: &str) -> Result<Response<&str>, TransportError> {
    let (head, body) = part.split_once("\n\n").unwrap_or((part, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(body);
    *response.status_mut() = status.ok_or_else(|| transport_error(first))?;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

fn transport_error(kind: &str) -> TransportError {
    let kind = match kind {
        "connect" => TransportErrorKind::Connect,
        "timeout" => TransportErrorKind::Timeout,
        "interrupted" => TransportErrorKind::Interrupted,
        "too large" => TransportErrorKind::TooLarge,
        _ => TransportErrorKind::Permanent,
    };
    TransportError::new(kind, "lost")
}
