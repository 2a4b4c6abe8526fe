//! Rooms: made once, found by any case, listed by activity.

use std::collections::{BTreeMap, BTreeSet};

use maru_protocol::Seq;
use maru_server::journal::{Append, Created, RemoveWhen, RoomQuery};

use super::changes::topic;
use crate::kit::*;

pub async fn a_room_is_made_once(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let asked: Vec<_> = ["Lobby", "lobby", "LOBBY", "lObby"]
        .into_iter()
        .cycle()
        .take(40)
        .zip(10..)
        .map(|(name, at)| store.journal.create(room_name(name), at))
        .collect();
    let mut new = Vec::new();
    let mut existing = Vec::new();
    for made in asked {
        match soon(made).await.unwrap() {
            Created::New(room) => new.push(room),
            Created::Existing(room) => existing.push(room),
            Created::LooksLike(room) => panic!("{room:?}"),
        }
    }
    assert_eq!(new.len(), 1);
    assert!(existing.iter().all(|room| *room == new[0]));
    let lobby = new.remove(0);
    assert_eq!((lobby.name.as_str(), lobby.head, lobby.active_at), ("Lobby", Seq::ZERO, 10));
    // One that is asked for behind an append tells the head after it.
    let append = message(&lobby, 1);
    store.journal.append(append.clone()).unwrap();
    let again = soon(store.journal.create(room_name("lobby"), 99)).await.unwrap();
    assert_eq!(store.outcome().await, Some(committed(&append, 1)));
    let Created::Existing(again) = again else { panic!("made twice") };
    assert_eq!((again.id, again.head, again.active_at), (lobby.id, seq(1), append.at));
}

pub async fn rooms_don_t_look_alike(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for alike in ["l\u{43E}bby", "\u{2113}obby", "\u{FF4C}\u{FF4F}bby", "1obby", "lob by"] {
        let made = soon(store.journal.create(room_name(alike), 2)).await.unwrap();
        assert_eq!(made, Created::LooksLike(lobby.clone()), "{alike}");
        let found = soon(store.journal.room(room_name(alike).key())).await;
        assert_eq!(found, Ok(None), "{alike} is no room");
    }
    // Of two that are asked for at once as well.
    let both = ["Alpha", "\u{391}lpha"].map(|name| store.journal.create(room_name(name), 3));
    let [first, second] = both.map(soon);
    let first = first.await.unwrap();
    assert!(matches!(first, Created::New(_)), "{first:?}");
    assert_eq!(second.await, Ok(Created::LooksLike(first.into_room())));
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    let again = soon(store.journal.create(room_name("lo\u{184}by"), 4)).await.unwrap();
    assert_eq!(again, Created::LooksLike(lobby));
}

pub async fn a_room_is_found_by_any_case(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let street = store.make("Straße 한").await;
    for name in ["STRASSE 한", "straße 한", "Strasse \u{1112}\u{1161}\u{11AB}"] {
        let found = soon(store.journal.room(room_name(name).key())).await;
        assert_eq!(found, Ok(Some(street.clone())), "{name}");
    }
    assert_eq!(soon(store.journal.room(room_name("Strasse").key())).await, Ok(None));
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(soon(store.journal.room(street.name.key())).await, Ok(Some(street)));
}

pub async fn directory(store: &Store, contains: Option<&str>, limit: u32) -> Vec<String> {
    let query = RoomQuery { contains: contains.map(str::to_owned), ..RoomQuery::first(limit) };
    let rooms = soon(store.journal.rooms(query)).await.unwrap().rooms;
    rooms.into_iter().map(|room| room.name.into()).collect()
}

pub async fn the_directory_is_ordered_by_activity(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    assert_eq!(directory(&store, None, 10).await, [""; 0]);
    for (name, at) in [("a", 30), ("b", 10), ("c", 20)] {
        soon(store.journal.create(room_name(name), at)).await.unwrap();
    }
    assert_eq!(directory(&store, None, 10).await, ["a", "c", "b"]);
    let b = store.make("b").await;
    store.say(message(&b, 1)).await;
    assert_eq!(directory(&store, None, 10).await, ["b", "a", "c"]);
    assert_eq!(directory(&store, None, 2).await, ["b", "a"]);
    assert_eq!(directory(&store, None, 0).await, [""; 0]);
    // A retry is no activity.
    let a = store.make("a").await;
    store.say(message(&a, 2)).await;
    store.say(Append { at: 1_800_000_000_000, ..message(&b, 1) }).await;
    assert_eq!(directory(&store, None, 10).await, ["a", "b", "c"]);
}

