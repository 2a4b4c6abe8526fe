//! The check at the start: are the newest entries whole?
//!
//! A crash under a disk that lies about its fsync, or a file copied while it was written, damages
//! the end of the log. Going on from there would build on the damage, so the store does not open.
//! The check reads a bounded number of rows; `verify` reads them all.

use maru_protocol::Seq;
use rusqlite::{Connection, OptionalExtension};

use super::{place, walk};
use crate::journal::{
    RoomId,
    integrity::{
        chain::{Root, Sum},
        fault::{Fault, FaultKind},
        walk::{ChainPosition, RoomRow, StoredRoom, lost},
    },
};

/// Most entries read of one room, so that one busy room does not use up what is to be read.
const PER_ROOM: u32 = 50;

/// Checks the newest entries of the rooms that were active last, at most `most` rows in all.
pub(super) fn newest(
    conn: &Connection,
    root: Root,
    most: u32,
) -> rusqlite::Result<Result<(), Fault>> {
    let mut left = most;
    for id in last_active(conn, most)? {
        // The room's own row, and the one before the walk.
        left = left.saturating_sub(2);
        if left == 0 {
            break;
        }
        match room_end(conn, root, id, left.min(PER_ROOM))? {
            Ok(read) => left -= read.min(left),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(()))
}

fn last_active(conn: &Connection, most: u32) -> rusqlite::Result<Vec<RoomId>> {
    // Each costs two rows at least.
    conn.prepare(
        "SELECT id FROM rooms WHERE active_slot IS NOT NULL
         ORDER BY active_slot DESC, active_at DESC, id DESC LIMIT ?1",
    )?
    .query_map([most / 2], |row| row.get(0).map(RoomId))?
    .collect()
}

/// Walks over the last `most` entries of a room up to its end.
fn room_end(
    conn: &Connection,
    root: Root,
    id: RoomId,
    most: u32,
) -> rusqlite::Result<Result<u32, Fault>> {
    let room = match walk::room(conn, root, id)? {
        Some(Ok(RoomRow::Here(room))) => room,
        // Removed since it was listed: there is nothing to check.
        Some(Ok(RoomRow::Removed)) => return Ok(Ok(0)),
        Some(Err(fault)) => return Ok(Err(fault)),
        None => return Ok(Err(lost(id))),
    };
    let from = match start(conn, &room, most)? {
        Ok(from) => from,
        Err(fault) => return Ok(Err(fault)),
    };
    // One more than there should be: what lies beyond the head is damage as well.
    Ok(walk::along(&room, conn, from, most + 1)?.map(|(_, read)| read))
}

/// The entry that a walk over the last `most` begins after, its own sum taken as it is.
fn start(
    conn: &Connection,
    room: &StoredRoom,
    most: u32,
) -> rusqlite::Result<Result<ChainPosition, Fault>> {
    let before = room.head.get().saturating_sub(u64::from(most));
    let seq = Seq::new(before).unwrap_or(Seq::ZERO);
    if seq == Seq::ZERO {
        return Ok(Ok(room.start()));
    }
    let sum = conn
        .prepare_cached("SELECT sum FROM entries WHERE place = ?1")?
        .query_row([place::bound(room.id, seq)], |row| row.get::<_, Sum>(0))
        .optional()?;
    Ok(sum.map(|sum| ChainPosition { seq, sum }).ok_or_else(|| room.fault(seq, FaultKind::Missing)))
}
