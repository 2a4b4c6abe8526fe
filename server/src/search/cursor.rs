//! Where an answer went on, between two questions.

use maru_protocol::Seq;

use crate::journal::RoomId;

use super::{
    Candidate, SearchError,
    text::{Needles, relevance, score},
};

/// A place in the order of finds: after this one. Sixty-four hexadecimal digits, whatever was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cursor {
    /// When the first question was asked: ages are as of then, so that the order stays.
    pub(super) asked: u64,
    pub(super) last: Rank,
}

/// What finds are ordered by: the greater score first, then the later one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rank {
    pub(super) score: f64,
    pub(super) room: RoomId,
    pub(super) seq: Seq,
}

impl Rank {
    /// The best first.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let later = |rank: &Self| (rank.seq, rank.room);
        other.score.total_cmp(&self.score).then_with(|| later(other).cmp(&later(self)))
    }
}

/// Which finds are wanted, in what order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// Ages are as of then.
    pub(super) asked: u64,
    /// Only those behind this one.
    pub(super) after: Option<Rank>,
    /// At most so many.
    pub(super) most: usize,
}

impl Order {
    /// The best first.
    pub(super) fn rank(&self, candidates: &[Candidate], needles: &Needles) -> Vec<Rank> {
        let rank = |found: &Candidate| Rank {
            score: score(relevance(&found.text, needles), found.at, self.asked),
            room: found.room,
            seq: found.seq,
        };
        let mut ranked: Vec<Rank> = candidates.iter().map(rank).collect();
        if let Some(last) = self.after {
            ranked.retain(|rank| last.order(rank).is_lt());
        }
        ranked.sort_unstable_by(Rank::order);
        ranked.truncate(self.most);
        ranked
    }
}

impl Cursor {
    pub(super) fn write(&self) -> String {
        let Self { asked, last: Rank { score, room, seq } } = *self;
        format!("{asked:016x}{:016x}{:016x}{:016x}", score.to_bits(), room.0, seq.get())
    }

    pub(super) fn read(text: &str) -> Result<Self, SearchError> {
        let number = |part: usize| {
            let digits = text.get(part * 16..part * 16 + 16)?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u64::from_str_radix(digits, 16).ok().filter(|_| plain)
        };
        let read = || {
            let score = Some(f64::from_bits(number(1)?)).filter(|score| score.is_finite())?;
            let room = RoomId(number(2)?.cast_signed());
            let last = Rank { score, room, seq: Seq::new(number(3)?).ok()? };
            (text.len() == 64).then_some(Self { asked: number(0)?, last })
        };
        read().ok_or(SearchError::More)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_and_back(asked: u64, score in 0.0..9.0, room: i64, seq in 0..(1_u64 << 53)) {
            let last = Rank { score, room: RoomId(room), seq: Seq::new(seq).unwrap() };
            let cursor = Cursor { asked, last };
            let text = cursor.write();
            prop_assert_eq!(text.len(), 64);
            prop_assert_eq!(Cursor::read(&text), Ok(cursor));
        }

        #[test]
        fn anything_else_is_refused(text in "\\PC{0,70}") {
            if let Ok(cursor) = Cursor::read(&text) {
                prop_assert_eq!(cursor.write(), text.to_lowercase());
            }
        }
    }

    #[test]
    fn what_is_no_cursor() {
        let all = |digit: &str| digit.repeat(64);
        for text in ["", "x", &all("f"), &all("+"), &all("0")[1..], &all("가"), &(all("0") + "0")]
        {
            assert_eq!(Cursor::read(text), Err(SearchError::More), "{text}");
        }
    }
}