/// Whoever makes rooms pushes none off in which somebody said something.
pub async fn rooms_without_entries_come_last(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    for name in ["first", "second"] {
        let room = store.make(name).await;
        store.say(message(&room, room.id.0.cast_unsigned().into())).await;
    }
    for number in 0..150 {
        let (name, at) = (format!("made {number}"), 1_800_000_000_000 + number);
        soon(store.journal.create(room_name(&name), at)).await.unwrap();
    }
    assert_eq!(directory(&store, None, 4).await, ["second", "first", "made 149", "made 148"]);
    assert_eq!(directory(&store, Some("made"), 1).await, ["made 149"]);
    // Its first entry lets a room come up; a topic is one.
    let (third, fourth) = (store.make("made 3").await, store.make("made 4").await);
    let (early, late) = (1_600_000_000_000, 1_790_000_000_000);
    store.say(Append { at: early, ..message(&third, 77) }).await;
    store.say(Append { at: late, what: topic("for all"), ..message(&fourth, 78) }).await;
    let expected = ["made 4", "second", "first", "made 3", "made 149"];
    assert_eq!(directory(&store, None, 5).await, expected);
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(directory(&store, None, 5).await, expected);
}

/// All that the directory has, some at a time; `between` is called after each page.
async fn pages(
    store: &mut Store,
    contains: Option<&str>,
    limit: u32,
    between: impl AsyncFn(&mut Store, usize),
) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    for page in 0.. {
        let query = RoomQuery { contains: contains.map(str::to_owned), after, limit };
        let found = soon(store.journal.rooms(query)).await.unwrap();
        all.extend(found.rooms.into_iter().map(|room| String::from(room.name)));
        after = found.more;
        if after.is_none() {
            return all;
        }
        assert!(page < 100, "{all:?}");
        between(store, page).await;
    }
    all
}

/// Also where there are more rooms than are looked at at once, and more that fit than are read one by one.
pub async fn a_search_finds_all_and_ends_whatever_it_looks_for(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let (old, new) = (600_u64, 10_100_u64);
    let names = (0..old).map(|n| (format!("old {n}"), n));
    let names = names.chain((0..new).map(|n| (format!("new {n}"), old + n)));
    let mut made = Vec::new();
    for (name, at) in names {
        made.push(store.journal.create(room_name(&name), 1_700_000_000_000 + at));
        if made.len() == 1_000 {
            for made in made.drain(..) {
                soon(made).await.unwrap();
            }
        }
    }
    for made in made {
        soon(made).await.unwrap();
    }
    let expected: Vec<String> = (0..old).rev().map(|n| format!("old {n}")).collect();
    let found = pages(&mut store, Some("OLD"), 100, async |_, _| {}).await;
    assert_eq!(found, expected);
    for (part, count) in [("zz", 0), ("q", 0), ("ew 10099", 1), ("ld 59", 11), ("new old", 0)] {
        let query = RoomQuery { contains: Some(part.to_owned()), ..RoomQuery::first(100) };
        let found = soon(store.journal.rooms(query)).await.unwrap();
        assert_eq!((found.rooms.len(), found.more), (count, None), "{part}");
    }
    assert_eq!(directory(&store, Some("w"), 3).await, ["new 10099", "new 10098", "new 10097"]);
    // What is made later is found at once, and what goes is not.
    let late = store.make("ofold").await;
    assert_eq!(directory(&store, Some("fol"), 9).await, ["ofold"]);
    soon(store.journal.remove(late, RemoveWhen::Always)).await.unwrap();
    assert_eq!(directory(&store, Some("fol"), 9).await, [""; 0]);
}

