//! Where in a text it was found.

use std::ops::Range;

use maru_protocol::Run;
use unicode_segmentation::UnicodeSegmentation;

use super::{fold, needles::Needles};

/// Most characters of an excerpt: three lines of a list.
pub const EXCERPT_CHARS: usize = 160;

/// Of them before the first match, where the text goes on behind it: enough to see what it is about.
const BEFORE: usize = 40;

/// The part of a text around the first match, cut into what matched and what did not; none where it
/// does not match. It is cut, and marked, between what a reader takes for characters: never within
/// a syllable or an emoji, unless one is longer than the excerpt.
#[must_use]
pub fn excerpt(text: &str, needles: &Needles) -> Option<Vec<Run>> {
    let folded = Folded::of(text);
    if !needles.occur_in(&folded.text) {
        return None;
    }
    let graphemes: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
    let marked = folded.marks(needles, &graphemes);
    let first = marked.iter().position(|hit| *hit)?;
    let end = |n: usize| graphemes.get(n).copied().unwrap_or(text.len());
    let chars = |n: usize| text[graphemes[n]..end(n + 1)].chars().count();
    let window = window(graphemes.len(), first, chars);
    let mut runs: Vec<Run> = Vec::new();
    for n in window {
        let piece = &text[graphemes[n]..end(n + 1)];
        match runs.last_mut() {
            Some(run) if run.hit == marked[n] => run.text.push_str(piece),
            _ => runs.push(Run { text: piece.to_owned(), hit: marked[n] }),
        }
    }
    if let [only] = runs.as_mut_slice() {
        // One character of a thousand marks.
        let cut = only.text.char_indices().nth(EXCERPT_CHARS).map(|(at, _)| at);
        only.text.truncate(cut.unwrap_or(only.text.len()));
    }
    Some(runs)
}

/// Which of `count` pieces to show, `first` among them; `chars` says how long each is.
fn window(count: usize, first: usize, chars: impl Fn(usize) -> usize) -> Range<usize> {
    let (mut start, mut end) = (first, first + 1);
    let mut left = EXCERPT_CHARS.saturating_sub(chars(first));
    let mut before = BEFORE.min(left);
    while start > 0 && chars(start - 1) <= before {
        start -= 1;
        before -= chars(start);
        left -= chars(start);
    }
    while end < count && chars(end) <= left {
        left -= chars(end);
        end += 1;
    }
    // The text ends early: what is left shows more of its beginning.
    while end == count && start > 0 && chars(start - 1) <= left {
        start -= 1;
        left -= chars(start);
    }
    start..end
}

/// A folded text that knows where each part of it comes from.
struct Folded {
    text: String,
    /// For each of its characters where it begins, and where the original one does.
    places: Vec<(usize, usize)>,
}

impl Folded {
    fn of(original: &str) -> Self {
        let mut folded = Self { text: String::new(), places: Vec::with_capacity(original.len()) };
        fold::each(original, |at, c| {
            folded.places.push((folded.text.len(), at));
            folded.text.push(c);
        });
        folded
    }

