//! docs/settings.md is what config/*.toml say today. `MARU_GENERATE=1` (or `make generate`) writes
//! it anew.

#![allow(clippy::unwrap_used)] // a test may

use std::{fmt::Write, fs, path::PathBuf};

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

struct Row {
    key: String,
    value: String,
    comment: String,
}

/// The settings of a file, each with the comment above it. Knows as much of TOML as our own files
/// use: one key a line.
fn rows(path: &str) -> Vec<Row> {
    let text = fs::read_to_string(repository(path)).unwrap();
    let (mut rows, mut section, mut comment) = (Vec::new(), "", String::new());
    for line in text.lines() {
        if let Some(more) = line.strip_prefix('#') {
            comment = format!("{comment} {}", more.trim()).trim().to_owned();
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            comment.clear();
        } else if let Some((name, value)) = line.split_once(" = ") {
            assert!(!comment.is_empty(), "{path}: {section}.{name} has no comment");
            let (key, comment) = (format!("{section}.{name}"), std::mem::take(&mut comment));
            rows.push(Row { key, value: value.to_owned(), comment });
        } else {
            assert!(line.is_empty(), "{path}: {line:?}");
            comment.clear();
        }
    }
    rows
}

fn table(title: &str, path: &str) -> String {
    let mut out = format!("| Setting | {title} | Meaning |\n|---|---|---|\n");
    for Row { key, value, comment } in rows(path) {
        let comment = comment.replace('|', "\\|");
        writeln!(out, "| `{key}` | `{value}` | {comment} |").unwrap();
    }
    out
}

/// The settings that are never shown, but for the first, which is the example.
const SECRETS: &str = "`auth.verify_secrets` (one in each line), `bus.url`, `files.s3_access_key`, \
                       `files.s3_secret_key` and `journal.url`";

fn document() -> String {
    let secrets = SECRETS;
    let (default, development, production) = (
        table("Default", "config/default.toml"),
        table("In development", "config/development.toml"),
        table("In production", "config/production.toml"),
    );
    format!(
        "<!-- Generated from config/*.toml by `make generate`. Do not edit. -->\n\
         # Settings\n\n\
         Later wins: the built-in defaults, `default.toml` in the config folder (`MARU_CONFIG_DIR`, \
         `./config` by default), the file of the environment (`MARU_ENVIRONMENT`: `development`, the \
         default, or `production`), then variables: `http.port` is `MARU_HTTP__PORT`; a list in a \
         variable is separated by commas. A secret can lie in a file of its own instead: \
         `MARU_AUTH__SECRET_FILE` names one that holds `auth.secret`; so can {secrets}. Durations are written `500ms`, `25s`, `5m`, `12h`, `365d`; \
         sizes `512 B`, `64 KiB`, `1 MiB`. A wrong or unknown setting stops the start with one \
         sentence. `maru-server settings` prints what is in force and where each was set.\n\n\
         {default}\n\
         ## MARU_ENVIRONMENT=development\n\n\
         {development}\n\
         ## MARU_ENVIRONMENT=production\n\n\
         {production}"
    )
}

#[test]
fn settings_are_documented() {
    let path = repository("docs/settings.md");
    let text = document();
    if std::env::var_os("MARU_GENERATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is stale: run `make generate`", path.display());
}
