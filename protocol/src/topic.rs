//! What a room is about.

use serde::{Deserialize, Serialize};

use crate::Seq;
use crate::limits::{MAX_DESCRIPTION_CHARS, MAX_TOPIC_CHARS};
use crate::unicode::{collapse_spaces, is_bidi_control};

/// Why a topic or a description was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Longer than its bound.
    #[error("it has at most {0} characters")]
    TooLong(usize),
    /// A character that it can't hold.
    #[error("it can't contain the control character U+{0:04X}")]
    Control(u32),
}

/// One line that says what a room is about: at most 120 characters (Unicode scalar values), white
/// space trimmed and collapsed, no control or bidirectional characters. Empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Topic(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(max = 120)))] String,
);

/// Some lines on it: at most 2,000 characters, no control characters but tab and line feed. Empty
/// for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Description(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(max = 2000)))] String,
);

fn bounded(text: &str, most: usize) -> Result<(), TopicError> {
    // Bytes first: counting the characters of a megabyte is work for nothing.
    if text.len() > 4 * most || text.chars().count() > most {
        return Err(TopicError::TooLong(most));
    }
    Ok(())
}

impl Topic {
    /// Checks a line; outer white space goes, inner runs become one space.
    ///
    /// # Errors
    /// [`TopicError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        bounded(text, MAX_TOPIC_CHARS)?;
        let line = collapse_spaces(text);
        match line.chars().find(|c| c.is_control() || is_bidi_control(*c)) {
            Some(c) => Err(TopicError::Control(c.into())),
            None => Ok(Self(line)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Description {
    /// Checks some lines; outer white space goes.
    ///
    /// # Errors
    /// [`TopicError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        bounded(text, MAX_DESCRIPTION_CHARS)?;
        let text = text.trim();
        match text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n')) {
            Some(c) => Err(TopicError::Control(c.into())),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Topic {
    type Error = TopicError;
    fn try_from(text: String) -> Result<Self, TopicError> {
        Self::parse(&text)
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0
    }
}

impl TryFrom<String> for Description {
    type Error = TopicError;
    fn try_from(text: String) -> Result<Self, TopicError> {
        Self::parse(&text)
    }
}

impl From<Description> for String {
    fn from(description: Description) -> Self {
        description.0
    }
}

/// What a room is about, and what it holds up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct About {
    /// One line; empty for none.
    pub topic: Topic,
    /// Some lines; empty for none.
    pub description: Description,
    /// The pinned messages, the latest pinned first; at most [`crate::MAX_PINS`].
    pub pins: Vec<Seq>,
}

impl About {
    /// Whether nothing was ever said of the room.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topic.as_str().is_empty()
            && self.description.as_str().is_empty()
            && self.pins.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert_eq!(Topic::parse("  이번  주 \n 일 ").unwrap().as_str(), "이번 주 일");
        assert!(Topic::parse(&"가".repeat(120)).is_ok());
        assert_eq!(Topic::parse(&"가".repeat(121)), Err(TopicError::TooLong(120)));
        assert_eq!(Topic::parse("a\u{202E}b"), Err(TopicError::Control(0x202E)));
        assert_eq!(Description::parse(" a\n\tb ").unwrap().as_str(), "a\n\tb");
        assert_eq!(Description::parse("a\u{0}"), Err(TopicError::Control(0)));
        assert_eq!(Description::parse(&"x".repeat(1 << 20)), Err(TopicError::TooLong(2_000)));
        assert!(About::default().is_empty());
    }
}
