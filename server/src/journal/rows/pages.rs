//! Pages and searches of the directory: what the readers of every store have to answer.

use std::ops::Range;

use maru_protocol::{About, Entry, NameError, RoomName, Seq};

use crate::journal::{Page, PageRange, RoomId, rows::entries::Unreadable};

/// A range in the terms of a query: both bounds are exclusive.
pub(crate) struct RowBounds {
    /// The nearest to the upper bound are wanted, not those nearest to the lower one.
    pub(crate) from_end: bool,
    pub(crate) above: Seq,
    pub(crate) below: Seq,
    pub(crate) limit: u32,
}

pub(crate) fn bounds(range: PageRange) -> RowBounds {
    if let Some(above) = range.begins_after() {
        return RowBounds { from_end: false, above, below: Seq::MAX, limit: range.limit() };
    }
    match range {
        PageRange::Before { before, limit } => {
            RowBounds { from_end: true, above: Seq::ZERO, below: before, limit }
        }
        other => {
            let limit = other.limit();
            RowBounds { from_end: true, above: Seq::ZERO, below: Seq::MAX, limit }
        }
    }
}

/// The page of all entries of a range.
pub(crate) fn of_all(range: PageRange, entries: Vec<Entry>, head: Seq, about: About) -> Page {
    Page { entries, covers: range.covers(head), updated: Vec::new(), head, about }
}

/// The page, if it has every entry that a room with that head has in the range. A page with a hole
/// would be a silent loss, as its reader goes on after it.
pub(crate) fn whole(room: RoomId, range: PageRange, page: Page) -> Result<Page, Unreadable> {
    let expected = range.seqs(page.head);
    let seqs = expected.clone().filter_map(|number| Seq::new(number).ok());
    if page.entries.iter().map(Entry::seq).eq(seqs) {
        return Ok(page);
    }
    let (first, end) = (expected.start, expected.end);
    Err(Unreadable(format!("room {}: of the entries {first} to {end} some are missing", room.0)))
}

/// The seqs just outside of what a whole room with that head has in a range.
pub(crate) fn outside(range: PageRange, head: Seq) -> (Seq, Seq) {
    let Range { start, end } = range.seqs(head);
    let seq = |number: u64| Seq::new(number).unwrap_or(Seq::MAX);
    (seq(start.saturating_sub(1)), seq(end))
}

/// A part of a name in the form of the keys; none when no name can contain it.
///
/// The final sigma depends on what follows, which a part of a word does not know.
pub(crate) fn needle(part: &str) -> Option<String> {
    match RoomName::parse(part) {
        Ok(name) => Some(name.key().as_str().replace('ς', "σ")),
        // Nothing, or only what stands between words: its own key.
        Err(NameError::Empty) => {
            let part = part.trim();
            part.chars().all(|c| matches!(c, '-' | '_' | ' ')).then(|| part.to_owned())
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles() {
        assert_eq!(needle("").as_deref(), Some(""));
        assert_eq!(needle("  ").as_deref(), Some(""));
        assert_eq!(needle("LOB").as_deref(), Some("lob"));
        assert_eq!(needle("-").as_deref(), Some("-"));
        assert_eq!(needle("ΣΥΣ").as_deref(), Some("συσ"));
        assert_eq!(needle("\u{1112}\u{1161}\u{11AB}").as_deref(), Some("한"));
        assert_eq!(needle("a/b"), None);
        assert_eq!(needle(&"x".repeat(65)), None);
    }
}
