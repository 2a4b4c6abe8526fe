//! Rooms that get another name.

use futures_util::future::join_all;
use maru_protocol::RoomName;
use maru_server::journal::{
    Append, Created, MOST_FORMER, MOST_RENAMED, Mark, Marked, PageRange, ReadQuery, RemoveWhen,
    Renamed, RenamedRoom, RoomRecord,
};

use super::{changes::topic, rooms::directory};
use crate::kit::*;

impl Store {
    pub async fn renames(&self, room: &RoomRecord, name: &str) -> Renamed {
        soon(self.journal.rename(room.clone(), room_name(name))).await.unwrap()
    }

    /// Renames a room that can be, and gives it as it is after that.
    pub async fn renamed(&self, room: &RoomRecord, name: &str) -> RoomRecord {
        let Renamed::Done(room) = self.renames(room, name).await else { panic!("{name} is taken") };
        assert_eq!(room.name.as_str(), name);
        room
    }

    /// The room that a name leads to.
    pub async fn called(&self, name: &str) -> Option<RoomRecord> {
        soon(self.journal.room(room_name(name).key())).await.unwrap()
    }

    async fn creates(&self, name: &str) -> Created {
        soon(self.journal.create(room_name(name), 5)).await.unwrap()
    }

    async fn all_renamed(&self, after: u64) -> Vec<RenamedRoom> {
        soon(self.journal.renamed(after)).await.unwrap()
    }
}

