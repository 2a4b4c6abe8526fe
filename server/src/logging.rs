//! Logs: one line per record, on stderr, whatever a value holds.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use env_logger::Builder;
use env_logger::fmt::Formatter;
use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Record, SetLoggerError};

use crate::settings::{Log, LogFormat};

/// Starts logging. Once per process.
///
/// # Errors
/// Something logs already.
pub fn init(settings: &Log) -> Result<(), SetLoggerError> {
    builder(settings).try_init()
}

fn builder(settings: &Log) -> Builder {
    let mut builder = Builder::new();
    // It calls a request that is none an error, and anybody can send thousands of them. Who names it in the
    // filter still gets it.
    builder.filter_module("actix_http", LevelFilter::Off);
    // From settings alone: RUST_LOG would be a second place for the same thing.
    builder.parse_filters(&settings.filter);
    match settings.format {
        LogFormat::Human => builder.format(human),
        LogFormat::Json => builder.format(json),
    };
    builder
}

/// `2026-11-23T03:20:11.123Z INFO maru::session connected session=… user=…`
fn human(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let style = out.default_level_style(record.level());
    let mut line = format!(
        "{} {style}{}{style:#} {} ",
        out.timestamp_millis(),
        record.level(),
        record.target()
    );
    // Writing to a String never fails, and neither does a visitor that only does that.
    let _ = write!(Escaped { out: &mut line, in_quotes: false }, "{}", record.args());
    let _ = record.key_values().visit(&mut Fields(&mut line));
    line.push('\n');
    // One write, so that lines of several threads don't mix.
    out.write_all(line.as_bytes())
}

struct Fields<'a>(&'a mut String);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let text = value.to_string();
        let plain =
            |c: char| !c.is_whitespace() && !matches!(c, '"' | '=' | '\\') && !unsafe_in_line(c);
        write!(self.0, " {key}=")?;
        if !text.is_empty() && text.chars().all(plain) {
            self.0.push_str(&text);
        } else {
            self.0.push('"');
            write!(Escaped { out: self.0, in_quotes: true }, "{text}")?;
            self.0.push('"');
        }
        Ok(())
    }
}

/// What could end the line, move the cursor or turn the text around: a name must not forge a
/// record or hide one.
fn unsafe_in_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

struct Escaped<'a> {
    out: &'a mut String,
    in_quotes: bool,
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '"' | '\\' if self.in_quotes => self.out.extend(['\\', c]),
                c if unsafe_in_line(c) => write!(self.out, "\\u{{{:x}}}", u32::from(c))?,
                c => self.out.push(c),
            }
        }
        Ok(())
    }
}

/// `{"at":"…","level":"info","target":"maru::session","message":"connected","session":"…"}`
///
/// A field never replaces one of the first four: those come last into the map.
fn json(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut object = JsonFields::default();
    let _ = record.key_values().visit(&mut object);
    let level = record.level().as_str().to_ascii_lowercase();
    object.set("at", &out.timestamp_millis());
    object.set("level", &level);
    object.set("target", &record.target());
    object.set("message", record.args());
    writeln!(out, "{}", serde_json::Value::Object(object.0))
}

#[derive(Default)]
struct JsonFields(serde_json::Map<String, serde_json::Value>);

impl JsonFields {
    fn set(&mut self, key: &str, value: &dyn Display) {
        self.0.insert(key.to_owned(), value.to_string().into());
    }
}

impl<'kvs> VisitSource<'kvs> for JsonFields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let number = value.to_u64().map(serde_json::Value::from);
        let number = number.or_else(|| value.to_i64().map(serde_json::Value::from));
        let typed = number.or_else(|| value.to_bool().map(serde_json::Value::from));
        let typed = typed.unwrap_or_else(|| value.to_string().into());
        self.0.insert(key.to_string(), typed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
