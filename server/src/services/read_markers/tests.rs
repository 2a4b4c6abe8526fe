use std::{future::ready, sync::Mutex};

use maru_protocol::{Beginning, DisplayName, ReadState, RoomName, Seq};
use uuid::Uuid;

use super::*;
use crate::journal::{JournalError, RoomId, StoreFuture};

/// A store that notes what it is given, and fails as often as it is told.
#[derive(Default)]
struct DirtyRooms {
    calls: Mutex<Vec<Vec<Mark>>>,
    failures: Mutex<u32>,
}

impl Marks for DirtyRooms {
    fn mark(&self, marks: Vec<Mark>) -> StoreFuture<u64> {
        let mut failures = self.failures.lock().unwrap();
        let answer = if *failures > 0 {
            *failures -= 1;
            Err(JournalError::Busy)
        } else {
            Ok(marks.len() as u64)
        };
        self.calls.lock().unwrap().push(marks);
        Box::pin(ready(answer))
    }

    fn unread(&self, asked: Vec<ReadQuery>) -> StoreFuture<Vec<Option<ReadState>>> {
        Box::pin(ready(Ok(vec![None; asked.len()])))
    }

    fn members(&self, _: RoomId, _: Beginning) -> StoreFuture<Vec<User>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn known(&self, _: RoomId, _: Vec<UserId>) -> StoreFuture<Vec<User>> {
        Box::pin(ready(Ok(Vec::new())))
    }
}

fn markers() -> (Arc<DirtyRooms>, Arc<ReadMarkers>) {
    let store = Arc::new(DirtyRooms::default());
    (store.clone(), ReadMarkers::new(store, Arc::new(Metrics::new().unwrap())))
}

fn key(room: i64) -> RoomKey {
    RoomName::parse(&format!("room {room}")).unwrap().key()
}

fn person(n: u64) -> UserId {
    UserId(format!("p{n}"))
}

fn read(number: u64, anew: bool) -> Marked {
    Marked::Read { seq: Seq::new(number).unwrap(), anew }
}

fn step(who: u64, room: i64, what: Marked, by: u128) -> (RoomKey, MarkerUpdate) {
    let user = User { id: person(who), name: DisplayName::parse("Min").unwrap() };
    let mark = Mark { room: RoomId(room), user, what, at: 1 };
    (key(room), MarkerUpdate { mark, by: SessionId(Uuid::from_u128(by)) })
}

impl ReadMarkers {
    fn take(&self, (key, step): (RoomKey, MarkerUpdate)) -> Result<(), Full> {
        self.put(key, step)
    }

    fn shows(&self, who: u64, room: i64) -> Option<Marked> {
        self.waiting(&person(who), &key(room)).map(|(what, _)| what)
    }
}

#[tokio::test]
async fn a_page_that_scrolls_is_one_marker() {
    let (store, markers) = markers();
    for number in (1..=300).chain([250]) {
        markers.take(step(1, 1, read(number, false), 1)).unwrap();
    }
    markers.take(step(1, 2, read(7, false), 1)).unwrap();
    assert_eq!(markers.shows(1, 1), Some(read(300, false)), "it counts before it is kept");
    assert_eq!(markers.shows(2, 1), None);
    markers.flush().await;
    let calls = store.calls.lock().unwrap().clone();
    let what: Vec<Marked> = calls.concat().into_iter().map(|mark| mark.what).collect();
    assert_eq!((calls.len(), what), (1, vec![read(300, false), read(7, false)]));
    assert_eq!(markers.shows(1, 1), None, "it is the store's from then on");
    // 302 came, and each of them is in one of the figures.
    let count = |outcome| markers.metrics.marks.with_label_values(&[outcome]).get();
    assert_eq!((count("merged"), count("kept"), count("same")), (300, 2, 0));
    assert_eq!(markers.metrics.marks_waiting.get(), 0);
}

#[tokio::test]
async fn the_session_that_came_furthest_is_who_knows() {
    let (_, markers) = markers();
    for (number, session) in [(5, 1), (9, 2), (7, 3)] {
        markers.take(step(1, 1, read(number, false), session)).unwrap();
    }
    assert_eq!(markers.begin()[0].by, SessionId(Uuid::from_u128(2)));
}

#[tokio::test]
async fn a_store_takes_a_bounded_piece_at_a_time() {
    let (store, markers) = markers();
    for who in 0..250 {
        markers.take(step(who, 1, read(1, false), 1)).unwrap();
    }
    markers.flush().await;
    let sizes: Vec<usize> = store.calls.lock().unwrap().iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 100, 50]);
}

#[tokio::test]
async fn what_fails_waits_and_comes_before_what_came_meanwhile() {
    let (store, markers) = markers();
    *store.failures.lock().unwrap() = 1;
    markers.take(step(1, 1, read(5, false), 1)).unwrap();
    markers.take(step(2, 1, read(9, false), 1)).unwrap();
    markers.flush().await;
    assert_eq!(markers.shows(1, 1), Some(read(5, false)));
    markers.take(step(1, 1, Marked::Left, 1)).unwrap();
    markers.take(step(2, 1, read(3, false), 1)).unwrap();
    assert_eq!(markers.shows(1, 1), Some(Marked::Left));
    assert_eq!(markers.shows(2, 1), Some(read(9, false)));
    markers.flush().await;
    let last = store.calls.lock().unwrap().last().unwrap().clone();
    let what: Vec<Marked> = last.into_iter().map(|mark| mark.what).collect();
    assert_eq!(what, [Marked::Left, read(9, false)]);
    let count = |outcome| markers.metrics.marks.with_label_values(&[outcome]).get();
    assert_eq!((count("merged"), count("kept")), (2, 2), "four came");
    assert_eq!(markers.metrics.marks_retried.get(), 2);
}

#[tokio::test]
async fn who_comes_back_begins_anew() {
    let (_, markers) = markers();
    markers.take(step(1, 1, read(5, false), 1)).unwrap();
    let under_way = markers.begin();
    markers.take(step(1, 1, Marked::Left, 1)).unwrap();
    assert_eq!(markers.shows(1, 1), Some(Marked::Left), "what is under way is older");
    markers.take(step(1, 1, read(2, false), 1)).unwrap();
    assert_eq!(markers.shows(1, 1), Some(read(2, true)));
    markers.done(&under_way);
    assert_eq!(markers.shows(1, 1), Some(read(2, true)));
}

#[tokio::test]
async fn what_waits_is_bounded() {
    let (_, markers) = markers();
    for who in 0..MOST_WAITING as u64 {
        markers.take(step(who, 1, read(1, false), 1)).unwrap();
    }
    assert_eq!(markers.take(step(u64::MAX, 1, read(1, false), 1)), Err(Full));
    markers.take(step(7, 1, read(2, false), 1)).unwrap();
    assert_eq!(markers.metrics.marks_waiting.get(), MOST_WAITING as i64);
    markers.flush().await;
    assert_eq!(markers.metrics.marks_waiting.get(), 0);
    markers.take(step(u64::MAX, 1, read(1, false), 1)).unwrap();
}
