//! How far people have read, and who they are.

use maru_protocol::{Beginning, Body, DisplayName, MAX_UNREAD, ReadState, Seq, User, UserId};
use maru_server::journal::{
    Append, Change, MOST_MARKS, MOST_MEMBERS, MOST_READ_QUERIES, MOST_SCANNED, Mark, Marked,
    NewMessage, Outcome, ReadQuery, RoomRecord,
};

use crate::kit::*;

fn person(id: &str, name: &str) -> User {
    User { id: UserId(id.to_owned()), name: DisplayName::parse(name).unwrap() }
}

fn mark(room: &RoomRecord, user: &User, what: Marked) -> Mark {
    Mark { room: room.id, user: user.clone(), what, at: 1_700_000_000_000 }
}

fn read(number: u64) -> Marked {
    Marked::Read { seq: seq(number), anew: false }
}

impl Store {
    async fn mark(&self, marks: Vec<Mark>) -> u64 {
        soon(self.journal.mark(marks)).await.unwrap()
    }

    async fn reads(&self, room: &RoomRecord, user: &User, number: u64) -> u64 {
        self.mark(vec![mark(room, user, read(number))]).await
    }

    /// Read, unread and mentions; none for who is no member.
    async fn state(&self, room: &RoomRecord, user: &User) -> Option<(u64, u32, u32)> {
        self.state_with(room, user, None).await
    }

    async fn state_with(
        &self,
        room: &RoomRecord,
        user: &User,
        waiting: Option<Marked>,
    ) -> Option<(u64, u32, u32)> {
        let asked = ReadQuery { person: user.id.clone(), room: room.name.key(), waiting };
        let states = soon(self.journal.unread(vec![asked])).await.unwrap();
        assert_eq!(states.len(), 1);
        let ReadState { room: name, read, unread, mentions } = states.into_iter().next()??;
        assert_eq!(name, room.name, "as its maker spelled it");
        Some((read.get(), unread, mentions))
    }

    async fn found(&self, room: &RoomRecord, query: &str) -> Vec<String> {
        let beginning = Beginning::of(query).unwrap();
        let found = soon(self.journal.members(room.id, beginning)).await.unwrap();
        found.into_iter().map(|user| user.name.to_string()).collect()
    }
}

pub async fn a_marker_only_moves_forwards(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    store.fill(&lobby, 10).await;
    let min = person("min", "민지");
    assert_eq!(store.state(&lobby, &min).await, None);
    assert_eq!(store.reads(&lobby, &min, 4).await, 1);
    assert_eq!(store.state(&lobby, &min).await, Some((4, 6, 0)));
    assert_eq!(store.reads(&lobby, &min, 3).await, 0, "nothing changed");
    assert_eq!(store.reads(&lobby, &min, 4).await, 0);
    assert_eq!(store.state(&lobby, &min).await, Some((4, 6, 0)));
    assert_eq!(store.reads(&lobby, &min, 10).await, 1);
    assert_eq!(store.state(&lobby, &min).await, Some((10, 0, 0)));
    // Nobody else, and nowhere else.
    assert_eq!(store.state(&lobby, &person("ben", "민지")).await, None);
    assert_eq!(store.state(&other, &min).await, None);
    assert_eq!(store.state(&nowhere(), &min).await, None);
    assert_eq!(store.reads(&nowhere(), &min, 1).await, 0, "no room, no marker");
}

pub async fn a_marker_is_kept_for_ever(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("Lobby").await;
    store.fill(&lobby, 5).await;
    let min = person("min", "민지");
    store.reads(&lobby, &min, 3).await;
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.state(&lobby, &min).await, Some((3, 2, 0)));
    assert_eq!(store.found(&lobby, "").await, ["민지"]);
}

pub async fn a_marker_ends_at_the_head(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let min = person("min", "민지");
    store.reads(&lobby, &min, Seq::MAX.get()).await;
    assert_eq!(store.state(&lobby, &min).await, Some((0, 0, 0)), "of an empty room too");
    store.fill(&lobby, 3).await;
    assert_eq!(store.state(&lobby, &min).await, Some((0, 3, 0)), "what comes is unread");
    store.reads(&lobby, &min, 9).await;
    store.say(message(&lobby, 4)).await;
    assert_eq!(store.state(&lobby, &min).await, Some((3, 1, 0)));
}

