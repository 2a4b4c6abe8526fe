//! One transaction: many appends, one fsync.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use maru_engine::log::fold::{Effect, Proposal, TargetMessage, fold};
use maru_protocol::{Quote, Seq};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, ToSql, TransactionBehavior, params,
    types::{ToSqlOutput, ValueRef},
};

use super::{change, files_table, health::Health, marks, names, place, sign_outs};
use crate::journal::{
    Append, Change, Refused, RoomId,
    integrity::chain::{self, Root, Row, Sum},
    rows::{
        directory::slot,
        entries::{self, Unreadable},
    },
    writer::{
        self, Failure,
        jobs::{Job, Verdict},
    },
};

/// Rooms whose heads the writer remembers, about 100 bytes each. Beyond it starts to remember anew.
const MOST_HEADS: usize = 65_536;

/// A test's hand inside the transaction.
#[cfg(test)]
pub(super) type InjectedFn = Box<dyn Fn(&Connection) + Send + Sync>;

/// The writer's connection and what it knows of the file without asking it.
pub(super) struct SqliteLog {
    pub(super) conn: Connection,
    root: Root,
    /// Nobody else writes, so a head once read stays true; dropped when a transaction fails.
    heads: HashMap<RoomId, Head>,
    /// Rooms whose head in the file is older than the one in `heads`.
    touched: Vec<RoomId>,
    /// Somebody else wrote after all: `heads` is to be read anew.
    stale: bool,
    /// The transaction under way erases a text.
    erased: bool,
    pub(super) erase_within: Duration,
    /// When the write-ahead log, which still has what was erased, is to be emptied.
    pub(super) due: Option<Instant>,
    pub(super) health: Arc<Health>,
    /// When it is tried whether the disk takes something again.
    pub(super) retry: Option<Instant>,
}

pub(super) struct Head {
    pub(super) seq: Seq,
    sum: Sum,
    pub(super) active_at: i64,
    /// The slot of the room's row in the file.
    slot: i64,
    pub(super) touched: bool,
}

impl SqliteLog {
    pub(super) fn new(
        conn: Connection,
        root: Root,
        erase_within: Duration,
        health: Arc<Health>,
    ) -> Self {
        Self {
            conn,
            root,
            heads: HashMap::new(),
            touched: Vec::new(),
            stale: false,
            erased: false,
            erase_within,
            due: None,
            health,
            retry: None,
        }
    }

    /// Moves the write-ahead log into the database and empties it.
    pub(super) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn transact(&mut self, jobs: &[Job]) -> rusqlite::Result<Vec<Verdict>> {
        self.end_failed()?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut open = Transaction {
            conn: &tx,
            root: self.root,
            heads: &mut self.heads,
            touched: &mut self.touched,
            stale: &mut self.stale,
            erased: &mut self.erased,
        };
        let verdicts = jobs.iter().map(|job| open.decide(job)).collect::<Result<_, _>>()?;
        open.write_heads()?;
        // When it errs, the transaction is rolled back as it is dropped.
        tx.commit()?;
        if std::mem::take(&mut self.erased) {
            self.due.get_or_insert_with(|| Instant::now() + self.erase_within);
        }
        Ok(verdicts)
    }
}

impl writer::Committer for SqliteLog {
    /// In one transaction.
    ///
    /// Only one thing is between yes and no: when the fsync of a COMMIT fails and the process dies
    /// before the next commit, SQLite may find the transaction in its log and keep it. A client
    /// that was refused and sends again with the same id then gets the seq of the first.
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Verdict>, Failure> {
        if self.heads.len() >= MOST_HEADS {
            self.forget();
        }
        let result = self.transact(jobs);
        if result.is_err() || self.stale {
            self.forget();
        }
        result.map_err(|error| {
            let told = self.failed(&error);
            Failure { why: error.to_string(), away: false, told }
        })
    }

    /// What was remembered may be wrong: a transaction failed or unwound.
    fn forget(&mut self) {
        self.heads.clear();
        self.touched.clear();
        self.stale = false;
    }

    fn due(&self) -> Option<Instant> {
        self.due.into_iter().chain(self.retry).min()
    }

    fn tidy(&mut self) {
        self.keep_up();
    }
}

