//! Finds a client's credentials and caches them.

use std::{future::poll_fn, ops::ControlFlow, sync::Arc, task::Poll, thread};

use sts_core::Credentials;
use sts_credentials::{
    cache::{self, Decision},
    error::SourceError,
    machine::{ReadFile, Step, WriteFile},
    source::Source,
};
use sts_driver::{
    clock::{self, Clock},
    file,
    find::{self, UserProvider},
    program,
};
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    client::{Client, ClientCredentials, FindCredentials, Finding},
    provider::{Chain, ChainError, ProvideError, Provider},
    shared::{Searches, Shared},
    transport::Transport,
};

impl Client {
    /// The credentials for the next signed call: the given ones, or those from the client's [`Chain`] or [`Provider`], cached as
    /// [`cache`](sts_credentials::cache) describes. `None` if the client has no source of credentials. [`Chain::mfa_prompt`] describes how
    /// MFA codes are requested.
    ///
    /// Tasks that ask at the same time share one search, and wait for it only if no usable credentials exist. Every waiting task can drive
    /// the search, so dropping one does not stop it. On a tokio runtime, the search also runs in the background, and no task waits for
    /// newer credentials while the old ones are usable. Each runtime makes its own search: tasks do not wait for other runtimes.
    ///
    /// A search is dropped with its runtime or, outside tokio, with its last waiting task. Its threads continue: a program runs for the
    /// rest of its 60 s, and the MFA prompt keeps reading from the terminal and may take the next input.
    ///
    /// # Errors
    /// The source is not configured, fails or panics, or is a provider that calls this client.
    pub async fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, ProvideError> {
        match &*self.0.credentials {
            ClientCredentials::None => Ok(None),
            ClientCredentials::Given(credentials) => Ok(Some(credentials.clone())),
            ClientCredentials::Found(finder) => self.kept(finder).await.map(Some),
        }
    }

    async fn kept(&self, finder: &Arc<Finder>) -> Result<Arc<Credentials>, ProvideError> {
        let mut waited = None;
        loop {
            let search = match self.decide(finder, &mut waited)? {
                ControlFlow::Break(credentials) => return Ok(credentials),
                ControlFlow::Continue(search) => search,
            };
            search.wait().await;
        }
    }

    /// The credentials to use, or the search to wait for.
    fn decide(
        &self,
        finder: &Arc<Finder>,
        waited: &mut Option<cache::Attempt>,
    ) -> Result<ControlFlow<Arc<Credentials>, Arc<Shared>>, ProvideError> {
        // Locked until other tasks can find a search that starts here.
        let mut cache = finder.cache();
        loop {
            let (old, refresh) = match cache.decide(clock::now(), *waited) {
                Decision::Use(credentials) => return Ok(ControlFlow::Break(credentials)),
                Decision::Fail(error) => return Err(error),
                Decision::Wait(attempt) => {
                    finder.may_wait()?;
                    // Keep the first attempt: its end is an answer, even if another task takes over.
                    waited.get_or_insert(attempt);
                    match finder.waiting.here() {
                        Some(search) => return Ok(ControlFlow::Continue(search)),
                        // The search belongs to another runtime, which may not be running.
                        None => cache.give_up(attempt),
                    }
                    continue;
                }
                Decision::UseAndRefresh(credentials, refresh) => (Some(credentials), refresh),
                Decision::Refresh(refresh) => (None, refresh),
            };
            waited.get_or_insert(refresh.attempt());
            let search = Arc::new(Shared::new(self.clone().search(finder.search(refresh))));
            finder.waiting.add(&search);
            drop(cache);
            let background = Handle::try_current().ok().map(|runtime| {
                let search = Arc::clone(&search);
                runtime.spawn(async move { search.wait().await })
            });
            return Ok(match old.filter(|_| background.is_some()) {
                Some(old) => ControlFlow::Break(old),
                None => ControlFlow::Continue(search),
            });
        }
    }

    async fn search(self, search: Search) {
        let finder = search.finder();
        let mut finding = Box::pin(async { finder.source.find(&self).await });
        let found = poll_fn(|context| {
            search.run(|| finding.as_mut().poll(context)).unwrap_or_else(|error| Poll::Ready(Err(error)))
        });
        let found = found.await;
        drop(finding);
        search.end(found);
    }

    async fn run(&self, chain: &Chain) -> Result<Credentials, ProvideError> {
        let plan = chain.plan().map_err(Clone::clone)?;
        let mut found = None;
        for source in &plan.sources {
            let asked = self.ask(chain, source, found.as_ref()).await;
            found = Some(asked.map_err(|error| ChainError::of(plan, source, error))?);
        }
        Ok(found.expect("a plan has at least one source"))
    }

    async fn ask(
        &self,
        chain: &Chain,
        source: &Source,
        credentials: Option<&Credentials>,
    ) -> Result<Credentials, SourceError> {
        let clock = Clock::start();
        let mut step = source.start(&self.0.core, credentials, clock.now());
        loop {
            step = match step {
                Step::ReadFile(ReadFile { path, max_length }, next) => {
                    let path = path.to_owned();
                    let text = aside(move || file::read(&path, max_length).map_err(|error| error.to_string())).await;
                    next.receive(text, clock.now())
                }
                Step::WriteFile(WriteFile { path, text }, next) => {
                    let path = path.to_owned();
                    let written = aside(move || file::replace(&path, text.expose()).map_err(|error| error.to_string()));
                    let written = written.await;
                    next.receive(written, clock.now())
                }
                Step::RunProcess(process, next) => {
                    let program = process.into();
                    let finished = aside(move || program::run(&program)).await;
                    next.receive(finished, clock.now())
                }
                Step::PromptMfa(serial, next) => {
                    let (chain, serial) = (chain.clone(), serial.to_owned());
                    let code = aside(move || chain.ask(&serial)).await;
                    next.receive(code, clock.now())
                }
                Step::Transmit(transmit, next) => {
                    let result = self.exchange(transmit).await;
                    next.receive(result, clock.now())
                }
                Step::Wait(delay, next) => {
                    self.0.transport.sleep(delay).await;
                    next.resume(clock.now())
                }
                Step::Done(result) => return result,
            };
        }
    }
}

/// Runs blocking work in a separate thread. This works on any executor and blocks none.
async fn aside<R: Send + 'static>(work: impl FnOnce() -> Result<R, String> + Send + 'static) -> Result<R, String> {
    let (sender, receiver) = oneshot::channel();
    // A dropped caller no longer receives.
    let thread = thread::Builder::new().spawn(move || drop(sender.send(work())));
    thread.map_err(|error| format!("there is no thread for it: {error}"))?;
    receiver.await.unwrap_or_else(|_| Err("the thread for it panicked".to_owned()))
}

type Finder = find::Finder<dyn FindCredentials, Searches>;
type Search = find::Search<dyn FindCredentials, Searches>;

impl FindCredentials for Chain {
    fn find<'f>(&'f self, client: &'f Client) -> Finding<'f> {
        Box::pin(client.run(self))
    }
}

impl<P: Provider> FindCredentials for UserProvider<P> {
    fn find<'f>(&'f self, _: &'f Client) -> Finding<'f> {
        Box::pin(self.0.provide())
    }
}
