//! `[auth]`: identities.

use std::path::PathBuf;
use std::time::Duration;

use super::values::Values;
use super::{Journal, SettingsError};
use crate::auth::{Secret, SecretError};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The section `auth`: who may come in, and as whom.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Where the signing secret is.
    pub secret: SecretSource,
    /// How long a guest's token holds; a minute to ten years.
    pub guest_ttl: Duration,
}

/// Where the signing secret is.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// The operator gave it.
    Given(Secret),
    /// A file in the data folder, made at the first start.
    File(PathBuf),
}

impl SecretSource {
    /// The secret itself; makes the file when it is missing.
    ///
    /// # Errors
    /// [`SecretError`]: the file can't be read or made, or others can read it.
    pub fn load(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::File(path) => Secret::load_or_create(path),
        }
    }
}

impl Auth {
    pub(super) fn read(from: &mut Values, journal: &Journal) -> Result<Self, SettingsError> {
        let text = from.text("auth.secret")?;
        let secret = if text.is_empty() {
            if journal.url.is_some() {
                let right =
                    "servers that share a journal (journal.url) share this key, of at least";
                let right = format_args!("{right} 32 bytes (`openssl rand -hex 32` makes one)");
                return Err(from.wrong("auth.secret", right));
            }
            SecretSource::File(journal.data_folder().join("secret.key"))
        } else {
            let secret = Secret::parse(&text).ok_or_else(|| {
                let right = "it has at least 32 bytes (`openssl rand -hex 32` makes one)";
                from.wrong("auth.secret", format_args!("{right}, or is empty to have one made"))
            })?;
            SecretSource::Given(secret)
        };
        let bounds = Duration::from_secs(60)..=3_650 * DAY;
        let why = "after it a guest who stayed away is somebody new";
        Ok(Self { secret, guest_ttl: from.duration("auth.guest_ttl", bounds, why)? })
    }
}
