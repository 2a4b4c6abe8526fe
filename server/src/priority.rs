//! Which threads come after others when there are fewer cores than threads with work.

use std::{io, thread};

/// How far a thread stands back behind those that deliver messages, as the system's niceness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Workers, the engine and the journal's writer: a message passes each of them.
    Delivery,
    /// Somebody waits for a page: a third of a delivering thread's share where both have work.
    Reads,
    /// Searches of messages, and their index: a tenth of it.
    Search,
}

impl Priority {
    const fn niceness(self) -> i32 {
        match self {
            Self::Delivery => 0,
            Self::Reads => 5,
            Self::Search => 10,
        }
    }

    /// Starts a thread that has it for ever.
    ///
    /// # Errors
    /// The system's, when there is no thread.
    pub fn spawn(
        self,
        name: String,
        run: impl FnOnce() + Send + 'static,
    ) -> io::Result<thread::JoinHandle<()>> {
        thread::Builder::new().name(name).spawn(move || {
            self.take();
            run();
        })
    }

    /// For the calling thread. Only Linux has priorities of threads by this call; elsewhere it would be the process's.
    fn take(self) {
        #[cfg(target_os = "linux")]
        if self != Self::Delivery {
            // A system that forbids it shares equally: slower under load, and right.
            let _ = rustix::process::nice(self.niceness());
        }
    }
}
