//! Who goes by which name in a room.

use maru_protocol::{DisplayName, Seq, User, UserId};
use maru_server::journal::{
    MOST_SWEPT, Mark, Marked, MemberPlace, NameHolder, NamePlace, RoomRecord,
};

use super::sign_outs;
use crate::kit::*;

const AT: u64 = 1_700_000_000_000;

fn person(id: &str, name: &str) -> User {
    User { id: UserId(id.to_owned()), name: DisplayName::parse(name).unwrap() }
}

fn holder(id: &str, spoke: bool) -> NameHolder {
    NameHolder { person: UserId(id.to_owned()), spoke }
}

impl Store {
    async fn does(&self, room: &RoomRecord, user: &User, what: Marked, at: u64) {
        let mark = Mark { room: room.id, user: user.clone(), what, at };
        soon(self.journal.mark(vec![mark])).await.unwrap();
    }

    async fn looks(&self, room: &RoomRecord, user: &User) {
        self.does(room, user, Marked::Read { seq: Seq::ZERO, anew: false }, AT).await;
    }

    async fn hold(&self, room: &RoomRecord, user: &User) -> bool {
        soon(self.journal.hold(room.id, user.clone())).await.unwrap()
    }

    async fn holders(&self, room: &RoomRecord, name: &str) -> Vec<NameHolder> {
        let looks = DisplayName::parse(name).unwrap().skeletons();
        let mut holders = soon(self.journal.holders(room.id, looks)).await.unwrap();
        holders.sort_by(|a, b| a.person.cmp(&b.person));
        holders
    }

    /// Walks along all members; says how many were forgotten, and in how many steps.
    async fn sweep(&self, before: u64) -> (u64, u32) {
        let (mut from, mut forgotten, mut steps) = (MemberPlace::default(), 0, 0);
        loop {
            let swept = soon(self.journal.sweep(from, before)).await.unwrap();
            forgotten += swept.forgotten;
            steps += 1;
            match swept.next {
                Some(next) => from = next,
                None => return (forgotten, steps),
            }
        }
    }

    /// Walks along all names; says how many rows were freed, and in how many steps.
    async fn release_ended(&self, before: u64) -> (u64, u32) {
        let (mut from, mut freed, mut steps) = (NamePlace::default(), 0, 0);
        loop {
            let swept = soon(self.journal.release_ended(from, before)).await.unwrap();
            freed += swept.forgotten;
            steps += 1;
            match swept.next {
                Some(next) => from = next,
                None => return (freed, steps),
            }
        }
    }

    async fn members_named(&self, room: &RoomRecord, ids: &[&str]) -> Vec<String> {
        let people = ids.iter().map(|id| UserId((*id).to_owned())).collect();
        let found = soon(self.journal.known(room.id, people)).await.unwrap();
        found.into_iter().map(|user| user.id.0).collect()
    }
}

pub async fn who_reads_holds_their_name(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    let ada = person("ada", "Ada");
    assert_eq!(store.holders(&lobby, "Ada").await, []);
    store.looks(&lobby, &ada).await;
    // By whichever name that looks like it, and in this room only.
    for name in ["Ada", "ADA", "ada", "\u{410}da", "A da"] {
        assert_eq!(store.holders(&lobby, name).await, [holder("ada", false)], "{name}");
    }
    assert_eq!(store.holders(&other, "Ada").await, []);
    assert_eq!(store.holders(&lobby, "Adam").await, []);
    // Another one who reads is a member, without the name.
    let stranger = person("stranger", "\u{410}da");
    store.looks(&lobby, &stranger).await;
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("ada", false)]);
    assert_eq!(store.members_named(&lobby, &["ada", "stranger"]).await.len(), 2);
    assert!(!store.hold(&lobby, &stranger).await, "and can't speak by it");
    assert!(store.hold(&other, &stranger).await);
    store.close().await;
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("ada", false)]);
}

