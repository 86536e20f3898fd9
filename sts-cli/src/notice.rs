//! The notice of a wait: what a person on a terminal waits for, after two seconds.

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

/// Prints a line to standard error for each wait that takes long. Prints nothing where standard error is not a terminal.
#[derive(Clone)]
pub(crate) struct Notice(Option<Arc<Mutex<Option<Wait>>>>);

/// Dropping it ends the wait.
type Wait = Sender<()>;

impl Notice {
    pub(crate) fn new() -> Self {
        Self(io::stderr().is_terminal().then(Arc::default))
    }

    /// Prints nothing.
    pub(crate) fn off() -> Self {
        Self(None)
    }

    /// Begins a wait, in place of the one before. `what`: what the program waits for.
    pub(crate) fn begin(&self, what: impl FnOnce() -> String) {
        let Some(wait) = &self.0 else { return };
        let (sender, ended) = mpsc::channel();
        let text = format!("Waiting for {} ...\n", what());
        let watch = thread::Builder::new().spawn(move || {
            if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                warn(&text);
            }
        });
        // Without a thread there is no notice, and nothing else is missing.
        *wait.lock().unwrap_or_else(PoisonError::into_inner) = watch.is_ok().then_some(sender);
    }

    /// Ends the wait.
    pub(crate) fn end(&self) {
        if let Some(wait) = &self.0 {
            *wait.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// A wait that a person notices.
const LONG: Duration = Duration::from_secs(2);