/// A transaction under way.
pub(super) struct Transaction<'a> {
    pub(super) conn: &'a Connection,
    pub(super) root: Root,
    pub(super) heads: &'a mut HashMap<RoomId, Head>,
    touched: &'a mut Vec<RoomId>,
    stale: &'a mut bool,
    pub(super) erased: &'a mut bool,
}

impl Transaction<'_> {
    fn decide(&mut self, job: &Job) -> rusqlite::Result<Verdict> {
        match job {
            Job::Append(append) => self.append(append),
            Job::Create { name, at, .. } => self.create(name, *at).map(Verdict::Made),
            Job::Mark { marks, .. } => marks::mark(self.conn, marks).map(Verdict::Marked),
            Job::Hold { room, user, .. } => names::hold(self.conn, *room, user).map(Verdict::Held),
            Job::Sweep { from, before, .. } => {
                names::sweep(self.conn, from, *before).map(Verdict::Swept)
            }
            Job::ReleaseEnded { from, before, .. } => {
                names::release_ended(self.conn, from, *before).map(Verdict::Released)
            }
            Job::Remove { room, when, .. } => self.remove(room, *when).map(Verdict::Removed),
            Job::Erase { .. } => self.erase().map(Verdict::Removed),
            Job::Rename { room, name, .. } => self.rename(room, name).map(Verdict::Renamed),
            Job::File { work, .. } => files_table::change(self.conn, work).map(Verdict::Filed),
            Job::SignOut { sign_out, .. } => {
                sign_outs::keep(self.conn, sign_out).map(|()| Verdict::SignedOut)
            }
            #[cfg(test)]
            Job::Inject(hand) => {
                hand.downcast_ref::<InjectedFn>().unwrap()(self.conn);
                Ok(Verdict::Injected)
            }
        }
    }

    fn append(&mut self, append: &Append) -> rusqlite::Result<Verdict> {
        let Ok(at) = i64::try_from(append.at) else {
            return Ok(Verdict::refused(format!("the time {} can't be kept", append.at)));
        };
        let Some(head) = head(self.conn, self.heads, append.room)? else {
            return Ok(Verdict::Refused(Refused::NoRoom));
        };
        let seq = head.seq.next();
        let Some(place) = place::of(append.room, seq) else {
            return Ok(Verdict::refused(format!(
                "room {} has no place for entry {seq}",
                append.room.0
            )));
        };
        let (effect, quote) = match judge(self.conn, append, seq)? {
            Ok(judged) => judged,
            Err(verdict) => return Ok(verdict),
        };
        if !files_table::are_free(self.conn, append)? {
            // A retry's files are sent: by the first.
            let known = known(self.conn, append).optional()?;
            return Ok(known.unwrap_or(Verdict::Refused(Refused::NoFile)));
        }
        let more = entries::more_of(&append.what);
        let row = entries::of_append(append, seq, at, more.as_deref());
        let sum = chain::next(&head.sum, &row);
        match insert(self.conn, place, &row, &sum) {
            Ok(true) => {
                if !head.touched {
                    self.touched.push(append.room);
                }
                let active_at = if append.what.is_activity() { at } else { head.active_at };
                *head = Head { seq, sum, active_at, slot: head.slot, touched: true };
                marks::mention(self.conn, append, seq)?;
                files_table::take(self.conn, append, seq)?;
                if let Some(effect) = effect {
                    change::keep(self.conn, append, &effect)?;
                    *self.erased |= effect.erases;
                }
                Ok(Verdict::Committed { seq, quote })
            }
            Ok(false) => known(self.conn, append),
            // The statement alone was undone. The row contradicts what lies in the file (a damaged
            // room, a foreign hand): this room is refused, the others are not to suffer for it.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                *self.stale = true;
                Ok(Verdict::refused(format!("room {}, entry {seq}: {error}", append.room.0)))
            }
            Err(error) => Err(error),
        }
    }

    /// Once per room and transaction, however many entries it got.
    fn write_heads(&mut self) -> rusqlite::Result<()> {
        let mut update = self
            .conn
            .prepare_cached("UPDATE rooms SET head = ?2, active_at = ?3, sum = ?4 WHERE id = ?1")?;
        // Beside it, as naming a column makes SQLite write its index, changed or not.
        let mut move_on =
            self.conn.prepare_cached("UPDATE rooms SET active_slot = ?2 WHERE id = ?1")?;
        for room in self.touched.drain(..) {
            if let Some(head) = self.heads.get_mut(&room) {
                update.execute(params![
                    room.0,
                    entries::number(head.seq),
                    head.active_at,
                    head.sum
                ])?;
                let now = slot(head.active_at);
                if now != head.slot {
                    move_on.execute(params![room.0, now])?;
                    head.slot = now;
                }
                head.touched = false;
            }
        }
        Ok(())
    }
}

