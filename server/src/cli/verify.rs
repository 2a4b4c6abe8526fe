//! `maru-server verify`: what a walk over a journal found, for people and for scripts.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{block_on, say};
use crate::journal::{Progress, Report, postgres, sqlite};

/// Often enough to see that it goes on.
const BETWEEN_REPORTS: Duration = Duration::from_millis(500);

/// To the line's start, and clear it: the next report takes its place.
const CLEAR: &str = "\r\u{1b}[K";

/// Prints what was found in a file, a fault a line.
///
/// # Errors
/// One sentence when there is damage, or when the file is no journal.
pub(super) fn file(path: &Path) -> Result<(), String> {
    let shown = path.display().to_string();
    let mut teller = Teller::new();
    let found = sqlite::verify(path, |progress| teller.tell(progress));
    drop(teller);
    told(&shown, found.map_err(|error| error.to_string())?)
}

/// Prints what was found in a Postgres.
///
/// # Errors
/// As [`file`].
pub(super) fn database(url: &str) -> Result<(), String> {
    let shown = postgres::place(url).map_err(|error| error.to_string())?;
    let mut teller = Teller::new();
    let found = block_on(postgres::verify(url, |progress| teller.tell(progress)))?;
    drop(teller);
    told(&shown, found.map_err(|error| error.to_string())?)
}

fn told(shown: &str, report: Report) -> Result<(), String> {
    let walked = format!("{} rooms, {} whole entries", report.rooms, report.entries);
    if report.is_sound() {
        say(&format_args!("{shown} is sound: {walked}"));
        return Ok(());
    }
    for fault in &report.faults {
        say(fault);
    }
    let faults = report.faults.len() as u64 + report.more;
    Err(format!("{shown} is damaged: {faults} faults; {walked}"))
}

/// Tells a terminal how far it is. A log or a pipe would keep every line of it.
struct Teller {
    shown: bool,
    last: Instant,
}

impl Teller {
    fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), last: Instant::now() }
    }

    fn tell(&mut self, progress: Progress) {
        if !self.shown || self.last.elapsed() < BETWEEN_REPORTS {
            return;
        }
        self.last = Instant::now();
        let mut out = io::stderr().lock();
        let _ = match progress {
            Progress::Walking { rooms, of, entries } => {
                write!(out, "{CLEAR}room {rooms} of {of}, {entries} entries …")
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
