//! What other languages need of this crate: TypeScript types, JSON Schema, AsyncAPI.

mod asyncapi;

use schemars::generate::SchemaSettings;
use ts_rs::{Config, TS};

pub use asyncapi::asyncapi;

use crate::*;

/// The TypeScript module of the frontend: every type, the fixed limits and which codes are
/// retryable.
#[must_use]
pub fn typescript() -> String {
    let config = Config::default();
    let mut out = String::from(
        "// Generated from the Rust crate maru-protocol by `make generate`. Do not edit.\n",
    );
    macro_rules! declare {
        ($($kind:ty),+ $(,)?) => { $(
            out.push_str("\nexport ");
            out.push_str(&<$kind>::decl(&config));
            out.push('\n');
        )+ };
    }
    declare!(
        Seq,
        SessionId,
        MessageId,
        Epoch,
        UserId,
        Ref,
        Covers,
        Position,
        RoomName,
        DisplayName,
        Body,
        Emoji,
        Topic,
        Description,
        About,
        FileId,
        FileName,
        FileInfo,
        User,
        Quote,
        Edited,
        Reacted,
        OwnReactions,
        Message,
        Tombstone,
        Edit,
        Deletion,
        Reaction,
        Pinning,
        TopicChange,
        Entry,
        Query,
        Run,
        Hit,
        ReadState,
        Limits,
        Heartbeat,
        ServerInfo,
        Presence,
        PresenceChange,
        RoomInfo,
        ErrorCode,
        ByeCode,
        ClientFrame,
        ServerFrame,
    );
    out.push_str(&format!("\nexport const VERSION = {VERSION};\n"));
    for (name, value) in [
        ("MAX_BODY_CHARS", MAX_BODY_CHARS),
        ("MAX_BODY_BYTES", MAX_BODY_BYTES),
        ("MAX_NAME_CHARS", MAX_NAME_CHARS),
        ("MAX_ROOM_NAME_CHARS", MAX_ROOM_NAME_CHARS),
        ("MAX_MENTIONS", MAX_MENTIONS),
        ("MAX_FILES", MAX_FILES),
        ("MAX_REACTIONS", MAX_REACTIONS),
        ("MAX_REACTED_USERS", MAX_REACTED_USERS),
        ("MAX_PINS", MAX_PINS),
        ("MAX_EXCERPT_CHARS", MAX_EXCERPT_CHARS),
        ("MAX_TOPIC_CHARS", MAX_TOPIC_CHARS),
        ("MAX_DESCRIPTION_CHARS", MAX_DESCRIPTION_CHARS),
        ("MAX_QUERY_CHARS", MAX_QUERY_CHARS),
        ("MAX_UNREAD", MAX_UNREAD as usize),
    ] {
        out.push_str(&format!("export const {name} = {value};\n"));
    }
    out.push_str("\n/** Whether the same attempt, later, can succeed. */\n");
    out.push_str("export const ERROR_RETRYABLE: Readonly<Record<ErrorCode, boolean>> = {\n");
    for code in ErrorCode::ALL {
        out.push_str(&format!("  {}: {},\n", word(code), code.retryable()));
    }
    out.push_str("};\n\n/** Whether to connect again. */\n");
    out.push_str("export const BYE_RETRYABLE: Readonly<Record<ByeCode, boolean>> = {\n");
    for code in ByeCode::ALL {
        out.push_str(&format!("  {}: {},\n", word(code), code.retryable()));
    }
    out.push_str("};\n");
    tidy(&out)
}

/// A code as the wire spells it.
fn word(code: &impl serde::Serialize) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// JSON Schema (draft 2020-12) of [`ClientFrame`].
#[must_use]
pub fn client_schema() -> String {
    schema::<ClientFrame>()
}

/// JSON Schema (draft 2020-12) of [`ServerFrame`].
#[must_use]
pub fn server_schema() -> String {
    schema::<ServerFrame>()
}

fn schema<T: schemars::JsonSchema>() -> String {
    let mut text = serde_json::to_string_pretty(&schema_of::<T>()).unwrap_or_default();
    text.push('\n');
    tidy(&text)
}

fn schema_of<T: schemars::JsonSchema>() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// A comment's links lead nowhere outside of Rust's documentation.
fn tidy(text: &str) -> String {
    text.replace("[`crate::", "`").replace("[`", "`").replace("`]", "`")
}
