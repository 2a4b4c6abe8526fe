//! What is kept beside the entries is held to them: whatever a hand or a disk changes there is found at
//! its message.

use maru_server::journal::{
    Change, Fault, FaultKind, Location, NewMessage, Report, postgres, sqlite::verify,
};

use crate::{
    kit::*,
    services::{Database, sql},
    sqlite::SqliteFile,
    suite::changes::*,
};

/// Messages at both ends of what is looked at together.
const LENGTH: u32 = 300;

/// Everything that can become of messages, in one room: of messages at both ends of a run all of it,
/// of message 2 also its deletion, of message 3 more reactions than are listed.
pub async fn talked<S: StoreUnderTest>(place: &S) {
    bring(place, "u1", &picture()).await;
    let mut store = Store::open(place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, LENGTH).await;
    let mut said = drafts().into_iter().zip(10_000_u128..);
    for ((who, what), number) in &mut said {
        store.done(draft(&lobby, number, &who, what)).await;
    }
    let other = store.make("other").await;
    store.done(draft(&other, 1, "u3", topic("another one"))).await;
    store.close().await;
}

fn drafts() -> Vec<(String, Change)> {
    let with_a_picture = NewMessage {
        body: Some(body("to two people, and with a picture")),
        reply_to: Some(seq(1)),
        mentions: vec![user("u2"), user("u3"), user("u1")],
        files: vec![picture()],
    };
    let mut drafts = vec![("u1", Change::Message(with_a_picture))];
    for target in [1, 2, 128, 129, 300] {
        let mentions = vec![user("u2")];
        let again = Change::Edit { target: seq(target), body: body("edited @u2"), mentions };
        drafts.extend([
            ("u1", edit(target, "edited")),
            ("u2", react(target, "👍", true)),
            ("u1", react(target, "👍", true)),
            ("u2", react(target, "❤️", true)),
            ("u2", react(target, "❤️", false)),
            ("u3", pin(target, true)),
            ("u1", again),
        ]);
    }
    let mut drafts: Vec<_> = drafts.into_iter().map(|(who, what)| (who.to_owned(), what)).collect();
    for target in [2, 3] {
        drafts.extend((0..60).map(|n| (format!("p{n}"), react(target, "🎉", true))));
    }
    // One who is not listed, and one who is.
    drafts.extend(["p55", "p3"].map(|who| (who.to_owned(), react(3, "🎉", false))));
    let last = [("u3", pin(300, false)), ("u1", delete(2)), ("u3", topic("이번 주"))];
    drafts.extend(last.map(|(who, what)| (who.to_owned(), what)));
    drafts
}

const STATE: Option<&str> = Some("what became of it");
const MENTIONS: Option<&str> = Some("whom it mentions");
const FILES: Option<&str> = Some("which files");
const ABOUT: Option<&str> = Some("what it is about");
/// A value that the server never writes.
const UNREADABLE: Option<&str> = None;