pub async fn unread_counts_the_messages_of_others(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, next) = (store.make("lobby").await, store.make("next").await);
    let (u1, min) = (user("u1"), person("min", "민지"));
    store.fill(&lobby, 40).await;
    store.fill(&next, 7).await;
    let mut own = message(&lobby, 41);
    own.sender = min.clone();
    store.say(own).await;
    for who in [&u1, &min] {
        store.reads(&lobby, who, 38).await;
    }
    assert_eq!(store.state(&lobby, &min).await, Some((38, 2, 0)));
    assert_eq!(store.state(&lobby, &u1).await, Some((38, 1, 0)), "one's own are read");
    // Counted up to the bound, and no room's messages are another's.
    store.journal.append_all((42..=300).map(|number| message(&lobby, number)).collect());
    for _ in 42..=300 {
        store.outcome().await.unwrap();
    }
    assert_eq!(store.state(&lobby, &min).await, Some((38, MAX_UNREAD, 0)));
    store.reads(&next, &min, 1).await;
    let asked = [&next, &nowhere(), &lobby, &next].map(|room| ReadQuery {
        person: min.id.clone(),
        room: room.name.key(),
        waiting: None,
    });
    let states = soon(store.journal.unread(asked.to_vec())).await.unwrap();
    let unread: Vec<Option<u32>> =
        states.iter().map(|state| state.as_ref().map(|state| state.unread)).collect();
    assert_eq!(unread, [Some(6), None, Some(MAX_UNREAD), Some(6)], "in the order of asking");
}

pub async fn unread_looks_at_a_bounded_part(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (u1, min) = (user("u1"), person("min", "민지"));
    // Somebody else's, then more of one's own than are looked at, then two of somebody else.
    let own = u128::from(MOST_SCANNED);
    let appends = (1..=own + 5).map(|number| {
        let mut append = message(&lobby, number);
        if number > 3 && number <= own + 3 {
            append.sender = min.clone();
        }
        append
    });
    let appends: Vec<_> = appends.collect();
    let count = appends.len();
    assert!(store.journal.append_all(appends).is_empty());
    for _ in 0..count {
        store.outcome().await.unwrap();
    }
    store.reads(&lobby, &min, 0).await;
    assert_eq!(store.state(&lobby, &min).await, Some((0, 2, 0)), "the newest count");
    store.reads(&lobby, &u1, 0).await;
    assert_eq!(store.state(&lobby, &u1).await, Some((0, MAX_UNREAD, 0)));
}

/// Deleted messages are not unread, and mentions are those of the messages as they are now.
pub async fn what_becomes_of_messages_becomes_of_the_counts(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (u1, min, ben) = (user("u1"), person("min", "민지"), person("ben", "Ben"));
    let text = || Body::parse("@민지 @Ben".to_owned()).unwrap();
    let draft = |number: u128, what: Change| Append { what, ..message(&lobby, number) };
    let says = |number, mentions: &[&User]| {
        let mentions = mentions.iter().copied().cloned().collect();
        draft(
            number,
            Change::Message(NewMessage { body: Some(text()), mentions, ..NewMessage::default() }),
        )
    };
    let edits = |number, target, mentions: &[&User]| {
        let (target, body) = (seq(target), text());
        let mentions = mentions.iter().copied().cloned().collect();
        draft(number, Change::Edit { target, body, mentions })
    };
    store.mark([&u1, &min, &ben].map(|who| mark(&lobby, who, read(0))).to_vec()).await;
    for append in [says(1, &[&min, &u1]), says(2, &[&min, &ben]), says(3, &[])] {
        store.say(append).await;
    }
    assert_eq!(store.state(&lobby, &min).await, Some((0, 3, 2)));
    assert_eq!(store.state(&lobby, &ben).await, Some((0, 3, 1)));
    assert_eq!(store.state(&lobby, &u1).await, Some((0, 0, 0)), "nobody mentions oneself");
    // A retry mentions nobody twice, and what is refused nobody at all.
    store.say(says(1, &[&min, &u1])).await;
    store.say(edits(4, 99, &[&ben])).await;
    // One name stays, one goes, one comes.
    store.say(edits(5, 2, &[&min])).await;
    store.say(edits(6, 3, &[&ben])).await;
    assert_eq!(store.state(&lobby, &min).await, Some((0, 3, 2)));
    assert_eq!(store.state(&lobby, &ben).await, Some((0, 3, 1)));
    store.reads(&lobby, &min, 1).await;
    assert_eq!(store.state(&lobby, &min).await, Some((1, 2, 1)));
    // In one commit: said, edited twice, deleted.
    let together = vec![
        says(7, &[&min, &ben]),
        edits(8, 6, &[&ben]),
        edits(9, 6, &[&min]),
        says(10, &[&ben]),
        draft(11, Change::Delete { target: seq(9) }),
        draft(12, Change::Delete { target: seq(2) }),
    ];
    let count = together.len();
    assert!(store.journal.append_all(together).is_empty());
    for _ in 0..count {
        let outcome = store.outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
    }
    assert_eq!(store.state(&lobby, &min).await, Some((1, 2, 1)), "3 and 6");
    assert_eq!(store.state(&lobby, &ben).await, Some((0, 3, 1)), "1, 3 and 6");
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.state(&lobby, &ben).await, Some((0, 3, 1)));
}