pub async fn who_speaks_keeps_their_name_for_ever(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (ada, stranger) = (person("guest-ada", "Ada"), person("guest-x", "Ada"));
    assert!(store.hold(&lobby, &ada).await);
    assert!(store.hold(&lobby, &ada).await, "again is no change");
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("guest-ada", true)]);
    assert!(!store.hold(&lobby, &stranger).await);
    // Reading takes nothing away, nor does leaving, nor time.
    store.looks(&lobby, &ada).await;
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("guest-ada", true)]);
    store.does(&lobby, &ada, Marked::Left, AT).await;
    store.sweep(u64::MAX >> 1).await;
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("guest-ada", true)]);
    assert!(!store.hold(&lobby, &stranger).await);
    // Who read first and speaks then is one who spoke.
    let ben = person("ben", "Ben");
    store.looks(&lobby, &ben).await;
    assert!(store.hold(&lobby, &ben).await);
    assert_eq!(store.holders(&lobby, "Ben").await, [holder("ben", true)]);
}

pub async fn a_name_given_up_is_free_again(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (reader, speaker) = (person("reader", "Reader"), person("speaker", "Speaker"));
    store.looks(&lobby, &reader).await;
    store.hold(&lobby, &speaker).await;
    store.looks(&lobby, &speaker).await;
    // Another name in place of the old one: who spoke stays one who spoke.
    for (user, spoke) in [(&reader, false), (&speaker, true)] {
        let renamed = person(&user.id.0, &format!("{} the second", user.name));
        store.does(&lobby, &renamed, Marked::Named, AT).await;
        assert_eq!(store.holders(&lobby, user.name.as_str()).await, []);
        let now = store.holders(&lobby, renamed.name.as_str()).await;
        assert_eq!(now, [holder(&user.id.0, spoke)]);
    }
    // One that is taken is not had: the old one stays theirs.
    store.does(&lobby, &person("reader", "Speaker the second"), Marked::Named, AT).await;
    let spoken = [holder("speaker", true)];
    assert_eq!(store.holders(&lobby, "Speaker the second").await, spoken);
    // In other letters of the same look it is still theirs.
    assert!(store.hold(&lobby, &person("speaker", "SPEAKER the second")).await);
    assert_eq!(store.holders(&lobby, "speaker the second").await, spoken);
    // Who only read and leaves gives it back.
    let leaver = person("leaver", "Leaver");
    store.looks(&lobby, &leaver).await;
    store.does(&lobby, &leaver, Marked::Left, AT).await;
    assert_eq!(store.holders(&lobby, "Leaver").await, []);
}

pub async fn of_many_who_ask_for_a_name_one_gets_it(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    for round in 0..10 {
        // One look as written and one with its case folded: crosswise, as some share only one.
        let names = ["Ila", "lla", "ILA", "ila"];
        let asked: Vec<_> = names
            .iter()
            .cycle()
            .take(16)
            .enumerate()
            .map(|(n, name)| {
                let user = person(&format!("u{n}"), &format!("{name} {round}"));
                (user.clone(), store.journal.hold(lobby.id, user))
            })
            .collect();
        let mut held = Vec::new();
        for (user, answer) in asked {
            if soon(answer).await.unwrap() {
                held.push(user);
            }
        }
        assert!(!held.is_empty());
        for (n, user) in held.iter().enumerate() {
            let mine = [holder(&user.id.0, true)];
            assert_eq!(store.holders(&lobby, user.name.as_str()).await, mine);
            for other in &held[n + 1..] {
                let (mine, theirs) = (user.name.skeletons(), other.name.skeletons());
                assert!(!mine.confusable_with(&theirs), "{user:?} {other:?}");
            }
        }
    }
}