    /// Which graphemes of the original, given by where they begin, a needle touches.
    fn marks(&self, needles: &Needles, graphemes: &[usize]) -> Vec<bool> {
        let mut marked = vec![false; graphemes.len()];
        for needle in needles.iter() {
            for (at, it) in self.text.match_indices(needle) {
                let from = self.places.partition_point(|(begin, _)| *begin < at);
                let to = self.places.partition_point(|(begin, _)| *begin < at + it.len());
                let places = self.places[from..to].iter();
                let of = |(_, origin): &(usize, usize)| {
                    graphemes.partition_point(|begin| begin <= origin).saturating_sub(1)
                };
                // All between: a second space, a soft hyphen leave no trace in the folded text.
                let (first, last) = (places.clone().map(of).min(), places.map(of).max());
                if let (Some(first), Some(last)) = (first, last) {
                    marked[first..=last].fill(true);
                }
            }
        }
        marked
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::Query;
    use proptest::prelude::*;

    use super::{super::fold::fold, *};

    fn needles(query: &str) -> Needles {
        Needles::of(&Query::parse(query).unwrap())
    }

    /// With what matched in brackets.
    fn shown(text: &str, query: &str) -> String {
        let runs = excerpt(text, &needles(query)).unwrap();
        let show = |run: &Run| if run.hit { format!("[{}]", run.text) } else { run.text.clone() };
        runs.iter().map(show).collect()
    }

    #[test]
    fn what_matched_is_marked_as_it_was_written() {
        assert_eq!(shown("오늘 회의는 세 시", "회의"), "오늘 [회의]는 세 시");
        assert_eq!(shown("안녕하세요", "안녀"), "[안녕]하세요");
        assert_eq!(shown("안녕", "아"), "[안]녕");
        assert_eq!(shown("the ﬁnal one", "final"), "the [ﬁnal] one");
        assert_eq!(shown("the ﬁnal one", "inal"), "the [ﬁnal] one");
        assert_eq!(shown("Große Straße!", "STRASSE"), "Große [Straße]!");
        assert_eq!(shown("un cafe\u{301} noir", "CAFÉ"), "un [cafe\u{301}] noir");
        assert_eq!(shown("a\u{1112}\u{1161}\u{11AB}b", "하"), "a[\u{1112}\u{1161}\u{11AB}]b");
        assert_eq!(shown("so 👩\u{200D}💻 works", "\"💻 works\""), "so [👩\u{200D}💻 works]");
        assert_eq!(shown("alpha beta gamma", "gam alp"), "[alp]ha beta [gam]ma");
        assert_eq!(shown("good\n morning", "\"good morning\""), "[good\n morning]");
        assert_eq!(shown("東京会議室", "会議"), "東京[会議]室");
        assert!(excerpt("nothing", &needles("else")).is_none());
    }

    #[test]
    fn long_texts_are_cut_around_the_first_match() {
        let text = format!("{}needle{}", "가나다라 ".repeat(200), " 마바사아".repeat(200));
        let shown = shown(&text, "needle");
        assert!(shown.contains("[needle]"));
        let runs = excerpt(&text, &needles("needle")).unwrap();
        assert_eq!(runs[0].text.chars().count(), BEFORE);
        let late = format!("{}needle", "x ".repeat(500));
        let all: usize =
            excerpt(&late, &needles("needle")).unwrap().iter().map(|run| run.text.len()).sum();
        assert_eq!(all, EXCERPT_CHARS);
        let zalgo = format!("a{}", "\u{489}".repeat(3_000));
        let runs = excerpt(&zalgo, &needles("a")).unwrap();
        assert_eq!((runs.len(), runs[0].text.chars().count()), (1, EXCERPT_CHARS));
    }

    fn words() -> impl Strategy<Value = String> {
        "([가-깋a-cA-CßﬁéＡ会か\u{3099}\u{1100}-\u{1102}\u{1161}\u{11A8}\u{301}👩💻\u{200D} \n]{1,3}){1,60}"
    }

    proptest! {
        #[test]
        fn an_excerpt_is_a_part_of_the_text_and_its_marks_hold_the_needles(
            text in words(), query in "[가-깋a-cßﬁéか会ᄀ ]{1,6}",
        ) {
            let Ok(query) = Query::parse(&query) else { return Ok(()) };
            let needles = Needles::of(&query);
            let Some(runs) = excerpt(&text, &needles) else {
                prop_assert!(!needles.occur_in(&fold(&text)));
                return Ok(());
            };
            prop_assert!(needles.occur_in(&fold(&text)));
            let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
            prop_assert!(text.contains(&whole));
            prop_assert!(whole.chars().count() <= EXCERPT_CHARS);
            prop_assert!(runs.windows(2).all(|two| two[0].hit != two[1].hit));
            let first = runs.iter().find(|run| run.hit).unwrap();
            let holds = |needle: &str| {
                let marked = fold(&first.text);
                // What is marked may end where the excerpt does.
                marked.contains(needle) || whole.ends_with(&first.text)
            };
            prop_assert!(needles.iter().any(holds), "{:?}", runs);
            // What is not marked holds none of them, whatever is put together.
            for run in runs.iter().filter(|run| !run.hit) {
                let plain = fold(&run.text);
                prop_assert!(needles.iter().all(|needle| !plain.contains(needle)), "{:?}", runs);
            }
        }
    }
}
