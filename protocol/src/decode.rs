//! From text to a [`ClientFrame`], or to an error that says what to change.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Body, ClientFrame, Description, DisplayName, Emoji, ErrorCode, MessageId, Query, Ref, RoomName,
    Topic,
};

/// A frame that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FrameError {
    /// The request's `ref`, when the frame had a readable one.
    pub reference: Option<Ref>,
    /// What to act on.
    pub code: ErrorCode,
    /// For a person.
    pub message: String,
}

/// Reads one client frame. Unknown fields are passed over, so that a newer client can talk to an
/// older server.
///
/// Costs one pass over the text; only a frame that is refused is looked at again, to say why.
/// Nesting deeper than 128 levels is refused (`serde_json`'s bound): no frame needs 4.
///
/// # Errors
/// [`FrameError`] with the code, the sentence and, where there is one, the `ref`.
pub fn decode_client(text: &str) -> Result<ClientFrame, FrameError> {
    serde_json::from_str(text).map_err(|error| diagnose(text, &error))
}

fn diagnose(text: &str, error: &serde_json::Error) -> FrameError {
    let refuse = |reference, code, message: String| FrameError { reference, code, message };
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        // Its own error: the first one may be about what a frame lacks before it is about JSON.
        Err(why) => {
            return refuse(None, ErrorCode::NotJson, format!("not JSON: {}", bounded(&why)));
        }
    };
    let Value::Object(fields) = &value else {
        return refuse(None, ErrorCode::NotJson, "a frame is a JSON object".to_owned());
    };
    let reference = fields.get("ref").and_then(|v| Ref::deserialize(v).ok());
    let Some(Value::String(kind)) = fields.get("type") else {
        let message = "a frame needs a `type`, a string".to_owned();
        return refuse(reference, ErrorCode::Malformed, message);
    };
    if !TYPES.contains(&kind.as_str()) {
        let known = TYPES.join(", ");
        let message = format!("there is no such `type`; there are: {known}");
        return refuse(reference, ErrorCode::UnknownType, message);
    }
    let (code, message) = fields
        .iter()
        .find_map(|(name, value)| check_field(kind, name, value))
        .unwrap_or_else(|| (ErrorCode::Malformed, format!("`{kind}`: {}", bounded(error))));
    refuse(reference, code, message)
}

/// The fields with rules of their own have codes of their own.
fn check_field(kind: &str, name: &str, value: &Value) -> Option<(ErrorCode, String)> {
    let text = value.as_str()?;
    match name {
        "room" => {
            RoomName::parse(text).err().map(|e| (ErrorCode::InvalidRoom, format!("the room: {e}")))
        }
        "name" => DisplayName::parse(text)
            .err()
            .map(|e| (ErrorCode::InvalidName, format!("your name: {e}"))),
        "body" => {
            Body::parse(text.to_owned()).err().map(|e| (ErrorCode::InvalidBody, e.to_string()))
        }
        "emoji" => {
            Emoji::parse(text.to_owned()).err().map(|e| (ErrorCode::InvalidEmoji, e.to_string()))
        }
        "topic" => {
            Topic::parse(text).err().map(|e| (ErrorCode::InvalidTopic, format!("the topic: {e}")))
        }
        "description" => Description::parse(text)
            .err()
            .map(|e| (ErrorCode::InvalidTopic, format!("the description: {e}"))),
        "query" if kind == "search" => {
            Query::parse(text).err().map(|e| (ErrorCode::InvalidQuery, e.to_string()))
        }
        "id" => MessageId::deserialize(value)
            .err()
            .map(|_| (ErrorCode::InvalidId, "`id` must be a UUID".to_owned())),
        _ => None,
    }
}

/// serde's messages can repeat what was sent: a sentence is enough of it.
fn bounded(error: &serde_json::Error) -> String {
    error.to_string().chars().take(200).collect()
}

