//! Names of rooms and of people.
//!
//! What a name must be to be read at all stands here: names of before must stay readable. What a new
//! name must be beside stands in `deceptive`, what names look like in `skeleton`, how people are
//! found by theirs in `beginning`.

mod beginning;
mod deceptive;
mod skeleton;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::{MAX_NAME_CHARS, MAX_ROOM_NAME_CHARS};
use crate::unicode::{collapse_spaces, is_bidi_control, is_emoji_glue, is_ignorable, is_visible};

pub use self::{beginning::Beginning, skeleton::Skeletons};

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing that a reader could see.
    #[error("a name needs at least one visible character")]
    Empty,
    /// Longer than the bound.
    #[error("a name has at most {0} characters")]
    TooLong(usize),
    /// A character that such a name cannot hold.
    #[error("a name can't contain {}", shown(*.0))]
    Forbidden(u32),
    /// More marks on one letter than any language stacks.
    #[error("a name has at most {MAX_MARKS} marks on one letter")]
    TooManyMarks,
}

/// Most marks in a row that a new name has: UTS #39, section 5.4, asks for no more than four.
pub const MAX_MARKS: usize = 4;

/// A character as itself where it can be seen, and by its code point.
fn shown(code: u32) -> String {
    match char::from_u32(code).filter(|c| is_visible(*c)) {
        Some(c) => format!("“{c}” (U+{code:04X})"),
        None => format!("the invisible character U+{code:04X}"),
    }
}

/// A room's name: 1 to 64 characters after NFC normalisation; letters of any script, their marks,
/// digits, `-`, `_` and single inner spaces, with at least one letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomName(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 64)))]
    String,
);

impl RoomName {
    /// Normalises and checks a name: outer white space goes, inner runs become one space.
    ///
    /// # Errors
    /// [`NameError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        refuse_endless(text, MAX_ROOM_NAME_CHARS)?;
        let name = nfc(collapse_spaces(text));
        let allowed = |c: char| {
            (c.is_alphanumeric() || is_combining_mark(c)) && !is_ignorable(c)
                || matches!(c, '-' | '_' | ' ')
        };
        if let Some(c) = name.chars().find(|c| !allowed(*c)) {
            return Err(NameError::Forbidden(c.into()));
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(NameError::Empty);
        }
        if name.chars().count() > MAX_ROOM_NAME_CHARS {
            return Err(NameError::TooLong(MAX_ROOM_NAME_CHARS));
        }
        Ok(Self(name))
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What rooms are told apart by.
    #[must_use]
    pub fn key(&self) -> RoomKey {
        RoomKey(fold_case(&self.0))
    }

    /// What this name looks like, for telling whether two rooms could be taken for each other.
    #[must_use]
    pub fn skeletons(&self) -> Skeletons {
        Skeletons::of(&self.0)
    }

    /// What a name must be beside, for a room to be made by it: no character that shows as blank,
    /// that only formats what is around it or that nobody agreed on, and at most [`MAX_MARKS`] marks
    /// in a row. Names of before may have them, so [`RoomName::parse`] lets them pass.
    ///
    /// # Errors
    /// [`NameError`] says which rule it breaks.
    pub fn check_new(&self) -> Result<(), NameError> {
        deceptive::check(&self.0)
    }
}

/// A room's name with its case folded away: two rooms never differ in case only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomKey(String);

impl RoomKey {
    /// The folded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a person is called: 1 to 40 characters after NFC normalisation, at least one of them
/// visible, no control, bidi or invisible characters (the joiner and selector of emoji excepted).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisplayName(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 40)))]
    String,
);

impl DisplayName {
    /// Normalises and checks a name: outer white space goes, inner runs become one space.
    ///
    /// # Errors
    /// [`NameError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        refuse_endless(text, MAX_NAME_CHARS)?;
        let name = nfc(collapse_spaces(text));
        let forbidden = |c: char| {
            c.is_control() || is_bidi_control(c) || (is_ignorable(c) && !is_emoji_glue(c))
        };
        if !name.chars().any(is_visible) {
            return Err(NameError::Empty);
        }
        if let Some(c) = name.chars().find(|c| forbidden(*c)) {
            return Err(NameError::Forbidden(c.into()));
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(NameError::TooLong(MAX_NAME_CHARS));
        }
        Ok(Self(name))
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What this name looks like, for telling whether two names could be taken for each other.
    #[must_use]
    pub fn skeletons(&self) -> Skeletons {
        Skeletons::of(&self.0)
    }

