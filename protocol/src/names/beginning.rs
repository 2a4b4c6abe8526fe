//! How people are found by the beginnings of their names.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::DisplayName;
use crate::limits::MAX_NAME_CHARS;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
