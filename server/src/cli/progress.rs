//! How far something is that takes long, on a line that is written over.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::journal::Progress;

/// Often enough to see that it goes on.
const BETWEEN_REPORTS: Duration = Duration::from_millis(500);

/// To the line's start, and clear it: the next report takes its place.
const CLEAR: &str = "\r\u{1b}[K";

/// Tells a terminal how far it is. A log or a pipe would keep every line of it.
pub(super) struct Teller {
    shown: bool,
    last: Instant,
}

impl Teller {
    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), last: Instant::now() }
    }

    /// `doing` stands before the figures.
    pub(super) fn tell(&mut self, doing: &str, progress: Progress) {
        if !self.shown || self.last.elapsed() < BETWEEN_REPORTS {
            return;
        }
        self.last = Instant::now();
        let mut out = io::stderr().lock();
        let _ = match progress {
            Progress::Walking { rooms, of, entries } => {
                write!(out, "{CLEAR}{doing}room {rooms} of {of}, {entries} entries …")
            }
            Progress::Integrity => write!(out, "{CLEAR}SQLite's own check of the file …"),
        };
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "{CLEAR}");
        }
    }
}
