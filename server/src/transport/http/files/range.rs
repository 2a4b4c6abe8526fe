//! Which part of a file is asked for (RFC 9110, sections 13 and 14).

use std::ops::Range;

/// What to answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: nothing else was asked for in a way that is understood.
    Whole,
    /// These bytes.
    Some(Range<u64>),
    /// Only bytes that are not there.
    Beyond,
}

/// Reads a `Range`. Several parts at once, which no player asks for, are answered with the whole.
pub(super) fn part(asked: &str, size: u64) -> Part {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than fit are more bytes than there are.
            Some(Some(text.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                return Part::Whole;
            }
            if first >= size {
                return Part::Beyond;
            }
            Part::Some(first..last.saturating_add(1).min(size))
        }
        (Some(None), Some(Some(count))) => {
            if count == 0 || size == 0 {
                return Part::Beyond;
            }
            Part::Some(size.saturating_sub(count)..size)
        }
        _ => Part::Whole,
    }
}

/// Whether an `If-None-Match` names this tag.
pub(super) fn knows(known: &str, tag: &str) -> bool {
    known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (asked, part_of_ten) in [
            ("bytes=0-", Part::Some(0..10)),
            ("bytes=0-0", Part::Some(0..1)),
            ("bytes=3-5", Part::Some(3..6)),
            ("bytes=3-99", Part::Some(3..10)),
            ("bytes=9-18446744073709551615", Part::Some(9..10)),
            ("bytes=-4", Part::Some(6..10)),
            ("bytes=-99", Part::Some(0..10)),
            ("bytes=10-", Part::Beyond),
            ("bytes=99999999999999999999-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-3", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(asked, 10), part_of_ten, "{asked}");
        }
    }

    #[test]
    fn tags() {
        assert!(knows("\"a\"", "\"a\"") && knows("\"b\", W/\"a\"", "\"a\"") && knows("*", "\"a\""));
        assert!(!knows("\"b\"", "\"a\"") && !knows("", "\"a\""));
    }
}
