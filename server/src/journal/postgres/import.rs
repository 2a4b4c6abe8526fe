//! A journal that `migrate` fills: each step is a transaction after which it holds a whole beginning
//! of each room, so that it can go on wherever it was stopped.

use std::{borrow::Cow, time::Duration};

use maru_protocol::{About, Epoch, Seq};
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row as _};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    change::Changes,
    connection::{Target, silent},
    error::OpenError,
    files_table,
    insert::{self, NewHeads, Rows},
    marks, names,
    open::{check_server, journal_of},
    row::{self, Id},
    schema::{self, Birth, Kind},
    sign_outs, verify,
};
use crate::journal::{
    RoomId, SignOut,
    integrity::{
        chain::{Root, Sum},
        report::{Progress, Report},
    },
    projections::{files::FileCopy, state::MessageState},
    rows::{entries::seq_of, removed},
    sqlite::{ExportedEntry, ExportedMember, ExportedName, ExportedRoom},
};

/// For one statement of the copy; a busy server may take its time.
const LIMIT: Duration = Duration::from_secs(60);

/// The session lock that keeps a second copy out: "copy".
const LOCK: i64 = 0x636F_7079;

/// A database that is being filled.
pub(crate) struct Importer {
    conn: PgConnection,
    epoch: Epoch,
    root: Root,
    /// Where, for people.
    pub(crate) at: String,
}

/// How much of a room is there.
pub(crate) struct ImportedRoom {
    pub(crate) head: Seq,
    pub(crate) sum: Sum,
}

/// What a database can be to a copy.
pub(crate) enum ImportTarget {
    Ready(Importer),
    /// Another `migrate` fills it now.
    Busy {
        at: String,
    },
    /// It holds a journal that is no copy of this one, or one that is finished.
    Taken {
        at: String,
        same: bool,
    },
}

impl Importer {
    /// Makes the tables in an empty database, or goes on with a copy of the same journal.
    pub(crate) async fn open(
        url: &str,
        epoch: Epoch,
        root: Root,
    ) -> Result<ImportTarget, OpenError> {
        let target = Target::parse(url, LIMIT)?;
        let at = target.shown.clone();
        let of = |error: Error| OpenError::of(&at, &error);
        let mut conn = target.connect().await.map_err(of)?;
        check_server(&mut conn, &at).await?;
        let lock = format!("SELECT pg_try_advisory_lock({LOCK})");
        let locked = conn.fetch_one(AssertSqlSafe(lock)).await.and_then(|row| row.try_get(0));
        if !locked.map_err(of)? {
            return Ok(ImportTarget::Busy { at });
        }
        let birth = Birth { epoch, root, copying: true };
        match schema::bring_up(&mut conn, birth).await.map_err(of)? {
            Kind::Journal(meta) if meta.version == schema::VERSION => {
                // The root tells which journal it is: either side may have been renewed since.
                let same = meta.root == root;
                if same && meta.copying {
                    return Ok(ImportTarget::Ready(Self { conn, epoch, root, at }));
                }
                Ok(ImportTarget::Taken { at, same })
            }
            other => journal_of(other, &at).map(|_| ImportTarget::Taken { at, same: false }),
        }
    }

