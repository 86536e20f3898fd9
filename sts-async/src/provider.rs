//! Finds a client's credentials, and keeps them until there are newer ones.
//!
//! Everything of [`sts_credentials`] is exported here, too.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::resume_unwind,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
    thread,
    time::Duration,
};

use sts_core::Credentials;
use sts_credentials::{
    cache::Decision,
    machine::{Reading, Session, Step},
    plan::Source,
};
use sts_driver::{
    clock::{self, Clock},
    file, program,
    provide::{self, Own, Wake},
};
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::Notified, oneshot},
};

#[cfg(feature = "aws-credential-types")]
mod aws_credential_types;

pub use sts_credentials::*;
pub use sts_driver::{
    chain::{Chain, LoadError, PLATFORM, profiles},
    provide::{ChainError, ProvideError},
};

use crate::{
    Client,
    transport::{AnyTransport, Attempt, Transport, TransportError},
};

/// Gives credentials, anew each time it is asked: a client asks when it has none, and keeps them as [`cache`] says.
///
/// ```no_run
/// use sts_async::{Client, Config, Credentials, provider::{ProvideError, Provider}};
///
/// /// A file with the access key's id in the first line and the secret in the second.
/// struct KeyFile(std::path::PathBuf);
///
/// impl Provider for KeyFile {
///     async fn provide(&self) -> Result<Credentials, ProvideError> {
///         let text = std::fs::read_to_string(&self.0).map_err(ProvideError::new)?;
///         let (id, secret) = text.trim().split_once('\n').ok_or_else(|| ProvideError::new("there is no second line"))?;
///         Ok(Credentials::new(id, secret))
///     }
/// }
///
/// let config = Config::builder().region("eu-central-1").build()?;
/// let client = Client::new(config).provider(KeyFile("/run/secrets/aws".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Closures that return a future are providers, too, also such that make a call with another client: here a role over whatever that
/// one finds.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use sts_async::{AssumeRole, Client, provider::ProvideError};
///
/// let me = Client::from_env()?;
/// let audit = Client::new(me.config().clone()).provider(move || {
///     let me = me.clone();
///     async move {
///         let reply = me.send(&AssumeRole::new("arn:aws:iam::123456789012:role/audit", "nightly")).await?;
///         Ok::<_, ProvideError>(reply.output.credentials.into())
///     }
/// });
/// # Ok(())
/// # }
/// ```
pub trait Provider: Send + Sync {
    /// Finds credentials.
    ///
    /// # Errors
    /// There are none.
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>> + Send;
}

impl<F, R> Provider for F
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Credentials, ProvideError>> + Send,
{
    fn provide(&self) -> impl Future<Output = Result<Credentials, ProvideError>> + Send {
        self()
    }
}

