//! What a page costs, counted in steps of SQLite's virtual machine.

use rusqlite::StatementStatus;

use super::*;
use crate::journal::sqlite::schema;

const FLIPS: i64 = 20_000;

/// A file with two rooms, each of 60 messages, so many flips of the last one, and 60 messages more.
fn flipped() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    schema::migrate(&mut conn, 0).unwrap();
    for room in [1, 2] {
        let name = format!("room {room}");
        let head = 120 + FLIPS;
        let made =
            "INSERT INTO rooms (id, key, name, created_at, head, active_at, active_slot, sum)
                    VALUES (?1, ?2, ?2, 0, ?3, 0, 0, zeroblob(16))";
        conn.execute(made, params![room, name, head]).unwrap();
        let said = "WITH RECURSIVE n (seq) AS (
                      SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 120 + ?2)
                    INSERT INTO entries
                      (place, room, kind, id, at, sender, sender_name, body, target, more, sum)
                    SELECT ?1 << 36 | seq, ?1, iif(flip, 4, 1), randomblob(16), 0, 'ada', 'Ada',
                      iif(flip, '', 'text'), iif(flip, 60, NULL), iif(flip, ?3, NULL), zeroblob(16)
                    FROM (SELECT seq, seq BETWEEN 61 AND 60 + ?2 AS flip FROM n)";
        let more = r#"{"emoji":"👍","on":true}"#;
        conn.execute(said, params![room, FLIPS, more]).unwrap();
        let state = format!("{{\"changed\":{},\"at\":0}}", 60 + FLIPS);
        let changed = "INSERT INTO states (place, state) VALUES (?1 << 36 | 60, ?2)";
        conn.execute(changed, params![room, state]).unwrap();
    }
    conn
}

/// The steps of the statements of the second part since they were prepared.
fn steps(conn: &Connection) -> i32 {
    let statements = [said("DESC"), said("ASC"), noted(), TOUCHED.to_owned()];
    let steps =
        |sql: &String| conn.prepare_cached(sql).unwrap().reset_status(StatementStatus::VmStep);
    statements.iter().map(steps).sum()
}

#[test]
fn a_page_costs_by_its_messages_not_by_what_lies_between() {
    let conn = flipped();
    let (last, seq) = (120 + FLIPS, |number: i64| entries::seq_of("seq", number).unwrap());
    steps(&conn);
    let room = RoomId(1);
    let page = |range| history(&conn, room, range).unwrap();
    for (range, said, reaches) in [
        (PageRange::Newest { limit: 100 }, 100, 21),
        (PageRange::Before { before: seq(last - 30), limit: 100 }, 89, 1),
        (PageRange::Before { before: seq(FLIPS), limit: 50 }, 50, 11),
        (PageRange::After { after: seq(59), limit: 50 }, 50, 60),
        (PageRange::After { after: seq(70), limit: 50 }, 50, 71),
    ] {
        let page = page(range);
        let messages = page.entries.iter().filter(|entry| history::is_said(entry)).count();
        assert_eq!((messages, page.covers.from), (said, seq(reaches)), "{range:?}");
        let steps = steps(&conn);
        assert!((50..5_000).contains(&steps), "{steps} steps for {range:?}");
    }
    let missed = missed(&conn, room, seq(59), 100).unwrap().unwrap();
    assert_eq!(missed.entries.len(), 61);
    assert!((50..5_000).contains(&steps(&conn)));
}