pub async fn who_left_is_forgotten(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 5).await;
    let (min, ben) = (person("min", "민지"), person("ben", "Ben"));
    store.mark(vec![mark(&lobby, &ben, read(2)), mark(&lobby, &min, read(4))]).await;
    assert_eq!(store.mark(vec![mark(&lobby, &min, Marked::Left)]).await, 1);
    assert_eq!(store.mark(vec![mark(&lobby, &min, Marked::Left)]).await, 0);
    assert_eq!(store.state(&lobby, &min).await, None);
    assert_eq!(store.found(&lobby, "").await, ["Ben"]);
    let ids = vec![min.id.clone(), ben.id.clone()];
    assert_eq!(soon(store.journal.known(lobby.id, ids)).await.unwrap(), [ben]);
    // Back again, they begin where they are.
    store.reads(&lobby, &min, 1).await;
    assert_eq!(store.state(&lobby, &min).await, Some((1, 4, 0)));
    // What came together: they left and came back.
    store.reads(&lobby, &min, 4).await;
    let anew = Marked::Read { seq: seq(2), anew: true };
    assert_eq!(store.mark(vec![mark(&lobby, &min, anew)]).await, 1);
    assert_eq!(store.state(&lobby, &min).await, Some((2, 3, 0)));
}

pub async fn members_are_found_by_how_their_name_begins(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    let people = [
        person("1", "김 민지"),
        person("2", "민서"),
        person("3", "Ada Lovelace"),
        person("4", "adam"),
        person("5", "O'Neil (ops)"),
        person("6", "Éric"),
    ];
    store.mark(people.iter().map(|who| mark(&lobby, who, read(0))).collect()).await;
    store.reads(&other, &person("7", "Adele"), 0).await;
    for (query, expected) in [
        ("민", vec!["민서", "김 민지"]),
        ("ㅁ", vec!["민서", "김 민지"]),
        ("\u{1106}\u{1175}\u{11AB}\u{110C}\u{1175}", vec!["김 민지"]),
        ("ad", vec!["Ada Lovelace", "adam"]),
        ("LOVE", vec!["Ada Lovelace"]),
        ("ops", vec!["O'Neil (ops)"]),
        ("e\u{301}R", vec!["Éric"]),
        ("dam", vec![]),
        ("%", vec![]),
        ("a_", vec![]),
        ("'; DROP TABLE members; --", vec![]),
        ("\u{0}", vec![]),
        ("\u{10FFFF}", vec![]),
    ] {
        assert_eq!(store.found(&lobby, query).await, expected, "{query:?}");
    }
    assert_eq!(store.found(&lobby, "").await.len(), people.len(), "each once");
    assert!(store.found(&nowhere(), "").await.is_empty());
}

pub async fn a_new_name_replaces_the_old_one(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 3).await;
    let (before, after) = (person("1", "Ada Lovelace"), person("1", "Countess Ada"));
    assert_eq!(store.mark(vec![mark(&lobby, &before, Marked::Named)]).await, 0, "no member");
    assert_eq!(store.state(&lobby, &before).await, None);
    store.reads(&lobby, &before, 2).await;
    assert_eq!(store.mark(vec![mark(&lobby, &before, Marked::Named)]).await, 0);
    assert_eq!(store.mark(vec![mark(&lobby, &after, Marked::Named)]).await, 1);
    assert_eq!(store.state(&lobby, &after).await, Some((2, 1, 0)), "the marker stays");
    assert_eq!(store.found(&lobby, "ada").await, ["Countess Ada"]);
    assert!(store.found(&lobby, "love").await.is_empty());
    // With a marker that does not move.
    assert_eq!(store.mark(vec![mark(&lobby, &before, read(1))]).await, 1);
    assert_eq!(store.state(&lobby, &before).await, Some((2, 1, 0)));
    assert!(store.found(&lobby, "countess").await.is_empty());
    assert_eq!(store.found(&lobby, "love").await, ["Ada Lovelace"]);
}