impl<T: Transport + 'static> Client<T> {
    /// The credentials that the next signed call uses: those that were given, else those that the client's [`Chain`] or [`Provider`]
    /// finds, which are kept as [`cache`] says: of tasks that ask at the same time one looks, and the others wait only when there
    /// is nothing to use. On a tokio runtime it looks in the background, so that nobody waits for newer ones while the old ones
    /// will do, and a caller that is dropped does not take the search along; elsewhere the first caller looks. When nothing moves it for 5 s,
    /// since its runtime or that caller is not driven any more, one of those that wait looks in its place. `None` when the client has no
    /// source of credentials. Codes of MFA devices are asked for as [`Chain::mfa_prompt`] says.
    ///
    /// A search that is dropped, as its runtime ends or elsewhere with its caller, leaves behind what it does in a thread: a program runs on
    /// for the rest of its 60 s, and the prompt for an MFA code reads on from the terminal, so that it may take what is typed next.
    ///
    /// # Errors
    /// The source is not configured, or fails.
    pub async fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, ProvideError> {
        match &*self.credentials {
            Origin::None => Ok(None),
            Origin::Given(credentials) => Ok(Some(credentials.clone())),
            Origin::Found(finder) => self.kept(finder).await.map(Some),
        }
    }

    async fn kept(&self, finder: &Arc<Finder>) -> Result<Arc<Credentials>, ProvideError> {
        let (mut waited, mut runtime_ends) = (None, false);
        loop {
            // From here on, no end of a search is missed, though nobody has polled this yet.
            let ended = finder.changed.ended.notified();
            let decision = finder.cache().decide(clock::now(), waited);
            let (old, refresh) = match decision {
                Decision::Use(credentials) => return Ok(credentials),
                Decision::Fail(error) => return Err(error),
                Decision::Wait(attempt) => {
                    // The first of them: that it was given up does not make its end less of an answer.
                    waited = waited.or(Some(attempt));
                    if !self.sees_the_end(&finder.changed, attempt, ended).await {
                        finder.cache().give_up(attempt);
                    }
                    continue;
                }
                Decision::UseAndRefresh(credentials, refresh) => (Some(credentials), refresh),
                Decision::Refresh(refresh) => (None, refresh),
            };
            waited = waited.or(Some(refresh.attempt()));
            // Rare and large, as calls are neither.
            let search = Box::pin(self.over_any_transport().search(finder.search(refresh)));
            let runtime = Handle::try_current().ok().filter(|_| !runtime_ends);
            let Some(runtime) = runtime else {
                search.await;
                continue;
            };
            let task = runtime.spawn(search);
            if let Some(old) = old {
                return Ok(old);
            }
            if let Err(error) = task.await {
                match error.try_into_panic() {
                    // The provider's, which ends this caller as it would have without a task of its own.
                    Ok(panic) => resume_unwind(panic),
                    // It does nothing in the background any more.
                    Err(_) => runtime_ends = true,
                }
            }
        }
    }

    /// Waits for a search to end. `false` when it has come to a standstill: it is not even polled when it is woken.
    async fn sees_the_end(&self, changed: &Changed, attempt: cache::Attempt, ended: Notified<'_>) -> bool {
        let mut ended = pin!(ended);
        loop {
            let polls = changed.wake(attempt);
            let mut time = pin!(self.transport.sleep(STANDSTILL));
            let is_over = poll_fn(|context| match ended.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => time.as_mut().poll(context).map(|()| false),
            });
            if is_over.await {
                return true;
            }
            // Fewer when another one looks in its place already.
            if changed.polls(attempt) <= polls {
                return false;
            }
        }
    }

    fn over_any_transport(&self) -> Client<AnyTransport> {
        let Self { config, credentials, learned, transport } = self;
        let (config, credentials) = (config.clone(), credentials.clone());
        Client { config, credentials, learned: learned.clone(), transport: Arc::new(AnyTransport(transport.clone())) }
    }
}

impl Client<AnyTransport> {
    async fn search(self, search: Search) {
        let (finder, attempt) = (search.finder(), search.attempt());
        let mut looking = finder.source.look(&self);
        let found = poll_fn(|context| {
            finder.changed.polled(attempt, context.waker());
            looking.as_mut().poll(context)
        });
        let found = found.await;
        drop(looking);
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
    ) -> Result<Credentials, machine::ProviderError<TransportError>> {
        let session = Session { config: &self.config, learned: &self.learned, credentials };
        let clock = Clock::start();
        let mut step = source.start(session, clock.now());
        loop {
            step = match step {
                Step::ReadFile(path, next) => {
                    let path = path.to_owned();
                    let text =
                        aside(move || file::read(&path, Reading::MAX_LENGTH).map_err(|error| error.to_string())).await;
                    next.receive(text, clock.now())
                }
                Step::WriteFile(path, text, next) => {
                    let path = path.to_owned();
                    let written = aside(move || file::replace(&path, text.expose()).map_err(|error| error.to_string()));
                    let written = written.await;
                    next.receive(written, clock.now())
                }
                Step::RunProcess(process, next) => {
                    let (process, timeout) = (process.clone(), next.timeout());
                    let finished = aside(move || program::run(&process, timeout)).await;
                    next.receive(finished, clock.now())
                }
                Step::PromptMfa(serial, next) => {
                    let (chain, serial) = (chain.clone(), serial.to_owned());
                    let code = aside(move || chain.ask(&serial)).await;
                    next.receive(code, clock.now())
                }
                Step::Transmit(request, next) => {
                    let attempt = Attempt::new(self.config.connect_timeout(), next.timeout()).local(next.is_local());
                    let result = self.exchange(request, attempt).await;
                    next.receive(result, clock.now())
                }
                Step::Wait(delay, next) => {
                    self.transport.sleep(delay).await;
                    next.resume(clock.now())
                }
                Step::Done(result) => return result,
            };
        }
    }
}

