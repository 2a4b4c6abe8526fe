//! Log lines that somebody outside can cause as often as they like: one at a time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two lines of one kind: an operator who looks sees that it goes on, and a day of it has less
/// than 9,000 lines.
const BETWEEN: Duration = Duration::from_secs(10);

/// Lets through one line in [`BETWEEN`], and counts the others.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    untold: u64,
}

impl Seldom {
    /// Nothing said yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(State { last: None, untold: 0 }))
    }

    /// How many such lines were left out since the last one, if one may be written now.
    pub fn may_say(&self) -> Option<u64> {
        self.may_say_at(Instant::now())
    }

    fn may_say_at(&self, now: Instant) -> Option<u64> {
        // No code of others runs under the lock, so a poisoned one still guards a whole state.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < BETWEEN) {
            state.untold = state.untold.saturating_add(1);
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_says_how_many_were_left_out() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        assert_eq!(seldom.may_say_at(start), Some(0));
        for ms in [0, 1, 9_999] {
            assert_eq!(seldom.may_say_at(start + Duration::from_millis(ms)), None);
        }
        assert_eq!(seldom.may_say_at(start + BETWEEN), Some(3));
        assert_eq!(seldom.may_say_at(start + 2 * BETWEEN), Some(0));
    }
}
