//! Which journal a command is about.

use std::path::PathBuf;

use super::load;
use crate::settings::{PostgresUrl, Variables};

/// Where a journal is.
pub(super) enum Place {
    File(PathBuf),
    Database(PostgresUrl),
}

/// The journal at a path or an address, or without one that of the settings.
///
/// # Errors
/// One sentence when the settings are needed and wrong.
pub(super) fn place(
    given: Option<PathBuf>,
    variables: impl FnOnce() -> Result<Variables, String>,
) -> Result<Place, String> {
    let (url, path) = match given {
        Some(path) => (path.to_str().and_then(PostgresUrl::parse), path),
        None => {
            let journal = load(&variables()?)?.journal;
            (journal.url, journal.path)
        }
    };
    Ok(url.map_or(Place::File(path), Place::Database))
}