/// The room's head, remembered or read.
fn head<'h>(
    conn: &Connection,
    heads: &'h mut HashMap<RoomId, Head>,
    room: RoomId,
) -> rusqlite::Result<Option<&'h mut Head>> {
    use std::collections::hash_map::Entry::{Occupied, Vacant};
    match heads.entry(room) {
        Occupied(known) => Ok(Some(known.into_mut())),
        Vacant(empty) => {
            let read = conn
                .prepare_cached(
                    "SELECT head, active_at, active_slot, sum FROM rooms
                       WHERE id = ?1 AND active_slot IS NOT NULL",
                )?
                .query_row([room.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                .optional()?;
            let Some((seq, active_at, slot, sum)) = read else { return Ok(None) };
            let seq = entries::seq_of("head", seq)
                .map_err(|why| rusqlite::Error::ToSqlConversionFailure(Box::new(why)))?;
            Ok(Some(empty.insert(Head { seq, sum, active_at, slot, touched: false })))
        }
    }
}

type Judged = Result<(Option<Effect>, Option<Quote>), Verdict>;

/// What a draft does at that place, and what it answers; or what becomes of it instead. A plain
/// message costs no look.
fn judge(conn: &Connection, append: &Append, seq: Seq) -> rusqlite::Result<Judged> {
    let target = append.what.target();
    if target.is_none() && matches!(append.what, Change::Message(_)) {
        return Ok(Ok((None, None)));
    }
    // A retry first: what it asked for may not be possible any more, as it was done.
    if let Some(known) = known(conn, append).optional()? {
        return Ok(Err(known));
    }
    let damaged = |why: Unreadable| {
        Ok(Err(Verdict::refused(format!("room {}, entry {seq}: {why}", append.room.0))))
    };
    let subject = match target.map(|target| change::subject(conn, append.room, target)) {
        Some(found) => match found? {
            Ok(found) => found,
            Err(why) => return damaged(why),
        },
        None => None,
    };
    let quote = match &append.what {
        Change::Message(_) => subject.as_ref().map(TargetMessage::quote),
        _ => None,
    };
    let about = match change::about(conn, append.room)? {
        Ok(about) => about,
        Err(why) => return damaged(why),
    };
    let proposal = Proposal { sender: &append.sender, at: append.at, seq, change: &append.what };
    let unlisted = change::unlisted(conn, append)?;
    let folded = fold(proposal, subject.as_ref(), &about, unlisted);
    Ok(folded.map(|effect| (Some(effect), quote)).map_err(Verdict::from))
}

/// False when the room has a message of that id.
fn insert(conn: &Connection, place: i64, row: &Row<'_>, sum: &Sum) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO entries (place, room, kind, id, at, sender, sender_name, body, sum, target, more)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (room, id) DO NOTHING",
    )?;
    let added = statement.execute(params![
        place,
        row.room.0,
        row.kind,
        row.id.0.as_bytes(),
        row.at,
        TextParam(row.sender),
        TextParam(row.sender_name),
        TextParam(row.body),
        sum,
        row.target,
        row.more.map(TextParam),
    ])?;
    Ok(added == 1)
}

/// What the first append of that id became.
fn known(conn: &Connection, append: &Append) -> rusqlite::Result<Verdict> {
    conn.prepare_cached("SELECT place, at, sender FROM entries WHERE room = ?1 AND id = ?2")?
        .query_row(params![append.room.0, append.id.0.as_bytes()], |row| {
            let seq = place::seq(row.get(0)?);
            let same = row.get_ref(2)?.as_bytes()? == append.sender.id.0.as_bytes();
            Ok(match u64::try_from(row.get::<_, i64>(1)?) {
                _ if !same => Verdict::Refused(Refused::IdTaken),
                Ok(at) => Verdict::Known { seq, at },
                Err(_) => {
                    Verdict::refused(format!("room {}, entry {seq}: it is damaged", append.room.0))
                }
            })
        })
}

/// UTF-8 on its way into a TEXT column.
struct TextParam<'a>(&'a [u8]);

impl ToSql for TextParam<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}