/// Does in a thread of its own what may take its time, so that this works on any executor and holds none up.
async fn aside<R: Send + 'static>(work: impl FnOnce() -> Result<R, String> + Send + 'static) -> Result<R, String> {
    let (sender, receiver) = oneshot::channel();
    // Nobody listens any more when the caller is dropped.
    let thread = thread::Builder::new().spawn(move || drop(sender.send(work())));
    thread.map_err(|error| format!("there is no thread for it: {error}"))?;
    receiver.await.unwrap_or_else(|_| Err("the thread for it panicked".to_owned()))
}

pub(crate) type Origin = provide::Origin<dyn Look, Changed>;
type Finder = provide::Finder<dyn Look, Changed>;
type Search = provide::Search<dyn Look, Changed>;

/// How long a search may stand still before another one looks in its place.
const STANDSTILL: Duration = Duration::from_secs(5);

/// Tells when a search ends, and whether it is alive: runtimes can be left without anybody who drives them, and futures unpolled.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    ended: Notify,
    pulse: Mutex<Pulse>,
}

/// That of the newest search that was polled: one that was given up may live on beside it, or end.
#[derive(Debug, Default)]
struct Pulse {
    attempt: Option<cache::Attempt>,
    polls: u64,
    waker: Option<Waker>,
}

impl Changed {
    /// That search is polled.
    fn polled(&self, attempt: cache::Attempt, waker: &Waker) {
        // Wakers are dropped outside the lock, too, since a task may go with the last one.
        drop(self.pulse(|pulse| {
            if pulse.attempt > Some(attempt) {
                return None;
            }
            if pulse.attempt < Some(attempt) {
                (pulse.attempt, pulse.polls) = (Some(attempt), 0);
            }
            pulse.polls += 1;
            pulse.waker.replace(waker.clone())
        }));
    }

    /// Has that search polled, if there is somebody who does that. How often it has been before.
    fn wake(&self, attempt: cache::Attempt) -> u64 {
        let (polls, waker) = self.pulse_of(attempt, |pulse| (pulse.polls, pulse.waker.clone())).unwrap_or_default();
        // Outside the lock, as it may poll at once.
        if let Some(waker) = waker {
            waker.wake();
        }
        polls
    }

    /// How often that search has been polled; 0 once a newer one has been.
    fn polls(&self, attempt: cache::Attempt) -> u64 {
        self.pulse_of(attempt, |pulse| pulse.polls).unwrap_or_default()
    }

    fn pulse_of<R>(&self, attempt: cache::Attempt, of: impl FnOnce(&mut Pulse) -> R) -> Option<R> {
        self.pulse(|pulse| (pulse.attempt == Some(attempt)).then(|| of(pulse)))
    }

    fn pulse<R>(&self, of: impl FnOnce(&mut Pulse) -> R) -> R {
        of(&mut self.pulse.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Wake for Changed {
    fn wake_all(&self, attempt: cache::Attempt) {
        drop(self.pulse_of(attempt, |pulse| pulse.waker.take()));
        self.ended.notify_waiters();
    }
}

/// Who looks for a client's credentials. An object, so that only programs that load a [`Chain`] hold the code of one.
pub(crate) trait Look: fmt::Debug + Send + Sync {
    /// Looks for them, over the client's transport if they are to be had from a service.
    fn look<'l>(&'l self, client: &'l Client<AnyTransport>) -> Looking<'l>;
}

type Looking<'l> = Pin<Box<dyn Future<Output = Result<Credentials, ProvideError>> + Send + 'l>>;

impl Look for Chain {
    fn look<'l>(&'l self, client: &'l Client<AnyTransport>) -> Looking<'l> {
        Box::pin(client.run(self))
    }
}

impl<P: Provider> Look for Own<P> {
    fn look<'l>(&'l self, _: &'l Client<AnyTransport>) -> Looking<'l> {
        Box::pin(self.0.provide())
    }
}
