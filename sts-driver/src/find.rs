//! Where a client's credentials come from, and the search for them that callers share.

use std::{
    cell::RefCell,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sts_core::Credentials;
use sts_credentials::cache::{Cache, Refresh};

use crate::{clock, error::ProvideError, trace};

/// Where a client's credentials come from.
#[derive(Debug)]
pub enum ClientCredentials<S: ?Sized, W> {
    /// There are none.
    None,
    /// The caller gave them.
    Given(Arc<Credentials>),
    /// They are looked for.
    Found(Arc<Finder<S, W>>),
}

impl<S: ?Sized, W: Default> ClientCredentials<S, W> {
    /// Those that this source finds.
    pub fn found(source: Box<S>) -> Self {
        let cache = Mutex::new(Cache::new(crate::seed()));
        Self::Found(Arc::new(Finder { source, cache, waiting: W::default() }))
    }
}

impl<S: ?Sized, W> ClientCredentials<S, W> {
    /// Those that the caller gives.
    pub fn given(credentials: impl Into<Credentials>) -> Self {
        Self::Given(Arc::new(credentials.into()))
    }

    /// A service says that the key of that id is of no use any more.
    pub fn invalidate(&self, access_key_id: &str) {
        if let Self::Found(finder) = self {
            finder.cache().invalidate(access_key_id);
        }
    }
}

/// A provider of the user's, whatever it is.
pub struct UserProvider<P>(pub P);

impl<P> fmt::Debug for UserProvider<P> {
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
                let is_transient = error.is_transient();
                let counts = cache.fail(refresh, now, error.clone(), is_transient);
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