pub async fn silent_guests_are_forgotten(place: impl StoreUnderTest) {
    let store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    let old = person("guest-old", "Old");
    let late = person("guest-late", "Late");
    let spoke = person("guest-spoke", "Spoke");
    let known = person("known", "Known");
    let anew = Marked::Read { seq: Seq::ZERO, anew: true };
    for user in [&old, &spoke, &known] {
        store.does(&lobby, user, anew, AT).await;
    }
    store.does(&lobby, &late, anew, AT + 1).await;
    store.does(&other, &old, anew, AT + 1).await;
    assert!(store.hold(&lobby, &spoke).await);
    let all = ["guest-late", "guest-old", "guest-spoke", "known"];
    assert_eq!(store.sweep(AT).await, (0, 1), "nobody is that old");
    assert_eq!(store.sweep(AT + 1).await, (1, 1));
    let mut left = store.members_named(&lobby, &all).await;
    left.sort();
    assert_eq!(left, ["guest-late", "guest-spoke", "known"]);
    assert_eq!(store.holders(&lobby, "Old").await, []);
    assert_eq!(store.holders(&lobby, "Late").await, [holder("guest-late", false)]);
    assert_eq!(store.members_named(&other, &all).await, ["guest-old"], "each room by itself");
    let found = soon(store.journal.members(lobby.id, maru_protocol::Beginning::of("ol").unwrap()));
    assert_eq!(found.await, Ok(Vec::new()));
    // A crowd is walked along step by step.
    let crowd = usize::try_from(MOST_SWEPT).unwrap() + 50;
    for n in 0..crowd {
        store.does(&other, &person(&format!("guest-{n}"), &format!("Guest {n}")), anew, AT).await;
    }
    let (forgotten, steps) = store.sweep(AT + 1).await;
    assert_eq!(forgotten, crowd as u64);
    assert!(steps >= 2, "{steps}");
}

/// A guest's identity ends at last, as their first token has it, and a sign-out ends anybody's: nobody is left to whom
/// the name belongs.
pub async fn who_cannot_come_back_holds_no_name<S: StoreUnderTest>(place: S) {
    let before = S::open_files(&place.address()).await;
    soon(before.sign_outs.sign_out(UserId("out".to_owned()), AT)).await.unwrap();
    sign_outs::close(before).await;
    let store = Store::open(&place, WIDE).await;
    let (lobby, other) = (store.make("lobby").await, store.make("other").await);
    let made = |at: u64, name: &str| person(&format!("guest-{}", uuid_of(at)), name);
    let (old, young) = (made(AT - 1, "Old"), made(AT, "Young"));
    let (out, known) = (person("out", "Out"), person("abc", "Known"));
    for user in [&old, &young, &out, &known] {
        assert!(store.hold(&lobby, user).await);
        assert!(store.hold(&other, user).await);
    }
    assert_eq!(store.release_ended(AT - 1).await, (4, 1), "one name, two rooms, two looks");
    assert_eq!(store.holders(&lobby, "Old").await, [holder(&old.id.0, true)], "not that old");
    assert_eq!(store.release_ended(AT).await, (4, 1));
    assert_eq!(store.release_ended(AT).await, (0, 1));
    for room in [&lobby, &other] {
        assert_eq!(store.holders(room, "Old").await, []);
        assert_eq!(store.holders(room, "Out").await, []);
        assert_eq!(store.holders(room, "Young").await, [holder(&young.id.0, true)]);
        assert_eq!(store.holders(room, "Known").await, [holder("abc", true)]);
        assert!(store.hold(room, &person("new", "Old")).await);
    }
    // A crowd is walked along step by step.
    let crowd = usize::try_from(MOST_SWEPT).unwrap();
    for n in 0..crowd {
        assert!(store.hold(&other, &made(AT - 1 - n as u64, &format!("Guest {n}"))).await);
    }
    let (freed, steps) = store.release_ended(AT).await;
    assert_eq!(freed, 2 * crowd as u64);
    assert!(steps >= 2, "{steps}");
}

/// As `auth` makes them.
fn uuid_of(at: u64) -> uuid::Uuid {
    let (seconds, rest) = (at / 1_000, u32::try_from(at % 1_000).unwrap());
    uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, rest * 1_000_000))
}

/// What servers wrote that let a stranger have the name of a member who was away.
pub async fn names_of_before_stay_with_who_came_first<S: StoreUnderTest>(place: S) {
    let store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let (first, second) = (person("guest-1", "Ada"), person("guest-2", "ADA"));
    store.looks(&lobby, &second).await;
    store.looks(&lobby, &first).await;
    store.looks(&lobby, &person("guest-3", "Ben")).await;
    store.close().await;
    S::forget_names(&place.address());
    let store = Store::open(&place, WIDE).await;
    assert_eq!(store.holders(&lobby, "Ada").await, [holder("guest-1", true)]);
    assert_eq!(store.holders(&lobby, "Ben").await, [holder("guest-3", true)]);
    assert!(!store.hold(&lobby, &second).await);
    let made = soon(store.journal.create(room_name("1obby"), 9)).await.unwrap();
    assert_eq!(made.into_room(), lobby);
    store.close().await;
}
