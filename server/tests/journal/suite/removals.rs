//! Rooms that go.

use maru_protocol::{DisplayName, Emoji, Seq, User, UserId};
use maru_server::journal::{
    Append, Change, Created, EmptyPlace, JournalError, MOST_EMPTY, Mark, Marked, NewMessage,
    Outcome, PageRange, ReadQuery, Refused, RemoveWhen, RoomRecord,
};

use super::{changes::topic, rooms::directory};
use crate::kit::*;

const EMPTY: RemoveWhen = RemoveWhen::Empty { before: 1_000 };

impl Store {
    async fn removes(&self, room: &RoomRecord, when: RemoveWhen) -> bool {
        soon(self.journal.remove(room.clone(), when)).await.unwrap()
    }

    /// Erases all that is left; says in how many parts.
    async fn erases(&self) -> usize {
        let mut parts = 0;
        while soon(self.journal.erase()).await.unwrap() {
            parts += 1;
            assert!(parts < 100, "it never ends");
        }
        parts
    }

    async fn has_read(&self, room: &RoomRecord, who: &User, up_to: u64) -> u64 {
        let what = Marked::Read { seq: seq(up_to), anew: false };
        let mark = Mark { room: room.id, user: who.clone(), what, at: 1 };
        soon(self.journal.mark(vec![mark])).await.unwrap()
    }

    /// Nothing that is asked of the room has an answer.
    async fn knows_nothing_of(&mut self, room: &RoomRecord, who: &User) {
        let journal = self.journal.clone();
        let gone = JournalError::NoRoom(room.id.0);
        assert_eq!(soon(journal.room(room.name.key())).await, Ok(None));
        let newest = PageRange::Newest { limit: 9 };
        assert_eq!(soon(journal.page(room.id, newest)).await.unwrap_err(), gone);
        assert_eq!(soon(journal.pinned(room.id)).await.unwrap_err(), gone);
        let own = journal.own_reactions(room.id, who.id.clone(), vec![seq(1)]);
        assert_eq!(soon(own).await.unwrap_err(), gone);
        assert_eq!(soon(journal.heads(vec![room.id])).await, Ok(Vec::new()));
        let (person, key) = (who.id.clone(), room.name.key());
        let asked = vec![ReadQuery { person, room: key, waiting: None }];
        assert_eq!(soon(journal.unread(asked)).await, Ok(vec![None]));
        assert_eq!(self.has_read(room, who, 1).await, 0, "a marker is passed over");
        assert_eq!(soon(journal.known(room.id, vec![who.id.clone()])).await, Ok(Vec::new()));
        // Whoever is about to speak is let, and told then.
        assert_eq!(soon(journal.hold(room.id, who.clone())).await, Ok(true));
        let late = message(room, 5_000);
        assert_eq!(self.say(late.clone()).await, refused(&late, Refused::NoRoom));
        assert!(!directory(self, None, 100).await.contains(&room.name.to_string()));
    }
}

pub async fn empty_rooms_are_found_oldest_first(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let most = u64::from(MOST_EMPTY);
    for number in 0..most + 20 {
        // Two at each millisecond, made in no order of their time.
        let (name, at) = (format!("room {number}"), (number * 37 % (most + 20)) / 2);
        soon(store.journal.create(room_name(&name), at)).await.unwrap();
    }
    let spoken = store.make("room 5").await;
    store.say(Append { at: 3, ..message(&spoken, 1) }).await;
    let find = async |from, before| soon(store.journal.empty_rooms(from, before)).await.unwrap();
    let first = find(EmptyPlace::default(), u64::MAX >> 1).await;
    assert_eq!(first.len(), MOST_EMPTY as usize);
    let second = find(EmptyPlace::of(first.last().unwrap()), u64::MAX >> 1).await;
    assert_eq!(second.len(), 19, "one has an entry");
    let all: Vec<EmptyPlace> = first.iter().chain(&second).map(EmptyPlace::of).collect();
    assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
    let some = find(EmptyPlace::default(), 7).await;
    assert!(some.iter().all(|room| room.active_at < 7 && room.head == Seq::ZERO));
    assert!(matches!(some.len(), 13 | 14), "{}", some.len());
    assert!(find(EmptyPlace::default(), 0).await.is_empty());
}

