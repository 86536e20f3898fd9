//! The transport: `fetch`, or another way to send requests.

use std::{error::Error as StdError, fmt, future::Future, pin::Pin};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use js_sys::{Array, Function, Iterator, Object, Promise, Reflect, Uint8Array, global};
use sts_core::{Transmit, TransportError, TransportErrorKind, xml};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::timer::Timer;

/// Sends a request and reads the response.
///
/// Closures that return a future are transports:
///
/// ```
/// use sts_web::{Client, Config, Credentials, Transmit, TransportError, http::Response};
///
/// async fn answer(transmit: Transmit) -> Result<Response<bytes::Bytes>, TransportError> {
///     assert_eq!(transmit.request.uri(), "https://sts.eu-central-1.amazonaws.com/");
///     Ok(Response::new("<GetCallerIdentityResponse/>".into()))
/// }
///
/// # fn example() -> Result<Client, sts_web::ConfigError> {
/// Client::builder().config(Config::builder().region("eu-central-1")).transport(answer).build()
/// # }
/// ```
pub trait Transport {
    /// Sends the request as it is and reads the response, within the time limit. The host sets `Host` and `Content-Length` again, and the
    /// route does not matter: scripts cannot choose a proxy.
    ///
    /// # Errors
    /// If there is no response.
    fn exchange(&self, transmit: Transmit) -> impl Future<Output = Result<Response<Bytes>, TransportError>>;
}

impl<T, R> Transport for T
where
    T: Fn(Transmit) -> R,
    R: Future<Output = Result<Response<Bytes>, TransportError>>,
{
    fn exchange(&self, transmit: Transmit) -> impl Future<Output = Result<Response<Bytes>, TransportError>> {
        self(transmit)
    }
}

type Exchange<'t> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + 't>>;

/// A [`Transport`] as an object.
pub(crate) trait AnyTransport {
    fn exchange(&self, transmit: Transmit) -> Exchange<'_>;
}

impl<T: Transport> AnyTransport for T {
    fn exchange(&self, transmit: Transmit) -> Exchange<'_> {
        Box::pin(Transport::exchange(self, transmit))
    }
}

/// Sends requests with the global `fetch`, or with another function of its shape.
#[derive(Clone, Debug, Default)]
pub struct Fetch(Option<Function>);

impl Fetch {
    /// Uses this function, such as the one of a worker's service binding, instead of the global `fetch`. It is called without `this`, with
    /// a URL and with the options `method`, `headers`, `body`, `redirect`, `credentials` and `signal`. Its promise must yield an object
    /// with `status`, `headers` and a readable `body`.
    pub fn new(function: Function) -> Self {
        Self(Some(function))
    }

    fn call(&self, url: &str, options: &Object) -> Result<Promise, JsValue> {
        let function = match &self.0 {
            Some(function) => function.clone(),
            None => Reflect::get(&global(), &"fetch".into())?.dyn_into().map_err(|_| "there is no fetch")?,
        };
        function.call2(&JsValue::UNDEFINED, &url.into(), options).map(|promise| Promise::resolve(&promise))
    }
}

impl Transport for Fetch {
    async fn exchange(&self, transmit: Transmit) -> Result<Response<Bytes>, TransportError> {
        let Transmit { request, timeout, route: _ } = transmit;
        let headers = Object::new();
        for (name, value) in request.headers() {
            // The host sets these itself, and forbids scripts to set them.
            if ![header::HOST, header::CONTENT_LENGTH].contains(name) {
                set(&headers, name.as_str(), &value.to_str().unwrap_or_default().into());
            }
        }
        let mut limit = Limit::new(timeout);
        let options = Object::new();
        set(&options, "method", &request.method().as_str().into());
        set(&options, "headers", &headers);
        set(&options, "body", &Uint8Array::from(request.body().expose()));
        set(&options, "redirect", &"manual".into());
        // The service needs no cookies.
        set(&options, "credentials", &"omit".into());
        set(&options, "signal", &limit.controller.signal());
        let promise = self.call(&request.uri().to_string(), &options);
        let promise = promise.map_err(|error| failed(&error, TransportErrorKind::Permanent))?;
        let result = async { read(JsFuture::from(promise).await?.unchecked_into()).await }.await;
        limit.is_over = true;
        match result {
            Ok(Some(response)) => Ok(response),
            Ok(None) => Err(TransportError::new(
                TransportErrorKind::TooLarge,
                FetchError {
                    message: format!("the body has more than {} bytes", xml::MAX_LENGTH),
                    ..FetchError::default()
                },
            )),
            Err(_) if limit.controller.signal().aborted() => {
                let (message, code) = (format!("no response within {timeout:?}"), Some("ETIMEDOUT".into()));
                Err(TransportError::new(TransportErrorKind::Timeout, FetchError { message, code }))
            }
            Err(error) => Err(failed(&error, TransportErrorKind::Interrupted)),
        }
    }
}

