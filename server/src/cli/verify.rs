//! `maru-server verify`: what a walk over a journal found, for people and for scripts.

use std::path::Path;

use super::progress::Teller;
use super::{block_on, say};
use crate::journal::{Report, postgres, sqlite};

/// Prints what was found in a file, a fault a line.
///
/// # Errors
/// One sentence when there is damage, or when the file is no journal.
pub(super) fn file(path: &Path) -> Result<(), String> {
    let shown = path.display().to_string();
    let mut teller = Teller::new();
    let found = sqlite::verify(path, |progress| teller.tell("", progress));
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
    let found = block_on(postgres::verify(url, |progress| teller.tell("", progress)))?;
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
