//! Cross-origin resource sharing ([CORS](https://fetch.spec.whatwg.org/#http-cors-protocol)): what a browser needs to see before a page
//! may call a service and read its answers.

use http::{
    HeaderName, HeaderValue, Method, Request, Response,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    },
};

/// Added to every answer. Without `Date`, a page could not correct its clock.
const ALWAYS: [(HeaderName, &str); 2] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_EXPOSE_HEADERS, "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
];
/// Added to the answer to a preflight. A browser may remember it for two days.
const PREFLIGHT: [(HeaderName, &str); 2] =
    [(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"), (ACCESS_CONTROL_MAX_AGE, "172800")];

/// Whether a browser asks if it may send another request.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Allows what a preflight asks for.
pub(crate) fn allow<B>(request: &Request<B>, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = with(response, PREFLIGHT);
    if let Some(names) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

/// Lets a page read an answer.
pub(crate) fn expose(response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    with(response, ALWAYS)
}

fn with(mut response: Response<Vec<u8>>, headers: [(HeaderName, &'static str); 2]) -> Response<Vec<u8>> {
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
