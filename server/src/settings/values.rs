//! Takes single values out of what the sources gave and says what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use config::{Value, ValueKind};

use super::SettingsError;
use super::sources::ENVIRONMENT;
use super::units::{self, Humane, Size};

/// Settings whose value is never shown, and can come from a file of its own (`secret_files`).
pub(super) const SECRETS: [&str; 6] = [
    "auth.secret",
    "auth.verify_secrets",
    "bus.url",
    "files.s3_access_key",
    "files.s3_secret_key",
    "journal.url",
];

/// A longer value is cut when it is shown: it is a mistake, not something to read.
const SHOWN_CHARS: usize = 60;

/// The merged values by `section.key`, and which of them were read.
pub(super) struct Values {
    values: BTreeMap<String, Value>,
    read: BTreeSet<String>,
}

impl Values {
    pub(super) fn new(values: BTreeMap<String, Value>) -> Self {
        Self { values, read: BTreeSet::new() }
    }

    pub(super) fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    /// The keys that nothing has asked for.
    #[cfg(test)]
    pub(super) fn unread(&self) -> Vec<&String> {
        self.values.keys().filter(|key| !self.read.contains(*key)).collect()
    }

    /// The error for a value: its key, itself, what would be right, who set it.
    pub(super) fn wrong(&self, key: &str, right: impl Display) -> SettingsError {
        let value = self.values.get(key);
        SettingsError::Wrong {
            key: key.to_owned(),
            value: value.map(|value| shown(key, value)).unwrap_or_default(),
            right: right.to_string(),
            set_by: value.and_then(|value| set_by(key, value)),
        }
    }

    fn take(&mut self, key: &str) -> Result<ValueKind, SettingsError> {
        self.read.insert(key.to_owned());
        let value = self.values.get(key);
        value.map(|value| value.kind.clone()).ok_or_else(|| SettingsError::NoDefault(key.into()))
    }

    pub(super) fn text(&mut self, key: &str) -> Result<String, SettingsError> {
        match self.take(key)? {
            ValueKind::String(text) => Ok(text),
            _ => Err(self.wrong(key, "it is a text in quotes")),
        }
    }

    /// A variable gives the items separated by commas.
    pub(super) fn list(&mut self, key: &str) -> Result<Vec<String>, SettingsError> {
        let right = "it is a list of texts, such as [\"one\", \"two\"]";
        let items = match self.take(key)? {
            ValueKind::String(text) => return Ok(items(&text)),
            ValueKind::Array(items) => items,
            _ => return Err(self.wrong(key, right)),
        };
        let text = |item: Value| match item.kind {
            ValueKind::String(text) => Some(text),
            _ => None,
        };
        let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
        texts.ok_or_else(|| self.wrong(key, right))
    }

    pub(super) fn flag(&mut self, key: &str) -> Result<bool, SettingsError> {
        match self.take(key)? {
            ValueKind::Boolean(on) => Ok(on),
            ValueKind::String(text) if text == "true" => Ok(true),
            ValueKind::String(text) if text == "false" => Ok(false),
            _ => Err(self.wrong(key, "it is true or false")),
        }
    }

    /// A whole number within `bounds`, which `why` explains.
    pub(super) fn number<T: TryFrom<u64>>(
        &mut self,
        key: &str,
        bounds: RangeInclusive<u64>,
        why: &str,
    ) -> Result<T, SettingsError> {
        let number = integer(self.take(key)?).filter(|number| bounds.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let (least, most) = bounds.into_inner();
            self.wrong(key, format_args!("it is a whole number from {least} to {most}; {why}"))
        })
    }

    pub(super) fn duration(
        &mut self,
        key: &str,
        bounds: RangeInclusive<Duration>,
        why: &str,
    ) -> Result<Duration, SettingsError> {
        let value = match self.take(key)? {
            ValueKind::String(text) => units::duration(&text),
            _ => None,
        };
        value.filter(|value| bounds.contains(value)).ok_or_else(|| {
            let (least, most) = bounds.into_inner();
            let (least, most) = (Humane(least), Humane(most));
            let units = "in ms, s, m, h or d";
            self.wrong(
                key,
                format_args!("it is a duration from \"{least}\" to \"{most}\", {units}; {why}"),
            )
        })
    }

    pub(super) fn bytes<T: TryFrom<u64>>(
        &mut self,
        key: &str,
        bounds: RangeInclusive<u64>,
        why: &str,
    ) -> Result<T, SettingsError> {
        let value = match self.take(key)? {
            ValueKind::String(text) => units::bytes(&text),
            _ => None,
        };
        let value = value.filter(|value| bounds.contains(value));
        value.and_then(|value| T::try_from(value).ok()).ok_or_else(|| {
            let (least, most) = bounds.into_inner();
            let (least, most) = (Size(least), Size(most));
            self.wrong(
                key,
                format_args!(
                    "it is a size from \"{least}\" to \"{most}\", in B, KiB, MiB or GiB; {why}"
                ),
            )
        })
    }

    /// `{section}.host` and `{section}.port` together.
    pub(super) fn listen(&mut self, section: &str) -> Result<SocketAddr, SettingsError> {
        let (host, port) = (format!("{section}.host"), format!("{section}.port"));
        let address: IpAddr = self.text(&host)?.trim().parse().map_err(|_| {
            self.wrong(&host, "it is an IP address, such as 127.0.0.1, or 0.0.0.0 for every one")
        })?;
        let number = integer(self.take(&port)?).and_then(|number| u16::try_from(number).ok());
        let number =
            number.ok_or_else(|| self.wrong(&port, "a port is 1 to 65535 (0 picks a free one)"))?;
        Ok(SocketAddr::new(address, number))
    }
}

fn integer(kind: ValueKind) -> Option<u64> {
    match kind {
        ValueKind::I64(number) => number.try_into().ok(),
        ValueKind::U64(number) => Some(number),
        ValueKind::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The items of a list that came as one text.
pub(super) fn items(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The variable that sets a key.
pub(super) fn variable(key: &str) -> String {
    format!("MARU_{}", key.replace('.', "__").to_uppercase())
}

/// The file or variable that a value came from; none for a built-in default.
pub(super) fn set_by(key: &str, value: &Value) -> Option<String> {
    match value.origin()? {
        ENVIRONMENT => Some(variable(key)),
        file => Some(file.to_owned()),
    }
}

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// Whether a setting is a list of texts.
pub(super) fn is_list(key: &str) -> bool {
    matches!(
        key,
        "auth.verify_secrets"
            | "chat.first_rooms"
            | "files.allowed_types"
            | "files.refused_types"
            | "http.allowed_hosts"
            | "http.allowed_origins"
            | "limits.exempt"
            | "metrics.allowed_hosts"
            | "proxies.trusted"
    )
}

fn shown(key: &str, value: &Value) -> String {
    if is_secret(key) {
        let empty = match &value.kind {
            ValueKind::String(text) => text.is_empty(),
            ValueKind::Array(items) => items.is_empty(),
            _ => false,
        };
        return if empty { "empty" } else { "hidden" }.into();
    }
    let text = match &value.kind {
        ValueKind::String(text) => text.clone(),
        ValueKind::Array(items) if items.is_empty() => "empty".into(),
        ValueKind::Array(items) => {
            items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        ValueKind::Nil => "nothing".into(),
        ValueKind::Table(_) => "a section".into(),
        other => other.to_string(),
    };
    let cut: String = text.chars().take(SHOWN_CHARS).collect();
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    if cut.is_empty() || !cut.chars().all(plain) { format!("{cut:?}") } else { cut }
}