    /// What is there of a room, which is made when it is not there at all.
    pub(crate) async fn room(&mut self, from: &ExportedRoom) -> Result<ImportedRoom, OpenError> {
        let ExportedRoom { room, key, first_key, created_at, active_at, looks, former } = from;
        let (former_keys, former_names): (Vec<&str>, Vec<&str>) =
            former.iter().map(|(key, name)| (key.as_str(), name.as_str())).unzip();
        // It may have got another name since an earlier attempt.
        let made = sqlx::query(
            "WITH made AS (
               INSERT INTO maru.rooms (id, key, name, created_at, head, active_at, sum, first_key)
               VALUES ($1, $2, $3, $4, 0, $5, $6, $7) ON CONFLICT (id) DO UPDATE
                 SET key = excluded.key, name = excluded.name, first_key = excluded.first_key),
             back AS (DELETE FROM maru.former_names WHERE room = $1 AND key <> ALL ($8)),
             had AS (
               INSERT INTO maru.former_names (key, name, room)
                 SELECT key, name, $1 FROM unnest($8::text[], $9::text[]) AS had (key, name)
                 ON CONFLICT (key) DO NOTHING)
             UPDATE maru.meta SET rooms = greatest(rooms, $1)",
        )
        .bind(room.id.0)
        .bind(key)
        .bind(room.name.as_str())
        .bind(created_at)
        .bind(active_at)
        .bind(room.start.to_vec())
        .bind(first_key)
        .bind(former_keys)
        .bind(former_names);
        let conn = &mut self.conn;
        within(&self.at, conn.execute(made)).await?;
        let rooms = vec![room.id.0; looks.len()];
        within(&self.at, names::keep_looks(conn, looks, &rooms)).await?;
        let sql = sqlx::query("SELECT head, sum FROM maru.rooms WHERE id = $1").bind(room.id.0);
        let row = within(&self.at, conn.fetch_one(sql)).await?;
        let kept = || {
            let head = seq_of("head", row.try_get(0)?).map_err(|why| why.to_string());
            let sum = row::sum(&row, 1)?.map_err(|why| why.to_string());
            Ok::<_, Error>(head.and_then(|head| Ok(ImportedRoom { head, sum: sum? })))
        };
        let kept = kept().map_err(|error| self.failed(&error))?;
        kept.map_err(|why| self.store(format!("room {}: {why}", room.id.0)))
    }

    /// A room that was removed. An earlier attempt may have copied it: what it copied of it is erased once
    /// a server runs.
    pub(crate) async fn removed(&mut self, room: RoomId) -> Result<(), OpenError> {
        let made = sqlx::query(
            "WITH removed AS (
               INSERT INTO maru.rooms (id, key, name, created_at, head, active_at, sum)
               VALUES ($1, $2, '', 0, 0, 0, $3)
               ON CONFLICT (id) DO UPDATE
                 SET key = excluded.key, name = '', head = 0, first_key = NULL),
             looks AS (DELETE FROM maru.room_looks WHERE room = $1),
             former AS (DELETE FROM maru.former_names WHERE room = $1),
             noted AS (INSERT INTO maru.removals (room) VALUES ($1) ON CONFLICT DO NOTHING)
             UPDATE maru.meta SET rooms = greatest(rooms, $1)",
        )
        .bind(room.0)
        .bind(removed::key(room))
        .bind([0_u8; 16].to_vec());
        within(&self.at, self.conn.execute(made)).await.map(drop)
    }

    /// Adds the next entries of a room.
    pub(crate) async fn add(
        &mut self,
        from: &ExportedRoom,
        entries: &[ExportedEntry],
    ) -> Result<(), OpenError> {
        let Some(last) = entries.last() else { return Ok(()) };
        let (mut rows, mut heads) = (Rows::default(), NewHeads::default());
        let mut changes = Changes::default();
        for entry in entries {
            let more = entry.more().map(Cow::Borrowed);
            rows.push(&entry.row(), entry.texts(), more, &entry.sum);
            // What it deletes may be of an earlier attempt, and have its text still.
            if let Some(target) = entry.deletes()
                && let Ok(target) = seq_of("target", target)
            {
                changes.erased.insert((from.room.id, target));
            }
        }
        heads.push(from.room.id, last.row().seq, Some(from.active_at), &last.sum);
        within(&self.at, insert::write(&mut self.conn, rows, heads, changes)).await
    }

    /// Forgets what an earlier attempt copied beside the entries of a room: it may have changed since.
    pub(crate) async fn clear(&mut self, room: RoomId) -> Result<(), OpenError> {
        let room = room.0;
        let sql = format!(
            "BEGIN; DELETE FROM maru.states WHERE room = {room};
             DELETE FROM maru.unlisted WHERE room = {room};
             DELETE FROM maru.abouts WHERE room = {room};
             DELETE FROM maru.members WHERE room = {room};
             DELETE FROM maru.member_names WHERE room = {room};
             DELETE FROM maru.held_names WHERE room = {room};
             DELETE FROM maru.mentions WHERE room = {room}; COMMIT"
        );
        within(&self.at, self.conn.execute(AssertSqlSafe(sql))).await.map(drop)
    }

    /// What the room is about.
    pub(crate) async fn about(&mut self, room: RoomId, about: About) -> Result<(), OpenError> {
        let abouts = [(room, about)].into();
        self.beside(Changes { abouts, ..Changes::default() }).await
    }

    /// What became of messages of a room.
    pub(crate) async fn states(
        &mut self,
        room: RoomId,
        states: Vec<(Seq, MessageState)>,
    ) -> Result<(), OpenError> {
        let states = states.into_iter().map(|(seq, state)| ((room, seq), state)).collect();
        self.beside(Changes { states, ..Changes::default() }).await
    }

    /// Who reacted beyond those.
    pub(crate) async fn unlisted(
        &mut self,
        room: RoomId,
        unlisted: Vec<(Seq, [u8; 16])>,
    ) -> Result<(), OpenError> {
        let key = |(seq, who)| (((room, seq), Uuid::from_bytes(who)), true);
        let unlisted = unlisted.into_iter().map(key).collect();
        self.beside(Changes { unlisted, ..Changes::default() }).await
    }

    async fn beside(&mut self, changes: Changes) -> Result<(), OpenError> {
        if changes.is_empty() {
            return Ok(());
        }
        let nothing = (Rows::default(), NewHeads::default());
        within(&self.at, insert::write(&mut self.conn, nothing.0, nothing.1, changes)).await
    }

    /// Adds members of a room.
    pub(crate) async fn members(
        &mut self,
        room: RoomId,
        members: &[ExportedMember],
    ) -> Result<(), OpenError> {
        within(&self.at, marks::import(&mut self.conn, room, members)).await
    }

    /// Adds who goes by which name in a room.
    pub(crate) async fn names(
        &mut self,
        room: RoomId,
        names: &[ExportedName],
    ) -> Result<(), OpenError> {
        within(&self.at, names::import(&mut self.conn, room, names)).await
    }

    /// Adds mentions in a room.
    pub(crate) async fn mentions(
        &mut self,
        room: RoomId,
        mentions: &[(i64, String)],
    ) -> Result<(), OpenError> {
        let (seqs, people): (Vec<i64>, Vec<&str>) =
            mentions.iter().map(|(seq, person)| (*seq, person.as_str())).unzip();
        let sql = "INSERT INTO maru.mentions (room, seq, person)
                     SELECT $1, * FROM unnest($2::bigint[], $3::text[])";
        let query = sqlx::query(sql).bind(room.0).bind(seqs).bind(people);
        within(&self.at, self.conn.execute(query)).await.map(drop)
    }

    /// Forgets the files that an earlier attempt copied: what became of them since is not in their
    /// ids.
    pub(crate) async fn clear_files(&mut self) -> Result<(), OpenError> {
        within(&self.at, self.conn.execute("DELETE FROM maru.files")).await.map(drop)
    }

    /// Adds what is known of files.
    pub(crate) async fn add_files(&mut self, files: &[FileCopy]) -> Result<(), OpenError> {
        within(&self.at, files_table::copy(&mut self.conn, files)).await
    }

    /// How many files there are.
    pub(crate) async fn files(&mut self) -> Result<u64, OpenError> {
        let row = within(&self.at, self.conn.fetch_one("SELECT count(*) FROM maru.files")).await?;
        let count: i64 = row.try_get(0).map_err(|error| self.failed(&error))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Says who was signed out, anew at each attempt.
    pub(crate) async fn sign_outs(&mut self, all: &[SignOut]) -> Result<(), OpenError> {
        within(&self.at, sign_outs::copy(&mut self.conn, all)).await
    }

    /// Walks over all that is there now.
    pub(crate) async fn verify(
        &mut self,
        on_progress: &mut impl FnMut(Progress),
    ) -> Result<Report, OpenError> {
        let report = verify::all(&mut self.conn, self.root, on_progress).await;
        report.map_err(|error| OpenError::of(&self.at, &error))
    }

    /// Lets servers use it.
    pub(crate) async fn finish(mut self) -> Result<(), OpenError> {
        // A table that has just been filled has no statistics.
        let filled = [
            "rooms",
            "room_looks",
            "former_names",
            "entries",
            "states",
            "members",
            "member_names",
            "held_names",
            "mentions",
            "files",
        ];
        let analyze = filled.map(|table| format!("ANALYZE maru.{table};")).concat();
        within(&self.at, self.conn.execute(AssertSqlSafe(analyze))).await?;
        // The file may have been renewed since the copy was begun.
        let sql = "UPDATE maru.meta SET copying = false, epoch = $1";
        let query = sqlx::query(sql).bind(Id(self.epoch.0));
        within(&self.at, self.conn.execute(query)).await?;
        Ok(())
    }

    fn failed(&self, error: &Error) -> OpenError {
        OpenError::of(&self.at, error)
    }

    fn store(&self, why: String) -> OpenError {
        OpenError::Store { at: self.at.clone(), why }
    }
}

/// One step, which does not hang on a server that is gone.
async fn within<T>(at: &str, step: impl Future<Output = Result<T, Error>>) -> Result<T, OpenError> {
    let limit = LIMIT * 2;
    let done = timeout(limit, step).await.unwrap_or_else(|_| Err(silent(limit)));
    done.map_err(|error| OpenError::of(at, &error))
}
