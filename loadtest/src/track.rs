//! What one connection has seen of its room.

/// Follows the seqs that a connection is given, which should rise by one each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// The highest seq seen.
    last: u64,
    /// Seqs below it that have not come: first and last of each run, ascending.
    holes: Vec<(u64, u64)>,
    /// Seqs that came although they had come before.
    duplicated: u64,
    /// Seqs that came after a higher one.
    reordered: u64,
}

impl Track {
    /// Follows a room from after this seq.
    #[must_use]
    pub fn after(seq: u64) -> Self {
        Self { last: seq, ..Self::default() }
    }

    /// A seq came.
    pub fn saw(&mut self, seq: u64) {
        if seq == self.last + 1 {
            self.last = seq;
        } else {
            self.out_of_line(seq);
        }
    }

    #[cold]
    fn out_of_line(&mut self, seq: u64) {
        if seq > self.last {
            self.holes.push((self.last + 1, seq - 1));
            self.last = seq;
            return;
        }
        let Some(at) = self.holes.iter().position(|(from, to)| (*from..=*to).contains(&seq)) else {
            self.duplicated += 1;
            return;
        };
        self.reordered += 1;
        let (from, to) = self.holes.remove(at);
        if seq < to {
            self.holes.insert(at, (seq + 1, to));
        }
        if from < seq {
            self.holes.insert(at, (from, seq - 1));
        }
    }

    /// The server said that what follows does not continue what came before: go on from there.
    pub fn restart(&mut self, after: u64) {
        self.last = after;
        self.holes.clear();
    }

    /// The highest seq below which nothing is missing: where to resume from.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.holes.first().map_or(self.last, |(from, _)| from - 1)
    }

    /// How many seqs up to `head` have not come.
    #[must_use]
    pub fn missing(&self, head: u64) -> u64 {
        let inside: u64 = self.holes.iter().map(|(from, to)| to - from + 1).sum();
        inside + head.saturating_sub(self.last)
    }

    /// How many came again.
    #[must_use]
    pub const fn duplicated(&self) -> u64 {
        self.duplicated
    }

    /// How many came after a higher one.
    #[must_use]
    pub const fn reordered(&self) -> u64 {
        self.reordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(seqs: &[u64], head: u64) -> (u64, u64, u64) {
        let mut track = Track::default();
        seqs.iter().for_each(|seq| track.saw(*seq));
        (track.missing(head), track.duplicated(), track.reordered())
    }

    #[test]
    fn a_whole_stream_is_clean() {
        assert_eq!(verdict(&[1, 2, 3, 4], 4), (0, 0, 0));
    }

    #[test]
    fn each_fault_is_told_apart() {
        assert_eq!(verdict(&[1, 2, 4], 4), (1, 0, 0), "lost inside");
        assert_eq!(verdict(&[1, 2, 3], 4), (1, 0, 0), "lost at the end");
        assert_eq!(verdict(&[2, 3, 4], 4), (1, 0, 0), "lost at the start");
        assert_eq!(verdict(&[1, 2, 2, 3, 4], 4), (0, 1, 0), "twice");
        assert_eq!(verdict(&[1, 3, 2, 4], 4), (0, 0, 1), "swapped");
        assert_eq!(verdict(&[1, 5, 3, 3], 5), (2, 1, 1), "all at once");
    }

    #[test]
    fn the_position_stands_before_the_first_hole() {
        let mut track = Track::after(10);
        [11, 12, 15].into_iter().for_each(|seq| track.saw(seq));
        assert_eq!(track.position(), 12);
        track.saw(13);
        assert_eq!(track.position(), 13);
        track.restart(40);
        track.saw(41);
        assert_eq!((track.position(), track.missing(41)), (41, 0));
    }

    proptest! {
        #[test]
        fn any_loss_is_found(length in 1_u64..200, at in 0_u64..200) {
            let at = at % length;
            let seqs: Vec<u64> = (1..=length).filter(|seq| *seq != at + 1).collect();
            prop_assert_eq!(verdict(&seqs, length), (1, 0, 0));
        }

        #[test]
        fn any_double_is_found(length in 1_usize..200, from in 0_usize..200, to in 0_usize..200) {
            let mut seqs: Vec<u64> = (1..=length as u64).collect();
            let (from, to) = (from % length, to % length);
            let seq = seqs[from];
            // Behind the first one: in front of it the first would be the one out of order.
            seqs.insert(from.max(to) + 1, seq);
            prop_assert_eq!(verdict(&seqs, length as u64), (0, 1, 0));
        }

        #[test]
        fn any_swap_is_found(length in 2_usize..200, a in 0_usize..200, b in 0_usize..200) {
            let (a, b) = (a % length, b % length);
            prop_assume!(a != b);
            let mut seqs: Vec<u64> = (1..=length as u64).collect();
            seqs.swap(a, b);
            let (lost, twice, disorder) = verdict(&seqs, length as u64);
            prop_assert_eq!((lost, twice), (0, 0));
            prop_assert!(disorder > 0);
        }
    }
}
