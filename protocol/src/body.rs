//! What a message says.

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_BODY_BYTES, MAX_BODY_CHARS};
use crate::names::{DisplayName, nfc};
use crate::unicode::is_visible;

/// Why a body was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nothing that a reader could see.
    #[error("a message needs at least one visible character")]
    Empty,
    /// More characters than [`MAX_BODY_CHARS`] or more bytes than [`MAX_BODY_BYTES`].
    #[error("a message has at most {MAX_BODY_CHARS} characters and {MAX_BODY_BYTES} bytes")]
    TooLong,
    /// A control character other than tab, line feed and carriage return.
    #[error("a message can't contain the control character U+{0:04X}")]
    Control(u32),
}

/// A message's text: 1 to 4,000 characters (Unicode scalar values), at most 16 KiB of UTF-8, kept
/// exactly as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Body(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 4000)))]
    String,
);

impl Body {
    /// Checks a text; nothing in it is changed.
    ///
    /// # Errors
    /// [`BodyError`] says which rule it breaks.
    pub fn parse(text: String) -> Result<Self, BodyError> {
        // Bytes first: counting the characters of a megabyte is work for nothing.
        if text.len() > MAX_BODY_BYTES || text.chars().count() > MAX_BODY_CHARS {
            return Err(BodyError::TooLong);
        }
        let control = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        if let Some(c) = text.chars().find(control) {
            return Err(BodyError::Control(c.into()));
        }
        if !text.chars().any(is_visible) {
            return Err(BodyError::Empty);
        }
        Ok(Self(text))
    }

    /// Whether it has an `@` with that name behind it. Names are normalised (NFC) and texts are not:
    /// they are compared as if they were.
    #[must_use]
    pub fn mentions(&self, name: &DisplayName) -> bool {
        let mention = format!("@{name}");
        self.0.contains(&mention) || (!self.0.is_ascii() && nfc(self.0.clone()).contains(&mention))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Body {
    type Error = BodyError;
    fn try_from(text: String) -> Result<Self, BodyError> {
        Self::parse(text)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let body = |text: String| Body::parse(text).map(String::from);
        assert!(body("가".repeat(4_000)).is_ok());
        assert_eq!(body("가".repeat(4_001)), Err(BodyError::TooLong));
        assert!(body("👍".repeat(4_000)).is_ok(), "16,000 bytes");
        assert_eq!(body("x".repeat(1 << 20)), Err(BodyError::TooLong));
        assert_eq!(body(String::new()), Err(BodyError::Empty));
        assert_eq!(body(" \n\u{200B}\u{3164}".into()), Err(BodyError::Empty));
        assert_eq!(body("a\u{0}".into()), Err(BodyError::Control(0)));
        assert_eq!(body("  두 줄\n\tkept \r\n".into()).unwrap(), "  두 줄\n\tkept \r\n");
    }
}