/// Each room once, whatever moves up meanwhile.
pub async fn the_directory_is_read_in_pages(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let mut rooms = Vec::new();
    for number in 0..23_u64 {
        let (name, at) = (format!("room {number}"), 1_700_000_000_000 + number / 4);
        soon(store.journal.create(room_name(&name), at)).await.unwrap();
        rooms.push(store.make(&name).await);
    }
    // Some at the same millisecond, some in the same slot, some empty.
    for (room, number) in rooms[5..20].iter().zip(0..) {
        let at = 1_700_000_000_000 + number / 3 * 7_000;
        store.say(Append { at, ..message(room, number.into()) }).await;
    }
    let whole = directory(&store, None, 100).await;
    assert_eq!(whole.len(), 23);
    for limit in [1, 2, 7, 22, 23] {
        let found = pages(&mut store, None, limit, async |_, _| {}).await;
        assert_eq!(found, whole, "{limit} at a time");
    }
    let some = pages(&mut store, Some("OOM 1"), 3, async |_, _| {}).await;
    let expected = whole.iter().filter(|name| name.contains("oom 1"));
    assert_eq!(some, expected.cloned().collect::<Vec<_>>());
    // One moves up after each page: an empty one, one that was listed, one that was not.
    let move_up = async |store: &mut Store, page: usize| {
        let room = &rooms[page * 5 % 23];
        let at = 1_800_000_000_000 + page as u64;
        store.say(Append { at, ..message(room, 1_000 + page as u128) }).await;
    };
    let found = pages(&mut store, None, 4, move_up).await;
    let distinct: BTreeSet<&String> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "{found:?}");
    let moved: Vec<String> = (0..6).map(|page| format!("room {}", page * 5 % 23)).collect();
    let missed: Vec<&String> = whole.iter().filter(|name| !found.contains(name)).collect();
    assert!(missed.iter().all(|name| moved.contains(name)), "{missed:?}");
}

/// Milliseconds, seconds and hours apart, forwards and, by another machine's clock, backwards.
pub async fn the_directory_is_ordered_however_far_apart(place: impl StoreUnderTest) {
    let mut store = Store::open(&place, WIDE).await;
    let mut latest = BTreeMap::new();
    for number in 0..23_u64 {
        let (name, at) = (format!("room {number}"), 1_700_000_000_000 + number * 40_000);
        soon(store.journal.create(room_name(&name), at)).await.unwrap();
        let room = store.make(&name).await;
        latest.insert(name, (false, at, room.id));
    }
    for number in 0..200_u64 {
        let room = store.make(&format!("room {}", number * 7 % 23)).await;
        let far = [1, 900, 17_000, 3_600_000, 40][(number % 5) as usize];
        let at = 1_700_000_000_000 + number * 911 % 97 * far;
        store.say(Append { at, ..message(&room, number.into()) }).await;
        latest.insert(room.name.to_string(), (true, at, room.id));
        let mut order: Vec<_> = latest.iter().map(|(name, at)| (*at, name.as_str())).collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let expected: Vec<&str> = order.into_iter().map(|(_, name)| name).collect();
        assert_eq!(directory(&store, None, 5).await, expected[..expected.len().min(5)]);
        assert_eq!(directory(&store, None, 100).await, expected);
    }
}

pub async fn the_directory_is_searched_by_folded_name(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let names = ["사랑방", "사랑방 2", "Lobby", "ΣΥΣΤΗΜΑ", "Straße", "a_b", "axb"];
    for (name, at) in names.into_iter().zip((1..=9).rev()) {
        soon(store.journal.create(room_name(name), at)).await.unwrap();
    }
    for (part, expected) in [
        ("사랑", &["사랑방", "사랑방 2"][..]),
        ("방", &["사랑방", "사랑방 2"]),
        ("\u{1109}\u{1161}\u{1105}\u{1161}\u{11BC}", &["사랑방", "사랑방 2"]),
        ("방 2", &["사랑방 2"]),
        ("LOB", &["Lobby"]),
        ("ΣΥΣ", &["ΣΥΣΤΗΜΑ"]),
        ("STRASS", &["Straße"]),
        ("ß", &["Straße"]),
        // Nothing in it means more than itself.
        ("a_b", &["a_b"]),
        ("_", &["a_b"]),
        ("%", &[]),
        ("'", &[]),
        ("nothing", &[]),
        ("", &names),
        ("  ", &names),
    ] {
        assert_eq!(directory(&store, Some(part), 20).await, expected, "{part:?}");
    }
    assert_eq!(directory(&store, Some("사랑"), 1).await, ["사랑방"]);
}
