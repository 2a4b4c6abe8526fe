//! One emoji, as a reaction.

use serde::{Deserialize, Serialize};
use unicode_properties::UnicodeEmoji;
use unicode_segmentation::UnicodeSegmentation;

/// Most UTF-8 bytes of an emoji: the longest of Unicode 16, a family or a flag of a region, have 35.
pub const MAX_EMOJI_BYTES: usize = 64;

/// Why something is no emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reaction is one emoji")]
pub struct EmojiError;

/// One emoji: one grapheme cluster (UAX #29) with an emoji character (UTS #51) in it, not a digit,
/// `#` or `*` alone. Kept as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Emoji(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 64)))]
    String,
);

impl Emoji {
    /// Checks a text; nothing in it is changed.
    ///
    /// # Errors
    /// [`EmojiError`] when it is not exactly one emoji.
    pub fn parse(text: String) -> Result<Self, EmojiError> {
        let one = text.len() <= MAX_EMOJI_BYTES && text.graphemes(true).count() == 1;
        let emoji = |c: char| c.is_emoji_char() && !c.is_ascii();
        // A keycap is a digit and U+20E3, which is no emoji by itself.
        if one && text.chars().any(|c| emoji(c) || c == '\u{20E3}') {
            Ok(Self(text))
        } else {
            Err(EmojiError)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Emoji {
    type Error = EmojiError;
    fn try_from(text: String) -> Result<Self, EmojiError> {
        Self::parse(text)
    }
}

impl From<Emoji> for String {
    fn from(emoji: Emoji) -> Self {
        emoji.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_of_any_kind() {
        for good in ["👍", "👍🏽", "❤️", "👩‍👩‍👧‍👦", "🇰🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "3️⃣", "☺", "™️"]
        {
            assert!(Emoji::parse(good.to_owned()).is_ok(), "{good}");
        }
        let long = "👩‍👩‍👧‍👦".repeat(3);
        for bad in ["", "a", "3", "#", "👍👍", "👍 ", "<b>", "가", "\u{200D}", "\u{FE0F}", &long]
        {
            assert!(Emoji::parse(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
