//! `maru-server verify`: what a walk over a journal found, for people and for scripts.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::say;
use crate::journal::{Progress, sqlite};

/// Often enough to see that it goes on.
const BETWEEN_REPORTS: Duration = Duration::from_millis(500);

/// To the line's start, and clear it: the next report takes its place.
const CLEAR: &str = "\r\u{1b}[K";

/// Prints what was found, a fault a line.
///
/// # Errors
/// One sentence when there is damage, or when the file is no journal.
pub(super) fn run(path: &Path) -> Result<(), String> {
    // A log or a pipe would keep every line of it.
    let shown = io::stderr().is_terminal();
    let mut last = Instant::now();
    let found = sqlite::verify(path, |progress| {
        if shown && last.elapsed() >= BETWEEN_REPORTS {
            last = Instant::now();
            tell(progress);
        }
    });
    if shown {
        let _ = write!(io::stderr().lock(), "{CLEAR}");
    }
    let report = found.map_err(|error| error.to_string())?;
    let walked = format!("{} rooms, {} whole entries", report.rooms, report.entries);
    if report.is_sound() {
        say(&format_args!("{} is sound: {walked}", path.display()));
        return Ok(());
    }
    for fault in &report.faults {
        say(fault);
    }
    let faults = report.faults.len() as u64 + report.more;
    Err(format!("{} is damaged: {faults} faults; {walked}", path.display()))
}

fn tell(progress: Progress) {
    let mut out = io::stderr().lock();
    let _ = match progress {
        Progress::Walking { rooms, of, entries } => {
            write!(out, "{CLEAR}room {rooms} of {of}, {entries} entries …")
        }
        Progress::Integrity => write!(out, "{CLEAR}SQLite's own check of the file …"),
    };
}
