//! `[auth]`: identities.

use std::path::PathBuf;
use std::time::Duration;

use super::values::Values;
use super::{Journal, SettingsError};
use crate::auth::{Keys, Lifetimes, Secret, SecretError};

/// Most keys beside the one that signs: each is tried for a token that none of those before has signed.
const MOST_VERIFY_SECRETS: usize = 8;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The section `auth`: who may come in, and as whom.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Where the signing secret is.
    pub secret: SecretSource,
    /// Further secrets, which verify and never sign; at most eight.
    pub verify_secrets: Vec<Secret>,
    /// How long a guest's tokens hold; a minute to ten years.
    pub lifetimes: Lifetimes,
}

/// Where the signing secret is.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// The operator gave it.
    Given(Secret),
    /// A file in the data folder, made at the first start.
    File(PathBuf),
}

impl Auth {
    /// The keys themselves; makes the file of the one that signs when it is missing.
    ///
    /// # Errors
    /// [`SecretError`]: the file can't be read or made, or others can read it.
    pub fn keys(&self) -> Result<Keys, SecretError> {
        let sign = match &self.secret {
            SecretSource::Given(secret) => secret.clone(),
            SecretSource::File(path) => Secret::load_or_create(path)?,
        };
        Ok(Keys { sign, verify: self.verify_secrets.clone() })
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
        let token = from.duration("auth.guest_ttl", bounds.clone(), why)?;
        let why = "after it every guest is somebody new, and so is who stole a token";
        let family = from.duration("auth.guest_max_age", bounds, why)?;
        let verify_secrets = verify_secrets(from)?;
        Ok(Self { secret, verify_secrets, lifetimes: Lifetimes { token, family } })
    }
}

fn verify_secrets(from: &mut Values) -> Result<Vec<Secret>, SettingsError> {
    const KEY: &str = "auth.verify_secrets";
    let texts = from.list(KEY)?;
    if texts.len() > MOST_VERIFY_SECRETS {
        let right = "each is tried for every token that none before it has signed";
        return Err(from.wrong(KEY, format_args!("at most {MOST_VERIFY_SECRETS}; {right}")));
    }
    let secrets: Option<Vec<Secret>> = texts.iter().map(|text| Secret::parse(text)).collect();
    secrets.ok_or_else(|| {
        from.wrong(KEY, "each has at least 32 bytes; one that has a comma fits into no variable")
    })
}
