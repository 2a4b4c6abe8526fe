//! The settings in force, as TOML that could be a settings file again.

use std::fmt::Write;

use config::{Value, ValueKind};

use super::Environment;
use super::values::{Values, is_list, is_secret, items, set_by};

pub(super) fn render(environment: Environment, from: &Values) -> String {
    let mut out = format!("# The settings in force (environment: {}).\n", environment.as_str());
    let mut current = "";
    for (key, value) in from.values() {
        let (section, name) = key.split_once('.').unwrap_or(("", key));
        if section != current {
            let _ = write!(out, "\n[{section}]\n");
            current = section;
        }
        let _ = write!(out, "{name} = {}", toml(key, value));
        if let Some(by) = set_by(key, value) {
            let _ = write!(out, "  # {by}");
        }
        out.push('\n');
    }
    out
}

fn toml(key: &str, value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) if is_secret(key) && !text.is_empty() => hidden(key),
        ValueKind::Array(items) if is_secret(key) && !items.is_empty() => hidden(key),
        // What came from a variable is text whatever the setting's type.
        ValueKind::String(text) if text.parse::<i64>().is_ok() || is_flag(text) => text.clone(),
        ValueKind::String(text) if is_list(key) => list(items(text).iter().map(String::as_str)),
        ValueKind::String(text) => quoted(text),
        ValueKind::Array(values) => {
            let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
            list(texts.iter().map(String::as_str))
        }
        other => other.to_string(),
    }
}

fn hidden(key: &str) -> String {
    if is_list(key) { list(["(hidden)"].into_iter()) } else { quoted("(hidden)") }
}

fn is_flag(text: &str) -> bool {
    matches!(text, "true" | "false")
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A JSON string is a TOML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
