//! A journal's file as `migrate` reads it: room by room, each entry checked on its way out.

use std::path::{Path, PathBuf};

use maru_protocol::{About, Epoch, MessageId, Seq};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{
    change, connection, error::OpenError, files::Lock, files_table, place, schema, sign_outs, wal,
    walk,
};
use crate::journal::{
    RoomId, SignOut,
    integrity::{
        chain::{Root, Row, Sum},
        fault::{Fault, FaultKind},
        walk::{ChainPosition, RoomRow, StoredRoom},
    },
    projections::{
        files::FileCopy,
        state::{self, MessageState},
    },
    rows::entries::{self, Unreadable, text},
};

/// A file that nobody writes to meanwhile.
pub(crate) struct Exporter {
    conn: Connection,
    path: PathBuf,
    pub(crate) epoch: Epoch,
    pub(crate) root: Root,
    _lock: Lock,
}

/// A room, with what its chain does not cover.
pub(crate) struct ExportedRoom {
    pub(crate) room: StoredRoom,
    pub(crate) key: String,
    /// What its chain starts from, where that is another key.
    pub(crate) first_key: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) active_at: i64,
    /// What its names look like, unless an older room looks like it.
    pub(crate) looks: Vec<String>,
    /// The keys and names that it had.
    pub(crate) former: Vec<(String, String)>,
}

/// An entry, independent of the file.
pub(crate) struct ExportedEntry {
    room: RoomId,
    seq: Seq,
    kind: u8,
    id: MessageId,
    at: i64,
    sender: String,
    sender_name: String,
    body: String,
    target: Option<i64>,
    more: Option<String>,
    pub(crate) sum: Sum,
}

/// Who goes by which name in a room.
pub(crate) struct ExportedName {
    pub(crate) look: String,
    pub(crate) person: String,
    pub(crate) spoke: bool,
}

/// A member of a room.
pub(crate) struct ExportedMember {
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) read: i64,
    pub(crate) at: i64,
}

impl ExportedEntry {
    fn of(row: &Row<'_>, sum: &Sum) -> Result<Self, Unreadable> {
        Ok(Self {
            room: row.room,
            seq: row.seq,
            kind: row.kind,
            id: row.id,
            at: row.at,
            sender: text("sender", row.sender)?,
            sender_name: text("sender_name", row.sender_name)?,
            body: text("body", row.body)?,
            target: row.target,
            more: row.more.map(|more| text("more", more)).transpose()?,
            sum: *sum,
        })
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row {
            room: self.room,
            seq: self.seq,
            kind: self.kind,
            id: self.id,
            at: self.at,
            sender: self.sender.as_bytes(),
            sender_name: self.sender_name.as_bytes(),
            body: self.body.as_bytes(),
            target: self.target,
            more: self.more.as_deref().map(str::as_bytes),
        }
    }

    /// Sender, its name, body.
    pub(crate) fn texts(&self) -> [&str; 3] {
        [&self.sender, &self.sender_name, &self.body]
    }

    /// What it has beside its text.
    pub(crate) fn more(&self) -> Option<&str> {
        self.more.as_deref()
    }

    /// The message that it deletes.
    pub(crate) fn deletes(&self) -> Option<i64> {
        self.target.filter(|_| self.kind == entries::DELETE)
    }
}

