//! What a name may not have although it can be read: characters that hide in it, and heaps of marks.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{MAX_MARKS, NameError};
use crate::unicode::{is_blank, is_emoji_glue};

/// Finds what would make a name look like another one, or like nothing.
pub(super) fn check(name: &str) -> Result<(), NameError> {
    if name.is_ascii() {
        return Ok(());
    }
    let mut marks = 0;
    for c in name.chars() {
        let category = c.general_category();
        if is_blank(c) || !is_agreed(c, category) {
            return Err(NameError::Forbidden(c.into()));
        }
        let stacks =
            matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark);
        marks = if stacks && !is_emoji_glue(c) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            return Err(NameError::TooManyMarks);
        }
    }
    Ok(())
}

/// Not one that only formats (Cf), nor one whose look nobody agreed on: for private use (Co), or
/// never a character (Unicode 16, section 23.7).
fn is_agreed(c: char, category: GeneralCategory) -> bool {
    let never = matches!(u32::from(c) & 0xFFFE, 0xFFFE) || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    match category {
        GeneralCategory::Format => is_emoji_glue(c),
        GeneralCategory::PrivateUse => false,
        _ => !never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{DisplayName, RoomName};

    #[test]
    fn what_hides_in_a_name_is_refused() {
        for hidden in ['\u{2800}', '\u{FFF9}', '\u{16FE4}', '\u{1D159}', '\u{13441}', '\u{E000}'] {
            let name = DisplayName::parse(&format!("Ada{hidden}"));
            // Either rule will do: a name of before, with it, must stay readable.
            let refused = name.and_then(|name| name.check_new());
            assert_eq!(refused, Err(NameError::Forbidden(hidden.into())), "{hidden:?}");
        }
        for hidden in ['\u{16FE4}', '\u{13441}'] {
            let name = RoomName::parse(&format!("lobby{hidden}")).unwrap();
            assert_eq!(name.check_new(), Err(NameError::Forbidden(hidden.into())), "{hidden:?}");
        }
    }

    #[test]
    fn marks_are_stacked_as_high_as_languages_do() {
        let name = |marks| DisplayName::parse(&format!("A{}da", "\u{33F}".repeat(marks))).unwrap();
        assert_eq!(name(39 - 2).check_new(), Err(NameError::TooManyMarks));
        assert_eq!(name(MAX_MARKS + 1).check_new(), Err(NameError::TooManyMarks));
        assert_eq!(name(MAX_MARKS).check_new(), Ok(()));
        for good in [
            "Nguyễn Thị Hậu",
            "ที่รัก",
            "हिन्दी",
            "བརྒྱད",
            "שָׁלוֹם",
            "김민지",
            "👩\u{200D}💻 Ada",
            "O'Neil",
        ] {
            assert_eq!(DisplayName::parse(good).unwrap().check_new(), Ok(()), "{good}");
        }
    }
}
