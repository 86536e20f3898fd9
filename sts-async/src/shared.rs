//! A future that several tasks wait for. Each waiting task drives it when polled: a task that is dropped or no longer polled does not block
//! the others.
//!
//! `futures_util::future::Shared` does nearly the same, but adds a crate to every program (slab; the smallest program has 61). There, a
//! panic of the future reaches all waiting tasks.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use tokio::{
    runtime::{self, Handle},
    sync::Notify,
};

/// A future that several tasks wait for. It belongs to the tokio runtime in which it was created, if any. If that runtime is not driven,
/// its sockets and timers wake no task, so tasks of another runtime cannot wait for the future.
pub(crate) struct Shared {
    /// `None` after the future has ended.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    has_ended: AtomicBool,
    waiting: Arc<Waiting>,
    place: Place,
}

/// The tokio runtime of a task, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(Option<runtime::Id>);

impl Place {
    pub(crate) fn current() -> Self {
        Self(Handle::try_current().ok().map(|runtime| runtime.id()))
    }
}

/// The waiting tasks.
struct Waiting {
    /// Whether the future was woken since the last poll.
    is_woken: AtomicBool,
    tasks: Notify,
}

impl Shared {
    pub(crate) fn new(future: impl Future<Output = ()> + Send + 'static) -> Self {
        let waiting = Waiting { is_woken: AtomicBool::new(true), tasks: Notify::new() };
        Self {
            future: Mutex::new(Some(Box::pin(future))),
            has_ended: AtomicBool::new(false),
            waiting: Arc::new(waiting),
            place: Place::current(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Drives the future to its end, together with all other waiting tasks. Returns early if this task is polled on another runtime.
    pub(crate) async fn wait(&self) {
        loop {
            // From here on, no wake-up is missed, even before the first poll.
            let mut woken = pin!(self.waiting.tasks.notified());
            if self.advance() {
                return;
            }
            let is_here = || self.place == Place::current();
            poll_fn(|context| if is_here() { woken.as_mut().poll(context) } else { Poll::Ready(()) }).await;
            if !is_here() {
                return;
            }
        }
    }

    /// Polls the future if it was woken and no other thread polls it. Returns whether it has ended.
    fn advance(&self) -> bool {
        if self.has_ended.load(SeqCst) {
            return true;
        }
        let mut slot = match self.future.try_lock() {
            Ok(slot) => slot,
            // The thread that holds the lock checks again afterwards, below.
            Err(TryLockError::WouldBlock) => return false,
            // It has panicked, and must not be polled again.
            Err(TryLockError::Poisoned(slot)) => {
                *slot.into_inner() = None;
                return true;
            }
        };
        let Some(future) = &mut *slot else { return true };
        let mut has_ended = false;
        if self.waiting.is_woken.swap(false, SeqCst) {
            let waker = Waker::from(Arc::clone(&self.waiting));
            has_ended = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            if has_ended {
                self.has_ended.store(true, SeqCst);
                *slot = None;
            }
        }
        drop(slot);
        // Tasks that were woken in between found the lock taken.
        if has_ended || self.waiting.is_woken.load(SeqCst) {
            self.waiting.tasks.notify_waiters();
        }
        has_ended
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, SeqCst);
        self.tasks.notify_waiters();
    }
}

/// The running searches of a client, one per runtime. The waiting tasks own them.
#[derive(Debug, Default)]
pub(crate) struct Searches(Mutex<Vec<(Place, Weak<Shared>)>>);

impl Searches {
    /// The search that this task may wait for.
    pub(crate) fn here(&self) -> Option<Arc<Shared>> {
        let here = Place::current();
        self.lock().iter().filter(|(place, _)| *place == here).find_map(|(_, search)| search.upgrade())
    }

    pub(crate) fn add(&self, search: &Arc<Shared>) {
        let mut searches = self.lock();
        searches.retain(|(_, search)| search.strong_count() > 0);
        searches.push((search.place(), Arc::downgrade(search)));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Place, Weak<Shared>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "these are tests")]
    use super::*;
    use std::{
        sync::{
            atomic::{AtomicU32, AtomicUsize},
            mpsc,
        },
        thread,
        time::Duration,
    };

    const LONG: Duration = Duration::from_secs(30);

    /// Another thread wakes the future a thousand times, while eight threads wait and others come and go.
    #[test]
    fn no_wake_up_is_lost_between_threads() {
        const WAKES: u32 = 1000;
        let (sender, wakers) = mpsc::channel::<Waker>();
        let count = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&count);
        let shared = Arc::new(Shared::new(poll_fn(move |context| {
            if counted.load(SeqCst) == WAKES {
                return Poll::Ready(());
            }
            sender.send(context.waker().clone()).unwrap();
            Poll::Pending
        })));
        let (over, ended) = mpsc::channel();
        for index in 0..8 {
            let (shared, over) = (Arc::clone(&shared), over.clone());
            thread::spawn(move || {
                for turn in 0..20 {
                    let mut wait = pin!(shared.wait());
                    // Half of the threads stop waiting again and again.
                    if index % 2 == 0 || turn == 19 {
                        smol::block_on(wait);
                    } else {
                        let _ = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                    }
                }
                over.send(()).unwrap();
            });
        }
        while let Ok(waker) = wakers.recv_timeout(LONG) {
            count.fetch_add(1, SeqCst);
            waker.wake();
            if count.load(SeqCst) == WAKES {
                break;
            }
        }
        for _ in 0..8 {
            ended.recv_timeout(LONG).unwrap();
        }
    }

    #[test]
    fn all_tasks_see_the_end() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
        for _ in 0..500 {
            let (sender, receiver) = mpsc::channel::<Waker>();
            let mut is_woken = false;
            let context = runtime.enter();
            let shared = Arc::new(Shared::new(poll_fn(move |context| {
                if is_woken {
                    return Poll::Ready(());
                }
                is_woken = true;
                sender.send(context.waker().clone()).unwrap();
                Poll::Pending
            })));
            drop(context);
            let tasks: Vec<_> = (0..64)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    runtime.spawn(async move { shared.wait().await })
                })
                .collect();
            receiver.recv().unwrap().wake();
            for task in tasks {
                runtime.block_on(async { tokio::time::timeout(LONG, task).await }).unwrap().unwrap();
            }
        }
    }

    #[test]
    fn it_is_polled_only_when_it_was_woken() {
        let polls = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&polls);
        let shared = Shared::new(poll_fn(move |_| {
            counted.fetch_add(1, SeqCst);
            Poll::<()>::Pending
        }));
        for _ in 0..3 {
            assert!(pin!(shared.wait()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(polls.load(SeqCst), 1);
    }

    #[test]
    fn after_a_panic_it_is_over() {
        let shared = Shared::new(poll_fn(|_| -> Poll<()> { std::panic::resume_unwind(Box::new("")) }));
        let poll = || pin!(shared.wait()).poll(&mut Context::from_waker(Waker::noop()));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)).unwrap_err();
        assert_eq!(poll(), Poll::Ready(()));
    }
}
