//! Cross-origin resource sharing ([CORS](https://fetch.spec.whatwg.org/#http-cors-protocol)): the headers that let a web page call the
//! service and read its responses.

use http::{
    HeaderName, HeaderValue, Method, Request, Response,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    },
};

/// The headers of every response. Without `Date`, a page could not correct its clock.
const ALWAYS: [(HeaderName, &str); 2] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_EXPOSE_HEADERS, "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
];
/// The headers of a response to a preflight. A browser may cache it for two days.
const PREFLIGHT: [(HeaderName, &str); 2] =
    [(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"), (ACCESS_CONTROL_MAX_AGE, "172800")];

/// Whether the request is a preflight.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds the headers that allow the preflighted request.
pub(crate) fn allow<B>(request: &Request<B>, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = with(response, PREFLIGHT);
    if let Some(names) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

/// Adds the headers that let a page read a response.
pub(crate) fn expose(response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    with(response, ALWAYS)
}

fn with(mut response: Response<Vec<u8>>, headers: [(HeaderName, &'static str); 2]) -> Response<Vec<u8>> {
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
