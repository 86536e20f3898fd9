//! Sources of credentials, and the search that calls share.

use std::{
    cell::RefCell,
    error::Error as StdError,
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::{Pin, pin},
    sync::Arc,
    task::{Poll, Waker},
    time::Duration,
};

use sts_core::{Credentials, Error};
use sts_credentials::cache::{Attempt, Cache, Decision, Refresh};

use crate::timer;

/// How long a call waits for the search of another call. A worker host may never end that one: it stops everything that belongs to a request
/// that has been answered.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Finds credentials. A client calls it when it has none, and again shortly before they expire.
///
/// Closures that return a future are providers:
///
/// ```no_run
/// use sts_web::{AssumeRole, Client, Config, Credentials, ProvideError};
///
/// # fn example(me: Client) -> Result<Client, sts_web::ConfigError> {
/// let client = Client::builder().config(Config::builder().region("eu-central-1")).provider(move || {
///     let me = me.clone();
///     async move {
///         let reply = me.send(&AssumeRole::new("arn:aws:iam::123456789012:role/audit", "worker")).await?;
///         Ok::<Credentials, ProvideError>(reply.output.credentials.into())
///     }
/// });
/// # client.build()
/// # }
/// ```
pub trait Provider {
    /// Finds credentials.
    ///
    /// # Errors
    /// If there are none.
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>>;
}

impl<P, R> Provider for P
where
    P: Fn() -> R,
    R: Future<Output = Result<Credentials, ProvideError>>,
{
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>> {
        self()
    }
}

/// Why there are no credentials. Cheap to clone: all calls that waited get the same.
#[derive(Clone, Debug)]
pub struct ProvideError {
    error: Arc<dyn StdError + Send + Sync>,
    is_transient: bool,
}

impl ProvideError {
    /// A failure that may pass: the client keeps the credentials that it has, even after they expire.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: error.into().into(), is_transient: true }
    }

    /// A final failure: the client drops the credentials that it has.
    pub fn refused(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: error.into().into(), is_transient: false }
    }

    /// Whether trying again later could succeed.
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }
}

/// The provider made a call of STS, which failed.
impl From<Error> for ProvideError {
    fn from(error: Error) -> Self {
        let cause = match &error {
            Error::Credentials { error, .. } => error.downcast_ref::<Self>(),
            _ => None,
        };
        let is_transient = cause.map_or_else(|| error.is_transient(), Self::is_transient);
        Self { error: Arc::new(error), is_transient }
    }
}

impl fmt::Display for ProvideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for ProvideError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

type Providing<'p> = Pin<Box<dyn Future<Output = Result<Credentials, ProvideError>> + 'p>>;

/// A [`Provider`] as an object.
trait AnyProvider {
    fn provide(&self) -> Providing<'_>;
}

impl<P: Provider> AnyProvider for P {
    fn provide(&self) -> Providing<'_> {
        Box::pin(Provider::provide(self))
    }
}

/// A provider, and the credentials that it found last.
pub(crate) struct Finder {
    provider: Box<dyn AnyProvider>,
    cache: RefCell<Cache<ProvideError>>,
    waiting: RefCell<Vec<Waker>>,
}

impl Finder {
    pub(crate) fn new(provider: impl Provider + 'static) -> Self {
        Self {
            provider: Box::new(provider),
            cache: RefCell::new(Cache::new(timer::seed())),
            waiting: RefCell::default(),
        }
    }

    /// The credentials to use now. One call makes the search, the others wait for it.
    pub(crate) async fn find(&self) -> Result<Arc<Credentials>, ProvideError> {
        let mut waited = None;
        loop {
            let decision = self.cache.borrow_mut().decide(timer::wall(), waited);
            match decision {
                Decision::Use(credentials) => return Ok(credentials),
                Decision::Fail(error) => return Err(error),
                Decision::Wait(attempt) => {
                    waited.get_or_insert(attempt);
                    self.wait(attempt).await;
                }
                Decision::UseAndRefresh(_, refresh) | Decision::Refresh(refresh) => {
                    waited.get_or_insert(refresh.attempt());
                    let search = Search { finder: self, refresh: Some(refresh) };
                    search.end(self.provider.provide().await);
                }
            }
        }
    }

    /// Drops the credentials, if they are those that a service has refused.
    pub(crate) fn invalidate(&self, access_key_id: &str) {
        self.cache.borrow_mut().invalidate(access_key_id);
    }

    /// Waits until a search has ended, and gives it up if it takes too long.
    async fn wait(&self, attempt: Attempt) {
        let mut is_over = false;
        let mut timer = pin!(timer::sleep(MAX_WAIT));
        poll_fn(|context| {
            if mem::replace(&mut is_over, true) {
                // Woken, by the end of the search or by the timer.
                if timer.as_mut().poll(context).is_ready() {
                    self.cache.borrow_mut().give_up(attempt);
                }
                return Poll::Ready(());
            }
            let _ = timer.as_mut().poll(context);
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// A running search. If it is dropped before its end, the next call starts a new one.
struct Search<'f> {
    finder: &'f Finder,
    refresh: Option<Refresh>,
}

impl Search<'_> {
    fn end(mut self, found: Result<Credentials, ProvideError>) {
        let Some(refresh) = self.refresh.take() else { return };
        let (mut cache, now) = (self.finder.cache.borrow_mut(), timer::wall());
        match found {
            Ok(credentials) => cache.succeed(refresh, now, credentials),
            Err(error) => {
                let is_transient = error.is_transient;
                cache.fail(refresh, now, error, is_transient);
            }
        }
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if let Some(refresh) = self.refresh.take() {
            self.finder.cache.borrow_mut().abandon(refresh, timer::wall());
        }
        self.finder.waiting.borrow_mut().drain(..).for_each(Waker::wake);
    }
}