    /// What a name must be beside, for somebody to take it from now on: see
    /// [`RoomName::check_new`].
    ///
    /// # Errors
    /// [`NameError`] says which rule it breaks.
    pub fn check_new(&self) -> Result<(), NameError> {
        deceptive::check(&self.0)
    }
}

/// NFC. ASCII has it already (Unicode, UAX #15, section 1.1).
pub(crate) fn nfc(text: String) -> String {
    if text.is_ascii() { text } else { text.nfc().collect() }
}

/// A canonical form that ignores case: upper, then lower, catches what has no one-to-one partner
/// (ß and SS, the Greek final sigma).
fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.to_uppercase().to_lowercase().nfc().collect()
}

/// Normalising costs time by the length: what is far too long is refused before. NFC never makes a
/// text shorter than a third of its characters (Unicode, UAX #15), collapsing spaces may: 8 times
/// the bound leaves room for both.
fn refuse_endless(text: &str, bound: usize) -> Result<(), NameError> {
    if text.chars().nth(bound * 8).is_some() { Err(NameError::TooLong(bound)) } else { Ok(()) }
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }
        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
text_conversions!(RoomName);
text_conversions!(DisplayName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_names_are_normalised() {
        let name = |text: &str| RoomName::parse(text).map(String::from);
        assert_eq!(name("lobby").unwrap(), "lobby");
        assert_eq!(name("  사랑방   2 ").unwrap(), "사랑방 2");
        // Decomposed Hangul and é become one character each.
        assert_eq!(name("\u{1112}\u{1161}\u{11AB}").unwrap(), "한");
        assert_eq!(name("cafe\u{301}").unwrap(), "café");
        // Hindi needs its virama, a mark.
        assert_eq!(name("हिन्दी").unwrap(), "हिन्दी");
        assert_eq!(name(&"가".repeat(64)).unwrap().chars().count(), 64);
        assert_eq!(name(&"가".repeat(65)), Err(NameError::TooLong(64)));
        assert_eq!(name(&"a".repeat(100_000)), Err(NameError::TooLong(64)));
    }

    #[test]
    fn room_names_that_cannot_be_read_are_refused() {
        for bad in ["", "   ", "-", "_ _", "\u{200B}\u{200B}", "\u{3164}", "\u{2800}"] {
            assert!(RoomName::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["a/b", "a\u{202E}b", "a\nb\u{0}", "#a", "a\u{200B}b", "😀", "<b>"] {
            assert!(matches!(RoomName::parse(bad), Err(NameError::Forbidden(_))), "{bad:?}");
        }
    }

    #[test]
    fn rooms_do_not_differ_in_case_only() {
        let key = |text: &str| RoomName::parse(text).unwrap().key();
        assert_eq!(key("Lobby"), key("lOBBY"));
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("ΣΑΣ"), key("σας"));
        assert_ne!(key("lobby"), key("lobby 2"));
    }

    #[test]
    fn display_names() {
        let name = |text: &str| DisplayName::parse(text).map(String::from);
        assert_eq!(name(" 김  민지 ").unwrap(), "김 민지");
        assert_eq!(name("👩\u{200D}💻 Ada").unwrap(), "👩\u{200D}💻 Ada");
        assert_eq!(name("O'Neil (ops)").unwrap(), "O'Neil (ops)");
        assert_eq!(name("\u{200B}\u{200D}\u{2060}"), Err(NameError::Empty));
        assert_eq!(name("a\u{202E}b"), Err(NameError::Forbidden(0x202E)));
        assert_eq!(name("a\u{7}b"), Err(NameError::Forbidden(7)));
        assert_eq!(name(&"x".repeat(41)), Err(NameError::TooLong(40)));
    }
}
