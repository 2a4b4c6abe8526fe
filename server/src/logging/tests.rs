use std::sync::{Arc, Mutex};

use env_logger::{Target, WriteStyle};
use log::{Level, Log as _};

use super::*;
use crate::limits::ShowAddresses;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a record of this message and these fields looks like, without its time.
fn line(format: LogFormat, message: &str, fields: &[(&str, Value<'_>)]) -> String {
    let sink = Sink::default();
    let logger = builder(&Log { filter: "info".into(), format, addresses: ShowAddresses::Full })
        .target(Target::Pipe(Box::new(sink.clone())))
        .write_style(WriteStyle::Never)
        .build();
    let log = |level: Level, args: fmt::Arguments<'_>| {
        let fields = fields.to_vec();
        logger.log(
            &Record::builder()
                .level(level)
                .target("maru::session")
                .key_values(&fields)
                .args(args)
                .build(),
        );
    };
    log(Level::Debug, format_args!("below the filter"));
    log(Level::Info, format_args!("{message}"));
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_record_is_one_line_with_fields() {
    let text = line(
        LogFormat::Human,
        "connected",
        &[
            ("session", Value::from("0198")),
            ("name", Value::from("Kim Minji")),
            ("count", Value::from(7)),
            ("reason", Value::from("")),
        ],
    );
    let (at, rest) = text.split_once(' ').unwrap();
    assert_eq!(
        rest,
        "INFO maru::session connected session=0198 name=\"Kim Minji\" count=7 reason=\"\"\n"
    );
    assert_eq!((at.len(), at.as_bytes()[19], at.ends_with('Z')), (24, b'.', true), "{at}");
}

#[test]
fn nothing_forges_a_line() {
    let evil = "x\n2026-11-23T03:20:11.123Z INFO maru fake\r\u{1b}[2J \"q\" \u{202e}evil\u{2028}\\";
    let text = line(LogFormat::Human, evil, &[("name", Value::from(evil))]);
    assert_eq!(text.matches('\n').count(), 1);
    assert!(text.ends_with(
        "name=\"x\\n2026-11-23T03:20:11.123Z INFO maru fake\\r\\u{1b}[2J \\\"q\\\" \\u{202e}evil\\u{2028}\\\\\"\n"
    ), "{text}");
    assert!(!text.trim_end_matches('\n').chars().any(unsafe_in_line), "{text}");
    // `user=x admin=y` as a value can't become a second field.
    assert!(line(LogFormat::Human, "m", &[("a", Value::from("x=y"))]).ends_with("a=\"x=y\"\n"));
}

#[test]
fn json_records() {
    let text = line(
        LogFormat::Json,
        "connected\n",
        &[("name", Value::from("a\nb")), ("count", Value::from(7)), ("level", Value::from("off"))],
    );
    assert_eq!(text.matches('\n').count(), 1);
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["level"], "info", "a field can't replace it");
    assert_eq!(record["target"], "maru::session");
    assert_eq!(record["message"], "connected\n");
    assert_eq!((record["name"].as_str(), record["count"].as_u64()), (Some("a\nb"), Some(7)));
    assert!(record["at"].as_str().unwrap().ends_with('Z'));
}
