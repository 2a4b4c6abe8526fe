//! How often one person may change the reactions and the pin of one message, or the topic of a room.
//!
//! A reaction can be put on a message and taken back for ever, and each time is an entry for everybody.
//! This is a leaky bucket for each person and message (the generic cell rate algorithm, ITU-T I.371),
//! which takes one number each.

use std::time::Duration;

use maru_protocol::{Seq, UserId};

use crate::{
    Instant, Options,
    collections::{Map, Seed},
    log::{Change, RoomId},
};

/// Most pairs of person and message in each of two generations, some 150 bytes each: 10 MiB together.
const MOST: usize = 32_768;

/// Whose changes of what. The topic of a room has the seq 0.
type Key = (RoomId, Seq, UserId);

/// When each bucket would be empty.
///
/// Buckets that are empty are forgotten: those of the older generation are, once the newer one began as
/// long ago as a full bucket takes to leak. When there are too many, a generation ends early and
/// the oldest pairs begin anew.
#[derive(Debug)]
pub(crate) struct FlipLimit {
    seed: Seed,
    newer: Map<Key, Instant>,
    older: Map<Key, Instant>,
    began: Instant,
}

impl FlipLimit {
    pub(crate) fn new(seed: Seed) -> Self {
        let [newer, older] = [(); 2].map(|()| Map::with_hasher(seed));
        Self { seed, newer, older, began: Instant::START }
    }

    /// Counts a change, where it is one that is counted.
    ///
    /// # Errors
    /// How long it has to wait. It is not counted then.
    pub(crate) fn admit(
        &mut self,
        now: Instant,
        room: RoomId,
        who: &UserId,
        what: &Change,
        options: &Options,
    ) -> Result<(), Duration> {
        let target = match what {
            Change::React { target, .. } | Change::Pin { target, .. } => *target,
            Change::Topic { .. } => Seq::ZERO,
            Change::Message(_) | Change::Edit { .. } | Change::Delete { .. } => return Ok(()),
        };
        let full = options.flip_interval.saturating_mul(options.flips);
        self.turn(now, full);
        let key = (room, target, who.clone());
        let before = self.newer.get(&key).or_else(|| self.older.get(&key));
        let empty = before.map_or(now, |before| now.max(*before)) + options.flip_interval;
        let over = empty.saturating_since(now + full);
        if over > Duration::ZERO {
            return Err(over);
        }
        self.newer.insert(key, empty);
        Ok(())
    }

    fn turn(&mut self, now: Instant, full: Duration) {
        if self.newer.len() >= MOST || now.saturating_since(self.began) >= full {
            self.older = std::mem::replace(&mut self.newer, Map::with_hasher(self.seed));
            self.began = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use maru_protocol::Emoji;

    use super::*;
    use crate::testing::options;

    const ROOM: RoomId = RoomId(1);

    fn at(ms: u64) -> Instant {
        Instant::from_start(Duration::from_millis(ms))
    }

    fn react(target: u64, on: bool) -> Change {
        let emoji = Emoji::parse("👍".to_owned()).unwrap();
        Change::React { target: Seq::new(target).unwrap(), emoji, on }
    }

    struct Bench {
        limit: FlipLimit,
        options: Options,
    }

    impl Bench {
        /// Three at once, one in 100 ms.
        fn new() -> Self {
            let options =
                Options { flips: 3, flip_interval: Duration::from_millis(100), ..options(1, 1, 1) };
            Self { limit: FlipLimit::new(Seed::default()), options }
        }

        fn ask(&mut self, ms: u64, who: &str, what: &Change) -> Result<(), u128> {
            let who = UserId(who.to_owned());
            let admitted = self.limit.admit(at(ms), ROOM, &who, what, &self.options);
            admitted.map_err(|wait| wait.as_millis())
        }
    }

    #[test]
    fn so_many_at_once_and_then_one_in_an_interval() {
        let mut bench = Bench::new();
        let flips: Vec<_> = (0..5).map(|n| bench.ask(0, "a", &react(1, n % 2 == 0))).collect();
        assert_eq!(flips, [Ok(()), Ok(()), Ok(()), Err(100), Err(100)]);
        assert_eq!(bench.ask(60, "a", &react(1, true)), Err(40));
        assert_eq!(bench.ask(100, "a", &react(1, true)), Ok(()));
        assert_eq!(bench.ask(100, "a", &react(1, true)), Err(100), "who waits is let in once");
        // Pinning is the same bucket; another message, person or the topic is another one.
        let target = Seq::new(1).unwrap();
        assert_eq!(bench.ask(100, "a", &Change::Pin { target, on: true }), Err(100));
        assert_eq!(bench.ask(100, "a", &react(2, true)), Ok(()));
        assert_eq!(bench.ask(100, "b", &react(1, true)), Ok(()));
        let topic = Change::Topic { topic: Default::default(), description: Default::default() };
        let topics: Vec<_> = (0..4).map(|_| bench.ask(100, "a", &topic)).collect();
        assert_eq!(topics, [Ok(()), Ok(()), Ok(()), Err(100)]);
        // What is said and deleted is not counted.
        assert!((0..10).all(|_| bench.ask(100, "a", &Change::Delete { target }).is_ok()));
        // All is forgiven after a while.
        assert!((0..3).all(|_| bench.ask(1_000, "a", &react(1, true)).is_ok()));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten() {
        let mut bench = Bench::new();
        for target in 1..=3 * MOST as u64 {
            assert_eq!(bench.ask(0, "a", &react(target, true)), Ok(()));
            assert!(bench.limit.newer.len() <= MOST && bench.limit.older.len() <= MOST);
        }
        // The last ones are known in whichever generation they are.
        let last = react(3 * MOST as u64 - 10, true);
        assert_eq!([(); 3].map(|()| bench.ask(0, "a", &last)), [Ok(()), Ok(()), Err(100)]);
        bench.ask(300, "a", &react(1, true)).unwrap();
        bench.ask(600, "a", &react(1, true)).unwrap();
        assert_eq!((bench.limit.newer.len(), bench.limit.older.len()), (1, 1));
    }
}
