//! Names of rooms and of people.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::{MAX_NAME_CHARS, MAX_ROOM_NAME_CHARS};
use crate::unicode::{collapse_spaces, is_bidi_control, is_emoji_glue, is_ignorable, is_visible};

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
}

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
        let shown: String = self.0.chars().filter(|c| !is_ignorable(*c) && *c != ' ').collect();
        let folded = fold_case(&shown);
        Skeletons {
            as_written: fold_case(&skeleton(&shown)),
            folded: fold_case(&skeleton(&folded)),
        }
    }
}

impl DisplayName {
    /// Most [`beginnings`](Self::beginnings) of a name; words beyond are found by nobody.
    pub const MOST_BEGINNINGS: usize = 8;

    /// What a search for how the name begins may begin with: the name and each of its words with
    /// all that follows, in the form of [`Beginning`].
    #[must_use]
    pub fn beginnings(&self) -> Vec<String> {
        let mut starts = vec![0];
        let mut inside = true;
        for (place, c) in self.0.char_indices() {
            // The marks on a letter belong to its word.
            let part = c.is_alphanumeric() || is_combining_mark(c);
            if part && !inside {
                starts.push(place);
            }
            inside = part;
        }
        starts.truncate(Self::MOST_BEGINNINGS);
        starts.into_iter().map(|start| fold_decomposed(&self.0[start..])).collect()
    }

    /// Whether one of its [`beginnings`](Self::beginnings) begins so.
    #[must_use]
    pub fn begins_with(&self, beginning: &Beginning) -> bool {
        let beginning = beginning.as_str();
        beginning.is_empty() || self.beginnings().iter().any(|of| of.starts_with(beginning))
    }
}

/// How a name that is looked for begins: decomposed (NFKD) and without case, so that what is half
/// typed finds its name, as `ㅁ` and `미` find `민지`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginning(String);

impl Beginning {
    /// Of what somebody typed; none when no name can begin so.
    #[must_use]
    pub fn of(query: &str) -> Option<Self> {
        // Decomposed, a character of a name is typed as at most three.
        let query = query.trim_start();
        let endless = query.chars().nth(MAX_NAME_CHARS * 3).is_some();
        (!endless).then(|| Self(fold_decomposed(query)))
    }

    /// In the form of [`DisplayName::beginnings`]; empty for any name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A compatible form that ignores case, cut nowhere within a character: what it begins with is what
/// a text begins with.
fn fold_decomposed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // The final sigma depends on what follows, which a beginning does not know.
    text.to_uppercase().to_lowercase().replace('ς', "σ").nfkd().collect()
}

/// A name's UTS #39 skeletons, of the name as written and with its case folded away first: the
/// first sees `I` for `l`, the second sees `ALICE` for `alice`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Skeletons {
    /// Of the name as written, its case folded afterwards.
    pub as_written: String,
    /// Of the name with its case folded first.
    pub folded: String,
}

impl Skeletons {
    /// Could one name be taken for the other?
    #[must_use]
    pub fn confusable_with(&self, other: &Self) -> bool {
        self.as_written == other.as_written || self.folded == other.folded
    }
}

fn skeleton(text: &str) -> String {
    ascii_skeleton(text).unwrap_or_else(|| unicode_security::skeleton(text).collect())
}

/// The skeletons of the ASCII characters, each by itself: to look them up in the tables of all of
/// Unicode is most of what a `hello` computes.
static ASCII_SKELETONS: LazyLock<[String; 128]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let c = u8::try_from(code).map_or(' ', char::from);
        unicode_security::skeleton(c.encode_utf8(&mut [0; 4])).collect()
    })
});

/// The same as the long way, where text and skeleton are ASCII: nothing in it combines with its
/// neighbours, so the skeleton of the whole is that of its parts.
fn ascii_skeleton(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        out.push_str(ASCII_SKELETONS.get(usize::from(byte)).filter(|part| part.is_ascii())?);
    }
    Some(out)
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

    /// The long ways, that every text could go.
    fn long_skeleton(text: &str) -> String {
        unicode_security::skeleton(text).collect()
    }

    fn long_fold(text: &str) -> String {
        text.to_uppercase().to_lowercase().nfc().collect()
    }

    #[test]
    fn ascii_has_a_short_way_that_comes_to_the_same() {
        let ascii = || (0_u8..128).map(char::from);
        for a in ascii() {
            for b in ascii() {
                let text = format!("{a}{b}");
                assert_eq!(skeleton(&text), long_skeleton(&text), "{text:?}");
                assert_eq!(fold_case(&text), long_fold(&text), "{text:?}");
                assert_eq!(nfc(text.clone()), text.nfc().collect::<String>());
            }
        }
        assert!(ascii_skeleton("Alice m0nk").is_some(), "most names take it");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_both_ways_come_to_the_same(text in "[ -~é가-힣А-я\u{300}ς]{0,60}") {
            proptest::prop_assert_eq!(skeleton(&text), long_skeleton(&text));
            proptest::prop_assert_eq!(fold_case(&text), long_fold(&text));
            proptest::prop_assert_eq!(nfc(text.clone()), text.nfc().collect::<String>());
        }

        #[test]
        fn ascii_of_any_length_too(text in "[\\x00-\\x7f]{0,60}") {
            proptest::prop_assert_eq!(skeleton(&text), long_skeleton(&text));
            proptest::prop_assert_eq!(fold_case(&text), long_fold(&text));
        }
    }

    #[test]
    fn a_name_is_found_by_how_it_or_one_of_its_words_begins() {
        let finds = |query: &str, name: &str| {
            let beginning = Beginning::of(query).unwrap();
            DisplayName::parse(name).unwrap().begins_with(&beginning)
        };
        for (query, name) in [
            ("", "Ada"),
            ("ad", "Ada Lovelace"),
            ("LOVE", "Ada Lovelace"),
            (" ada l", "Ada Lovelace"),
            ("민", "민지"),
            ("지", "김 지우"),
            // Half typed, and decomposed as some keyboards send it.
            ("ㅁ", "민지"),
            ("미", "민지"),
            ("\u{1106}\u{1175}\u{11AB}", "민지"),
            ("ops", "O'Neil (ops)"),
            ("ada", "👩\u{200D}💻 Ada"),
            ("👩", "👩\u{200D}💻 Ada"),
            ("strasse", "Straße"),
            ("ΑΣ", "Ασα"),
            ("é", "E\u{301}ric"),
        ] {
            assert!(finds(query, name), "{query} {name}");
        }
        for (query, name) in
            [("da", "Ada"), ("지", "민지"), ("민지우", "민지"), ("x", "Ada"), ("ada", "A da")]
        {
            assert!(!finds(query, name), "{query} {name}");
        }
        assert_eq!(Beginning::of(&"a".repeat(121)), None);
        let many = DisplayName::parse(&"a ".repeat(20)).unwrap();
        assert_eq!(many.beginnings().len(), DisplayName::MOST_BEGINNINGS);
    }

    #[test]
    fn confusable_names() {
        let looks = |a: &str, b: &str| {
            let of = |t: &str| DisplayName::parse(t).unwrap().skeletons();
            of(a).confusable_with(&of(b))
        };
        assert!(looks("Alice", "alice"));
        assert!(looks("ALICE", "alice"));
        assert!(looks("AIice", "Alice"), "capital i for l");
        assert!(looks("Αlice", "Alice"), "Greek capital alpha");
        assert!(looks("раypal", "paypal"), "Cyrillic");
        assert!(looks("min ji", "minji"), "a space between");
        assert!(!looks("Alice", "Alina"));
        assert!(!looks("민지", "민서"));
    }
}
