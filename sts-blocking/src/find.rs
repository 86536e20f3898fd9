//! Finds a client's credentials and caches them.

use std::{
    convert,
    sync::{Arc, Condvar, PoisonError},
};

use sts_core::Credentials;
use sts_credentials::{
    cache::Decision,
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

use crate::{
    client::{Client, ClientCredentials, FindCredentials},
    provider::{Chain, ChainError, ProvideError, Provider},
};

impl Client {
    /// The credentials for the next signed call: the given ones, or those from the client's [`Chain`] or [`Provider`], cached as
    /// [`cache`](sts_credentials::cache) describes. If several threads ask at the same time, one searches; the others wait only if no
    /// usable credentials exist. `None` if the client has no source of credentials. [`Chain::mfa_prompt`] describes how MFA codes are
    /// requested.
    ///
    /// # Errors
    /// The source is not configured, or it fails.
    pub fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, ProvideError> {
        match &*self.0.credentials {
            ClientCredentials::None => Ok(None),
            ClientCredentials::Given(credentials) => Ok(Some(credentials.clone())),
            ClientCredentials::Found(finder) => self.kept(finder).map(Some),
        }
    }

    fn kept(&self, finder: &Arc<Finder>) -> Result<Arc<Credentials>, ProvideError> {
        let mut waited = None;
        let mut cache = finder.cache();
        loop {
            match cache.decide(clock::now(), waited) {
                Decision::Use(credentials) => return Ok(credentials),
                Decision::Fail(error) => return Err(error),
                Decision::Wait(attempt) => {
                    finder.may_wait()?;
                    waited = Some(attempt);
                    cache = finder.waiting.wait(cache).unwrap_or_else(PoisonError::into_inner);
                }
                // There is no background thread: this caller searches for all.
                Decision::UseAndRefresh(_, refresh) | Decision::Refresh(refresh) => {
                    waited = Some(refresh.attempt());
                    drop(cache);
                    let search = finder.search(refresh);
                    let found = search.run(|| finder.source.find(self));
                    search.end(found.and_then(convert::identity));
                    finder.waiting.notify_all();
                    cache = finder.cache();
                }
            }
        }
    }

    fn run(&self, chain: &Chain) -> Result<Credentials, ProvideError> {
        let plan = chain.plan().map_err(Clone::clone)?;
        let mut found = None;
        for source in &plan.sources {
            let asked = self.ask(chain, source, found.as_ref());
            found = Some(asked.map_err(|error| ChainError::of(plan, source, error))?);
        }
        Ok(found.expect("a plan has at least one source"))
    }

    fn ask(
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
                    let text = file::read(path, max_length).map_err(|error| error.to_string());
                    next.receive(text, clock.now())
                }
                Step::WriteFile(WriteFile { path, text }, next) => {
                    let written = file::replace(path, text.expose()).map_err(|error| error.to_string());
                    next.receive(written, clock.now())
                }
                Step::RunProcess(process, next) => {
                    let finished = program::run(&process.into());
                    next.receive(finished, clock.now())
                }
                Step::PromptMfa(serial, next) => {
                    let code = chain.ask(serial);
                    next.receive(code, clock.now())
                }
                Step::Transmit(transmit, next) => {
                    let result = self.exchange(transmit);
                    next.receive(result, clock.now())
                }
                Step::Wait(delay, next) => {
                    std::thread::sleep(delay);
                    next.resume(clock.now())
                }
                Step::Done(result) => return result,
            };
        }
    }
}

type Finder = find::Finder<dyn FindCredentials, Condvar>;

impl FindCredentials for Chain {
    fn find(&self, client: &Client) -> Result<Credentials, ProvideError> {
        client.run(self)
    }
}

impl<P: Provider> FindCredentials for UserProvider<P> {
    fn find(&self, _: &Client) -> Result<Credentials, ProvideError> {
        self.0.provide()
    }
}
