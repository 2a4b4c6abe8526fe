//! The tables, and the steps that bring an older file up to date.

use maru_protocol::Epoch;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::names;
use crate::journal::{integrity::chain::Root, rows::directory::SLOT_BITS};

/// "Maru" in the file's header (`PRAGMA application_id`): another program's database is never
/// taken for a journal.
const APPLICATION: i64 = 0x4D61_7275;

/// Each brings a file from the version of its place in the list to the next, in a transaction of
/// its own. A step that has been released is never changed.
const STEPS: &[fn(&Transaction<'_>) -> rusqlite::Result<()>] = &[
    the_log,
    ids_in_time,
    rooms_by_slot,
    a_root_of_its_own,
    what_becomes_of_messages,
    markers,
    the_files,
    names_and_looks,
    sign_outs,
    empty_rooms_last,
    removed_rooms,
    reading_by_messages,
    renamed_rooms,
];

/// The version that this server reads and writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// What a file turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is in it yet.
    Empty,
    /// A journal of this version.
    Journal(i64),
    /// A database of some other program.
    Foreign,
}

/// Looks at the header; reads nothing else.
pub(super) fn kind(conn: &Connection) -> rusqlite::Result<Kind> {
    let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA application_id")? == APPLICATION {
        return Ok(Kind::Journal(number("PRAGMA user_version")?));
    }
    let things = number("SELECT count(*) FROM sqlite_schema")?;
    Ok(if things == 0 { Kind::Empty } else { Kind::Foreign })
}

/// Runs the steps from `version` on.
pub(super) fn migrate(conn: &mut Connection, version: i64) -> rusqlite::Result<()> {
    for (from, step) in (0_i64..).zip(STEPS).filter(|(from, _)| *from >= version) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step(&tx)?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.pragma_update(None, "user_version", from + 1)?;
        tx.commit()?;
    }
    Ok(())
}

/// The journal's epoch.
pub(super) fn epoch(conn: &Connection) -> rusqlite::Result<Epoch> {
    id(conn, "SELECT epoch FROM meta").map(Epoch)
}

/// Gives it another one, in a transaction of its own.
pub(super) fn set_epoch(conn: &Connection, epoch: Epoch) -> rusqlite::Result<()> {
    conn.execute("UPDATE meta SET epoch = ?1", [epoch.0.as_bytes()]).map(drop)
}

/// What the journal's chains start from.
pub(super) fn root(conn: &Connection) -> rusqlite::Result<Root> {
    id(conn, "SELECT root FROM meta").map(Root)
}

fn id(conn: &Connection, sql: &str) -> rusqlite::Result<Uuid> {
    conn.query_row(sql, [], |row| row.get(0)).map(Uuid::from_bytes)
}

/// Version 1: the epoch, the rooms, their entries.
///
/// `meta.rooms` counts the rooms ever made; their ids run from 1 to it, so a lost one is noticed.
/// `entries` lies in the order of `(room, seq)`, both in one number (see `place`): a page is one
/// walk along neighbouring leaves, however long the room is and however its entries were mixed with
/// those of other rooms when they came. Measured against a table `WITHOUT ROWID` keyed by both: a
/// page of 50 short entries in 18 instead of 28 us, of long ones (1,500 bytes) in 45 instead of
/// 130 us and half the disk, as such a table keeps only 1,000 bytes of a row in place.
/// `entries_id` is what makes a retry safe for ever; its cost is that of the ids' randomness.
/// `rooms_active` is the directory's order: without it, every look at it would sort all rooms.
fn the_log(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE meta (
           only  INTEGER PRIMARY KEY CHECK (only = 1),
           epoch BLOB NOT NULL CHECK (length(epoch) = 16),
           rooms INTEGER NOT NULL
         ) STRICT;
         CREATE TABLE rooms (
           id         INTEGER PRIMARY KEY,
           key        TEXT NOT NULL UNIQUE,
           name       TEXT NOT NULL,
           created_at INTEGER NOT NULL,
           head       INTEGER NOT NULL,
           active_at  INTEGER NOT NULL,
           sum        BLOB NOT NULL CHECK (length(sum) = 16)
         ) STRICT;
         CREATE INDEX rooms_active ON rooms (active_at);
         CREATE TABLE entries (
           place       INTEGER PRIMARY KEY,
           room        INTEGER NOT NULL REFERENCES rooms (id) CHECK (room = place >> 36),
           kind        INTEGER NOT NULL,
           id          BLOB NOT NULL CHECK (length(id) = 16),
           at          INTEGER NOT NULL,
           sender      TEXT NOT NULL,
           sender_name TEXT NOT NULL,
           body        TEXT NOT NULL,
           sum         BLOB NOT NULL CHECK (length(sum) = 16)
         ) STRICT;
         CREATE UNIQUE INDEX entries_id ON entries (room, id);",
    )?;
    let epoch = Uuid::now_v7();
    tx.execute("INSERT INTO meta (only, epoch, rooms) VALUES (1, ?1, 0)", [epoch.as_bytes()])
        .map(drop)
}

