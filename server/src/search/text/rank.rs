//! How good a find is.
//!
//! Every text that was found contains every word, so what is left of BM25 is how often, in how long
//! a text; a word that stands by itself counts more than a part of one. Between a good and a bad find
//! that makes a factor of two to three. The other factor is age: what was said today
//! counts twice as much as what was said a month ago, and thirteen times as much as a year ago. In a
//! chat the newer of two equal finds is nearly always the one that is meant, and a much better one
//! of last week still comes first.
//!
//! Nothing in it depends on other texts, so that the order stays the same from page to page, however
//! much is said meanwhile.

use super::needles::Needles;

/// BM25's k1: a second occurrence counts less than the first.
const SATURATION: f64 = 1.2;
/// BM25's b, lower than the usual 0.75: a long message is seldom padding.
const LENGTH: f64 = 0.4;
/// BM25's average length, in bytes of folded text: fifty syllables, sixty words. What is shorter is as
/// good: of two sentences the newer one comes first.
const USUAL: f64 = 400.0;
/// What an occurrence is worth by its two ends: a word, the beginning or end of one, inside of one.
const WORTH: [f64; 3] = [0.4, 0.75, 1.0];
/// The age at which a find counts half.
const HALF_MS: f64 = 30.0 * 24.0 * 3_600.0 * 1_000.0;
/// Occurrences that are looked at: more of them change nothing any more.
const MOST: usize = 16;

/// How well a folded text answers, age aside; 0 where a needle does not occur.
#[must_use]
#[allow(clippy::cast_precision_loss)] // texts are far shorter than 2^52
pub fn relevance(folded: &str, needles: &Needles) -> f64 {
    let long = 1.0 - LENGTH + LENGTH * (folded.len() as f64 / USUAL).max(1.0);
    let (mut sum, mut count) = (0.0, 0.0);
    for needle in needles.iter() {
        let occurrences = folded.match_indices(needle).take(MOST);
        let worth: f64 = occurrences.map(|(at, it)| WORTH[ends(folded, at, it)]).sum();
        if worth == 0.0 {
            return 0.0;
        }
        sum += worth * (SATURATION + 1.0) / (worth + SATURATION * long);
        count += 1.0;
    }
    if count == 0.0 { 0.0 } else { sum / count }
}

/// How many ends of an occurrence are those of a word.
fn ends(folded: &str, at: usize, needle: &str) -> usize {
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let before = apart(folded[..at].chars().next_back());
    let after = apart(folded[at + needle.len()..].chars().next());
    usize::from(before) + usize::from(after)
}

/// What finds are ordered by, the greatest first: relevance and age. Times are milliseconds.
#[must_use]
#[allow(clippy::cast_precision_loss)] // a rounded millisecond changes no order
pub fn score(relevance: f64, at: u64, now: u64) -> f64 {
    relevance / (1.0 + now.saturating_sub(at) as f64 / HALF_MS)
}

#[cfg(test)]
mod tests {
    use maru_protocol::Query;

    use super::{super::fold::fold, *};

    const DAY: u64 = 24 * 3_600 * 1_000;

    fn of(query: &str, text: &str) -> f64 {
        relevance(&fold(text), &Needles::of(&Query::parse(query).unwrap()))
    }

    #[test]
    fn words_before_parts_of_words_and_short_before_long() {
        assert!(of("art", "modern art") > of("art", "an artist"));
        assert!(of("art", "an artist") > of("art", "a partial one"));
        assert!(of("회의", "회의 합시다") > of("회의", "회의를 합시다"));
        assert!(of("회의", "회의, 회의, 또 회의") > of("회의", "오늘도 회의만 하네요"));
        assert!(of("build", "the build") > of("build", &format!("the build {}", "x ".repeat(900))));
        assert_eq!(of("build", "nothing"), 0.0);
    }

    #[test]
    fn new_before_old_unless_much_better() {
        let now = 1_000 * DAY;
        let (word, part) = (of("art", "art"), of("art", "a partial view"));
        assert!(score(word, now - 7 * DAY, now) > score(part, now, now));
        assert!(score(word, now - 700 * DAY, now) < score(part, now, now));
        assert!(score(word, now, now) > score(word, now - DAY, now));
        assert_eq!(score(word, now + DAY, now), score(word, now, now), "a clock that was ahead");
    }
}
