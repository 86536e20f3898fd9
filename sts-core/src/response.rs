//! Responses: reading an `http::Response` into an output or an error.

use alloc::{borrow::ToOwned, boxed::Box, format, string::String};
use http::{StatusCode, header::LOCATION};

use crate::{
    denial,
    error::{Content, Fault, ResponseError, ServiceError},
    error_code::ErrorCode,
    metadata::Metadata,
    text::{self, beginning},
    xml::{Document, Element, FromXml, ParseError},
};

/// The result of a successful call: the output and metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The operation's output.
    pub output: T,
    /// Status, request id and so on.
    pub metadata: Metadata,
}

impl<T> Reply<T> {
    /// A reply, for tests.
    pub fn new(output: T, metadata: Metadata) -> Self {
        Self { output, metadata }
    }
}

/// A response that is not a success.
#[derive(Debug)]
pub(crate) enum Failure {
    Service(Box<ServiceError>),
    Response(Box<ResponseError>),
}

/// Reads the response to the operation with this name.
pub(crate) fn read<T: FromXml>(
    operation: &'static str,
    response: &http::Response<impl AsRef<[u8]>>,
) -> Result<Reply<T>, Failure> {
    let (status, body) = (response.status(), response.body().as_ref());
    let document = Document::parse(body);
    let request_id = document.as_ref().ok().and_then(|document| request_id(document.root()));
    let metadata = Metadata::of(status, response.headers(), request_id);
    let problem = match document {
        Ok(document) => {
            let root = document.root();
            if let Some(error) = find_error(root) {
                return Err(Failure::Service(Box::new(read_error(operation, error, metadata))));
            }
            // A status outside 2xx is an error, whatever the body contains.
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
    let error = ResponseError {
        operation,
        // The call tells it.
        endpoint: String::new(),
        problem,
        content: content(body),
        snippet: snippet(status, body),
        location,
        metadata,
    };
    Err(Failure::Response(Box::new(error)))
}

fn content(body: &[u8]) -> Content {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let begins = |text: &str| body.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    match body.first() {
        None => Content::Empty,
        Some(b'{' | b'[') => Content::Json,
        Some(_) if begins("<!doctype html") || begins("<html") => Content::Html,
        Some(_) => Content::Other,
    }
}

/// The beginning of an error page; empty if the body may be an output or contain a secret.
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

/// The request id in the metadata, next to the error or inside it.
fn request_id<'d>(root: Element<'d, '_>) -> Option<&'d str> {
    let parents = [root.child("ResponseMetadata"), Some(root), find_error(root)];
    let names = ["RequestId", "requestId", "RequestID"];
    let found = parents.into_iter().flatten().flat_map(|parent| names.map(|name| parent.child(name))).flatten();
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
        message: denial::without_token(beginning(
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
