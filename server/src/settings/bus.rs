//! `[bus]`: what the servers of a cluster tell one another with.

use std::fmt;

use super::SettingsError;
use super::values::Values;

/// The bus between the servers of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bus {
    /// Where NATS is; none with one server alone.
    pub url: Option<NatsUrl>,
    /// What its subjects begin with.
    pub prefix: String,
}

/// The address of NATS, perhaps with a password: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl(String);

impl NatsUrl {
    /// Addresses like `nats://user:password@host:4222`, separated by commas. None when one is of
    /// another kind; what is wrong within it is said when the bus is made.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fine = |address: &str| {
            let rest = ["nats://", "tls://"].iter().find_map(|it| address.strip_prefix(it));
            let host = rest.map(|rest| rest.rsplit('@').next().unwrap_or_default());
            let plain = !address.contains(|c: char| c.is_whitespace() || c.is_control());
            plain && host.is_some_and(|host| !host.is_empty() && !host.starts_with([':', '/']))
        };
        text.split(',').all(|address| fine(address.trim())).then(|| Self(text.to_owned()))
    }

    /// The address itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NatsUrl(hidden)")
    }
}

impl Bus {
    /// `shared`: the journal is one that other servers can write to.
    pub(super) fn read(from: &mut Values, shared: bool) -> Result<Self, SettingsError> {
        let address = from.text("bus.url")?;
        let url = match NatsUrl::parse(&address) {
            Some(_) if !shared => {
                let right = "servers that hear of each other share a journal: set journal.url too";
                return Err(from.wrong("bus.url", right));
            }
            Some(url) => Some(url),
            None if address.is_empty() => None,
            None => {
                let right = "it is like nats://host:4222, or empty for one server alone";
                return Err(from.wrong("bus.url", right));
            }
        };
        let prefix = from.text("bus.prefix")?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if prefix.is_empty() || prefix.len() > 32 || !prefix.chars().all(word) {
            let right = "it is one word of 1 to 32 letters of a to z, digits, - and _";
            return Err(from.wrong("bus.prefix", right));
        }
        Ok(Self { url, prefix })
    }
}
