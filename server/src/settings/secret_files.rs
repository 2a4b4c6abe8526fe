//! Secrets that lie in files of their own: `MARU_AUTH__SECRET_FILE` names one that holds `auth.secret`.
//! What starts containers puts secrets into files, where no list of processes and no dump of an
//! environment shows them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use config::{Value, ValueKind};

use super::values::{SECRETS, is_list, variable};
use super::{SettingsError, Variables};

const ENDING: &str = "_FILE";

/// A longer file is no secret, and need not be read to know that.
const MAX_BYTES: u64 = 64 * 1024;

/// The secret whose file a variable of this name names.
pub(super) fn secret_of(name: &str) -> Option<&'static str> {
    let of = name.strip_suffix(ENDING)?;
    SECRETS.into_iter().find(|key| variable(key) == of)
}

/// The secrets whose files are named, by their keys.
pub(super) fn gather(variables: &Variables) -> Result<BTreeMap<String, Value>, SettingsError> {
    let mut secrets = BTreeMap::new();
    for (name, path) in variables {
        let Some(key) = secret_of(name) else { continue };
        let beside = variable(key);
        if variables.get(&beside).is_some_and(|value| !value.is_empty()) {
            return Err(SettingsError::TwoSecrets {
                variable: beside,
                file_variable: name.clone(),
            });
        }
        let text = read(Path::new(path)).map_err(|why| SettingsError::SecretFile {
            variable: name.clone(),
            file: shown(path),
            why,
        })?;
        // The items of a list are lines: a secret may have a comma.
        let kind = if is_list(key) {
            ValueKind::from(
                text.lines().map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>(),
            )
        } else {
            ValueKind::String(text)
        };
        secrets.insert(key.to_owned(), Value::new(Some(name), kind));
    }
    Ok(secrets)
}

/// A file's name, quoted. What doesn't look like one may be the secret itself, in the wrong variable.
fn shown(path: &str) -> String {
    let looks_like_one = ["/", "./", "../"].iter().any(|start| path.starts_with(start));
    if looks_like_one { format!("{path:?}") } else { "hidden".to_owned() }
}

/// What a file holds, without the white space around it; or why it holds nothing.
fn read(path: &Path) -> Result<String, String> {
    if path == Path::new("") {
        return Err("name a file, or don't set the variable".to_owned());
    }
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("it can't be read: {error}"),
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("it is longer than 64 KiB, as no secret is".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())?;
    match text.trim() {
        "" => Err("it is empty: write the secret into it".to_owned()),
        text => Ok(text.to_owned()),
    }
}
