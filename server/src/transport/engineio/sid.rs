//! The id of a session: its home, and a number that nobody guesses.

use std::{fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The id of a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sid {
    home: u16,
    /// 122 random bits: whoever knows a session's id can speak for it.
    secret: u128,
}

impl Sid {
    pub(super) fn new(home: u16) -> Self {
        Self { home, secret: Uuid::new_v4().as_u128() }
    }

    /// The worker on which the session lives.
    pub(super) fn home(self) -> u16 {
        self.home
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 18];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (home, secret) = bytes.get(..length).filter(|it| it.len() == 18)?.split_at(2);
        let home = u16::from_be_bytes(home.try_into().ok()?);
        Some(Self { home, secret: u128::from_be_bytes(secret.try_into().ok()?) })
    }
}

/// How ids of sessions look on the wire: 24 characters of base64url (RFC 4648 section 5), as all clients
/// put them into addresses unescaped. Behind the server's name and a dot, where it has one: by that a
/// proxy tells whose session it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Sids(Arc<str>);

impl Sids {
    /// Those of a server of this name; empty for none.
    pub(super) fn of(node: &str) -> Self {
        Self(if node.is_empty() { Arc::default() } else { format!("{node}.").into() })
    }

    pub(super) fn text(&self, sid: Sid) -> String {
        format!("{}{sid}", self.0)
    }

    /// An id of this server, unless it is none.
    pub(super) fn parse(&self, text: &str) -> Option<Sid> {
        Sid::parse(text.strip_prefix(&*self.0)?)
    }
}

/// Without the server's name.
impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 18];
        bytes[..2].copy_from_slice(&self.home.to_be_bytes());
        bytes[2..].copy_from_slice(&self.secret.to_be_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Not the secret: logs are read by many.
impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({}, …)", self.home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text() {
        let sid = Sid::new(513);
        let text = sid.to_string();
        assert_eq!((text.len(), Sid::parse(&text)), (24, Some(sid)));
        for text in [
            "",
            "x",
            "aaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaa!",
            "../../../../../../../../",
        ] {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_with_a_name_knows_its_own_ids() {
        let (sid, of_b) = (Sid::new(1), Sids::of("b"));
        let text = of_b.text(sid);
        assert_eq!((text.as_str(), of_b.parse(&text)), (format!("b.{sid}").as_str(), Some(sid)));
        for other in ["", "a", "bb"] {
            assert_eq!(Sids::of(other).parse(&text), None, "{other}");
        }
        assert_eq!(of_b.parse(&sid.to_string()), None);
    }
}
