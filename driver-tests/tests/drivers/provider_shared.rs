//! Many callers of one client, and searches that do not finish.

use std::{
    future::{Future, pending},
    iter,
    panic::resume_unwind,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use sts_async::{
    provider::ProvideError,
    transport::{Transmit, Transport, TransportError},
};
use sts_core::{AssumeRole, Config, Credentials, GetCallerIdentity};
use time::UtcDateTime;
use tokio::{runtime, sync::Notify, time::timeout};

use crate::common::{
    Client, PATIENCE, RUNTIME,
    agent::{Agent, Answer, Gate, IDENTITY, LATER, issued, refused, role_over_keys},
    config,
    folder::Folder,
    until,
};

const CALLERS: usize = 64;
const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
const DRIVERS: [&str; 2] = ["blocking", "async"];

#[test]
fn at_the_start_all_wait_for_one_search() {
    for (driver, name) in DRIVERS.iter().enumerate() {
        let gate = Gate::default();
        let role = Role::new(driver, vec![hold(&gate, "ASIA1", LATER)]);
        let callers = Callers::start(&role.client);
        assert!(callers.have_begun() && until(|| role.calls() == 1));
        callers.wait();
        gate.open();
        callers.have("ASIA1", CALLERS, &format!("{name}, at the start"));
        assert_eq!(role.calls(), 1);
    }
}

#[test]
fn in_the_advisory_window_nobody_waits_but_who_searches() {
    for (driver, name) in DRIVERS.iter().enumerate() {
        let gate = Gate::default();
        // The client looks for newer ones five minutes before the end.
        let end = UtcDateTime::now() + Duration::from_secs(303);
        let role = Role::new(driver, vec![send("ASIA1", &text(end)), hold(&gate, "ASIA2", LATER)]);
        assert_eq!(role.key(), "ASIA1");
        let_pass(end - Duration::from_secs(300));
        let callers = Callers::start(&role.client);
        // Threads have no background task, so one of them searches.
        let at_once = if driver == 0 { CALLERS - 1 } else { CALLERS };
        callers.have("ASIA1", at_once, &format!("{name}, advisory"));
        assert!(until(|| role.calls() == 2));
        callers.wait();
        gate.open();
        if driver == 0 {
            callers.have("ASIA2", 1, &format!("{name}, advisory, who searched"));
        }
        assert!(until(|| role.key() == "ASIA2"));
        assert_eq!(role.calls(), 2);
    }
}

#[test]
fn in_the_mandatory_window_all_wait_for_one_search() {
    for (driver, name) in DRIVERS.iter().enumerate() {
        let gate = Gate::default();
        // In the last minute, but not in the first half of their lifetime.
        let end = UtcDateTime::now() + Duration::from_secs(4);
        let role = Role::new(driver, vec![send("ASIA1", &text(end)), hold(&gate, "ASIA2", LATER)]);
        assert_eq!(role.key(), "ASIA1");
        let_pass(end - (end - UtcDateTime::now()) / 2);
        let callers = Callers::start(&role.client);
        assert!(callers.have_begun() && until(|| role.calls() == 2));
        callers.wait();
        gate.open();
        callers.have("ASIA2", CALLERS, &format!("{name}, mandatory"));
        assert_eq!(role.calls(), 2);
    }
}

/// A permanent error, such as a deleted role, drops the old credentials. After other errors they stay in use, even after they expire.
#[test]
fn a_final_refusal_ends_the_old_credentials() {
    for driver in [0, 1] {
        for (code, found) in [("AccessDenied", "was refused with AccessDenied"), ("SomethingNew", "ASIA1")] {
            let end = UtcDateTime::now() + Duration::from_secs(1);
            let role = Role::new(driver, vec![send("ASIA1", &text(end)), Answer::Send(403, refused(code, "not you"))]);
            assert_eq!(role.key(), "ASIA1");
            let_pass(end);
            for _ in 0..2 {
                let key = role.key();
                assert!(key.contains(found), "{code}: {key}");
            }
            assert_eq!(role.calls(), 2);
        }
    }
}

#[test]
fn a_task_that_is_dropped_does_not_take_the_search_along() {
    let gate = Gate::default();
    let role = Role::new(1, vec![hold(&gate, "ASIA1", LATER)]);
    let Client::Async(client) = role.client.clone() else { panic!("the second is the asynchronous one") };
    let caller = RUNTIME.spawn(async move { client.find_credentials().await.map(drop) });
    assert!(until(|| role.calls() == 1));
    caller.abort();
    assert!(RUNTIME.block_on(caller).unwrap_err().is_cancelled());
    gate.open();
    assert_eq!(role.key(), "ASIA1");
    assert_eq!(role.calls(), 1);
}

#[test]
fn a_provider_that_panics_is_an_error_for_all_that_wait() {
    for driver in [0, 1] {
        let (gate, count) = (Gate::default(), Arc::<AtomicU32>::default());
        let (opened, counted) = (gate.clone(), count.clone());
        let client = Client::provided(config("http://127.0.0.1:1"), driver, move || {
            match counted.fetch_add(1, Ordering::Relaxed) {
                0 => {
                    assert!(opened.pass());
                    // A panic without a message on standard error.
                    resume_unwind(Box::new("the vault is gone"))
                }
                number => Ok(Credentials::new(format!("AKID{number}"), "s")),
            }
        });
        let callers = Callers::start(&client);
        assert!(callers.have_begun());
        callers.wait();
        gate.open();
        callers.have("the credential provider panicked: the vault is gone", CALLERS, "panic");
        assert_eq!(count.load(Ordering::Relaxed), 1);
        // For about a second, the error is the answer.
        assert!(until(|| key(client.find_credentials()) == "AKID1"));
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

/// Otherwise a background search would panic again with each call.
#[test]
fn a_search_that_panics_is_not_started_again_at_once() {
    for driver in [0, 1] {
        let count = Arc::<AtomicU32>::default();
        let counted = count.clone();
        let end = UtcDateTime::now() + Duration::from_secs(1);
        let client = Client::provided(config("http://127.0.0.1:1"), driver, move || {
            match counted.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(Credentials::new("AKID0", "s").expiration(end)),
                _ => resume_unwind(Box::new("out")),
            }
        });
        assert_eq!(key(client.find_credentials()), "AKID0");
        let_pass(end - Duration::from_millis(500));
        for _ in 0..20 {
            assert_eq!(key(client.find_credentials()), "AKID0");
        }
        assert!(until(|| count.load(Ordering::Relaxed) == 2));
        let_pass(end);
        assert_eq!((key(client.find_credentials()), count.load(Ordering::Relaxed)), ("AKID0".to_owned(), 2));
    }
}

#[test]
fn a_provider_that_calls_the_client_that_it_belongs_to_is_told_so() {
    const WORDS: &str = "the credential provider calls the client that it belongs to";
    let own = config("http://127.0.0.1:1");
    let itself = Arc::<OnceLock<sts_blocking::Client>>::default();
    let known = itself.clone();
    let client = sts_blocking::Client::builder().config(own.clone()).provider(move || {
        let reply = known.get().unwrap().send(&AssumeRole::new(ROLE, "audit"))?;
        Ok(reply.output.credentials.into())
    });
    let client = client.build().unwrap();
    assert!(itself.set(client.clone()).is_ok());
    assert_eq!(causes(&client.find_credentials().unwrap_err()), [format!("AssumeRole was not sent: {WORDS}")]);

    // Also through another client, and with any executor.
    for enabled in [true, false] {
        let itself = Arc::<OnceLock<sts_async::Client>>::default();
        let known = itself.clone();
        let other = sts_async::Client::builder().config(own.clone()).provider(move || {
            let known = known.clone();
            async move { Ok((*known.get().unwrap().find_credentials().await?.unwrap()).clone()) }
        });
        let other = other.build().unwrap();
        let client = other.clone().with_provider(move || {
            let other = other.clone();
            async move {
                let reply = other.send(&AssumeRole::new(ROLE, "audit")).await?;
                Ok(reply.output.credentials.into())
            }
        });
        assert!(itself.set(client.clone()).is_ok());
        let find = client.find_credentials();
        let error = if enabled { RUNTIME.block_on(find) } else { block_on(find) }.unwrap_err();
        assert_eq!(causes(&error), [format!("AssumeRole was not sent: {WORDS}")]);
    }
}

/// A client whose provider gives another key each time, or the same; how often it was asked; and a service with these answers.
fn renewing(driver: usize, is_new: bool, answers: Vec<Answer>) -> (Client, Arc<AtomicU32>, Agent) {
    let agent = Agent::start(answers);
    let count = Arc::<AtomicU32>::default();
    let counted = count.clone();
    let config = config(&agent.url).attempt_timeout(PATIENCE);
    let client = Client::provided(config, driver, move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        Ok(Credentials::new(format!("AKID{}", if is_new { number } else { 0 }), "s"))
    });
    (client, count, agent)
}

/// The keys that requests are signed with.
fn keys_of(agent: &Agent) -> Vec<String> {
    let key = |request: &String| request.split_once("Credential=").unwrap().1.split_once('/').unwrap().0.to_owned();
    agent.requests().iter().map(key).collect()
}

fn whoami(client: &Client) -> String {
    client.send(&GetCallerIdentity::new()).map_or_else(|failure| failure.what, |reply| reply.output.account)
}

#[test]
fn credentials_that_have_expired_are_renewed_before_the_caller_sees_it() {
    let expired = || Answer::Send(403, refused("ExpiredToken", "it has expired"));
    let identity = || Answer::Send(200, IDENTITY.to_owned());
    for driver in [0, 1] {
        let (client, count, agent) = renewing(driver, true, vec![identity(), expired(), identity(), identity()]);
        assert_eq!([(); 3].map(|()| whoami(&client)), ["a", "a", "a"]);
        assert_eq!(
            (keys_of(&agent), count.load(Ordering::Relaxed)),
            (["0", "0", "1", "1"].map(|n| format!("AKID{n}")).to_vec(), 2)
        );

        // Once, and only if there are newer ones.
        let (client, count, agent) = renewing(driver, true, vec![expired(), expired(), identity()]);
        assert_eq!([whoami(&client), whoami(&client)], ["403 ExpiredToken", "a"]);
        assert_eq!((keys_of(&agent).join(" "), count.load(Ordering::Relaxed)), ("AKID0 AKID1 AKID2".to_owned(), 3));
        let (client, count, agent) = renewing(driver, false, vec![expired(), identity()]);
        assert_eq!(whoami(&client), "403 ExpiredToken");
        assert_eq!((keys_of(&agent).len(), count.load(Ordering::Relaxed)), (1, 2));
        let (client, count, agent) = renewing(driver, true, vec![expired(), identity()]);
        assert_eq!(whoami(&client.credentials(Credentials::new("AKID", "s"))), "403 ExpiredToken");
        assert_eq!((keys_of(&agent).len(), count.load(Ordering::Relaxed)), (1, 0));
    }
}

#[test]
fn a_service_that_calls_an_older_key_expired_leaves_the_newer_one() {
    for driver in [0, 1] {
        let gate = Gate::default();
        let expired = refused("ExpiredToken", "it has expired");
        let (client, count, agent) = renewing(
            driver,
            true,
            vec![
                Answer::Hold(gate.clone(), 400, expired.clone()),
                Answer::Send(400, expired),
                Answer::Send(403, refused("AccessDenied", "not you")),
                Answer::Send(200, IDENTITY.to_owned()),
            ],
        );
        let slow = thread::spawn({
            let client = client.clone();
            move || whoami(&client)
        });
        assert!(until(|| agent.requests().len() == 1));
        assert_eq!(whoami(&client), "403 AccessDenied");
        gate.open();
        assert_eq!(slow.join().unwrap(), "a");
        assert_eq!(keys_of(&agent), ["AKID0", "AKID0", "AKID1", "AKID1"]);
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn a_call_by_which_credentials_are_had_tells_whether_its_failure_may_pass() {
    let agent = Agent::start(vec![
        Answer::Send(403, refused("AccessDenied", "not you")),
        Answer::Send(403, refused("ExpiredToken", "it has expired")),
        Answer::Close,
    ]);
    let me = sts_blocking::Client::builder().config(config(&agent.url).max_attempts(1)).build().unwrap();
    let fails = |client: sts_blocking::Client, role| {
        let error = client.send(&AssumeRole::new(role, "audit")).unwrap_err();
        let text = error.to_string();
        let error = ProvideError::from(error);
        assert_eq!(error.to_string(), text);
        assert!(error.get_ref().is::<sts_blocking::Error>());
        error.is_transient()
    };
    let signed = || me.with_credentials(Credentials::new("AKID", "s"));
    assert!(!fails(signed(), ROLE));
    assert!(fails(signed(), ROLE));
    assert!(fails(signed(), ROLE));
    // Nothing is sent.
    assert!(!fails(me.clone(), ROLE) && !fails(signed(), "role"));
    // For a client without credentials of its own, its provider decides.
    assert!(fails(me.with_provider(|| Err(ProvideError::new("out"))), ROLE));
    assert!(!fails(me.with_provider(|| Err(ProvideError::refused("no"))), ROLE));
    assert_eq!(agent.requests().len(), 3);
}

#[test]
fn without_a_runtime_the_first_caller_searches() {
    let (gate, searched) = (Gate::default(), Arc::<Mutex<Vec<_>>>::default());
    let (opened, log) = (gate.clone(), searched.clone());
    let end = UtcDateTime::now() + Duration::from_secs(303);
    let client = alone(move || {
        assert!(opened.pass());
        let mut log = log.lock().unwrap();
        log.push(thread::current().id());
        let key = Credentials::new(format!("AKID{}", log.len()), "s");
        if log.len() == 1 { key.expiration(end) } else { key }
    });
    let ask = || block_on(client.find_credentials()).unwrap().unwrap().access_key_id.clone();
    let begun = AtomicUsize::new(0);
    let ids = thread::scope(|scope| {
        let call = || {
            begun.fetch_add(1, Ordering::Relaxed);
            assert_eq!(ask(), "AKID1");
            thread::current().id()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
        assert!(until(|| begun.load(Ordering::Relaxed) == 8));
        gate.open();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(matches!(&**searched.lock().unwrap(), [id] if ids.contains(id)));
    // In the advisory window, there is no background task, either.
    let_pass(end - Duration::from_secs(300));
    assert_eq!(ask(), "AKID2");
    assert_eq!(searched.lock().unwrap()[1..], [thread::current().id()]);
}

#[test]
fn a_runtime_that_ends_takes_its_search_along_and_nobody_elses() {
    let count = Arc::<AtomicU32>::default();
    let counted = count.clone();
    let client = idle().with_provider(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            if number == 0 {
                pending::<()>().await;
            }
            Ok(Credentials::new(format!("AKID{number}"), "s"))
        }
    });
    let first = runtime::Builder::new_current_thread().build().unwrap();
    let context = first.enter();
    let mut caller = Box::pin(client.find_credentials());
    assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop((caller, context));
    let handle = first.handle().clone();
    drop(first);
    // Where nothing can run in the background, the caller drives the search alone.
    let _context = handle.enter();
    assert_eq!(key(block_on(client.find_credentials())), "AKID1");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_search_that_one_caller_does_not_poll_any_more_is_driven_on_by_another() {
    for is_dropped in [true, false] {
        let (gate, count) = (Arc::<Notify>::default(), Arc::<AtomicU32>::default());
        let (closed, counted) = (gate.clone(), count.clone());
        let client = idle().with_provider(move || {
            let (closed, number) = (closed.clone(), counted.fetch_add(1, Ordering::Relaxed));
            async move {
                closed.notified().await;
                Ok(Credentials::new(format!("AKID{number}"), "s"))
            }
        });
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let ask = || Some(Box::pin(async { key(client.find_credentials().await) }) as Pin<Box<dyn Future<Output = _>>>);
        let (mut first, mut second, mut third) = (ask(), ask(), ask());
        let poll = |caller: &mut Option<Pin<Box<dyn Future<Output = String> + '_>>>| {
            caller.as_mut().unwrap().as_mut().poll(&mut Context::from_waker(&waker))
        };
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending() && poll(&mut third).is_pending());
        if is_dropped {
            first = None;
        }
        gate.notify_one();
        assert!(woken.0.swap(false, Ordering::Relaxed));
        assert_eq!(poll(&mut second), Poll::Ready("AKID0".to_owned()));
        assert_eq!(poll(&mut third), Poll::Ready("AKID0".to_owned()));
        if !is_dropped {
            assert_eq!(poll(&mut first), Poll::Ready("AKID0".to_owned()));
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_search_that_nobody_waits_for_any_more_is_begun_anew() {
    let count = Arc::<AtomicU32>::default();
    let counted = count.clone();
    let client = idle().with_provider(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            if number == 0 {
                pending::<()>().await;
            }
            Ok(Credentials::new(format!("AKID{number}"), "s"))
        }
    });
    let mut caller = Box::pin(client.find_credentials());
    assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(caller);
    assert_eq!(key(block_on(client.find_credentials())), "AKID1");
}

#[test]
fn a_runtime_that_nobody_drives_holds_up_no_other() {
    let (gate, count) = (Arc::<Notify>::default(), Arc::<AtomicU32>::default());
    let (closed, counted) = (gate.clone(), count.clone());
    let client = idle().with_provider(move || {
        let (closed, number) = (closed.clone(), counted.fetch_add(1, Ordering::Relaxed));
        async move {
            if number == 0 {
                closed.notified().await;
            }
            Ok(Credentials::new(format!("AKID{number}"), "s"))
        }
    });
    let [first, second] = [(); 2].map(|()| runtime::Builder::new_current_thread().enable_time().build().unwrap());
    let [mut one, mut two] = [(); 2].map(|()| Box::pin(client.find_credentials()));
    {
        // The search belongs to the first runtime, which does not run it until it is driven again.
        let _context = first.enter();
        for caller in [&mut one, &mut two] {
            assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    }
    let find = || async { timeout(PATIENCE, client.find_credentials()).await.unwrap() };
    assert_eq!((key(second.block_on(find())), count.load(Ordering::Relaxed)), ("AKID1".to_owned(), 2));
    // A caller may move to another runtime, and uses what exists by then.
    assert_eq!(key(second.block_on(two)), "AKID1");
    gate.notify_one();
    // Credentials found in the meantime are newer.
    assert_eq!(key(first.block_on(one)), "AKID1");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_search_that_fails_after_that_of_another_runtime_harms_nobody() {
    let (gate, count) = (Arc::<Notify>::default(), Arc::<AtomicU32>::default());
    let (closed, counted) = (gate.clone(), count.clone());
    let client = idle().with_provider(move || {
        let (closed, number) = (closed.clone(), counted.fetch_add(1, Ordering::Relaxed));
        async move {
            if number == 0 {
                closed.notified().await;
                return Err(ProvideError::refused("no"));
            }
            Ok(Credentials::new(format!("AKID{number}"), "s"))
        }
    });
    let runtime = runtime::Builder::new_current_thread().build().unwrap();
    let mut caller = Box::pin(client.find_credentials());
    {
        let _context = runtime.enter();
        assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(key(block_on(client.find_credentials())), "AKID1");
    gate.notify_one();
    assert_eq!(key(runtime.block_on(caller)), "AKID1");
    assert_eq!(key(block_on(client.find_credentials())), "AKID1");
}

/// A client with a role from a stand-in for STS.
struct Role {
    client: Client,
    agent: Agent,
    _folder: Folder,
}

impl Role {
    fn new(driver: usize, answers: Vec<Answer>) -> Self {
        let (folder, agent) = (Folder::new(), Agent::start(answers));
        folder.write("config", &role_over_keys(&agent.url));
        let config = Config::builder().attempt_timeout(PATIENCE).max_attempts(1);
        let client = Client::of(folder.load(config, &[], Some("p")).unwrap(), driver).unwrap();
        Self { client, agent, _folder: folder }
    }

    /// The number of requests to STS.
    fn calls(&self) -> usize {
        self.agent.requests().len()
    }

    fn key(&self) -> String {
        key(self.client.find_credentials())
    }
}

fn key<E: std::fmt::Display>(found: Result<Option<Arc<Credentials>>, E>) -> String {
    found.map_or_else(|error| error.to_string(), |found| found.unwrap().access_key_id.clone())
}

/// The text of the error, and the texts of its sources.
fn causes(error: &dyn std::error::Error) -> Vec<String> {
    iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

fn send(key: &str, end: &str) -> Answer {
    Answer::Send(200, issued("AssumeRole", key, end))
}

fn hold(gate: &Gate, key: &str, end: &str) -> Answer {
    Answer::Hold(gate.clone(), 200, issued("AssumeRole", key, end))
}

/// In seconds since 1970.
fn text(time: UtcDateTime) -> String {
    format!("{}.{:03}", time.unix_timestamp(), time.millisecond())
}

/// Only the clock tells when this time has passed.
fn let_pass(time: UtcDateTime) {
    let left = time + Duration::from_millis(50) - UtcDateTime::now();
    thread::sleep(left.try_into().unwrap_or_default());
}

/// Threads or tasks that ask a client at the same time.
struct Callers {
    begun: Arc<AtomicUsize>,
    answers: mpsc::Receiver<(String, Duration)>,
}

impl Callers {
    fn start(client: &Client) -> Self {
        let begun = Arc::<AtomicUsize>::default();
        let (sender, answers) = mpsc::channel();
        for _ in 0..CALLERS {
            let (begun, sender) = (begun.clone(), sender.clone());
            let enter = move || {
                begun.fetch_add(1, Ordering::Relaxed);
                Instant::now()
            };
            match client.clone() {
                Client::Blocking(client) => drop(thread::spawn(move || {
                    let start = enter();
                    let key = key(client.find_credentials());
                    // The receiver may be gone.
                    let _ = sender.send((key, start.elapsed()));
                })),
                Client::Async(client) => drop(RUNTIME.spawn(async move {
                    let start = enter();
                    let key = key(client.find_credentials().await);
                    let _ = sender.send((key, start.elapsed()));
                })),
            }
        }
        Self { begun, answers }
    }

    fn have_begun(&self) -> bool {
        until(|| self.begun.load(Ordering::Relaxed) == CALLERS)
    }

    /// None of those that are left has an answer, nor gets one soon.
    fn wait(&self) {
        // An error, too, when none is left.
        let answer = self.answers.recv_timeout(Duration::from_millis(100));
        assert_eq!(answer.map(|(key, _)| key).ok(), None);
    }

    /// This number of callers gets this key.
    fn have(&self, key: &str, count: usize, when: &str) {
        let start = Instant::now();
        let mut longest = Duration::ZERO;
        for _ in 0..count {
            let (found, waited) = self.answers.recv_timeout(PATIENCE).unwrap();
            assert_eq!(found, key, "{when}");
            longest = longest.max(waited);
        }
        println!("{when}: {count} callers, longest wait {longest:?}, all of them {:?} from now", start.elapsed());
    }
}

/// A client that sends nothing, and whose time stands still.
fn idle() -> sts_async::Client {
    sts_async::Client::builder().config(config("http://127.0.0.1:1")).transport(Idle).build().unwrap()
}

/// Such a client, with a provider that never waits.
fn alone(provide: impl Fn() -> Credentials + Send + Sync + 'static) -> sts_async::Client {
    let provide = Arc::new(provide);
    idle().with_provider(move || {
        let provide = provide.clone();
        async move { Ok(provide()) }
    })
}

/// A transport that needs no runtime.
struct Idle;

impl Transport for Idle {
    async fn exchange(&self, _: Transmit) -> Result<http::Response<bytes::Bytes>, TransportError> {
        pending().await
    }

    async fn sleep(&self, _: Duration) {
        pending::<()>().await;
    }
}

/// Whether a task was woken.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An executor other than tokio.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Parked(Thread);

    impl Wake for Parked {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let (mut future, start) = (pin!(future), Instant::now());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park_timeout(PATIENCE);
        assert!(start.elapsed() < PATIENCE, "nobody wakes the caller");
    }
}
