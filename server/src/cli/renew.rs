//! `maru-server renew`: what comes after a backup was restored.

use std::path::Path;

use super::{block_on, say};
use crate::journal::{postgres, sqlite};

/// Renews a file.
///
/// # Errors
/// One sentence; the journal is as it was.
pub(super) fn file(path: &Path, lose_commits: bool) -> Result<(), String> {
    sqlite::renew(path, lose_commits).map_err(|error| error.to_string())?;
    told(&path.display().to_string());
    Ok(())
}

/// Renews a Postgres.
///
/// # Errors
/// As [`file`].
pub(super) fn database(url: &str) -> Result<(), String> {
    let shown = postgres::place(url).map_err(|error| error.to_string())?;
    block_on(postgres::renew(url))?.map_err(|error| error.to_string())?;
    told(&shown);
    Ok(())
}

fn told(shown: &str) {
    say(&format_args!("{shown} has a new epoch: everybody loads every room anew"));
}