/// Version 2: the ids' index in the order of the ids instead of by room. Clients make ids that rise
/// with time (version 7 of RFC 9562), so what is committed together lands on the same page of the
/// index, whichever rooms it is for; before, each room had a page of its own to be written.
fn ids_in_time(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "DROP INDEX entries_id;
         CREATE UNIQUE INDEX entries_id ON entries (id, room);",
    )
}

/// Version 3: the directory's order is kept by slots of time instead of milliseconds. A room that is
/// spoken in moves within its slot nearly always, which leaves the index as it is; before, each
/// commit moved each of its rooms. Within a slot the rooms are sorted when they are asked for.
fn rooms_by_slot(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(&format!(
        "DROP INDEX rooms_active;
         ALTER TABLE rooms ADD COLUMN active_slot INTEGER NOT NULL DEFAULT 0;
         UPDATE rooms SET active_slot = active_at >> {SLOT_BITS};
         CREATE INDEX rooms_active ON rooms (active_slot);"
    ))
}

/// Version 4: what the checksums start from stands beside the epoch. Before, it was the epoch, which
/// could not be renewed for that.
fn a_root_of_its_own(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    // SQLite wants a default for the moment before the value is there.
    tx.execute_batch(
        "ALTER TABLE meta ADD COLUMN root BLOB NOT NULL CHECK (length(root) = 16)
           DEFAULT x'00000000000000000000000000000000';
         UPDATE meta SET root = epoch;",
    )
}

/// Version 5: entries that change older ones.
///
/// `target` is the message that an entry changes or answers, `more` what it has beside its text
/// (JSON): a plain message has neither, and so costs what it did. `entries_target` finds the edits
/// of a message, and what deleted it.
/// `states` says what became of messages (`state::MessageState`), `unlisted` who reacted beyond those that a
/// state lists (`state::reaction_key`), `abouts` what a room is about. All of it follows from the
/// entries, and changes in the transaction that adds one.
fn what_becomes_of_messages(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "ALTER TABLE entries ADD COLUMN target INTEGER;
         ALTER TABLE entries ADD COLUMN more TEXT;
         CREATE INDEX entries_target ON entries (room, target, kind) WHERE target IS NOT NULL;
         CREATE TABLE states (
           place INTEGER PRIMARY KEY,
           state TEXT NOT NULL
         ) STRICT;
         CREATE TABLE unlisted (
           place INTEGER NOT NULL,
           who   BLOB NOT NULL CHECK (length(who) = 16),
           PRIMARY KEY (place, who)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE abouts (
           room  INTEGER PRIMARY KEY REFERENCES rooms (id),
           about TEXT NOT NULL
         ) STRICT;",
    )
}

