//! The notice of a long wait, for a person on a terminal.

use std::{
    io::{self, IsTerminal as _},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use crate::failure::warn;

/// Prints a line to standard error for each long wait, if standard error is a terminal.
#[derive(Clone)]
pub(crate) struct Notice(Option<Arc<Mutex<Option<Wait>>>>);

/// Dropping the sender ends the wait.
type Wait = Sender<()>;

impl Notice {
    pub(crate) fn new() -> Self {
        Self(io::stderr().is_terminal().then(Arc::default))
    }

    /// A notice that prints nothing.
    pub(crate) fn off() -> Self {
        Self(None)
    }

    /// Begins a wait and ends the previous one. `what`: what the program waits for.
    pub(crate) fn begin(&self, what: impl FnOnce() -> String) {
        let Some(wait) = &self.0 else { return };
        let (sender, ended) = mpsc::channel();
        let text = format!("Waiting for {} ...\n", what());
        let watch = thread::Builder::new().spawn(move || {
            if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                warn(&text);
            }
        });
        // Without a thread, only the notice is missing.
        *wait.lock().unwrap_or_else(PoisonError::into_inner) = watch.is_ok().then_some(sender);
    }

    /// Ends the wait.
    pub(crate) fn end(&self) {
        if let Some(wait) = &self.0 {
            *wait.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// The duration after which a wait is long.
const LONG: Duration = Duration::from_secs(2);
