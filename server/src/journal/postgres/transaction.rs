//! One transaction: many appends, numbered and committed together.
//!
//! Three round trips, whatever their number. The rooms' rows are locked first, in the order of
//! their ids, so that no two nodes ever wait for each other crosswise. What is known already is
//! looked up only then, in a statement of its own: it sees what was committed while this one waited
//! for the locks, so a retry that reaches another node comes out as known. Nothing is remembered
//! from one transaction to the next, as others write too.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
};

use futures_util::TryStreamExt;
use maru_engine::log::fold::{Proposal, TargetMessage, fold};
use maru_protocol::{FileId, FileInfo, MessageId, Seq};
use sqlx::{AssertSqlSafe, Either, Error, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    change::{Changes, Projections},
    error::{self, DEADLOCK, LOCK_NOT_AVAILABLE},
    files_table,
    insert::{self, NewHeads, Rows},
    row::Id,
};
use crate::journal::{
    Append, Change, Refused, RoomId,
    integrity::chain::{self, Sum},
    rows::entries,
    writer::jobs::Verdict,
};

/// Why a transaction did not come to its end.
pub(super) enum Stop {
    /// A row contradicts what lies in the database (a damaged room, a foreign hand). Undone.
    Rejected(String),
    /// A room's row was locked for too long by somebody else. Undone.
    Locked,
    /// The connection is of no use any more. Undone, or, when it broke during COMMIT, in doubt: a
    /// client that is refused then and sends again with the same id gets the seq of the first.
    Lost(Error),
}

/// The rooms whose locks are not waited for.
pub(super) enum Stuck<'a> {
    These(&'a HashSet<RoomId>),
    All,
}

/// Decides the appends in their order and commits them. The rooms that were not waited for and are
/// locked come back as well; their appends are refused.
pub(super) async fn transact(
    conn: &mut PgConnection,
    appends: &[&Append],
    stuck: Stuck<'_>,
) -> Result<(Vec<Verdict>, Vec<RoomId>), Stop> {
    let mut open = match begin(conn, appends, stuck).await {
        Ok(open) => open,
        Err(error) => return Err(undo(conn, error).await),
    };
    let mut rows = Rows::default();
    let verdicts: Vec<Verdict> =
        appends.iter().map(|append| open.decide(append, &mut rows)).collect();
    let (heads, locked, changes) = open.end();
    let written = if rows.is_empty() {
        conn.execute("ROLLBACK").await
    } else {
        match insert::write(conn, rows, heads, changes).await {
            Ok(()) => conn.execute("COMMIT").await,
            Err(error) => return Err(undo(conn, error).await),
        }
    };
    match written {
        Ok(_) => Ok((verdicts, locked)),
        Err(error) => Err(Stop::Lost(error)),
    }
}

/// Sorts an error before COMMIT, and ends the transaction where the connection can go on.
async fn undo(conn: &mut PgConnection, error: Error) -> Stop {
    let stop = match error::code(&error).as_deref() {
        Some(LOCK_NOT_AVAILABLE | DEADLOCK) => Stop::Locked,
        // Data exceptions, violated constraints.
        Some(code) if code.starts_with("22") || code.starts_with("23") => {
            Stop::Rejected(error::said(&error))
        }
        _ => return Stop::Lost(error),
    };
    match conn.execute("ROLLBACK").await {
        Ok(_) => stop,
        Err(error) => Stop::Lost(error),
    }
}

/// A transaction under way.
struct Transaction<'a> {
    rooms: HashMap<RoomId, Result<Head, String>>,
    known: HashMap<(RoomId, MessageId), First<'a>>,
    locked: Vec<RoomId>,
    projections: Projections,
    /// Files that are not sent, and whose they are.
    free: HashMap<FileId, (RoomId, String)>,
}

struct Head {
    seq: Seq,
    sum: Sum,
    /// There is an entry of it in this transaction.
    moved: bool,
    /// When the newest of these was taken that the directory counts.
    active_at: Option<i64>,
}

/// The first message of an id.
enum First<'a> {
    Stored { seq: i64, at: i64, sender: String },
    Own { seq: Seq, append: &'a Append },
}

