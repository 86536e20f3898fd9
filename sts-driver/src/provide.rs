//! Where a client's credentials come from, the search for them that callers share, and why there are none.

use std::{
    cell::RefCell,
    error::Error as StdError,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sts_core::{Credentials, Error};
use sts_credentials::{
    cache::{Cache, Refresh},
    error::PlanError,
    machine::ProviderError,
    plan::{Plan, Source},
};

use crate::{clock, trace};

/// Why there are no credentials. All callers that waited for them get the same, so that it is cheap to clone.
#[derive(Clone, Debug)]
pub struct ProvideError {
    error: Arc<dyn StdError + Send + Sync>,
    may_pass: bool,
}

impl ProvideError {
    /// The next attempt may end otherwise: credentials that are there are used on, even past their end.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: Arc::from(error.into()), may_pass: true }
    }

    /// The next attempt will end as this one: whoever gives credentials has decided. Those that are there are dropped.
    pub fn refused(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: Arc::from(error.into()), may_pass: false }
    }

    /// Whether the next attempt may end otherwise.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }

    /// The error itself, to be asked for its type: [`ChainError`] when the default chain failed.
    pub fn get_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }
}

/// A call of STS failed, by which credentials were to be had: it tells whether [that may pass](Error::is_transient).
impl From<Error> for ProvideError {
    fn from(error: Error) -> Self {
        let cause = match &error {
            Error::Credentials { error, .. } => error.downcast_ref::<Self>(),
            _ => None,
        };
        let may_pass = cause.map_or_else(|| error.is_transient(), Self::may_pass);
        Self { error: Arc::new(error), may_pass }
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

/// Why the default chain has no credentials.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainError {
    /// No source is configured, or one is, but wrongly.
    Plan(PlanError),
    /// A source failed.
    Source {
        /// How.
        error: Box<ProviderError>,
        /// The sources that are not configured, when this was the last resort.
        passed_over: Vec<String>,
    },
}

impl ChainError {
    /// That source of the plan failed.
    pub fn of(plan: &Plan, source: &Source, error: ProviderError) -> ProvideError {
        let may_pass = error.may_pass();
        // Only at the chain's end is it of interest what else there could have been.
        let passed_over = match source {
            Source::InstanceMetadata(_) => plan.passed_over.clone(),
            _ => Vec::new(),
        };
        ProvideError { error: Arc::new(Self::Source { error: Box::new(error), passed_over }), may_pass }
    }
}

impl From<PlanError> for ProvideError {
    fn from(error: PlanError) -> Self {
        Self::refused(ChainError::Plan(error))
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(error) => error.fmt(f),
            Self::Source { error, passed_over } => {
                error.fmt(f)?;
                if !passed_over.is_empty() {
                    write!(f, "; passed over: {}", passed_over.join("; "))?;
                }
                Ok(())
            }
        }
    }
}

impl StdError for ChainError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Plan(_) => None,
            Self::Source { error, .. } => StdError::source(&**error),
        }
    }
}

/// Where a client's credentials come from.
#[derive(Debug)]
pub enum Origin<S: ?Sized, W> {
    /// There are none.
    None,
    /// The caller gave them.
    Given(Arc<Credentials>),
    /// They are looked for.
    Found(Arc<Finder<S, W>>),
}

impl<S: ?Sized, W: Default> Origin<S, W> {
    /// Those that this source finds.
    pub fn found(source: Box<S>) -> Self {
        let cache = Mutex::new(Cache::new(crate::seed()));
        Self::Found(Arc::new(Finder { source, cache, waiting: W::default() }))
    }
}

impl<S: ?Sized, W> Origin<S, W> {
    /// A service says that the key of that id is of no use any more.
    pub fn invalidate(&self, access_key_id: &str) {
        if let Self::Found(finder) = self {
            finder.cache().invalidate(access_key_id);
        }
    }
}

/// The caller's own provider, whatever it is.
pub struct Own<P>(pub P);

impl<P> fmt::Debug for Own<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

/// Credentials that callers share, and how newer ones are found.
pub struct Finder<S: ?Sized, W> {
    /// Who looks for them.
    pub source: Box<S>,
    /// What callers wait for each other with.
    pub waiting: W,
    cache: Mutex<Cache<ProvideError>>,
}

impl<S: ?Sized, W> Finder<S, W> {
    /// Locks the cache. A thread that panicked with it leaves nothing half done.
    pub fn cache(&self) -> MutexGuard<'_, Cache<ProvideError>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the search that one caller makes for all.
    pub fn search(self: &Arc<Self>, refresh: Refresh) -> Search<S, W> {
        Search { finder: self.clone(), refresh: Some(refresh) }
    }

    /// Before somebody waits for the search of another.
    ///
    /// # Errors
    /// It is the search itself that would wait for its own end: a provider calls the client that it belongs to.
    pub fn may_wait(&self) -> Result<(), ProvideError> {
        let is_own = RUNNING.with_borrow(|running| running.contains(&self.address()));
        if is_own {
            Err(ProvideError::refused("the credential provider calls the client that it belongs to"))
        } else {
            Ok(())
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

thread_local! {
    /// The finders whose searches this thread is in the middle of.
    static RUNNING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

impl<S: fmt::Debug + ?Sized, W> fmt::Debug for Finder<S, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

/// The search that one caller makes for all. If it is dropped before its end, also before its beginning, somebody else is told to search.
#[must_use]
#[derive(Debug)]
pub struct Search<S: ?Sized, W> {
    finder: Arc<Finder<S, W>>,
    refresh: Option<Refresh>,
}

impl<S: ?Sized, W> Search<S, W> {
    /// Whose search it is.
    pub fn finder(&self) -> &Finder<S, W> {
        &self.finder
    }

    /// Does a part of the search, on this thread.
    ///
    /// # Errors
    /// It panics, which is an answer as any other to those who wait.
    pub fn run<R>(&self, part: impl FnOnce() -> R) -> Result<R, ProvideError> {
        RUNNING.with_borrow_mut(|running| running.push(self.finder.address()));
        // What the part leaves behind is used no more.
        let result = panic::catch_unwind(AssertUnwindSafe(part));
        RUNNING.with_borrow_mut(Vec::pop);
        result.map_err(|panic| {
            let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            ProvideError::new(format!("the credential provider panicked: {}", words.unwrap_or("without a message")))
        })
    }

    /// Tells the cache what was found.
    pub fn end(mut self, found: Result<Credentials, ProvideError>) {
        let Some(refresh) = self.refresh.take() else { return };
        let (mut cache, now) = (self.finder.cache(), clock::now());
        match found {
            Ok(credentials) => cache.succeed(refresh, now, credentials),
            Err(error) => {
                let may_pass = error.may_pass();
                let counts = cache.fail(refresh, now, error.clone(), may_pass);
                // Else the error is an answer, and callers get it, or of no interest any more.
                let is_stale = counts && cache.next_refresh_at().is_some();
                drop(cache);
                if is_stale {
                    trace::stale(&error);
                }
            }
        }
    }
}

impl<S: ?Sized, W> Drop for Search<S, W> {
    fn drop(&mut self) {
        if let Some(refresh) = self.refresh.take() {
            self.finder.cache().abandon(refresh, clock::now());
        }
    }
}