pub async fn a_renamed_room_is_the_same_room<S: StoreUnderTest>(place: S) {
    let mut store = Store::open(&place, WIDE).await;
    let garden = store.make("Garden").await;
    store.fill(&garden, 5).await;
    store.say(Append { what: topic("plants"), ..message(&garden, 6) }).await;
    let ada = user("u2");
    let mark = |seq| Mark {
        room: garden.id,
        user: user("u2"),
        what: Marked::Read { seq, anew: false },
        at: 1,
    };
    soon(store.journal.mark(vec![mark(seq(3))])).await.unwrap();
    assert!(soon(store.journal.hold(garden.id, ada.clone())).await.unwrap());
    let park = store.renamed(&garden, "Park").await;
    assert_eq!((park.id, park.head), (garden.id, seq(6)));
    // Whoever says something meanwhile says it there.
    let late = store.say(message(&garden, 7)).await;
    assert_eq!(late, committed(&message(&garden, 7), 7));
    for _ in 0..2 {
        let found = store.called("pARK").await.unwrap();
        assert_eq!((found.id, found.head, found.name.as_str()), (garden.id, seq(7), "Park"));
        assert_eq!(store.called("gARDEN").await, Some(found), "it leads to the room");
        let newest = PageRange::Newest { limit: 9 };
        let page = soon(store.journal.history(garden.id, newest)).await.unwrap();
        assert_eq!(page.about.topic.as_str(), "plants");
        assert!(page.entries.iter().all(|entry| entry.head().room.as_str() == "Park"));
        assert_eq!(store.page(&garden, newest).await, [1, 2, 3, 4, 5, 6, 7]);
        let asked = |name: &str| ReadQuery {
            person: ada.id.clone(),
            room: room_name(name).key(),
            waiting: None,
        };
        let asked = soon(store.journal.unread(vec![asked("park"), asked("garden")])).await.unwrap();
        let [Some(state), None] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!((state.room.as_str(), state.read, state.unread), ("Park", seq(3), 3));
        let held = soon(store.journal.holders(garden.id, ada.name.skeletons())).await.unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(directory(&store, None, 9).await, ["Park"]);
        store.close().await;
        S::verify_at(&place.address()).await;
        store = Store::open(&place, WIDE).await;
    }
    // Back, and on to a third name: what the chain begins by stays.
    let garden = store.renamed(&park, "Garden").await;
    store.say(message(&garden, 8)).await;
    let yard = store.renamed(&garden, "Yard").await;
    store.say(message(&yard, 9)).await;
    for name in ["park", "garden", "yard"] {
        assert_eq!(
            store.called(name).await.map(|room| room.name),
            Some(room_name("Yard")),
            "{name}"
        );
    }
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn a_former_name_is_no_other_rooms<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let [garden, other] = [store.make("garden").await, store.make("other").await];
    let park = store.renamed(&garden, "park").await;
    for name in ["garden", "GARDEN", "park"] {
        assert_eq!(store.creates(name).await, Created::Existing(park.clone()), "{name}");
        assert_eq!(store.renames(&other, name).await, Renamed::Taken(park.clone()), "{name}");
    }
    // With a Cyrillic a.
    for name in ["g\u{430}rden", "p\u{430}rk"] {
        assert_eq!(store.creates(name).await, Created::LooksLike(park.clone()), "{name}");
        assert_eq!(store.renames(&other, name).await, Renamed::LooksLike(park.clone()), "{name}");
    }
    assert_eq!(store.called("other").await, Some(other.clone()), "nothing changed");
    // The room itself may go back to it.
    let garden = store.renamed(&park, "Garden").await;
    assert_eq!(store.creates("park").await, Created::Existing(garden.clone()));
    store.close().await;
    S::verify_at(&place.address()).await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.creates("park").await, Created::Existing(garden.clone()));
    // With the room, all that was kept for it goes.
    let removal = store.journal.remove(garden.clone(), RemoveWhen::Always);
    assert!(soon(removal).await.unwrap());
    while soon(store.journal.erase()).await.unwrap() {}
    S::erased_at(&place.address(), garden.id).await;
    assert_eq!((store.called("garden").await, store.called("park").await), (None, None));
    assert!(matches!(store.creates("g\u{430}rden").await, Created::New(_)));
    assert!(matches!(store.creates("park").await, Created::New(_)));
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn a_name_may_be_spelled_anew<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let street = store.make("strasse").await;
    store.make("alpha").await;
    let again = store.renamed(&street, "Straße").await;
    assert_eq!(store.called("STRASSE").await, Some(again.clone()));
    assert_eq!(store.creates("strasse").await, Created::Existing(again.clone()));
    let [renamed] = &store.all_renamed(0).await[..] else { panic!("it was renamed once") };
    assert_eq!((&renamed.room, renamed.former.len()), (&again, 0), "it has had one name");
    assert_eq!(directory(&store, Some("SS"), 9).await, ["Straße"]);
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn who_knows_an_older_name_renames_nothing<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let garden = store.make("garden").await;
    let park = store.renamed(&garden, "park").await;
    let number = store.all_renamed(0).await[0].number;
    assert_eq!(store.renames(&garden, "yard").await, Renamed::Gone, "it is the park by now");
    // Who got no answer asks again.
    assert_eq!(store.renames(&garden, "park").await, Renamed::Done(park.clone()));
    assert_eq!(store.renames(&park, "park").await, Renamed::Done(park.clone()));
    assert_eq!(store.all_renamed(number).await, [], "nothing changed");
    assert_eq!(store.renames(&nowhere(), "yard").await, Renamed::Gone);
    let removal = store.journal.remove(garden, RemoveWhen::Always);
    assert!(soon(removal).await.unwrap());
    assert_eq!(store.renames(&park, "yard").await, Renamed::Gone);
    assert_eq!(store.all_renamed(0).await, []);
    assert_eq!(store.called("yard").await, None);
}