/// Begins, locks and looks up in one round trip.
///
/// As one text without parameters, which only this way of asking allows. What is put into it are
/// numbers and UUIDs in our own spelling.
async fn begin<'a>(
    conn: &mut PgConnection,
    appends: &[&'a Append],
    stuck: Stuck<'_>,
) -> Result<Transaction<'a>, Error> {
    let rooms: BTreeSet<RoomId> = appends.iter().map(|append| append.room).collect();
    let (stuck, free): (Vec<RoomId>, Vec<RoomId>) =
        rooms.into_iter().partition(|room| match stuck {
            Stuck::These(stuck) => stuck.contains(room),
            Stuck::All => true,
        });
    let (free, of_stuck) = (list(free.iter().map(|room| room.0)), list(stuck.iter().map(|r| r.0)));
    let ids = list(appends.iter().map(|append| append.id.0));
    let rooms = list(appends.iter().map(|append| append.room.0));
    let projections = Projections::of(appends);
    let changes = projections.sql(appends);
    let carried = appends.iter().flat_map(|append| append.what.files());
    let files = files_table::lock(carried.map(|file| file.id));
    // Where its rows come: after those of the three statements about changes, if there are any.
    let files_at = if changes.is_empty() { 5 } else { 8 };
    let sql = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
         SELECT id, head, sum FROM maru.rooms WHERE id = ANY('{{{free}}}'::bigint[]) AND active_slot IS NOT NULL
           ORDER BY id FOR NO KEY UPDATE;
         SELECT id, head, sum FROM maru.rooms WHERE id = ANY('{{{of_stuck}}}'::bigint[]) AND active_slot IS NOT NULL
           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED;
         SELECT id FROM maru.rooms WHERE id = ANY('{{{of_stuck}}}'::bigint[]) AND active_slot IS NOT NULL;
         SELECT e.room, e.id, e.seq, e.at, e.sender
           FROM unnest('{{{rooms}}}'::bigint[], '{{{ids}}}'::uuid[]) AS asked (room, id)
           JOIN maru.entries AS e ON e.id = asked.id AND e.room = asked.room;
         {changes}
         {files}"
    );
    let mut open = Transaction {
        rooms: HashMap::new(),
        known: HashMap::new(),
        locked: Vec::new(),
        projections,
        free: HashMap::new(),
    };
    let mut statement = 0;
    let mut answers = conn.fetch_many(AssertSqlSafe(sql));
    while let Some(answer) = answers.try_next().await? {
        match (answer, statement) {
            (Either::Left(_), _) => statement += 1,
            (Either::Right(row), 1 | 2) => open.room(&row)?,
            (Either::Right(row), 3) => open.there(RoomId(row.try_get(0)?)),
            (Either::Right(row), 4) => open.first(&row)?,
            (Either::Right(row), later) if later < files_at => {
                open.projections.found(later - 5, &row)?
            }
            (Either::Right(row), _) => open.free(&row)?,
        }
    }
    Ok(open)
}

pub(super) fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

impl<'a> Transaction<'a> {
    fn free(&mut self, row: &PgRow) -> Result<(), Error> {
        let owner = (RoomId(row.try_get(1)?), row.try_get(2)?);
        self.free.insert(FileId(row.try_get::<Id, _>(0)?.0), owner);
        Ok(())
    }

