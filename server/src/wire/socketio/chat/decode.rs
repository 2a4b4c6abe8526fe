//! From an event to what a client asks for.

use maru_protocol::{ClientFrame, ErrorCode, FrameError, Ref, decode_client};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{CHAT_MESSAGE, LOBBY, json};

/// Requests that carry an id of the client's making, by which a retry is known.
const WITH_ID: [&str; 6] = ["send", "edit", "delete", "react", "pin", "topic"];

/// What of a request is looked at before it is read.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    id: Option<IgnoredAny>,
}

/// Reads an event as the frame of that `type`, with the fields of its argument. A text as the argument
/// is the `room`, for `search` the `query`. A request without an id is given the one that `new_id` makes:
/// it can't be repeated safely then.
///
/// # Errors
/// [`FrameError`], as a frame of maru.v1.
pub fn decode(
    name: &str,
    arguments: &[&RawValue],
    reference: Ref,
    new_id: impl FnOnce() -> Uuid,
) -> Result<ClientFrame, FrameError> {
    let refuse = |code, message: &str| FrameError {
        reference: Some(reference),
        code,
        message: message.to_owned(),
    };
    if name == "hello" {
        let message = "who you are is said by the auth payload of the connection";
        return Err(refuse(ErrorCode::AlreadyGreeted, message));
    }
    if let Some(more) = arguments.get(1) {
        let message = format!("an event has one argument; the second is {}", excerpt(more));
        return Err(refuse(ErrorCode::Malformed, &message));
    }
    let argument = arguments.first().map_or("{}", |argument| argument.get().trim());
    let (kind, fields) = if name == CHAT_MESSAGE {
        if !argument.starts_with('"') {
            return Err(refuse(ErrorCode::Malformed, "a `chat message` is a text"));
        }
        ("send", format!(r#""room":"{LOBBY}","body":{argument}"#))
    } else if argument.starts_with('"') {
        let field = if name == "search" { "query" } else { "room" };
        (name, format!(r#""{field}":{argument}"#))
    } else if let Some(inside) = argument.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        (name, inside.trim().to_owned())
    } else {
        let message = format!("the argument of `{}` is an object", excerpt_of(name));
        return Err(refuse(ErrorCode::Malformed, &message));
    };
    let mut text = Vec::with_capacity(fields.len() + 96);
    text.extend_from_slice(br#"{"type":"#);
    text.extend_from_slice(&json(kind));
    text.extend_from_slice(format!(r#","ref":{}"#, reference.0).as_bytes());
    let lacks_id = || {
        let known = serde_json::from_str::<Known>(&format!("{{{fields}}}"));
        known.is_ok_and(|known| known.id.is_none())
    };
    if WITH_ID.contains(&kind) && lacks_id() {
        text.extend_from_slice(format!(r#","id":"{}""#, new_id()).as_bytes());
    }
    if !fields.is_empty() {
        text.push(b',');
        text.extend_from_slice(fields.as_bytes());
    }
    text.push(b'}');
    // What was put together of texts is one.
    let text = String::from_utf8(text).unwrap_or_default();
    decode_client(&text).map_err(|error| FrameError { reference: Some(reference), ..error })
}

fn excerpt(value: &RawValue) -> String {
    excerpt_of(value.get())
}

/// Enough to be recognized.
fn excerpt_of(text: &str) -> String {
    text.chars().take(40).collect()
}
