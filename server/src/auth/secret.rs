//! The secret that signs identity tokens, and the file that keeps it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// HS256 wants a key as long as its hash (RFC 7518, 3.2).
const MIN_BYTES: usize = 32;

/// A longer file is not a key, and need not be read to know that.
const MAX_BYTES: u64 = 64 * 1024;

/// A signing secret of at least 32 bytes. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Somebody else on the machine could sign tokens.
    #[error(
        "{path} can be read by others (mode {mode:04o}): run `chmod 600 {path}`, or delete it \
         if somebody may have read it; then everybody becomes a new guest",
        path = .path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions, as `chmod` takes them (octal 0777 at most).
        mode: u32,
    },
    /// The file holds no secret.
    #[error(
        "{} holds no secret of at least 32 bytes: restore it from a backup, or delete it to have \
         a new one made; then everybody becomes a new guest",
        .0.display()
    )]
    TooShort(PathBuf),
    /// The file can't be read or made.
    #[error("can't {doing} {}: {error} (auth.secret can hold the secret instead)", .path.display())]
    Io {
        /// "read" or "make".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is no key. A bug: only an empty one is none, and a [`Secret`] never is.
    #[error("the secret can't sign identity tokens: {0}")]
    NoKey(#[from] jsonwebtoken::errors::Error),
}

impl Secret {
    /// A secret from its text; white space around it doesn't count. None under 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        (bytes.len() >= MIN_BYTES).then(|| Self(bytes.to_vec()))
    }

    /// The secret in a file, which is made when missing: 32 random bytes in hexadecimal, mode
    /// 0600, so that `auth.secret` can be given the same text on another node. Of several
    /// processes that start at once, one makes the file and all get what is in it.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        match File::open(path) {
            Ok(file) => Self::load(path, file),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path).map_err(|error| SecretError::Io {
                    doing: "make",
                    path: path.into(),
                    error,
                })?;
                let file = File::open(path).map_err(|error| unreadable(path, error))?;
                Self::load(path, file)
            }
            Err(error) => Err(unreadable(path, error)),
        }
    }

    fn load(path: &Path, file: File) -> Result<Self, SecretError> {
        let unreadable = |error| unreadable(path, error);
        // Of the open file, not of the path, which could be another file by now.
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed { path: path.into(), mode });
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
        let text = std::str::from_utf8(&bytes).ok();
        text.and_then(Self::parse).ok_or_else(|| SecretError::TooShort(path.into()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn unreadable(path: &Path, error: io::Error) -> SecretError {
    SecretError::Io { doing: "read", path: path.into(), error }
}

/// Makes the file appear whole or not at all: written beside it, then linked to its name, which
/// fails when another process was first.
fn create(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!(".secret-{}", uuid::Uuid::now_v7()));
    let made = write_draft(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    // Whatever happened, the draft must not stay; a failure to remove it hides the first error.
    let removed = fs::remove_file(&draft);
    made?;
    removed?;
    // The name itself must outlive a power cut.
    File::open(folder)?.sync_all()
}

fn write_draft(draft: &Path) -> io::Result<()> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    text.push('\n');
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
