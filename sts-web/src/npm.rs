//! The exports that the npm package is built from: one machine that makes every operation's calls.

mod model;
mod value;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use js_sys::{Date, Function, Object, Promise};
use sts_core::{
    Config, Credentials, Error, Metadata, Operation, Reply, RetryMode, TransportErrorKind,
    error::{Fault, Problem},
    operation::Auth,
    query::{Query, ToQuery},
};
use time::UtcDateTime;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    client::Client,
    fetch::{Fetch, FetchError, set},
    provider::ProvideError,
};
use model::{Model, OPERATIONS};
use value::{Input, Output, get, text};

/// A client of the npm package.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Machine(Client);

#[wasm_bindgen]
impl Machine {
    /// A client with these settings: `region`, `endpoint`, `maxAttempts`, `retryMode`, `useFipsEndpoint`, `useDualstackEndpoint`,
    /// `userAgentAppId`, `requestTimeout`, `disableClockSkewCorrection`, `credentials` (an object or a function), `fetch` and
    /// `environment` (a function from the name of a variable to its value).
    ///
    /// # Errors
    /// An object that describes the error.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &JsValue) -> Result<Self, JsValue> {
        let number = |name| get(settings, name).and_then(|value| value.as_f64());
        let mut config = Config::builder().validate(false).allow_http(true);
        if let Some(region) = text(settings, "region") {
            config = config.region(region);
        }
        if let Some(url) = text(settings, "endpoint") {
            config = config.endpoint_url(url);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        if let Some(attempts) = number("maxAttempts") {
            config = config.max_attempts(attempts as u32);
        }
        if let Some(mode) = text(settings, "retryMode") {
            config = config.retry_mode(if mode == "adaptive" { RetryMode::Adaptive } else { RetryMode::Standard });
        }
        if let Some(on) = get(settings, "useFipsEndpoint") {
            config = config.use_fips(on.is_truthy());
        }
        if let Some(on) = get(settings, "useDualstackEndpoint") {
            config = config.use_dual_stack(on.is_truthy());
        }
        if let Some(id) = text(settings, "userAgentAppId") {
            config = config.app_id(id);
        }
        if let Some(timeout) = number("requestTimeout").and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok()) {
            config = config.attempt_timeout(timeout);
        }
        if get(settings, "disableClockSkewCorrection").is_some_and(|value| value.is_truthy()) {
            config = config.correct_clock_skew(false);
        }
        let environment = function(settings, "environment");
        let variable = |name: &str| environment.as_ref()?.call1(&JsValue::UNDEFINED, &name.into()).ok()?.as_string();
        let mut client = Client::builder().config(config.env(variable));
        if let Some(fetch) = function(settings, "fetch") {
            client = client.transport(Fetch::new(fetch));
        }
        if let Some(provider) = function(settings, "credentials") {
            let provider = Rc::new(provider);
            client = client.provider(move || provide(Rc::clone(&provider)));
        } else if let Some(credentials) = get(settings, "credentials") {
            let credentials = read_credentials(&credentials);
            client = client.credentials(credentials.ok_or_else(|| failure("Error", INVALID_CREDENTIALS))?);
        } else if let Some(credentials) =
            Credentials::from_env(variable).map_err(|error| failure("CredentialsProviderError", &error.to_string()))?
        {
            client = client.credentials(credentials);
        }
        client.build().map(Self).map_err(|error| failure("Error", &error.to_string()))
    }

    /// Finds the credentials for an operation, so that [`send`](Self::send) has them at once. A worker host ties an exchange to the request
    /// that starts it; a call that waited inside of `send` could go on within another request.
    ///
    /// # Errors
    /// An object that describes the error; `undefined` if `aborted` rejects.
    pub async fn find(&self, operation: String, aborted: Option<Promise>) -> Result<(), JsValue> {
        if index_of(&operation).is_some_and(|index| OPERATIONS[index].auth == Auth::SigV4) {
            let found = race(self.0.find_credentials(), aborted).await?;
            found.map_err(|error| failure("CredentialsProviderError", &error.to_string()))?;
        }
        Ok(())
    }

    /// Makes a call. Returns an object with the output and `$metadata`.
    ///
    /// # Errors
    /// An object that describes the error; `undefined` if `aborted` rejects.
    pub async fn send(&self, operation: String, input: JsValue, aborted: Option<Promise>) -> Result<JsValue, JsValue> {
        let index = index_of(&operation);
        let index = index.ok_or_else(|| failure("Error", &format!("STS has no operation {operation}")))?;
        let reply = race(self.call(index, &input), aborted).await?.map_err(|error| describe(&error))?;
        let output = reply.output.0;
        set(output.unchecked_ref(), "$metadata", &metadata(&reply.metadata));
        Ok(output)
    }
}

impl Machine {
    async fn call(&self, index: usize, input: &JsValue) -> Result<Reply<Output>, Error> {
        let (client, Model { name, auth, .. }) = (&self.0, &OPERATIONS[index]);
        let credentials = client.credentials_for(name, *auth).await?;
        let credentials = credentials.as_deref();
        let step = match index {
            0 => client.begin(&Call::<0>(input), credentials),
            1 => client.begin(&Call::<1>(input), credentials),
            2 => client.begin(&Call::<2>(input), credentials),
            3 => client.begin(&Call::<3>(input), credentials),
            4 => client.begin(&Call::<4>(input), credentials),
            5 => client.begin(&Call::<5>(input), credentials),
            6 => client.begin(&Call::<6>(input), credentials),
            7 => client.begin(&Call::<7>(input), credentials),
            8 => client.begin(&Call::<8>(input), credentials),
            9 => client.begin(&Call::<9>(input), credentials),
            10 => client.begin(&Call::<10>(input), credentials),
            _ => client.begin(&Call::<11>(input), credentials),
        };
        client.finish(step, credentials).await
    }
}