    fn room(&mut self, row: &PgRow) -> Result<(), Error> {
        let (seq, sum): (i64, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
        let head = match (entries::seq_of("head", seq), Sum::try_from(sum)) {
            (Ok(seq), Ok(sum)) => Ok(Head { seq, sum, moved: false, active_at: None }),
            (Err(why), _) => Err(why.to_string()),
            (_, Err(_)) => Err("the checksum is none".to_owned()),
        };
        self.rooms.insert(RoomId(row.try_get(0)?), head);
        Ok(())
    }

    /// A room that was not waited for and is there: without its row it is locked.
    fn there(&mut self, room: RoomId) {
        if !self.rooms.contains_key(&room) {
            self.locked.push(room);
        }
    }

    fn first(&mut self, row: &PgRow) -> Result<(), Error> {
        let id = MessageId(row.try_get::<Id, _>(1)?.0);
        let first =
            First::Stored { seq: row.try_get(2)?, at: row.try_get(3)?, sender: row.try_get(4)? };
        self.known.insert((RoomId(row.try_get(0)?), id), first);
        Ok(())
    }

    /// The heads that moved, the rooms that were locked, and what else is to be written.
    fn end(self) -> (NewHeads, Vec<RoomId>, Changes) {
        let mut heads = NewHeads::default();
        for (room, head) in &self.rooms {
            if let Ok(Head { seq, sum, moved: true, active_at }) = head {
                heads.push(*room, *seq, *active_at, sum);
            }
        }
        (heads, self.locked, self.projections.into_changes())
    }

    fn decide(&mut self, append: &'a Append, rows: &mut Rows<'a>) -> Verdict {
        let room = append.room;
        let head = match self.rooms.get_mut(&room) {
            Some(Ok(head)) => head,
            Some(Err(why)) => return Verdict::refused(format!("room {}: {why}", room.0)),
            None if self.locked.contains(&room) => {
                return Verdict::refused(format!("room {} is locked by somebody else", room.0));
            }
            None => return Verdict::Refused(Refused::NoRoom),
        };
        if let Some(first) = self.known.get(&(room, append.id)) {
            return again(append, first);
        }
        let Ok(at) = i64::try_from(append.at) else {
            return Verdict::refused(format!("the time {} can't be kept", append.at));
        };
        if append.sender.id.0.contains('\0') {
            return Verdict::refused("Postgres can't keep a user's id with U+0000 in it");
        }
        let seq = head.seq.next();
        let damaged =
            |why: String| Verdict::refused(format!("room {}, entry {seq}: {why}", room.0));
        let subject = match self.projections.subject(append) {
            Ok(subject) => subject,
            Err(why) => return damaged(why),
        };
        let quote = match &append.what {
            Change::Message(_) => subject.map(TargetMessage::quote),
            _ => None,
        };
        let about = match self.projections.about(room) {
            Ok(about) => about,
            Err(why) => return damaged(why),
        };
        let proposal =
            Proposal { sender: &append.sender, at: append.at, seq, change: &append.what };
        let effect = match fold(proposal, subject, &about, self.projections.is_unlisted(append)) {
            Ok(effect) => effect,
            Err(no) => return no.into(),
        };
        if !may_take(&self.free, append) {
            return Verdict::Refused(Refused::NoFile);
        }
        let more = entries::more_of(&append.what);
        let row = entries::of_append(append, seq, at, more.as_deref());
        let sum = chain::next(&head.sum, &row);
        let active_at = if append.what.is_activity() { Some(at) } else { head.active_at };
        *head = Head { seq, sum, moved: true, active_at };
        let texts = [&append.sender.id.0, append.sender.name.as_str(), append.what.text()];
        for file in append.what.files() {
            self.free.remove(&file.id);
            rows.take(file.id, seq);
        }
        rows.push(&row, texts, more.clone().map(Cow::Owned), &sum);
        self.projections.done(append, seq, effect);
        self.known.insert((room, append.id), First::Own { seq, append });
        Verdict::Committed { seq, quote }
    }
}

/// Whether an append may take the files that it carries.
fn may_take(free: &HashMap<FileId, (RoomId, String)>, append: &Append) -> bool {
    let may = |file: &FileInfo| {
        let free = free.get(&file.id);
        free.is_some_and(|(room, owner)| *room == append.room && *owner == append.sender.id.0)
    };
    append.what.files().iter().all(may)
}

/// What a retry becomes.
fn again(append: &Append, first: &First<'_>) -> Verdict {
    match first {
        First::Own { append: first, .. } if first.sender.id != append.sender.id => {
            Verdict::Refused(Refused::IdTaken)
        }
        First::Own { seq, append } => Verdict::Known { seq: *seq, at: append.at },
        First::Stored { sender, .. } if *sender != append.sender.id.0 => {
            Verdict::Refused(Refused::IdTaken)
        }
        First::Stored { seq, at, .. } => match (entries::seq_of("seq", *seq), u64::try_from(*at)) {
            (Ok(seq), Ok(at)) => Verdict::Known { seq, at },
            _ => Verdict::refused(format!("room {}, entry {seq}: it is damaged", append.room.0)),
        },
    }
}
