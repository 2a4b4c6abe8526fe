//! Answers to searches of the directory, for a moment: many look for the same, and some again and again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use maru_engine::Instant;

use crate::journal::{RoomList, RoomQuery};

/// How long an answer is good: what other nodes do is found that much later.
const GOOD: Duration = Duration::from_secs(1);

/// Most answers, of 100 rooms each: some 4 MB.
const MOST: usize = 256;

/// The latest answers. What this node makes or removes ends them all.
#[derive(Debug, Default)]
pub(crate) struct SearchCache(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    /// Counts how often all ended: what was asked before is no answer after it.
    age: u64,
    by_query: HashMap<RoomQuery, (Instant, RoomList)>,
}

impl SearchCache {
    /// The answer, if it is good; otherwise what to keep the next one with.
    pub(crate) fn get(&self, query: &RoomQuery, now: Instant) -> Result<RoomList, u64> {
        let answers = self.lock();
        match answers.by_query.get(query) {
            Some((at, list)) if now.saturating_since(*at) < GOOD => Ok(list.clone()),
            _ => Err(answers.age),
        }
    }

    /// Keeps an answer to what was asked at that age.
    pub(crate) fn put(&self, age: u64, query: RoomQuery, now: Instant, list: &RoomList) {
        let mut answers = self.lock();
        if answers.age != age {
            return;
        }
        if answers.by_query.len() >= MOST {
            answers.by_query.retain(|_, (at, _)| now.saturating_since(*at) < GOOD);
        }
        if answers.by_query.len() < MOST {
            answers.by_query.insert(query, (now, list.clone()));
        }
    }

    /// There is another room, or one less.
    pub(crate) fn clear(&self) {
        let mut answers = self.lock();
        answers.age += 1;
        answers.by_query = HashMap::new();
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(number: usize) -> RoomQuery {
        RoomQuery { contains: Some(number.to_string()), ..RoomQuery::first(9) }
    }

    #[test]
    fn an_answer_is_good_for_a_moment_or_until_something_changes() {
        let (cache, now) = (SearchCache::default(), Instant::START);
        let list = RoomList::default();
        let Err(age) = cache.get(&query(1), now) else { panic!() };
        cache.put(age, query(1), now, &list);
        assert_eq!(cache.get(&query(1), now + GOOD / 2), Ok(list.clone()));
        assert_eq!(cache.get(&query(1), now + GOOD), Err(age));
        assert_eq!(cache.get(&query(2), now), Err(age));
        cache.clear();
        assert_eq!(cache.get(&query(1), now), Err(age + 1));
        // It was asked for before.
        cache.put(age, query(1), now, &list);
        assert_eq!(cache.get(&query(1), now), Err(age + 1));
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let (cache, now) = (SearchCache::default(), Instant::START);
        let list = RoomList::default();
        (0..2 * MOST).for_each(|number| cache.put(0, query(number), now, &list));
        assert_eq!(cache.lock().by_query.len(), MOST);
        cache.put(0, query(9_999), now + GOOD, &list);
        assert_eq!(cache.lock().by_query.len(), 1, "the others are over");
    }
}
