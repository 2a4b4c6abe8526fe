use super::*;
use crate::journal::rows::directory::{empty_slot, slot};

#[test]
fn a_fresh_file_gets_every_step_once() {
    let mut conn = Connection::open_in_memory().unwrap();
    assert_eq!(kind(&conn).unwrap(), Kind::Empty);
    migrate(&mut conn, 0).unwrap();
    assert_eq!(kind(&conn).unwrap(), Kind::Journal(VERSION));
    let made = epoch(&conn).unwrap();
    assert_eq!((made.0.get_version_num(), root(&conn).unwrap()), (7, Root(made.0)));
    migrate(&mut conn, VERSION).unwrap();
    assert_eq!(epoch(&conn).unwrap(), made);
}

#[test]
fn an_older_file_is_brought_up_with_what_is_in_it() {
    let mut conn = Connection::open_in_memory().unwrap();
    let tx = conn.transaction().unwrap();
    the_log(&tx).unwrap();
    tx.execute_batch(
        "INSERT INTO rooms VALUES (1, 'a', 'a', 0, 1, 1700000000000, zeroblob(16));
         INSERT INTO entries VALUES (68719476737, 1, 0, x'0123456789abcdef0123456789abcdef', 0,
                                     'u', 'U', 'hi', zeroblob(16));",
    )
    .unwrap();
    tx.commit().unwrap();
    let made = epoch(&conn).unwrap();
    migrate(&mut conn, 1).unwrap();
    assert_eq!((epoch(&conn).unwrap(), root(&conn).unwrap()), (made, Root(made.0)));
    assert_eq!(kind(&conn).unwrap(), Kind::Journal(VERSION));
    let columns: Vec<String> = conn
        .prepare("SELECT name FROM pragma_index_info('entries_id') ORDER BY seqno")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(columns, ["id", "room"]);
    let again = "INSERT INTO entries SELECT place + 1, room, kind, id, at, sender, sender_name,
                 body, sum FROM entries";
    assert!(conn.execute_batch(again).is_err(), "an id is still taken once per room");
    let slots = "SELECT active_slot FROM rooms";
    let slots: i64 = conn.query_row(slots, [], |row| row.get(0)).unwrap();
    assert_eq!(slots, slot(1_700_000_000_000));
}

#[test]
fn empty_rooms_of_before_come_last() {
    let mut conn = Connection::open_in_memory().unwrap();
    for step in &STEPS[..9] {
        let tx = conn.transaction().unwrap();
        step(&tx).unwrap();
        tx.commit().unwrap();
    }
    conn.execute_batch(
        "INSERT INTO rooms VALUES (1, 'a', 'a', 0, 1, 170000000000, zeroblob(16), 1);
         INSERT INTO rooms VALUES (2, 'b', 'b', 0, 0, 180000000000, zeroblob(16), 2);",
    )
    .unwrap();
    migrate(&mut conn, 9).unwrap();
    let of = |id: i64| {
        let sql = "SELECT active_slot FROM rooms WHERE id = ?1";
        conn.query_row(sql, [id], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((of(1), of(2)), (slot(170_000_000_000), empty_slot(180_000_000_000)));
    assert!(empty_slot(i64::MAX) < slot(0));
}

#[test]
fn a_failing_step_leaves_nothing() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE entries (x)").unwrap();
    assert!(migrate(&mut conn, 0).is_err());
    let tables = "SELECT count(*) FROM sqlite_schema";
    assert_eq!(conn.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    assert_eq!(kind(&conn).unwrap(), Kind::Foreign);
}