/// Every `type` of [`ClientFrame`]; a test holds it against the enum.
const TYPES: [&str; 20] = [
    "hello",
    "join",
    "leave",
    "create",
    "send",
    "edit",
    "delete",
    "react",
    "pin",
    "topic",
    "pinned",
    "own_reactions",
    "history",
    "rooms",
    "read",
    "unread",
    "members",
    "search",
    "typing",
    "ping",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (ErrorCode, Option<u32>, String) {
        let error = decode_client(text).unwrap_err();
        (error.code, error.reference.map(|r| r.0), error.message)
    }

    #[test]
    fn the_list_of_types_is_the_enum() {
        let error = serde_json::from_str::<ClientFrame>(r#"{"type":"?"}"#).unwrap_err().to_string();
        let told: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
        assert_eq!(told, TYPES);
    }

    #[test]
    fn each_fault_has_its_code_and_keeps_its_ref() {
        assert_eq!(refused("hello").0, ErrorCode::NotJson);
        assert_eq!(refused("[1]").0, ErrorCode::NotJson);
        assert_eq!(refused("{\"type\":\"ping\"").0, ErrorCode::NotJson);
        assert_eq!(refused(&"[".repeat(100_000)).0, ErrorCode::NotJson);
        let (code, _, message) = refused("{} {}");
        assert_eq!(code, ErrorCode::NotJson);
        assert!(message.contains("trailing"), "{message}");
        assert_eq!(refused("{}").0, ErrorCode::Malformed);
        assert_eq!(refused(r#"{"type":7,"ref":1}"#).1, Some(1));
        assert_eq!(refused(r#"{"type":"shout","ref":3}"#).0, ErrorCode::UnknownType);
        let (code, reference, message) = refused(r#"{"type":"join","ref":4}"#);
        assert_eq!((code, reference), (ErrorCode::Malformed, Some(4)));
        assert!(message.contains("room"), "{message}");
        assert_eq!(refused(r#"{"type":"join","room":"a"}"#).0, ErrorCode::Malformed);
        let send = |room: &str, id: &str, body: &str| {
            refused(&format!(
                r#"{{"type":"send","ref":5,"room":"{room}","id":"{id}","body":"{body}"}}"#
            ))
        };
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(send("a/b", id, "x").0, ErrorCode::InvalidRoom);
        assert_eq!(send("a", "7", "x").0, ErrorCode::InvalidId);
        assert_eq!(send("a", id, " ").0, ErrorCode::InvalidBody);
        assert_eq!(send("a", id, &"x".repeat(5_000)).1, Some(5));
        let react = |emoji: &str| {
            let frame = format!(r#"{{"type":"react","ref":6,"room":"a","id":"{id}","target":1,"#);
            refused(&format!(r#"{frame}"emoji":"{emoji}","on":true}}"#))
        };
        assert_eq!(react("hello").0, ErrorCode::InvalidEmoji);
        assert_eq!(refused(r#"{"type":"search","ref":6,"query":" "}"#).0, ErrorCode::InvalidQuery);
        let topic = format!(
            r#"{{"type":"topic","ref":6,"room":"a","id":"{id}","topic":"{}","description":""}}"#,
            "x".repeat(121)
        );
        assert_eq!(refused(&topic).0, ErrorCode::InvalidTopic);
        let hello = r#"{"type":"hello","version":1,"name":"\u200b\u200b"}"#;
        assert_eq!(refused(hello).0, ErrorCode::InvalidName);
        assert_eq!(refused(r#"{"type":"hello","version":-1}"#).0, ErrorCode::Malformed);
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        let frame = decode_client(r#"{"type":"ping","later":{"a":[1]}}"#).unwrap();
        assert_eq!(frame, ClientFrame::Ping);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = decode_client(&text);
        }

        #[test]
        fn an_error_is_short(kind in ".{0,2000}") {
            let text = serde_json::json!({ "type": kind, "ref": 1 }).to_string();
            prop_assert!(decode_client(&text).unwrap_err().message.len() < 1_000);
        }
    }
}