/// Version 6: how far people have read, by whom they are found, and in which messages they are
/// mentioned.
///
/// `member_names` has a row for each beginning that a member's name is found by; what an older name
/// left behind is passed over. All three lie in the order that they are asked for in, and `mentions`
/// by the message as well, as an edit or a deletion takes them back.
fn markers(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE members (
           room   INTEGER NOT NULL,
           person TEXT NOT NULL,
           name   TEXT NOT NULL,
           read   INTEGER NOT NULL,
           at     INTEGER NOT NULL,
           PRIMARY KEY (room, person)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE member_names (
           room      INTEGER NOT NULL,
           beginning TEXT NOT NULL,
           person    TEXT NOT NULL,
           PRIMARY KEY (room, beginning, person)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE mentions (
           person TEXT NOT NULL,
           room   INTEGER NOT NULL,
           seq    INTEGER NOT NULL,
           PRIMARY KEY (person, room, seq)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX mentions_of ON mentions (room, seq);",
    )
}

/// Version 7: the files that people upload, from the first byte until the last one is removed.
///
/// `seq` is the message that carries it. `files_loose` finds what nobody sent and what is to be
/// removed, `files_sent` what goes with a message, `files_owner` what somebody uploaded lately.
fn the_files(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE files (
           id         BLOB PRIMARY KEY CHECK (length(id) = 16),
           room       INTEGER NOT NULL,
           owner      TEXT NOT NULL,
           state      INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
           at         INTEGER NOT NULL,
           name       TEXT NOT NULL,
           media_type TEXT NOT NULL,
           size       INTEGER NOT NULL,
           width      INTEGER,
           height     INTEGER,
           seq        INTEGER
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX files_loose ON files (state, at) WHERE seq IS NULL;
         CREATE INDEX files_sent ON files (room, seq) WHERE seq IS NOT NULL;
         CREATE INDEX files_owner ON files (owner, at);",
    )
}

/// Version 8: who goes by which name in a room, and what the rooms' names look like.
///
/// A look is one of the two of `Skeletons::keys`. Of members and rooms of before, those that came
/// first have theirs.
fn names_and_looks(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE held_names (
           room   INTEGER NOT NULL,
           look   TEXT NOT NULL,
           person TEXT NOT NULL,
           spoke  INTEGER NOT NULL,
           PRIMARY KEY (room, look)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX held_names_of ON held_names (room, person);
         CREATE TABLE room_looks (
           look TEXT PRIMARY KEY,
           room INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;",
    )?;
    names::backfill(tx)
}

/// Version 9: who was signed out everywhere, and when last.
fn sign_outs(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE TABLE sign_outs (
           person TEXT PRIMARY KEY,
           at     INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;",
    )
}

/// Version 10: rooms without an entry come last in the directory (see `rows::directory`). A room
/// without a slot is in no directory.
fn empty_rooms_last(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(&format!(
        "DROP INDEX rooms_active;
         ALTER TABLE rooms DROP COLUMN active_slot;
         ALTER TABLE rooms ADD COLUMN active_slot INTEGER;
         UPDATE rooms SET active_slot = CASE WHEN head > 0 THEN active_at >> {SLOT_BITS}
           ELSE {least} + active_at END;
         CREATE INDEX rooms_active ON rooms (active_slot);",
        least = "(-9223372036854775807 - 1)"
    ))
}

/// Version 11: rooms that were removed and whose rows are not all erased yet. What is left of a removed
/// room after that is a row in `rooms` without a name (`rows::removed`): ids run on without holes, so
/// that a lost room is still noticed.
fn removed_rooms(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("CREATE TABLE removals (room INTEGER PRIMARY KEY) STRICT;")
}

/// Version 12: what is read by messages skips what lies between them.
///
/// `entries_said` has the messages that are not deleted (`history::SAID`), in the order of their places:
/// a row of an index has its row's place behind the columns. `entries_noted` has all others but
/// reactions (`history::NOTED`). `states_changed` has the messages of a room by their newest change. It
/// stands first in a state, behind `{"changed":`, and is read off the text, which may be damaged:
/// a number in any case.
fn reading_by_messages(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE INDEX entries_said ON entries (kind)
           WHERE kind = 1 AND (body <> '' OR more IS NOT NULL);
         CREATE INDEX entries_noted ON entries (place)
           WHERE kind IN (2, 3, 5, 6) OR (kind = 1 AND body = '' AND more IS NULL);
         ALTER TABLE states ADD COLUMN changed INTEGER NOT NULL
           GENERATED ALWAYS AS (CAST(substr(state, 12) AS INTEGER)) VIRTUAL;
         CREATE INDEX states_changed ON states (place >> 36, changed);",
    )
}

/// Version 13: names that rooms had, which lead to them.
///
/// `first_key` is what a room's chain of checksums starts from, where its key is another one by now.
/// `renamed` is the number of its latest renaming; `meta.renames` counts them, so that whoever looks for
/// those after a number misses none. `room_looks_of` finds what is reserved for a room, when it goes.
fn renamed_rooms(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "ALTER TABLE meta ADD COLUMN renames INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE rooms ADD COLUMN first_key TEXT;
         ALTER TABLE rooms ADD COLUMN renamed INTEGER;
         CREATE INDEX rooms_renamed ON rooms (renamed) WHERE renamed IS NOT NULL;
         CREATE TABLE former_names (
           key  TEXT PRIMARY KEY,
           name TEXT NOT NULL,
           room INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX former_names_of ON former_names (room);
         CREATE INDEX room_looks_of ON room_looks (room);",
    )
}

#[cfg(test)]
mod tests;
