//! One text of all spellings that people take for the same.
//!
//! * Compatibility decomposition (NFKD): ﬁ is fi, ① is 1, full width is half width, and a syllable of
//!   Hangul is its letters, so that 회의 is ㅎㅚㅇㅢ: long enough for a trigram, and 회 finds 횡 while
//!   it is being typed.
//! * Case: each character in lower, upper and lower case again, so ẞ and ß are ss and ς is σ.
//! * The diacritics that Latin, Greek and Cyrillic letters carry (U+0300 to U+036F) go: cafe finds
//!   café. Marks of other scripts stay, as が is not か.
//! * What nobody can see goes; all white space is one space.
//! * Behind a Han character or a kana stands a [`FILL`]: such a character is worth a syllable, and
//!   with it 会議 is long enough for a trigram too.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// Makes characters that are worth a syllable two. A noncharacter (Unicode, section 23.7), which
/// folding drops elsewhere: no text contains one.
const FILL: char = '\u{FDD0}';

/// The folded form of a text. Folding it again changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    // Hangul grows to two and a half of its size, nearly everything else stays.
    let mut folded = String::with_capacity(text.len() + text.len() / 2);
    each(text, |_, c| folded.push(c));
    folded
}

/// The characters of the folded form in order, each with the place of the character in `text` that
/// it comes from.
pub(super) fn each(text: &str, emit: impl FnMut(usize, char)) {
    let mut out = Out { emit, marks: Vec::new(), fill: None, space: false };
    for (at, c) in text.char_indices() {
        character(c, &mut |c| out.take(at, c));
    }
    out.flush();
}

/// Puts marks into their canonical order (Unicode, section 3.11) and spaces together.
struct Out<E> {
    emit: E,
    /// Marks since the last character that is none.
    marks: Vec<(u8, usize, char)>,
    /// Behind which character a [`FILL`] is owed, once its marks are out.
    fill: Option<usize>,
    /// The last one out was a space.
    space: bool,
}

impl<E: FnMut(usize, char)> Out<E> {
    fn take(&mut self, at: usize, c: char) {
        let class = if c < '\u{300}' { 0 } else { canonical_combining_class(c) };
        if class != 0 {
            self.marks.push((class, at, c));
            return;
        }
        self.flush();
        if c == ' ' && self.space {
            return;
        }
        self.space = c == ' ';
        (self.emit)(at, c);
        self.fill = is_syllabic(c).then_some(at);
    }

    fn flush(&mut self) {
        if !self.marks.is_empty() {
            self.marks.sort_by_key(|(class, _, _)| *class);
            self.space = false;
            for (_, at, c) in self.marks.drain(..) {
                (self.emit)(at, c);
            }
        }
        if let Some(at) = self.fill.take() {
            (self.emit)(at, FILL);
        }
    }
}

/// What one character becomes, marks not yet in order.
fn character(c: char, emit: &mut impl FnMut(char)) {
    match c {
        '\t'..='\r' | ' ' => emit(' '),
        '!'..='~' => emit(c.to_ascii_lowercase()),
        '\u{4E00}'..='\u{9FFF}' => emit(c),
        '\u{AC00}'..='\u{D7A3}' => decompose_compatible(c, emit),
        _ => decompose_compatible(c, |c| {
            // Before the cases, which would make a letter of the iota below one, behind other marks.
            if is_diacritic(c) {
                return;
            }
            let upper = c.to_lowercase().flat_map(char::to_uppercase);
            for lower in upper.flat_map(char::to_lowercase) {
                decompose_compatible(lower, |c| keep(c, emit));
            }
        }),
    }
}

fn keep(c: char, emit: &mut impl FnMut(char)) {
    if c.is_whitespace() {
        emit(' ');
    } else if !c.is_control() && !is_diacritic(c) && !is_unseen(c) {
        emit(c);
    }
}

fn is_diacritic(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// Han characters and kana, whose words are often two long.
fn is_syllabic(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// `Default_Ignorable_Code_Point` (Unicode, DerivedCoreProperties.txt) without diacritics, and
/// noncharacters.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn spellings_that_are_the_same() {
        for (one, other) in [
            ("회의", "\u{1112}\u{116C}\u{110B}\u{1174}"),
            ("회의", "ㅎㅚㅇㅢ"),
            ("ﬁn", "FIN"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σισυφος"),
            ("café", "CAFE\u{301}"),
            ("Ёлка", "елка"),
            ("İstanbul", "istanbul"),
            ("ＡＢＣ①", "abc1"),
            ("co\u{AD}operate", "cooperate"),
            ("a \t\r\n\u{3000} b", "a b"),
            ("ｶﾞ", "ガ"),
            ("e\u{323}\u{302}", "ệ"),
            ("ᾳ", "α"),
            ("ᾀ\u{10376}", "α\u{313}\u{10376}\u{345}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        for (one, other) in [("が", "か"), ("하니", "한이"), ("ı", "l"), ("a b", "ab")] {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
        assert!(!fold("が").contains(&fold("か")), "one is not the beginning of the other");
        assert_eq!(fold("会議").chars().count(), 4);
    }

    #[test]
    fn every_character_folds_once() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn it_is_normalisation_and_case_and_nothing_else(text in "[가-힣a-zA-Zßẞﬁéσς ᄒ\u{300}-\u{330}\u{591}-\u{5AF}か\u{3099}]{0,40}") {
            let plain: String = text
                .nfkd()
                .flat_map(char::to_lowercase)
                .flat_map(char::to_uppercase)
                .flat_map(char::to_lowercase)
                .nfkd()
                .filter(|c| !is_diacritic(*c))
                .collect();
            let folded = fold(&text).replace(FILL, "");
            // A run of spaces is one.
            let mut expected = String::new();
            for c in plain.chars() {
                if !(c == ' ' && expected.ends_with(' ')) {
                    expected.push(c);
                }
            }
            prop_assert_eq!(folded, expected);
        }

        #[test]
        fn composed_or_not_is_the_same(text in "\\PC{0,40}") {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(fold(&composed), fold(&decomposed));
        }

        #[test]
        fn places_are_those_of_characters(text in "\\PC{0,40}") {
            let mut folded = String::new();
            each(&text, |at, c| {
                assert!(text.is_char_boundary(at) && at < text.len());
                folded.push(c);
            });
            prop_assert_eq!(fold(&text), folded);
        }
    }
}
