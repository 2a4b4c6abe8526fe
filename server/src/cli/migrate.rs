//! `maru-server migrate`: from one server with a file to several with a Postgres.

use std::path::Path;

use super::progress::Teller;
use super::{block_on, say};
use crate::journal::{self, Migrated, MigrationStep};

/// Copies, checks, and says what to do next.
///
/// # Errors
/// One sentence; what was copied so far stays for the next attempt.
pub(super) fn run(from: &Path, to: &str) -> Result<(), String> {
    let mut teller = Teller::new();
    let copied = block_on(journal::migrate(from, to, |step| match step {
        MigrationStep::Copying(progress) => teller.tell("copying ", progress),
        MigrationStep::Verifying(progress) => teller.tell("checking the copy: ", progress),
    }))?;
    drop(teller);
    let Migrated { rooms, entries, files, found, to } =
        copied.map_err(|error| error.to_string())?;
    let of_these = match found {
        0 => String::new(),
        found => format!(" ({found} of these by an earlier attempt)"),
    };
    say(&format_args!(
        "{} is copied to {to} and checked: {rooms} rooms, {entries} entries{of_these}, \
         {files} files, whose bytes stay where they are",
        from.display()
    ));
    Ok(())
}