pub async fn a_crowd_of_members_costs_a_page(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    // Words without end, so that each has as many beginnings as are kept.
    let name = |number: u32| format!("{} zz{number:03}", "a ".repeat(12));
    let people: Vec<User> =
        (0..300).map(|number| person(&format!("p{number:03}"), &name(number))).collect();
    for people in people.chunks(MOST_MARKS) {
        let marks = people.iter().map(|who| mark(&lobby, who, read(0))).collect();
        assert_eq!(store.mark(marks).await, people.len() as u64);
    }
    for query in ["", "a", "a a a"] {
        let found = store.found(&lobby, query).await;
        assert_eq!(found.len(), MOST_MEMBERS, "{query}");
        let mut distinct = found.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), MOST_MEMBERS, "each once");
    }
}

pub async fn many_markers_at_once_come_to_the_furthest(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 60).await;
    let people: Vec<User> =
        (0..20).map(|number| person(&format!("p{number:02}"), "민지")).collect();
    // Under way together, beside messages, each in another order of people.
    let calls: Vec<_> = (1..=50_u64)
        .map(|number| {
            let mut marks: Vec<Mark> =
                people.iter().map(|who| mark(&lobby, who, read(number))).collect();
            marks.rotate_left(number as usize % people.len());
            store.journal.append(message(&lobby, u128::from(number) + 100)).unwrap();
            store.journal.mark(marks)
        })
        .collect();
    for call in calls {
        soon(call).await.unwrap();
    }
    for _ in 1..=50 {
        store.outcome().await.unwrap();
    }
    for who in &people {
        assert_eq!(store.state(&lobby, who).await, Some((50, 60, 0)), "{:?}", who.id);
    }
}

pub async fn what_is_asked_beyond_the_bounds_is_not_answered(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let who = |number: usize| person(&format!("p{number:04}"), "민지");
    let marks = (0..=MOST_MARKS).map(|number| mark(&lobby, &who(number), read(0))).collect();
    assert_eq!(store.mark(marks).await, MOST_MARKS as u64);
    let min = who(0);
    let asked = ReadQuery { person: min.id.clone(), room: lobby.name.key(), waiting: None };
    let states = soon(store.journal.unread(vec![asked; MOST_READ_QUERIES + 1])).await.unwrap();
    assert_eq!(states.len(), MOST_READ_QUERIES);
    assert_eq!(store.mark(Vec::new()).await, 0);
    assert!(soon(store.journal.unread(Vec::new())).await.unwrap().is_empty());
    // Ids are anybody's choosing: whatever is in one, the others are kept.
    let odd = person("a\u{0}b'; --", "Odd");
    store.mark(vec![mark(&lobby, &odd, read(0)), mark(&lobby, &who(900), read(0))]).await;
    assert!(store.state(&lobby, &who(900)).await.is_some());
    let ids = vec![odd.id.clone(), who(900).id];
    assert!(soon(store.journal.known(lobby.id, ids)).await.unwrap().contains(&who(900)));
    store.state(&lobby, &odd).await;
}

pub async fn what_waits_counts_as_kept(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, 10).await;
    let (min, new) = (person("min", "민지"), person("new", "새"));
    store.reads(&lobby, &min, 4).await;
    let anew = |number| Marked::Read { seq: seq(number), anew: true };
    for (waiting, of_min, of_new) in [
        (None, Some(4), None),
        (Some(Marked::Named), Some(4), None),
        (Some(Marked::Left), None, None),
        (Some(read(7)), Some(7), Some(7)),
        (Some(read(2)), Some(4), Some(2)),
        (Some(anew(2)), Some(2), Some(2)),
        (Some(read(99)), Some(10), Some(10)),
    ] {
        for (who, expected) in [(&min, of_min), (&new, of_new)] {
            let expected = expected.map(|read: u64| (read, 10 - read as u32, 0));
            let state = store.state_with(&lobby, who, waiting).await;
            assert_eq!(state, expected, "{waiting:?} {:?}", who.id);
        }
    }
}