pub async fn renamed_rooms_are_found_by_their_number<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let count = MOST_RENAMED as usize + 5;
    let mut rooms = Vec::new();
    for number in 0..count {
        let room = store.make(&format!("before {number}")).await;
        rooms.push(store.renamed(&room, &format!("after {number}")).await);
    }
    let first = store.all_renamed(0).await;
    assert_eq!(first.len(), MOST_RENAMED as usize);
    let second = store.all_renamed(first.last().unwrap().number).await;
    let all: Vec<&RenamedRoom> = first.iter().chain(&second).collect();
    assert!(all.iter().map(|it| it.number).is_sorted_by(|a, b| a < b));
    assert!(all.iter().map(|it| &it.room).eq(&rooms));
    assert!(all.iter().zip(0..).all(|(it, n)| it.former == [room_name(&format!("before {n}"))]));
    // Again: it comes with its last number only, and with all of its names.
    let last = second.last().unwrap().number;
    let again = store.renamed(&rooms[0], "again").await;
    let [renamed] = &store.all_renamed(last).await[..] else { panic!("it was renamed once") };
    assert_eq!(renamed.room, again);
    let mut former: Vec<&str> = renamed.former.iter().map(RoomName::as_str).collect();
    former.sort_unstable();
    assert_eq!(former, ["after 0", "before 0"]);
    assert_eq!(store.all_renamed(0).await[0].room, rooms[1]);
    // Numbers go on, also when the last one is gone.
    assert!(soon(store.journal.remove(again, RemoveWhen::Always)).await.unwrap());
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    store.renamed(&rooms[1], "more").await;
    assert!(store.all_renamed(renamed.number).await.len() == 1, "whoever looks on finds it");
    assert_eq!(store.all_renamed(u64::MAX).await, []);
}

pub async fn a_renamed_room_is_searched_by_its_new_name(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let [garden, other] = [store.make("garden").await, store.make("gardeners").await];
    assert_eq!(directory(&store, Some("garden"), 9).await, ["gardeners", "garden"]);
    let park = store.renamed(&garden, "park").await;
    assert_eq!(directory(&store, Some("garden"), 9).await, ["gardeners"]);
    assert_eq!(directory(&store, Some("park"), 9).await, ["park"]);
    store.renamed(&other, "park keepers").await;
    assert_eq!(directory(&store, Some("park"), 9).await, ["park keepers", "park"]);
    store.renamed(&park, "garden").await;
    assert_eq!(directory(&store, Some("garden"), 9).await, ["garden"], "once");
    assert_eq!(directory(&store, Some("park"), 9).await, ["park keepers"]);
    let made = store.make("park view").await;
    assert_eq!(directory(&store, Some("park"), 9).await, [made.name.as_str(), "park keepers"]);
}

pub async fn of_two_who_want_a_name_one_gets_it<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let mut rooms = Vec::new();
    for number in 0..10 {
        rooms.push(store.make(&format!("room {number}")).await);
    }
    let made = store.journal.create(room_name("wanted"), 9);
    let wanted = rooms.iter().map(|room| store.journal.rename(room.clone(), room_name("WANTED")));
    let (renamed, made) = tokio::join!(join_all(wanted), made);
    let done = |it: &Result<Renamed, _>| matches!(it, Ok(Renamed::Done(_)));
    let got = renamed.iter().filter(|it| done(it)).count();
    assert_eq!(got + usize::from(matches!(made, Ok(Created::New(_)))), 1, "{renamed:?} {made:?}");
    assert!(
        renamed.iter().all(|it| done(it) || matches!(it, Ok(Renamed::Taken(_)))),
        "{renamed:?}"
    );
    store.close().await;
    S::verify_at(&place.address()).await;
}

pub async fn a_room_has_had_so_many_names_at_most(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let mut room = store.make("name 0").await;
    for number in 1..=MOST_FORMER {
        room = store.renamed(&room, &format!("name {number}")).await;
    }
    assert_eq!(store.renames(&room, "one more").await, Renamed::TooMany);
    assert_eq!(store.called("one more").await, None);
    let room = store.renamed(&room, "NAME 100").await;
    store.renamed(&room, "name 7").await;
    assert_eq!(store.called("name 100").await.map(|room| room.name), Some(room_name("name 7")));
}
