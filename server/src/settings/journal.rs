//! `[journal]`: the durable log.

use std::path::{Path, PathBuf};

use super::SettingsError;
use super::reader::Reader;

/// The durable log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The SQLite file.
    pub path: PathBuf,
    /// Most appends that wait for the writer; 1 to 65,536.
    pub queue: usize,
    /// Most appends in one transaction; 1 to 4,096.
    pub batch: usize,
}

impl Journal {
    pub(super) fn read(from: &mut Reader) -> Result<Self, SettingsError> {
        let path = from.text("journal.path")?;
        // SQLite takes these names for a database that a stop would lose.
        if path.is_empty() || path.starts_with(":memory:") || path.starts_with("file:") {
            return Err(from.wrong("journal.path", "it is a file's path, such as data/maru.db"));
        }
        let path = PathBuf::from(path);
        if path.file_name().is_none() {
            return Err(from.wrong("journal.path", "it is a file's path, such as data/maru.db"));
        }
        Ok(Self {
            path,
            queue: from.number(
                "journal.queue",
                1..=65_536,
                "each waiting append can hold a body of 16 KiB",
            )?,
            batch: from.number(
                "journal.batch",
                1..=4_096,
                "a longer transaction makes the first in it wait",
            )?,
        })
    }

    /// The folder that holds the file, and all else that must outlive the process.
    #[must_use]
    pub fn data_folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }
}
