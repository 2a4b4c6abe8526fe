//! What names look like.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::fold_case;
use crate::unicode::{is_blank, is_ignorable};

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
    /// Of a name. Spaces count for nothing, and neither does what shows as blank. Compatible forms
    /// (full width, ℓ for l) come first to the letters that they stand for: not all of them are in the
    /// table of UTS #39.
    pub(super) fn of(name: &str) -> Self {
        let shows = |c: &char| !is_ignorable(*c) && !is_blank(*c) && *c != ' ';
        let shown: String = name.chars().filter(shows).collect();
        let shown = if shown.is_ascii() { shown } else { shown.nfkc().collect() };
        let folded = fold_case(&shown);
        Self { as_written: fold_case(&skeleton(&shown)), folded: fold_case(&skeleton(&folded)) }
    }

    /// Both in one space of keys, for a table: two names can be taken for each other where they share
    /// one.
    #[must_use]
    pub fn keys(&self) -> [String; 2] {
        [format!("w:{}", self.as_written), format!("f:{}", self.folded)]
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{DisplayName, nfc};

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
        assert!(looks("ℓobby", "lobby"), "a letter like one");
        assert!(looks("ｌｏｂｂｙ", "lobby"), "full width");
        assert!(looks("lobby\u{2800}", "lobby"), "a blank behind it, in a name of before");
        assert!(!looks("Alice", "Alina"));
        assert!(!looks("민지", "민서"));
    }
}
