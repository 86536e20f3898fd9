//! A client's credentials, and the search for them that callers share.

use std::{
    cell::RefCell,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sts_core::{Credentials, Secret};
use sts_credentials::cache::{Cache, Refresh};

use crate::{clock, error::ProvideError, trace};

/// The source of a client's credentials.
#[derive(Debug)]
pub enum ClientCredentials<S: ?Sized, W> {
    /// No credentials.
    None,
    /// Credentials that the caller gave.
    Given(Arc<Credentials>),
    /// Credentials that a source finds.
    Found(Arc<Finder<S, W>>),
}

impl<S: ?Sized, W: Default> ClientCredentials<S, W> {
    /// Credentials that this source finds.
    pub fn found(source: Box<S>) -> Self {
        let cache = Mutex::new(Cache::new(crate::seed()));
        Self::Found(Arc::new(Finder { source, cache, waiting: W::default() }))
    }
}

impl<S: ?Sized, W> ClientCredentials<S, W> {
    /// Credentials that the caller gives.
    pub fn given(credentials: impl Into<Credentials>) -> Self {
        Self::Given(Arc::new(credentials.into()))
    }

    /// A service says that these credentials are of no use any more. Whether others may be found.
    pub fn reject(&self, rejected: &Credentials) -> bool {
        match self {
            Self::Found(finder) => {
                finder.cache().invalidate(&rejected.access_key_id);
                true
            }
            Self::None | Self::Given(_) => false,
        }
    }
}

/// Whether both are the same to a service.
pub fn are_same(one: Option<&Credentials>, other: Option<&Credentials>) -> bool {
    fn id(credentials: &Credentials) -> (&str, Option<&str>) {
        (&credentials.access_key_id, credentials.session_token.as_ref().map(Secret::expose))
    }
    one.map(id) == other.map(id)
}

/// A provider of the user's, whatever it is.
pub struct UserProvider<P>(pub P);

impl<P> fmt::Debug for UserProvider<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

/// Shared credentials, and the source of newer ones.
pub struct Finder<S: ?Sized, W> {
    /// The source of the credentials.
    pub source: Box<S>,
    /// Lets callers wait for each other's search.
    pub waiting: W,
    cache: Mutex<Cache<ProvideError>>,
}

impl<S: ?Sized, W> Finder<S, W> {
    /// Locks the cache. A thread that panics while it holds the lock leaves the cache consistent.
    pub fn cache(&self) -> MutexGuard<'_, Cache<ProvideError>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a search for all callers.
    pub fn search(self: &Arc<Self>, refresh: Refresh) -> Search<S, W> {
        Search { finder: self.clone(), refresh: Some(refresh) }
    }

    /// Checks that this thread may wait for another caller's search.
    ///
    /// # Errors
    /// The search would wait for its own end: a provider calls the client that it belongs to.
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
    /// The finders whose searches are running on this thread.
    static RUNNING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

impl<S: fmt::Debug + ?Sized, W> fmt::Debug for Finder<S, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

/// A search for all callers. If it is dropped before its end, even before it starts, another caller takes over.
#[must_use]
#[derive(Debug)]
pub struct Search<S: ?Sized, W> {
    finder: Arc<Finder<S, W>>,
    refresh: Option<Refresh>,
}

impl<S: ?Sized, W> Search<S, W> {
    /// The finder that this search belongs to.
    pub fn finder(&self) -> &Finder<S, W> {
        &self.finder
    }

    /// Runs a part of the search on this thread.
    ///
    /// # Errors
    /// The part panics. Waiting callers get this error like any other.
    pub fn run<R>(&self, part: impl FnOnce() -> R) -> Result<R, ProvideError> {
        RUNNING.with_borrow_mut(|running| running.push(self.finder.address()));
        // The state that a panic leaves behind is never used again.
        let result = panic::catch_unwind(AssertUnwindSafe(part));
        RUNNING.with_borrow_mut(Vec::pop);
        result.map_err(|panic| {
            let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            ProvideError::new(format!("the credential provider panicked: {}", words.unwrap_or("without a message")))
        })
    }

    /// Passes the result to the cache.
    pub fn end(mut self, found: Result<Credentials, ProvideError>) {
        let Some(refresh) = self.refresh.take() else { return };
        let (mut cache, now) = (self.finder.cache(), clock::now());
        match found {
            Ok(credentials) => cache.succeed(refresh, now, credentials),
            Err(error) => {
                let is_transient = error.is_transient();
                let counts = cache.fail(refresh, now, error.clone(), is_transient);
                // Otherwise callers get the error, or it is out of date.
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
