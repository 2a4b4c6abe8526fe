//! What is wrong with a setting, as one sentence.

use std::path::PathBuf;

/// Why the settings were refused. Each is one sentence for whoever starts the server; a secret's
/// value is in none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value that a setting can't have.
    #[error("{key} is {value}: {right}{}", .set_by.as_deref().map(|by| format!(" (set by {by})")).unwrap_or_default())]
    Wrong {
        /// The setting, as `section.key`.
        key: String,
        /// Its value, shortened; masked when secret.
        value: String,
        /// What would be right.
        right: String,
        /// The file or variable that set it; none for a built-in default.
        set_by: Option<String>,
    },
    /// A key in a file that is no setting.
    #[error("{key} in {file} is no setting: {hint}")]
    UnknownKey {
        /// The key, as `section.key`.
        key: String,
        /// The file it is in.
        file: String,
        /// The nearest setting, or where they are listed.
        hint: String,
    },
    /// A `MARU_*` variable that is no setting.
    #[error("the variable {variable} is no setting: {hint}")]
    UnknownVariable {
        /// The variable's name.
        variable: String,
        /// The nearest setting's variable, or where they are listed.
        hint: String,
    },
    /// A `MARU_*` variable that isn't UTF-8.
    #[error("the variable {variable} is not UTF-8 text: set it anew")]
    NotText {
        /// The variable's name.
        variable: String,
    },
    /// The file that is to hold a secret does not.
    #[error("{variable} is {file}: {why}")]
    SecretFile {
        /// The variable that names the file.
        variable: String,
        /// The file, quoted, or `hidden` where it may be the secret itself.
        file: String,
        /// What is wrong with it, without its text.
        why: String,
    },
    /// A secret is given twice.
    #[error(
        "{variable} and {file_variable} are both set: one of them holds the secret, unset the other"
    )]
    TwoSecrets {
        /// The variable that holds the secret.
        variable: String,
        /// The one that names its file.
        file_variable: String,
    },
    /// `MARU_ENVIRONMENT` names no environment.
    #[error("MARU_ENVIRONMENT is {0:?}: it is `development` (the default) or `production`")]
    NoEnvironment(String),
    /// `MARU_CONFIG_DIR` is no folder.
    #[error("MARU_CONFIG_DIR is {}: there is no such folder", .0.display())]
    NoFolder(PathBuf),
    /// A settings file can't be read or isn't TOML.
    #[error("can't read {}: {why}", .file.display())]
    Unreadable {
        /// The settings file.
        file: PathBuf,
        /// What is wrong with it, without its text.
        why: String,
    },
    /// The sources don't go together.
    #[error("can't read the settings: {0}")]
    Unusable(String),
    /// A default is missing: a bug in `config/default.toml`.
    #[error("{0} has no default: this is a bug in config/default.toml")]
    NoDefault(String),
}
