//! Walking along a room's chain, for the check at the start and for `verify`.

use maru_protocol::{Epoch, RoomName, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    chain::{self, Sum},
    fault::{Fault, Place, What},
    place,
    row::{self, SUMMED_COLUMNS},
};
use crate::journal::RoomId;

/// A room as it lies in the file.
pub(super) struct Stored {
    pub(super) id: RoomId,
    /// Its name, if it is one, else what can be read of it.
    pub(super) name: String,
    pub(super) head: Seq,
    pub(super) sum: Sum,
    /// The sum that its chain starts from.
    pub(super) root: Sum,
}

/// A room's row, or what is wrong with it. None when there is no such room.
pub(super) fn room(
    conn: &Connection,
    epoch: Epoch,
    id: RoomId,
) -> rusqlite::Result<Option<Result<Stored, Fault>>> {
    conn.prepare_cached("SELECT key, name, head, sum FROM rooms WHERE id = ?1")?
        .query_row([id.0], |row| {
            let text = |i| {
                let bytes = row.get_ref(i)?.as_bytes().unwrap_or_default();
                Ok::<_, rusqlite::Error>(String::from_utf8_lossy(bytes).into_owned())
            };
            let (key, name) = (text(0)?, text(1)?);
            let (head, sum) = (row.get::<_, i64>(2), row.get::<_, Sum>(3));
            Ok(stored(epoch, id, &key, &name, head, sum).map_err(|why| Fault {
                place: Some(Place { room: id, name, seq: Seq::ZERO }),
                what: What::Unreadable(why),
            }))
        })
        .optional()
}

fn stored(
    epoch: Epoch,
    id: RoomId,
    key: &str,
    name: &str,
    head: rusqlite::Result<i64>,
    sum: rusqlite::Result<Sum>,
) -> Result<Stored, String> {
    let parsed = RoomName::parse(name).map_err(|why| format!("its name: {why}"))?;
    if parsed.as_str() != name || parsed.key().as_str() != key {
        return Err(format!("its name and its key \"{key}\" are not of one room"));
    }
    let head = head.map_err(|why| format!("its head: {why}"))?;
    let head = row::seq_of("its head", head).map_err(|why| why.to_string())?;
    let sum = sum.map_err(|why| format!("its checksum: {why}"))?;
    let root = chain::root(epoch, id, &parsed.key());
    Ok(Stored { id, name: name.to_owned(), head, sum, root })
}

/// How far a walk has come: the entry and its sum.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) seq: Seq,
    pub(super) sum: Sum,
}

impl Stored {
    pub(super) fn start(&self) -> At {
        At { seq: Seq::ZERO, sum: self.root }
    }

    /// Walks over at most `most` entries after `from`; says where it came to, and over how many.
    /// The room's end is checked once there are no more.
    pub(super) fn walk(
        &self,
        conn: &Connection,
        from: At,
        most: u32,
    ) -> rusqlite::Result<Result<(At, u32), Fault>> {
        let sql = format!(
            "SELECT {SUMMED_COLUMNS} FROM entries WHERE place > ?1 AND place < ?2 \
             ORDER BY place LIMIT ?3"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let bounds = (place::bound(self.id, from.seq), place::bound(self.id, Seq::MAX));
        let mut rows = statement.query(params![bounds.0, bounds.1, most])?;
        let (mut at, mut count) = (from, 0);
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) if is_damage(&error) => {
                    return Ok(Err(self.fault(at.seq.next(), What::File(error.to_string()))));
                }
                Err(error) => return Err(error),
            };
            match self.step(at, row) {
                Ok(next) => at = next,
                Err(fault) => return Ok(Err(fault)),
            }
            count += 1;
        }
        if count < most && at.seq < self.head {
            return Ok(Err(self.fault(at.seq.next(), What::Cut(self.head))));
        }
        if at.seq == self.head && at.sum != self.sum {
            return Ok(Err(self.fault(at.seq, What::HeadChecksum)));
        }
        Ok(Ok((at, count)))
    }

    fn step(&self, at: At, row: &rusqlite::Row<'_>) -> Result<At, Fault> {
        let expected = at.seq.next();
        let (row, sum) = row::summed(row)
            .map_err(|error| self.fault(expected, What::Unreadable(error.to_string())))?
            .map_err(|why| self.fault(expected, What::Unreadable(why.to_string())))?;
        if row.seq > self.head && expected > self.head {
            return Err(self.fault(row.seq, What::BeyondHead(self.head)));
        }
        if row.seq != expected {
            return Err(self.fault(expected, What::Missing));
        }
        if chain::next(&at.sum, &row) != sum {
            return Err(self.fault(expected, What::Checksum));
        }
        Ok(At { seq: expected, sum })
    }

    pub(super) fn fault(&self, seq: Seq, what: What) -> Fault {
        Fault { place: Some(Place { room: self.id, name: self.name.clone(), seq }), what }
    }
}

/// SQLite met something that it never wrote.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}
