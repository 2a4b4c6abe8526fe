//! Walking along a room's chain: what a room and its next entry have to be. The stores read them.

use maru_protocol::{RoomName, Seq};

use crate::journal::{
    RoomId,
    integrity::{
        chain::{self, Root, Row, Sum},
        fault::{Fault, FaultKind, Location},
    },
    rows::entries,
};

/// A room as it lies in the store.
pub(crate) struct StoredRoom {
    pub(crate) id: RoomId,
    pub(crate) name: RoomName,
    pub(crate) head: Seq,
    pub(crate) sum: Sum,
    /// The sum that its chain starts from.
    pub(crate) start: Sum,
}

/// How far a walk has come: the entry and its sum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainPosition {
    pub(crate) seq: Seq,
    pub(crate) sum: Sum,
}

/// The key that a room's chain starts from, where it is another one than the room's own.
pub(crate) struct FirstKey {
    pub(crate) key: String,
    /// It is one of the names that the room had.
    pub(crate) is_former: bool,
}

impl StoredRoom {
    /// Reads a room's row; what could not be read of it comes with the store's reason.
    pub(crate) fn parse(
        root: Root,
        id: RoomId,
        key: &str,
        name: String,
        head: Result<i64, String>,
        sum: Result<Sum, String>,
        first: Result<Option<FirstKey>, String>,
    ) -> Result<Self, Fault> {
        let read =
            values(key, &name, head, sum).and_then(|values| Ok((values, first_key(key, first)?)));
        match read {
            Ok(((parsed, head, sum), first)) => {
                let start = chain::start(root, id, &first);
                Ok(Self { id, name: parsed, head, sum, start })
            }
            Err(why) => {
                let place = Some(Location { room: id, name, seq: Seq::ZERO });
                Err(Fault { location: place, kind: FaultKind::Unreadable(why) })
            }
        }
    }

    pub(crate) fn start(&self) -> ChainPosition {
        ChainPosition { seq: Seq::ZERO, sum: self.start }
    }

    /// The entry that comes after `at`, if this row is it.
    ///
    /// One whose text was erased can't be summed any more: the chain steps over it by the sum that
    /// lies beside it, which the next one's covers. `deleted` says that an entry asked for it.
    pub(crate) fn step(
        &self,
        at: ChainPosition,
        row: &Row<'_>,
        sum: &Sum,
        deleted: bool,
    ) -> Result<ChainPosition, Fault> {
        let expected = at.seq.next();
        if row.seq > self.head && expected > self.head {
            return Err(self.fault(row.seq, FaultKind::BeyondHead(self.head)));
        }
        if row.seq != expected {
            return Err(self.fault(expected, FaultKind::Missing));
        }
        if entries::is_erased(row) {
            if !deleted {
                return Err(self.fault(expected, FaultKind::Erased));
            }
        } else if chain::next(&at.sum, row) != *sum {
            return Err(self.fault(expected, FaultKind::Checksum));
        }
        Ok(ChainPosition { seq: expected, sum: *sum })
    }

    /// Checks the room's end at the end of a walk; `last` when no more entries follow.
    pub(crate) fn end(&self, at: ChainPosition, last: bool) -> Result<(), Fault> {
        if last && at.seq < self.head {
            return Err(self.fault(at.seq.next(), FaultKind::Cut(self.head)));
        }
        if at.seq == self.head && at.sum != self.sum {
            return Err(self.fault(at.seq, FaultKind::HeadChecksum));
        }
        Ok(())
    }

    pub(crate) fn fault(&self, seq: Seq, what: FaultKind) -> Fault {
        let name = self.name.as_str().to_owned();
        Fault { location: Some(Location { room: self.id, name, seq }), kind: what }
    }
}

/// The values of a room's row, or what is wrong with them.
fn values(
    key: &str,
    name: &str,
    head: Result<i64, String>,
    sum: Result<Sum, String>,
) -> Result<(RoomName, Seq, Sum), String> {
    let parsed = RoomName::parse(name).map_err(|why| format!("its name: {why}"))?;
    if parsed.as_str() != name || parsed.key().as_str() != key {
        return Err(format!("its name and its key \"{key}\" are not of one room"));
    }
    let head = head.map_err(|why| format!("its head: {why}"))?;
    let head = entries::seq_of("its head", head).map_err(|why| why.to_string())?;
    let sum = sum.map_err(|why| format!("its checksum: {why}"))?;
    Ok((parsed, head, sum))
}

/// The key that the room's chain starts from, or what is wrong with what says so.
fn first_key(key: &str, first: Result<Option<FirstKey>, String>) -> Result<String, String> {
    match first.map_err(|why| format!("its first key: {why}"))? {
        None => Ok(key.to_owned()),
        Some(FirstKey { key: first, is_former: true }) if first != key => Ok(first),
        Some(FirstKey { key: first, .. }) => {
            Err(format!("its first key \"{first}\" is of no name that it had before"))
        }
    }
}

/// A room's row: that of a room, or what is left of one that was removed.
pub(crate) enum RoomRow {
    Here(StoredRoom),
    Removed,
}

/// An entry of a room that was removed.
pub(crate) fn left_behind(id: RoomId, seq: Seq) -> Fault {
    let place = Location { room: id, name: String::new(), seq };
    Fault { location: Some(place), kind: FaultKind::NoRoom }
}

/// A former name that leads to no room, or to another one than its own.
pub(crate) fn led_astray(id: RoomId, key: &str) -> Fault {
    let place = Location { room: id, name: key.to_owned(), seq: Seq::ZERO };
    Fault { location: Some(place), kind: FaultKind::FormerName }
}

/// A room that was made and is not there.
pub(crate) fn lost(id: RoomId) -> Fault {
    let place = Location { room: id, name: String::new(), seq: Seq::ZERO };
    Fault { location: Some(place), kind: FaultKind::RoomMissing }
}
