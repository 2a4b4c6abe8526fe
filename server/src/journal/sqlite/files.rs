//! The files around the database: its folder, its own mode, the lock beside it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use super::error::OpenError;

/// An exclusive lock on a journal, given back when dropped.
///
/// It is a lock of the operating system on a file of its own (`<journal>.lock`): a killed server
/// holds nothing, and SQLite's own locks on the database stay untouched. The file stays where it
/// is, as two servers could otherwise lock two different files of one name.
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of the journal at `path`, or says that somebody else holds it.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let beside = beside(path);
        let file = private(&beside)
            .map_err(|why| OpenError::Folder { folder: folder(path).to_path_buf(), why })?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Held { path: path.to_path_buf() }),
            Err(TryLockError::Error(why)) => {
                Err(OpenError::Store { path: path.to_path_buf(), why: why.to_string() })
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, but for a child process that is between its fork and its exec.
        if let Err(error) = self.0.unlock() {
            log::warn!(error:%; "the journal's lock was not given back");
        }
    }
}

/// Makes the journal's folder, and the file itself for this user alone: it holds what people said.
/// SQLite gives the files beside it (`-wal`, `-shm`) the same mode.
pub(super) fn prepare(path: &Path) -> Result<(), OpenError> {
    let folder = folder(path);
    fs::create_dir_all(folder)
        .map_err(|why| OpenError::Folder { folder: folder.to_path_buf(), why })?;
    match private(path) {
        Ok(_) => Ok(()),
        Err(why) if path.exists() => {
            Err(OpenError::Unwritable { path: path.to_path_buf(), why: why.to_string() })
        }
        Err(why) => Err(OpenError::Folder { folder: folder.to_path_buf(), why }),
    }
}

/// Opens for writing, makes if missing with mode 0600, changes nothing that is there.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