#[wasm_bindgen]
extern "C" {
    type AbortController;
    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;
    #[wasm_bindgen(method)]
    fn abort(this: &AbortController);
    #[wasm_bindgen(method, getter, js_name = abort)]
    fn abort_function(this: &AbortController) -> Function;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> AbortSignal;

    type AbortSignal;
    #[wasm_bindgen(method, getter)]
    fn aborted(this: &AbortSignal) -> bool;

    /// A `Response`, or an object of its shape.
    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> Headers;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Option<Stream>;

    type Headers;
    #[wasm_bindgen(method, catch)]
    fn entries(this: &Headers) -> Result<Iterator, JsValue>;

    type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<JsValue, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, getter)]
    fn done(this: &Chunk) -> bool;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Chunk) -> Uint8Array;
}

/// Aborts an exchange after its time limit, or when the future that waits for it is dropped.
struct Limit {
    controller: AbortController,
    is_over: bool,
    _timer: Timer,
}

impl Limit {
    fn new(timeout: std::time::Duration) -> Self {
        let controller = AbortController::new();
        let timer = Timer::start(&controller.abort_function().bind0(&controller), timeout);
        Self { controller, is_over: false, _timer: timer }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        if !self.is_over {
            self.controller.abort();
        }
    }
}

/// Reads a response; `None` if its body is too large.
async fn read(answer: Answer) -> Result<Option<Response<Bytes>>, JsValue> {
    let mut response = Response::new(Bytes::new());
    // A page may not see a redirect: its status is 0.
    *response.status_mut() = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::FOUND);
    for pair in &answer.headers().entries()? {
        let pair: Array = pair?.unchecked_into();
        let [name, value] = [0, 1].map(|index| pair.get(index).as_string().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    let Some(stream) = answer.body() else { return Ok(Some(response)) };
    let (reader, mut body) = (stream.get_reader()?, Vec::new());
    loop {
        let chunk: Chunk = JsFuture::from(reader.read()?).await?.unchecked_into();
        if chunk.done() {
            *response.body_mut() = body.into();
            return Ok(Some(response));
        }
        let bytes = chunk.value();
        if body.len() + bytes.length() as usize > xml::MAX_LENGTH {
            let _ = reader.cancel();
            return Ok(None);
        }
        body.extend(bytes.to_vec());
    }
}

fn failed(error: &JsValue, kind: TransportErrorKind) -> TransportError {
    TransportError::new(kind, FetchError::of(error))
}

/// The error of a `fetch`. In browsers, it says little more than that the request failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct FetchError {
    pub(crate) message: String,
    /// The code of Node's errors: `ECONNREFUSED`.
    #[cfg_attr(not(feature = "npm"), expect(dead_code, reason = "only scripts see it"))]
    pub(crate) code: Option<String>,
}

impl FetchError {
    fn of(error: &JsValue) -> Self {
        let get = |value: &JsValue, name: &str| Reflect::get(value, &name.into()).unwrap_or_default();
        let cause = get(error, "cause");
        let message = get(error, "message").as_string().or_else(|| error.as_string()).unwrap_or_default();
        let message = match get(&cause, "message").as_string() {
            Some(reason) if !reason.is_empty() => format!("{message}: {reason}"),
            _ => message,
        };
        let code = get(error, "code").as_string().or_else(|| get(&cause, "code").as_string());
        Self { message, code }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for FetchError {}

/// Sets a property of a plain object, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
