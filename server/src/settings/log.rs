//! `[log]`: what is logged, and how a line looks.

use super::SettingsError;
use super::values::Values;
use crate::limits::ShowAddresses;

/// The section `log`: what is logged, and in which format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What is logged, as env_logger reads it; known to be well formed.
    pub filter: String,
    /// How a record looks.
    pub format: LogFormat,
    /// How much of a client's address it shows.
    pub addresses: ShowAddresses,
}

/// How a record looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One line with `key=value` fields.
    Human,
    /// One JSON object per line.
    Json,
}

impl Log {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let filter = from.text("log.filter")?;
        // env_logger itself only warns about what it can't read, and then logs something else.
        if filter.trim().is_empty() || env_filter::Builder::new().try_parse(&filter).is_err() {
            let right = "it is a level, or target=level pairs, such as info,maru_server=debug";
            return Err(from.wrong("log.filter", right));
        }
        let format = match from.text("log.format")?.as_str() {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            _ => return Err(from.wrong("log.format", "it is `human` or `json`")),
        };
        let addresses = match from.text("log.addresses")?.as_str() {
            "full" => ShowAddresses::Full,
            "truncated" => ShowAddresses::Truncated,
            "none" => ShowAddresses::None,
            _ => return Err(from.wrong("log.addresses", "it is `full`, `truncated` or `none`")),
        };
        Ok(Self { filter, format, addresses })
    }
}
