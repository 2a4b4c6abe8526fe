//! Where settings come from, and that nothing among it is unknown.

use std::collections::BTreeMap;
use std::path::Path;

use config::builder::DefaultState;
use config::{Config, ConfigBuilder, ConfigError, File, FileFormat, Source, Value, ValueKind};

use super::values::{Values, variable};
use super::{SettingsError, Variables, secret_files};

const DEFAULT: &str = include_str!("../../../config/default.toml");
const PRODUCTION: &str = include_str!("../../../config/production.toml");

/// What `config` calls the origin of a variable's value.
pub(super) const ENVIRONMENT: &str = "the environment";

/// Variables that choose sources instead of being one. `MARU_GENERATE` belongs to our tests, which
/// may start a server under it.
const CHOOSING: [&str; 3] = ["MARU_CONFIG_DIR", "MARU_ENVIRONMENT", "MARU_GENERATE"];

/// Which environment's file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine; the default.
    Development,
    /// Where people use it.
    Production,
}

impl Environment {
    /// As `MARU_ENVIRONMENT` and the file's name spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// Lays the sources over each other, later ones on top.
pub(super) fn gather(variables: &Variables) -> Result<(Environment, Values), SettingsError> {
    let environment = match variables.get("MARU_ENVIRONMENT").map(String::as_str) {
        None | Some("" | "development") => Environment::Development,
        Some("production") => Environment::Production,
        Some(other) => return Err(SettingsError::NoEnvironment(other.to_owned())),
    };
    let chosen = variables.get("MARU_CONFIG_DIR").filter(|folder| !folder.is_empty());
    let folder = Path::new(chosen.map_or("config", String::as_str));
    if chosen.is_some() && !folder.is_dir() {
        return Err(SettingsError::NoFolder(folder.to_owned()));
    }

    let built_in = File::from_str(DEFAULT, FileFormat::Toml);
    let known = collect(Config::builder().add_source(built_in.clone()))?;
    let mut builder = Config::builder().add_source(built_in);
    builder = with_file(builder, &folder.join("default.toml"))?;
    if environment == Environment::Production {
        builder = builder.add_source(File::from_str(PRODUCTION, FileFormat::Toml));
    }
    builder = with_file(builder, &folder.join(format!("{}.toml", environment.as_str())))?;
    builder = builder.add_source(
        config::Environment::with_prefix("MARU")
            .prefix_separator("_")
            .separator("__")
            .source(Some(settings_among(variables, &known)?)),
    );
    let mut values = collect(builder)?;
    values.values_mut().for_each(|value| name_file(value, folder));
    values.extend(secret_files::gather(variables)?);
    match values.iter().find(|(key, _)| !known.contains_key(*key)) {
        Some((key, value)) => Err(unknown_key(key, value, &known)),
        None => Ok((environment, Values::new(values))),
    }
}

/// Adds a file that need not be there.
fn with_file(
    builder: ConfigBuilder<DefaultState>,
    path: &Path,
) -> Result<ConfigBuilder<DefaultState>, SettingsError> {
    // `required(false)` would take an unreadable file for a missing one.
    if !path.exists() {
        return Ok(builder);
    }
    let file = File::from(path).format(FileFormat::Toml);
    // Alone first: what is wrong with it is said with its name.
    Config::builder()
        .add_source(file.clone())
        .build()
        .map_err(|error| SettingsError::Unreadable { file: path.into(), why: one_line(&error) })?;
    Ok(builder.add_source(file))
}

fn collect(builder: ConfigBuilder<DefaultState>) -> Result<BTreeMap<String, Value>, SettingsError> {
    let merged = builder
        .build()
        .and_then(|config| config.collect())
        .map_err(|error| SettingsError::Unusable(one_line(&error)))?;
    let mut values = BTreeMap::new();
    for (section, value) in merged {
        flatten(section, value, &mut values);
    }
    Ok(values)
}

/// `{http: {port}}` becomes `http.port`. An empty section stays, so that its name is checked too.
fn flatten(key: String, value: Value, into: &mut BTreeMap<String, Value>) {
    match value.kind {
        ValueKind::Table(entries) if !entries.is_empty() => {
            for (name, value) in entries {
                flatten(format!("{key}.{name}"), value, into);
            }
        }
        _ => {
            into.insert(key, value);
        }
    }
}

/// `config` names a file by its way from the working folder, however many `..` that takes; people
/// know it by the folder they set.
fn name_file(value: &mut Value, folder: &Path) {
    let file = value.origin().filter(|origin| *origin != ENVIRONMENT);
    if let Some(name) = file.and_then(|origin| Path::new(origin).file_name()) {
        let path = folder.join(name).display().to_string();
        *value = Value::new(Some(&path), value.kind.clone());
    }
}

/// Without the lines of the file that a TOML error quotes: they could hold a secret.
fn one_line(error: &ConfigError) -> String {
    let text = error.to_string();
    let quoted = |line: &&str| line.contains('|') || line.starts_with("in ") || line.is_empty();
    text.lines().map(str::trim).filter(|line| !quoted(line)).collect::<Vec<_>>().join(": ")
}

/// The variables that are settings; an error for one that tries to be.
fn settings_among(
    variables: &Variables,
    known: &BTreeMap<String, Value>,
) -> Result<config::Map<String, String>, SettingsError> {
    let mut settings = config::Map::new();
    for (name, value) in variables {
        let apart = CHOOSING.contains(&name.as_str()) || secret_files::secret_of(name).is_some();
        if apart || is_service_link(name, value) {
            continue;
        }
        let key = name.strip_prefix("MARU_").unwrap_or(name).replace("__", ".").to_lowercase();
        if !known.contains_key(&key) || *name != variable(&key) {
            let hint = hint(known.keys().map(|key| variable(key)), &name.to_uppercase());
            return Err(SettingsError::UnknownVariable { variable: name.clone(), hint });
        }
        settings.insert(name.clone(), value.clone());
    }
    Ok(settings)
}

/// Kubernetes gives every pod variables about each service: one called `maru` makes
/// `MARU_PORT=tcp://10.0.0.1:80`, `MARU_SERVICE_HOST` and more, which nobody set.
fn is_service_link(name: &str, value: &str) -> bool {
    let port = name.contains("_PORT_") && (name.contains("_TCP") || name.contains("_UDP"));
    !name.contains("__")
        && (name.ends_with("_SERVICE_HOST")
            || name.contains("_SERVICE_PORT")
            || port
            || name.ends_with("_PORT") && value.contains("://"))
}

fn unknown_key(key: &str, value: &Value, known: &BTreeMap<String, Value>) -> SettingsError {
    let section = format!("{key}.");
    let is_section = known.keys().any(|known| known.starts_with(&section));
    SettingsError::UnknownKey {
        key: key.to_owned(),
        file: value.origin().unwrap_or("config/default.toml").to_owned(),
        hint: if is_section {
            format!("it is a section, written [{key}]")
        } else {
            hint(known.keys().cloned(), key)
        },
    }
}

/// The nearest name, when it is near enough to be meant.
fn hint(names: impl Iterator<Item = String>, wrong: &str) -> String {
    let scored = names.map(|name| (strsim::normalized_damerau_levenshtein(&name, wrong), name));
    match scored.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((score, name)) if score > 0.6 => format!("did you mean {name}?"),
        _ => "`maru-server settings` lists them all".into(),
    }
}