impl Exporter {
    /// Takes the file's lock: a server that runs on it is in the way.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        connection::check_library()?;
        if !path.exists() {
            return Err(OpenError::Missing { path: path.to_path_buf() });
        }
        let lock = Lock::take(path)?;
        wal::check(path)?;
        let conn = connection::reader_of_journal(path)?;
        let of = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
        let (epoch, root) = (schema::epoch(&conn).map_err(of)?, schema::root(&conn).map_err(of)?);
        Ok(Self { conn, path: path.to_path_buf(), epoch, root, _lock: lock })
    }

    /// Rooms ever made: their numbers run from 1 to it.
    pub(crate) fn made(&self) -> Result<i64, OpenError> {
        let sql = "SELECT rooms FROM meta";
        self.conn.query_row(sql, [], |row| row.get(0)).map_err(|error| self.error(&error))
    }

    /// Whether the room of that number was removed.
    pub(crate) fn is_removed(&self, id: RoomId) -> Result<bool, OpenError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM rooms WHERE id = ?1 AND active_slot IS NULL)";
        self.conn.query_row(sql, [id.0], |row| row.get(0)).map_err(|error| self.error(&error))
    }

    /// None for one that was removed.
    pub(crate) fn room(&self, id: RoomId) -> Result<Option<ExportedRoom>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let room = match walk::room(&self.conn, self.root, id).map_err(of)? {
            Some(Ok(RoomRow::Here(room))) => room,
            Some(Ok(RoomRow::Removed)) => return Ok(None),
            Some(Err(fault)) => return Err(self.damaged(fault)),
            None => return Err(self.damaged(crate::journal::integrity::walk::lost(id))),
        };
        let sql = "SELECT key, first_key, created_at, active_at FROM rooms WHERE id = ?1";
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let read = self.conn.query_row(sql, params![id.0], read).map_err(of)?;
        let (key, first_key, created_at, active_at) = read;
        let sql = "SELECT look FROM room_looks WHERE room = ?1";
        let mut looks = self.conn.prepare_cached(sql).map_err(of)?;
        let looks = looks.query_map([id.0], |row| row.get(0)).map_err(of)?;
        let looks = looks.collect::<Result<_, _>>().map_err(of)?;
        let sql = "SELECT key, name FROM former_names WHERE room = ?1";
        let mut former = self.conn.prepare_cached(sql).map_err(of)?;
        let name = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let former = former.query_map([id.0], name).map_err(of)?;
        let former = former.collect::<Result<_, _>>().map_err(of)?;
        Ok(Some(ExportedRoom { room, key, first_key, created_at, active_at, looks, former }))
    }

    /// The sum of the entry at a seq, or the one that the chain starts from.
    pub(crate) fn sum_at(&self, room: &StoredRoom, seq: Seq) -> Result<Option<Sum>, OpenError> {
        if seq == Seq::ZERO {
            return Ok(Some(room.start));
        }
        let sql = "SELECT sum FROM entries WHERE place = ?1";
        let at = place::bound(room.id, seq);
        let found = self.conn.query_row(sql, params![at], |row| row.get(0)).optional();
        found.map_err(|error| self.error(&error))
    }

    /// At most `most` entries after `from`, and where they end; fewer are the room's last.
    pub(crate) fn entries(
        &self,
        room: &StoredRoom,
        from: ChainPosition,
        most: u32,
    ) -> Result<(Vec<ExportedEntry>, ChainPosition), OpenError> {
        let mut entries = Vec::new();
        let walked = walk::with_each(room, &self.conn, from, most, |row, sum| {
            entries.push(ExportedEntry::of(row, sum)?);
            Ok(())
        });
        match walked.map_err(|error| self.error(&error))? {
            Ok((at, _)) => Ok((entries, at)),
            Err(fault) => Err(self.damaged(fault)),
        }
    }

    /// What the room is about, if anybody said.
    pub(crate) fn about(&self, room: &StoredRoom) -> Result<About, OpenError> {
        let read = change::about(&self.conn, room.id).map_err(|error| self.error(&error))?;
        read.map_err(|why| self.unreadable(room, Seq::ZERO, &why))
    }

    /// What became of at most `most` messages after `from`; fewer are the room's last.
    pub(crate) fn states(
        &self,
        room: &StoredRoom,
        from: Seq,
        most: u32,
    ) -> Result<Vec<(Seq, MessageState)>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let sql = "SELECT place, state FROM states WHERE place > ?1 AND place < ?2
                   ORDER BY place LIMIT ?3";
        let mut statement = self.conn.prepare_cached(sql).map_err(of)?;
        let bounds = (place::bound(room.id, from), place::bound(room.id, Seq::MAX));
        let read = |row: &rusqlite::Row<'_>| Ok((place::seq(row.get(0)?), row.get(1)?));
        let rows = statement.query_map(params![bounds.0, bounds.1, most], read).map_err(of)?;
        rows.map(|row| {
            let (seq, state): (Seq, String) = row.map_err(of)?;
            let state = state::parse(&state).map_err(|why| self.unreadable(room, seq, &why))?;
            Ok((seq, state))
        })
        .collect()
    }

    /// Who reacted to messages beyond those that the states list, after `from`.
    pub(crate) fn unlisted(
        &self,
        room: &StoredRoom,
        (seq, who): (Seq, [u8; 16]),
        most: u32,
    ) -> Result<Vec<(Seq, [u8; 16])>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let sql = "SELECT place, who FROM unlisted WHERE (place, who) > (?1, ?2) AND place < ?3
                   ORDER BY place, who LIMIT ?4";
        let mut statement = self.conn.prepare_cached(sql).map_err(of)?;
        let (from, end) = (place::bound(room.id, seq), place::bound(room.id, Seq::MAX));
        let read = |row: &rusqlite::Row<'_>| Ok((place::seq(row.get(0)?), row.get(1)?));
        let rows = statement.query_map(params![from, who, end, most], read).map_err(of)?;
        rows.map(|row| row.map_err(of)).collect()
    }

    fn unreadable(&self, room: &StoredRoom, seq: Seq, why: &Unreadable) -> OpenError {
        self.damaged(room.fault(seq, FaultKind::Unreadable(why.to_string())))
    }

    /// At most `most` of a room's members after that one; fewer are the last.
    pub(crate) fn members(
        &self,
        room: RoomId,
        after: &str,
        most: u32,
    ) -> Result<Vec<ExportedMember>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let sql = "SELECT person, name, read, at FROM members WHERE room = ?1 AND person > ?2
                   ORDER BY person LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(ExportedMember {
                person: row.get(0)?,
                name: row.get(1)?,
                read: row.get(2)?,
                at: row.get(3)?,
            })
        };
        let mut statement = self.conn.prepare_cached(sql).map_err(of)?;
        let members = statement.query_map(params![room.0, after, most], read).map_err(of)?;
        members.collect::<Result<_, _>>().map_err(of)
    }

    /// At most `most` of a room's names after that look; fewer are the last.
    pub(crate) fn names(
        &self,
        room: RoomId,
        after: &str,
        most: u32,
    ) -> Result<Vec<ExportedName>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let sql = "SELECT look, person, spoke FROM held_names WHERE room = ?1 AND look > ?2
                   ORDER BY look LIMIT ?3";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(ExportedName { look: row.get(0)?, person: row.get(1)?, spoke: row.get(2)? })
        };
        let mut statement = self.conn.prepare_cached(sql).map_err(of)?;
        let names = statement.query_map(params![room.0, after, most], read).map_err(of)?;
        names.collect::<Result<_, _>>().map_err(of)
    }

    /// At most `most` of a room's mentions after that one, each a message and who is mentioned in
    /// it; fewer are the last.
    pub(crate) fn mentions(
        &self,
        room: RoomId,
        after: &(i64, String),
        most: u32,
    ) -> Result<Vec<(i64, String)>, OpenError> {
        let of = |error: rusqlite::Error| self.error(&error);
        let sql = "SELECT seq, person FROM mentions WHERE room = ?1 AND (seq, person) > (?2, ?3)
                   ORDER BY seq, person LIMIT ?4";
        let mut statement = self.conn.prepare_cached(sql).map_err(of)?;
        let mentions = statement
            .query_map(params![room.0, after.0, after.1, most], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(of)?;
        mentions.collect::<Result<_, _>>().map_err(of)
    }

    /// Files with an id above this one, by their ids, at most so many.
    pub(crate) fn files(&self, above: Uuid, most: u32) -> Result<Vec<FileCopy>, OpenError> {
        let read = || {
            let columns = files_table::COLUMNS;
            let sql = format!(
                "SELECT {columns}, state, at FROM files WHERE id > ?1 ORDER BY id LIMIT ?2"
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let copies = statement.query_map(params![above.as_bytes(), most], |row| {
                Ok(FileCopy { row: files_table::row(row)?, state: row.get(9)?, at: row.get(10)? })
            })?;
            copies.collect::<rusqlite::Result<Vec<FileCopy>>>()
        };
        read().map_err(|error| self.error(&error))
    }

    /// Who was signed out.
    pub(crate) fn sign_outs(&self) -> Result<Vec<SignOut>, OpenError> {
        sign_outs::all(&self.conn).map_err(|error| self.error(&error))
    }

    fn damaged(&self, fault: Fault) -> OpenError {
        OpenError::Damaged { path: self.path.clone(), fault: Box::new(fault) }
    }

    fn error(&self, error: &rusqlite::Error) -> OpenError {
        OpenError::of_sqlite(&self.path, error)
    }
}