/// The operation at that place of the model. All have one type of output, so that there is one machine for all.
struct Call<'v, const INDEX: usize>(&'v JsValue);

impl<const INDEX: usize> Operation for Call<'_, INDEX> {
    const NAME: &'static str = OPERATIONS[INDEX].name;
    const AUTH: Auth = OPERATIONS[INDEX].auth;
    type Output = Output;
}

impl<const INDEX: usize> ToQuery for Call<'_, INDEX> {
    fn to_query(&self, query: &mut Query) {
        Input(OPERATIONS[INDEX].input, self.0).to_query(query);
    }
}

fn index_of(operation: &str) -> Option<usize> {
    OPERATIONS.iter().position(|model| model.name == operation)
}

/// Runs a call until it ends, or until `aborted` rejects: then the call is dropped, which aborts its exchange.
async fn race<T>(call: impl Future<Output = T>, aborted: Option<Promise>) -> Result<T, JsValue> {
    let Some(aborted) = aborted else { return Ok(call.await) };
    let (mut call, mut aborted) = (pin!(call), pin!(JsFuture::from(aborted)));
    poll_fn(|context| {
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(JsValue::UNDEFINED));
        }
        call.as_mut().poll(context).map(Ok)
    })
    .await
}

const INVALID_CREDENTIALS: &str = "Resolved credential object is not valid";

async fn provide(provider: Rc<Function>) -> Result<Credentials, ProvideError> {
    let failed = |error: JsValue| ProvideError::new(text(&error, "message").unwrap_or_default());
    let promise = Promise::resolve(&provider.call0(&JsValue::UNDEFINED).map_err(failed)?);
    let found = JsFuture::from(promise).await.map_err(failed)?;
    read_credentials(&found).ok_or_else(|| ProvideError::new(INVALID_CREDENTIALS))
}

fn read_credentials(value: &JsValue) -> Option<Credentials> {
    let mut credentials = Credentials::new(text(value, "accessKeyId")?, text(value, "secretAccessKey")?);
    if let Some(token) = text(value, "sessionToken") {
        credentials = credentials.session_token(token);
    }
    if let Some(end) = get(value, "expiration") {
        // A date, or the text of one.
        let milliseconds = Date::new(&end).get_time();
        #[expect(clippy::cast_possible_truncation, reason = "a cast saturates")]
        let end = UtcDateTime::from_unix_timestamp_nanos(i128::from(milliseconds as i64) * 1_000_000).ok()?;
        credentials = credentials.expiration(end);
    }
    Some(credentials)
}

fn function(settings: &JsValue, name: &str) -> Option<Function> {
    get(settings, name)?.dyn_into().ok()
}

fn failure(name: &str, message: &str) -> JsValue {
    let error = Object::new();
    set(&error, "name", &name.into());
    set(&error, "message", &message.into());
    error.into()
}

/// An object with what a JavaScript error is made of. Only that of a refusal has `$fault`.
fn describe(error: &Error) -> JsValue {
    let (name, message) = match error {
        Error::Service(refusal) => (&*refusal.wire_code, refusal.message.clone()),
        Error::Input { problem: Problem::NoCredentials, .. } | Error::Credentials { .. } => {
            ("CredentialsProviderError", error.to_string())
        }
        Error::NoResponse(lost) if lost.error.kind == TransportErrorKind::Timeout => {
            ("TimeoutError", format!("{error}: {}", lost.error.source))
        }
        Error::NoResponse(lost) => ("Error", format!("{error}: {}", lost.error.source)),
        _ => ("Error", error.to_string()),
    };
    let description = failure(name, &message);
    let put = |name, value: &JsValue| set(description.unchecked_ref(), name, value);
    match error {
        Error::Service(refusal) => {
            put("$fault", &if refusal.fault == Some(Fault::Receiver) { "server" } else { "client" }.into());
            put("$metadata", &metadata(&refusal.metadata));
            if let Some(difference) = &refusal.difference {
                put("difference", &difference.into());
            }
        }
        Error::NoResponse(lost) => {
            let source = lost.error.source.downcast_ref::<FetchError>();
            if let Some(code) = source.and_then(|error| error.code.as_deref()) {
                put("code", &code.into());
            }
            put("$metadata", &attempts(Object::new(), lost.attempts, lost.retry_delay));
        }
        _ => {
            if let Some(of_response) = error.metadata() {
                put("$metadata", &metadata(of_response));
            }
        }
    }
    description
}

fn metadata(of_response: &Metadata) -> JsValue {
    let object = Object::new();
    let optional = |text: &Option<String>| text.as_ref().map_or(JsValue::UNDEFINED, Into::into);
    set(&object, "httpStatusCode", &of_response.status.as_u16().into());
    set(&object, "requestId", &optional(&of_response.request_id));
    set(&object, "extendedRequestId", &optional(&of_response.extended_request_id));
    set(&object, "cfId", &optional(&of_response.cloud_front_id));
    attempts(object, of_response.attempts, of_response.retry_delay)
}

fn attempts(object: Object, attempts: u32, delay: Duration) -> JsValue {
    set(&object, "attempts", &attempts.into());
    let milliseconds = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    set(&object, "totalRetryDelay", &milliseconds.into());
    object.into()
}
