//! `[server]`: the server as a whole.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::SettingsError;
use super::values::Values;

/// The server as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What it calls itself; 1 to 64 characters, none of them a control character.
    pub name: String,
    /// Worker threads, 1 to 512; "one per core" is resolved.
    pub workers: NonZeroUsize,
}

impl Server {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let name = from.text("server.name")?.trim().to_owned();
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(from.wrong("server.name", "it is one line of 1 to 64 characters"));
        }
        let workers = from.number("server.workers", 0..=512, "0 takes one per core")?;
        let cores = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Ok(Self { name, workers: NonZeroUsize::new(workers).unwrap_or_else(cores) })
    }
}
