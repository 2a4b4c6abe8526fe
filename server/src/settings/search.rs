//! `[search]`: finding what was said.

use super::SettingsError;
use super::values::Values;

/// Finding what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Whether there is an index.
    pub enabled: bool,
}

impl Search {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        Ok(Self { enabled: from.flag("search.enabled")? })
    }
}
