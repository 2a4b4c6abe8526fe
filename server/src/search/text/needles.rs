//! What somebody looks for.

use maru_protocol::Query;

use super::fold::fold;

/// Characters of a gram. Needles that are shorter can't be looked up in an index.
pub const GRAM: usize = 3;

/// Grams of a needle that are looked up, from all over it: more find nothing out that the text itself
/// does not say.
const PROBES: usize = 12;

/// Folded words and phrases, all of which have to occur in a text. Distinct, none empty; at most as
/// many as a query has words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needles(Vec<String>);

impl Needles {
    /// Reads a query: words between white space, and phrases between quotation marks. A mark that
    /// opens nothing is a character like any other; nothing else means anything.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        let mut needles = Vec::new();
        let mut rest = query.as_str().trim_start();
        while !rest.is_empty() {
            let (word, after) = phrase(rest).unwrap_or_else(|| {
                rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
            });
            let needle = fold(word).trim().to_owned();
            if !needle.is_empty() && !needles.contains(&needle) {
                needles.push(needle);
            }
            rest = after.trim_start();
        }
        Self(needles)
    }

    /// Nothing to look for is left: what was asked for are marks that folding drops.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Grams that every text has in which all of them occur, each once: what an index is asked for.
    /// Empty where all needles are shorter than a gram.
    #[must_use]
    pub fn probes(&self) -> Vec<&str> {
        let mut probes = Vec::new();
        for needle in self.iter() {
            let count = (needle.chars().count() + 1).saturating_sub(GRAM);
            let every = count.div_ceil(PROBES).max(1);
            let some = grams(needle).enumerate();
            let some = some.filter(|(n, _)| n % every == 0 || n + 1 == count);
            probes.extend(some.map(|(_, gram)| gram));
        }
        probes.sort_unstable();
        probes.dedup();
        probes
    }

    /// Whether all of them occur in a folded text.
    #[must_use]
    pub fn occur_in(&self, folded: &str) -> bool {
        !self.is_empty() && self.iter().all(|needle| folded.contains(needle))
    }
}

/// A phrase at the beginning, without its marks, and what comes after it.
fn phrase(text: &str) -> Option<(&str, &str)> {
    let is_mark = |c| matches!(c, '"' | '“' | '”' | '„' | '＂');
    let inside = text.strip_prefix(is_mark)?;
    let end = inside.find(is_mark)?;
    let after = inside[end..].strip_prefix(is_mark)?;
    (end > 0).then_some((&inside[..end], after))
}

/// Every part of [`GRAM`] characters of a folded text, in order, again where it occurs again.
pub fn grams(folded: &str) -> impl Iterator<Item = &str> {
    let ends = folded.char_indices().map(|(at, c)| at + c.len_utf8()).skip(GRAM - 1);
    folded.char_indices().zip(ends).map(|((start, _), end)| &folded[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(query: &str) -> Vec<String> {
        Needles::of(&Query::parse(query).unwrap()).0
    }

    #[test]
    fn words_and_phrases() {
        assert_eq!(needles("Good  morning"), ["good", "morning"]);
        assert_eq!(needles("\"Good morning\" bob"), ["good morning", "bob"]);
        assert_eq!(needles("“Good morning” bob BOB"), ["good morning", "bob"]);
        assert_eq!(needles("27\" 'TV'"), ["27\"", "'tv'"]);
        assert_eq!(needles("\"open end"), ["\"open", "end"]);
        assert_eq!(needles("\"\" x"), ["\"\"", "x"]);
        assert_eq!(needles("\"\"\""), ["\"\"\""]);
        assert_eq!(needles("a* NEAR(b c) % OR"), ["a*", "near(b", "c)", "%", "or"]);
        assert_eq!(needles("회의"), [fold("회의")]);
        assert!(Needles::of(&Query::parse("\u{301}").unwrap()).is_empty());
    }

    #[test]
    fn all_have_to_occur() {
        let query = Query::parse("회의 \"3 시\"").unwrap();
        let needles = Needles::of(&query);
        assert!(needles.occur_in(&fold("오늘회의는 오후 3\n시부터")));
        assert!(!needles.occur_in(&fold("회의 3시")));
        assert!(!needles.probes().is_empty());
        let short = Needles::of(&Query::parse("나 ok 会").unwrap());
        assert!(short.probes().is_empty());
        assert!(short.occur_in(&fold("나는 OK, 会議")));
        assert!(!Needles::of(&Query::parse("\u{301}").unwrap()).occur_in("x"));
    }

    #[test]
    fn probes_are_grams_from_all_over() {
        let long = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(2);
        let query = Query::parse(&format!("abc abcd {long} ab")).unwrap();
        let needles = Needles::of(&query);
        let probes = needles.probes();
        for gram in ["abc", "bcd", "012", "xyz"] {
            assert!(probes.contains(&gram), "{gram}");
        }
        assert!(probes.len() <= 2 + PROBES + 1, "{probes:?}");
        let all: Vec<&str> = needles.iter().flat_map(grams).collect();
        assert!(probes.iter().all(|probe| all.contains(probe)));
    }

    #[test]
    fn grams_are_every_three_characters() {
        assert_eq!(grams("회의a").collect::<Vec<_>>(), ["회의a"]);
        assert_eq!(grams("aaaa").collect::<Vec<_>>(), ["aaa", "aaa"]);
        assert_eq!(grams("ab").count(), 0);
        assert_eq!(grams("").count(), 0);
    }
}