pub async fn an_empty_room_goes_and_its_number_is_no_other_s<S: StoreUnderTest>(place: S) {
    let mut store = Store::open(&place, WIDE).await;
    let (ada, bob) =
        (user("u1"), User { id: UserId("u2".into()), name: DisplayName::parse("Bob").unwrap() });
    let [spoken, quiet, young] = [store.make("spoken").await, store.make("quiet").await, {
        soon(store.journal.create(room_name("young"), 2_000)).await.unwrap().into_room()
    }];
    store.say(message(&spoken, 1)).await;
    store.has_read(&quiet, &ada, 0).await;
    assert!(soon(store.journal.hold(quiet.id, bob.clone())).await.unwrap());
    assert!(!store.removes(&spoken, EMPTY).await, "something was said there");
    assert!(!store.removes(&young, EMPTY).await, "it may be spoken in yet");
    assert!(store.removes(&quiet, EMPTY).await);
    assert!(
        !store.removes(&quiet, EMPTY).await && !store.removes(&quiet, RemoveWhen::Always).await
    );
    store.knows_nothing_of(&quiet, &ada).await;
    // Its name is free at once, its number is not, and what was kept of it is not the new one's.
    let again = soon(store.journal.create(room_name("Quiet"), 9)).await.unwrap();
    let Created::New(again) = again else { panic!("{again:?}") };
    assert!(again.id > young.id, "{again:?}");
    store.erases().await;
    assert_eq!(store.erases().await, 0);
    let held = soon(store.journal.holders(again.id, bob.name.skeletons())).await.unwrap();
    assert_eq!(held, []);
    let first = message(&again, 7);
    assert_eq!(store.say(first.clone()).await, committed(&first, 1));
    assert_eq!(soon(store.journal.rooms_made()).await, Ok(4));
    store.close().await;
    S::verify_at(&place.address()).await;
    let mut store = Store::open(&place, WIDE).await;
    assert_eq!(directory(&store, None, 9).await, ["Quiet", "spoken", "young"]);
    let gone = RoomRecord { name: room_name("long gone"), ..quiet };
    store.knows_nothing_of(&gone, &ada).await;
}

/// Whoever comes first: the message is there, or it is refused.
pub async fn a_room_goes_or_what_is_said_stays(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (mut stayed, mut went) = (0, 0);
    for number in 0..60 {
        let room = store.make(&format!("room {number}")).await;
        let append = message(&room, 1);
        let removal = |store: &Store| store.journal.remove(room.clone(), EMPTY);
        let removed = if number % 2 == 0 {
            store.journal.append(append.clone()).unwrap();
            removal(&store)
        } else {
            let removed = removal(&store);
            store.journal.append(append.clone()).unwrap();
            removed
        };
        let removed = soon(removed).await.unwrap();
        let outcome = store.outcome().await.unwrap();
        if removed {
            went += 1;
            assert_eq!(outcome, refused(&append, Refused::NoRoom));
            assert_eq!(soon(store.journal.room(room.name.key())).await, Ok(None));
        } else {
            stayed += 1;
            assert_eq!(outcome, committed(&append, 1));
            assert_eq!(store.page(&room, PageRange::Newest { limit: 9 }).await, [1]);
        }
    }
    assert!(went > 0 && stayed + went == 60, "{stayed} stayed, {went} went");
}

/// In whichever room, and whenever the process ends.
pub async fn all_that_was_in_a_removed_room_is_erased<S: StoreUnderTest>(place: S) {
    let mut store = Store::open(&place, WIDE).await;
    let (ada, bob) = (user("u1"), user("u2"));
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    store.fill(&lobby, 450).await;
    let emoji = Emoji::parse("👍".to_owned()).unwrap();
    let said = NewMessage { mentions: vec![bob.clone()], ..NewMessage::default() };
    let Change::Message(text) = message(&lobby, 1).what else { panic!() };
    let said = Change::Message(NewMessage { body: text.body, ..said });
    for (number, what) in [
        Change::React { target: seq(3), emoji, on: true },
        Change::Pin { target: seq(4), on: true },
        topic("what it was about"),
        said.clone(),
    ]
    .into_iter()
    .enumerate()
    {
        let id = 1_000 + number as u128;
        let outcome = store.say(Append { what, ..message(&lobby, id) }).await;
        assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
    }
    store.say(Append { what: said, ..message(&other, 2_000) }).await;
    for room in [&lobby, &other] {
        store.has_read(room, &ada, 1).await;
        assert!(soon(store.journal.hold(room.id, ada.clone())).await.unwrap());
    }
    let kept = store.page(&other, PageRange::Newest { limit: 9 }).await;
    assert!(!store.removes(&lobby, EMPTY).await);
    assert!(store.removes(&lobby, RemoveWhen::Always).await);
    store.knows_nothing_of(&lobby, &ada).await;
    // The process ends in the middle.
    let _ = soon(store.journal.erase()).await.unwrap();
    store.close().await;
    S::verify_at(&place.address()).await;
    let mut store = Store::open(&place, WIDE).await;
    store.erases().await;
    S::erased_at(&place.address(), lobby.id).await;
    store.knows_nothing_of(&lobby, &ada).await;
    assert_eq!(store.page(&other, PageRange::Newest { limit: 9 }).await, kept);
    let known = soon(store.journal.known(other.id, vec![ada.id])).await.unwrap();
    assert_eq!(known.len(), 1);
    store.close().await;
    S::verify_at(&place.address()).await;
}