/// What a hand does, the message that is named, and what is said of it. `~` stands before a table, `@`
/// before the number of a message of the lobby, `#` before the one that it gets.
const HANDS: [(&str, u64, Option<&str>); 18] = [
    (r#"UPDATE ~states SET state = replace(state, '"count":58', '"count":59') WHERE @3"#, 3, STATE),
    (r#"UPDATE ~states SET state = replace(state, 'u2', 'u4') WHERE @300"#, 300, STATE),
    (
        r#"UPDATE ~states SET state = replace(state, '"deleted_at"', '"deleted"') WHERE @2"#,
        2,
        STATE,
    ),
    ("DELETE FROM ~states WHERE @129", 129, STATE),
    ("UPDATE ~states SET #4 WHERE @129", 4, STATE),
    ("UPDATE ~states SET state = '{' WHERE @130 OR @129", 129, UNREADABLE),
    ("DELETE FROM ~unlisted WHERE @3", 3, STATE),
    ("UPDATE ~unlisted SET #9000 WHERE @3", 3, STATE),
    ("DELETE FROM ~mentions WHERE room = 1 AND seq = 301 AND person = 'u2'", 301, MENTIONS),
    ("UPDATE ~mentions SET person = 'u9' WHERE room = 1 AND seq = 128", 128, MENTIONS),
    ("INSERT INTO ~mentions VALUES ('u2', 1, 2)", 2, MENTIONS),
    ("INSERT INTO ~mentions VALUES ('u2', 1, 5000)", 5000, MENTIONS),
    ("UPDATE ~files SET seq = NULL", 301, FILES),
    ("UPDATE ~files SET size = 8", 301, FILES),
    ("UPDATE ~files SET owner = 'u2'", 301, FILES),
    ("UPDATE ~files SET state = 2", 257, UNREADABLE),
    ("DELETE FROM ~abouts WHERE room = 1", 0, ABOUT),
    ("UPDATE ~abouts SET about = replace(about, '129', '130') WHERE room = 1", 0, ABOUT),
];

fn check(report: &Report, hand: &str, number: u64, said: Option<&str>) {
    let [Fault { location: Some(Location { room, seq, .. }), kind: what }] = &*report.faults else {
        panic!("{hand}: {report:?}")
    };
    assert_eq!((room.0, seq.get()), (1, number), "{hand}: {what}");
    match (said, what) {
        (Some(said), FaultKind::Projection(part)) => assert!(part.contains(said), "{hand}: {what}"),
        (UNREADABLE, FaultKind::Unreadable(_)) => {}
        _ => panic!("{hand}: {what}"),
    }
    // The log itself is whole, and walked to its end.
    assert_eq!(report.entries, u64::from(LENGTH) + drafts().len() as u64 + 1, "{hand}");
}

fn number(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Writes the hand in the words of a store.
fn in_words(hand: &str, table: &str, column: impl Fn(char, &str) -> String) -> String {
    let mut hand = hand.replace('~', table);
    while let Some(at) = hand.find(['@', '#']) {
        let (seq, after) = number(&hand[at + 1..]);
        let mark = hand[at..].chars().next().unwrap();
        hand = format!("{}{}{after}", &hand[..at], column(mark, seq));
    }
    hand
}

#[tokio::test]
async fn every_change_is_found_at_its_message() {
    let place = SqliteFile::new();
    talked(&place).await;
    let copy = place.path().with_file_name("copy.db");
    for (hand, number, said) in HANDS {
        std::fs::copy(place.path(), &copy).unwrap();
        let sql = in_words(hand, "", |_, seq| format!("place = (1 << 36) + {seq}"));
        rusqlite::Connection::open(&copy).unwrap().execute_batch(&sql).unwrap();
        check(&verify(&copy, |_| ()).unwrap(), hand, number, said);
    }
}

#[tokio::test]
async fn every_change_is_found_at_its_message_in_postgres() {
    let edited = "UPDATE ~states SET edited = edited - 1 WHERE @129";
    for (hand, number, said) in HANDS.into_iter().chain([(edited, 129, UNREADABLE)]) {
        let place = Database::unchecked();
        talked(&place).await;
        let words = in_words(hand, "maru.", |mark, seq| match mark {
            '#' => format!("seq = {seq}"),
            _ => format!("room = 1 AND seq = {seq}"),
        });
        sql(&place.address(), &words);
        let report = postgres::verify(&place.address(), |_| ()).await.unwrap();
        check(&report, hand, number, said);
    }
}

/// Goes on changing two messages and the room until nobody looks any more.
async fn goes_on<S: StoreUnderTest>(place: &S, looking: impl Fn() -> bool) {
    let mut store = Store::open(place, WIDE).await;
    let lobby = store.make("lobby").await;
    store.fill(&lobby, LENGTH).await;
    let mut numbers = 20_000_u128..;
    for on in [true, false].into_iter().cycle() {
        for (who, what) in [
            ("u1", edit(1, "edited")),
            ("u2", react(129, "👍", on)),
            ("u3", pin(1, on)),
            ("u3", topic(if on { "this" } else { "that" })),
        ] {
            store.done(draft(&lobby, numbers.next().unwrap(), who, what)).await;
        }
        if !looking() {
            break;
        }
    }
    store.close().await;
}

/// Looks at it meanwhile; each look is at one moment.
const LOOKS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_run_beside_a_server_that_changes_messages() {
    let place = SqliteFile::new();
    let store = Store::open(&place, WIDE).await;
    store.make("lobby").await;
    store.close().await;
    let path = place.path();
    let looking = std::thread::spawn(move || {
        for _ in 0..LOOKS {
            let report = verify(&path, |_| ()).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    });
    goes_on(&place, || !looking.is_finished()).await;
    looking.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_run_beside_servers_that_change_messages() {
    let place = Database::new();
    let store = Store::open(&place, WIDE).await;
    store.make("lobby").await;
    store.close().await;
    let address = place.address();
    let looking = tokio::spawn(async move {
        for _ in 0..LOOKS {
            let report = postgres::verify(&address, |_| ()).await.unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    });
    goes_on(&place, || !looking.is_finished()).await;
    looking.await.unwrap();
}
