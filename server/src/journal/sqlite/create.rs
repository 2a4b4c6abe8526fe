//! Making rooms.

use maru_protocol::{RoomName, Seq};
use rusqlite::{OptionalExtension, ToSql, params};

use super::{
    names,
    renames::BY_NAME,
    row::{self, ROOM_COLUMNS},
    transaction::Transaction,
};
use crate::journal::{
    Created, JournalError, RoomId, RoomRecord,
    integrity::chain,
    rows::{directory::empty_slot, entries::Unreadable},
};

type Found = Result<RoomRecord, JournalError>;

impl Transaction<'_> {
    /// Makes a room, unless there is one that has or had that name or one that looks like it.
    pub(super) fn create(
        &mut self,
        name: &RoomName,
        at: u64,
    ) -> rusqlite::Result<Result<Created, JournalError>> {
        let key = name.key();
        if let Some(found) = self.find(BY_NAME, key.as_str())? {
            return Ok(found.map(Created::Existing));
        }
        let looks = name.skeletons().keys();
        if let Some(alike) = names::room_that_looks_like(self.conn, &looks)?
            && let Some(found) = self.find("id = ?1", alike.0)?
        {
            return Ok(found.map(Created::LooksLike));
        }
        let Ok(made_at) = i64::try_from(at) else {
            return Ok(Err(JournalError::Store(format!("the time {at} can't be kept"))));
        };
        let count = "UPDATE meta SET rooms = rooms + 1 RETURNING rooms";
        let id = RoomId(self.conn.prepare_cached(count)?.query_row([], |row| row.get(0))?);
        let sum = chain::start(self.root, id, key.as_str());
        self.conn
            .prepare_cached(
                "INSERT INTO rooms (id, key, name, created_at, head, active_at, active_slot, sum)
                 VALUES (?1, ?2, ?3, ?4, 0, ?4, ?5, ?6)",
            )?
            .execute(params![
                id.0,
                key.as_str(),
                name.as_str(),
                made_at,
                empty_slot(made_at),
                sum
            ])?;
        names::keep_look(self.conn, id, &looks)?;
        let record = RoomRecord { id, name: name.clone(), head: Seq::ZERO, active_at: at };
        Ok(Ok(Created::New(record)))
    }

    fn find(&self, which: &str, value: impl ToSql) -> rusqlite::Result<Option<Found>> {
        let sql = format!("SELECT {ROOM_COLUMNS} FROM rooms WHERE {which}");
        let found = self.conn.prepare_cached(&sql)?.query_row([value], row::room).optional()?;
        let read = |found: Result<RoomRecord, Unreadable>| match found {
            Ok(room) => Ok(self.with_own_head(room)),
            Err(why) => Err(JournalError::Store(why.to_string())),
        };
        Ok(found.map(read))
    }

    /// An earlier append of this transaction may be ahead of the room's row.
    pub(super) fn with_own_head(&self, room: RoomRecord) -> RoomRecord {
        match self.heads.get(&room.id) {
            Some(head) if head.touched => RoomRecord {
                head: head.seq,
                active_at: u64::try_from(head.active_at).unwrap_or(room.active_at),
                ..room
            },
            _ => room,
        }
    }
}
