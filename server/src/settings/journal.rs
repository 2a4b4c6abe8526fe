//! `[journal]`: the durable log.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::SettingsError;
use super::values::Values;

/// The durable log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The SQLite file.
    pub path: PathBuf,
    /// The Postgres that takes its place; none with one server alone.
    pub url: Option<PostgresUrl>,
    /// Connections to Postgres; 2 to 100.
    pub pool: usize,
    /// How long Postgres may take for a commit or a read; 500 ms to a minute.
    pub timeout: Duration,
    /// Most appends that wait for the writer; 1 to 65,536.
    pub queue: usize,
    /// Most appends in one transaction; 1 to 4,096.
    pub batch: usize,
    /// What stays free on the file's disk, bytes; at most 1 TiB.
    pub keep_free: u64,
}

/// The address of a database, with its password: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// An address like `postgres://user:password@host:5432/database`. None when it is of another
    /// kind or names no database; what is wrong within it is said when it is opened.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|it| text.strip_prefix(it))?;
        let place = rest.split('?').next().unwrap_or_default();
        let (host, database) = place.rsplit_once('/')?;
        let plain = !text.contains(char::is_whitespace);
        (plain && !host.is_empty() && !database.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The address itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresUrl(hidden)")
    }
}

impl Journal {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let path = from.text("journal.path")?;
        // SQLite takes these names for a database that a stop would lose.
        if path.is_empty() || path.starts_with(":memory:") || path.starts_with("file:") {
            return Err(from.wrong("journal.path", "it is a file's path, such as data/maru.db"));
        }
        let path = PathBuf::from(path);
        if path.file_name().is_none() {
            return Err(from.wrong("journal.path", "it is a file's path, such as data/maru.db"));
        }
        let address = from.text("journal.url")?;
        let url = match PostgresUrl::parse(&address) {
            Some(url) => Some(url),
            None if address.is_empty() => None,
            None => {
                let right = "it is like postgres://user:password@host:5432/database";
                let right = format_args!("{right}, or empty to keep rooms in journal.path");
                return Err(from.wrong("journal.url", right));
            }
        };
        Ok(Self {
            path,
            url,
            pool: from.number("journal.pool", 2..=100, "one connection writes, the others read")?,
            timeout: from.duration(
                "journal.timeout",
                Duration::from_millis(500)..=Duration::from_secs(60),
                "after it a send is refused and tried again",
            )?,
            queue: from.number(
                "journal.queue",
                1..=65_536,
                "each waiting append can hold a body of 16 KiB",
            )?,
            keep_free: from.bytes(
                "journal.keep_free",
                0..=1 << 40,
                "a disk that is full can't even delete",
            )?,
            batch: from.number(
                "journal.batch",
                1..=4_096,
                "a longer transaction makes the first in it wait",
            )?,
        })
    }

    /// The file of the search index, beside the journal's: `data/maru.search.db`.
    #[must_use]
    pub fn search_path(&self) -> PathBuf {
        self.path.with_extension("search.db")
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
