//! The auth payload of a `CONNECT`.

use maru_protocol::{DisplayName, ErrorCode, VERSION};
use serde::Deserialize;
use uuid::Uuid;

use crate::{session::refusal::Refusal, wire::socketio::Offset};

/// Who a client says that it is, and what it speaks.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth {
    /// The version of Maru's vocabulary that it speaks. Without it it is one that knows `chat message`
    /// alone, and is in the lobby from the beginning.
    version: Option<u32>,
    /// As in `hello`.
    pub(super) token: Option<String>,
    /// As in `hello`. Who gives neither is given a name.
    name: Option<String>,
    /// Asks for recovery.
    #[serde(default)]
    recover: bool,
    /// What the `CONNECT` before was answered with: the identity token of then. Clients of Socket.IO
    /// give it back by themselves.
    pub(super) pid: Option<String>,
    /// The last argument of the last event that came: where the client was in its rooms.
    offset: Option<String>,
    #[serde(skip)]
    parsed: Option<DisplayName>,
}

impl Auth {
    /// Reads the payload. Fields that are not known are passed over: what else a client's
    /// application says there is its own business.
    pub(super) fn parse(payload: &str) -> Result<Self, Refusal> {
        if payload.is_empty() {
            return Ok(Self::default());
        }
        let mut auth: Self = serde_json::from_str(payload).map_err(|error| {
            let why: String = error.to_string().chars().take(200).collect();
            Refusal::new(ErrorCode::Malformed, format!("the auth payload: {why}"))
        })?;
        if let Some(version) = auth.version.filter(|version| *version != VERSION) {
            let message = format!("this server speaks version {VERSION}, not {version}");
            return Err(Refusal::new(ErrorCode::UnsupportedVersion, message));
        }
        if let Some(name) = &auth.name {
            let name = DisplayName::parse(name).map_err(|error| {
                Refusal::new(ErrorCode::InvalidName, format!("your name: {error}"))
            })?;
            auth.parsed = Some(name);
        }
        Ok(auth)
    }

    /// Whether it speaks all of the vocabulary.
    pub(super) fn speaks_maru(&self) -> bool {
        self.version.is_some()
    }

    /// Whether it asks for recovery.
    pub(super) fn recovers(&self) -> bool {
        self.recover
    }

    /// Where it was in its rooms, if it comes back to them.
    pub(super) fn offset(&self) -> Option<Offset> {
        self.offset.as_deref().filter(|_| self.recover).and_then(Offset::parse)
    }

    /// The name that it gives; one that is made up where it says nothing of who it is.
    pub(super) fn name_or_made_up(&self, random: impl FnOnce() -> Uuid) -> Option<DisplayName> {
        if self.parsed.is_some() || self.token.is_some() {
            return self.parsed.clone();
        }
        DisplayName::parse(&made_up(random())).ok()
    }
}

/// Letters and digits that are not taken for one another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// `guest-` and six of a billion: two in one room with the same name are refused as any two.
fn made_up(random: Uuid) -> String {
    let letters = random.as_bytes().iter().take(6);
    let letters = letters.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    std::iter::once("guest-".to_owned()).chain(letters.map(String::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_says_who_is_there_and_what_they_speak() {
        let auth = Auth::parse("").unwrap();
        assert!(!auth.speaks_maru() && auth.token.is_none());
        let name = auth.name_or_made_up(Uuid::nil).unwrap();
        assert_eq!(name.as_str(), "guest-aaaaaa");
        let auth = Auth::parse(r#"{"version":1,"name":"Ann","theme":{"dark":true}}"#).unwrap();
        assert!(auth.speaks_maru());
        assert_eq!(auth.name_or_made_up(Uuid::new_v4).unwrap().as_str(), "Ann");
        let auth = Auth::parse(r#"{"token":"t"}"#).unwrap();
        assert!(auth.name_or_made_up(Uuid::new_v4).is_none(), "the token says it");
    }

    #[test]
    fn a_wrong_payload_is_refused_with_its_code() {
        let code = |payload| Auth::parse(payload).unwrap_err().code;
        assert_eq!(code(r#"{"version":2}"#), ErrorCode::UnsupportedVersion);
        assert_eq!(code(r#"{"version":"1"}"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"name":7}"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"name":"\u200b"}"#), ErrorCode::InvalidName);
    }
}
