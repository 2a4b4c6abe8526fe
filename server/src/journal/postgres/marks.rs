//! How far people have read, and who they are, in the database.

use maru_protocol::{Beginning, DisplayName, MAX_UNREAD, ReadState, RoomName, Seq, User, UserId};
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    history::SAID,
    names::{self, Claims},
    reader::{AnswerFuture, Question, ReadError},
};
use crate::journal::{
    MOST_MARKS, MOST_READ_QUERIES, MOST_SCANNED, Mark, Marked, ReadQuery, RoomId,
    projections::marks::{MOST_BEGINNINGS, MarkEffect, above, distinct, member},
    rows::entries::{self, Unreadable},
    sqlite::ExportedMember,
};

/// Marks to be kept. Asked twice, as after a connection that broke, it comes to the same.
pub(super) struct Keep(pub(super) Vec<Mark>);

impl Question for Keep {
    type Answer = u64;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, u64> {
        Box::pin(async move {
            // One order of locks for all nodes, so that no two wait for each other crosswise.
            let can_be_kept = |mark: &&Mark| !mark.user.id.0.contains('\0');
            let mut marks: Vec<&Mark> =
                self.0.iter().take(MOST_MARKS).filter(can_be_kept).collect();
            marks.sort_by_key(|mark| (mark.room, &mark.user.id));
            conn.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?;
            let kept = keep(conn, &marks).await;
            let end =
                if kept.as_ref().is_ok_and(|changed| *changed > 0) { "COMMIT" } else { "ROLLBACK" };
            conn.execute(end).await?;
            kept
        })
    }
}

async fn keep(conn: &mut PgConnection, marks: &[&Mark]) -> Result<u64, ReadError> {
    let (mut gone, mut moved, mut made) = (Rows::default(), Rows::default(), Rows::default());
    let (mut old, mut new) = (Names::default(), Names::default());
    let mut claims = Claims::default();
    let rows = lock(conn, marks).await?;
    for row in &rows {
        let number = usize::try_from(row.try_get::<i64, _>(0)? - 1).unwrap_or(usize::MAX);
        let Some(mark) = marks.get(number) else { continue };
        let head = entries::seq_of("head", row.try_get(1)?)?;
        let name: Option<&str> = row.try_get(2)?;
        let read: Option<i64> = row.try_get(3)?;
        let kept = match (read, name) {
            (Some(read), Some(name)) => Some((entries::seq_of("read", read)?, name)),
            _ => None,
        };
        let seq = match mark.effect(kept, head) {
            MarkEffect::Unchanged => continue,
            MarkEffect::Removed => {
                gone.push(mark, Seq::ZERO)?;
                old.push(mark, name);
                continue;
            }
            MarkEffect::Moved(seq) => seq,
        };
        if kept.is_some() { &mut moved } else { &mut made }.push(mark, seq)?;
        if name != Some(mark.user.name.as_str()) {
            old.push(mark, name);
            new.push(mark, Some(mark.user.name.as_str()));
            claims.add(mark.room, &mark.user, false);
        }
    }
    let changed = gone.rooms.len() + moved.rooms.len() + made.rooms.len();
    if !gone.rooms.is_empty() {
        names::release_unspoken(conn, &gone.rooms, &gone.people).await?;
    }
    if changed > 0 {
        write(conn, gone, moved, made).await?;
    }
    rename(conn, old, new).await?;
    claims.settle(conn).await?;
    Ok(changed as u64)
}

/// Each mark's place, its room's head, and the member's row, which stays as it is meanwhile.
async fn lock(conn: &mut PgConnection, marks: &[&Mark]) -> Result<Vec<PgRow>, Error> {
    let sql = "WITH held AS (
                 SELECT m.room, m.person, m.name, m.read
                   FROM unnest($1::bigint[], $2::text[]) AS asked (room, person)
                   JOIN maru.members AS m ON m.room = asked.room AND m.person = asked.person
                   ORDER BY m.room, m.person FOR UPDATE OF m)
               SELECT asked.number, r.head, held.name, held.read
                 FROM unnest($1::bigint[], $2::text[])
                   WITH ORDINALITY AS asked (room, person, number)
                 JOIN maru.rooms AS r ON r.id = asked.room AND r.active_slot IS NOT NULL
                 LEFT JOIN held ON held.room = asked.room AND held.person = asked.person
                 ORDER BY asked.number";
    let rooms: Vec<i64> = marks.iter().map(|mark| mark.room.0).collect();
    let people: Vec<&str> = marks.iter().map(|mark| mark.user.id.0.as_str()).collect();
    conn.fetch_all(sqlx::query(sql).bind(rooms).bind(people)).await
}

/// Members, column by column.
#[derive(Default)]
struct Rows<'a> {
    rooms: Vec<i64>,
    people: Vec<&'a str>,
    names: Vec<&'a str>,
    reads: Vec<i64>,
    ats: Vec<i64>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, mark: &'a Mark, seq: Seq) -> Result<(), Unreadable> {
        self.rooms.push(mark.room.0);
        self.people.push(&mark.user.id.0);
        self.names.push(mark.user.name.as_str());
        self.reads.push(entries::number(seq));
        self.ats.push(i64::try_from(mark.at).map_err(|why| Unreadable::of("at", why))?);
        Ok(())
    }
}

/// The rows that there were are locked; of one that another node makes at this moment, the higher
/// marker stays.
async fn write(
    conn: &mut PgConnection,
    gone: Rows<'_>,
    moved: Rows<'_>,
    made: Rows<'_>,
) -> Result<(), Error> {
    let query = sqlx::query(
        "WITH gone AS (
           DELETE FROM maru.members AS m USING unnest($1::bigint[], $2::text[]) AS l (room, person)
             WHERE m.room = l.room AND m.person = l.person),
         moved AS (
           UPDATE maru.members AS m SET name = n.name, read = n.read, at = n.at
             FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
               AS n (room, person, name, read, at)
             WHERE m.room = n.room AND m.person = n.person)
         INSERT INTO maru.members AS m (room, person, name, read, at)
           SELECT * FROM unnest($8::bigint[], $9::text[], $10::text[], $11::bigint[], $12::bigint[])
           ON CONFLICT (room, person) DO UPDATE
           SET name = excluded.name, read = greatest(m.read, excluded.read), at = excluded.at",
    )
    .bind(gone.rooms)
    .bind(gone.people)
    .bind(moved.rooms)
    .bind(moved.people)
    .bind(moved.names)
    .bind(moved.reads)
    .bind(moved.ats)
    .bind(made.rooms)
    .bind(made.people)
    .bind(made.names)
    .bind(made.reads)
    .bind(made.ats);
    conn.execute(query).await.map(drop)
}

/// Beginnings of names, column by column.
#[derive(Default)]
struct Names<'a> {
    rooms: Vec<i64>,
    beginnings: Vec<String>,
    people: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn push(&mut self, mark: &'a Mark, name: Option<&str>) {
        let Some(Ok(name)) = name.map(DisplayName::parse) else { return };
        for beginning in name.beginnings() {
            self.rooms.push(mark.room.0);
            self.beginnings.push(beginning);
            self.people.push(&mark.user.id.0);
        }
    }
}

/// Two statements, as one would see what it takes away itself.
async fn rename(conn: &mut PgConnection, old: Names<'_>, new: Names<'_>) -> Result<(), Error> {
    if !old.rooms.is_empty() {
        let query = sqlx::query(
            "DELETE FROM maru.member_names AS n
               USING unnest($1::bigint[], $2::text[], $3::text[]) AS o (room, beginning, person)
               WHERE n.room = o.room AND n.beginning = o.beginning AND n.person = o.person",
        );
        conn.execute(query.bind(old.rooms).bind(old.beginnings).bind(old.people)).await?;
    }
    if !new.rooms.is_empty() {
        let query = sqlx::query(
            "INSERT INTO maru.member_names (room, beginning, person)
               SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING",
        );
        conn.execute(query.bind(new.rooms).bind(new.beginnings).bind(new.people)).await?;
    }
    Ok(())
}

/// Members as they are, in one statement: `migrate` copies them.
pub(super) async fn import(
    conn: &mut PgConnection,
    room: RoomId,
    members: &[ExportedMember],
) -> Result<(), Error> {
    let column =
        |of: fn(&ExportedMember) -> &str| -> Vec<&str> { members.iter().map(of).collect() };
    let (people, names) = (column(|member| &member.person), column(|member| &member.name));
    let reads: Vec<i64> = members.iter().map(|member| member.read).collect();
    let ats: Vec<i64> = members.iter().map(|member| member.at).collect();
    let (mut found_by, mut whose) = (Vec::new(), Vec::new());
    for ExportedMember { person, name, .. } in members {
        let beginnings = DisplayName::parse(name).map(|name| name.beginnings());
        for beginning in beginnings.unwrap_or_default() {
            found_by.push(beginning);
            whose.push(person.as_str());
        }
    }
    let query = sqlx::query(
        "WITH added AS (
           INSERT INTO maru.members (room, person, name, read, at)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]))
         INSERT INTO maru.member_names (room, beginning, person)
           SELECT $1, * FROM unnest($6::text[], $7::text[]) ON CONFLICT DO NOTHING",
    )
    .bind(room.0)
    .bind(people)
    .bind(names)
    .bind(reads)
    .bind(ats)
    .bind(found_by)
    .bind(whose);
    conn.execute(query).await.map(drop)
}

/// How far people have read.
pub(super) struct Unread(pub(super) Vec<ReadQuery>);

impl Question for Unread {
    type Answer = Vec<Option<ReadState>>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let asked: Vec<&ReadQuery> = self.0.iter().take(MOST_READ_QUERIES).collect();
            // What waits, in the terms of the statement: nothing, a marker that counts beside the
            // one that is kept or in its place, or nobody any more.
            let seqs: Vec<Option<i64>> = asked.iter().map(|asked| waiting_seq(asked)).collect();
            let instead: Vec<bool> = asked.iter().map(|asked| counts_alone(asked)).collect();
            let sql = format!(
                "SELECT asked.number, r.name, marker.read, unread.count, mentions.count
                   FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[])
                     WITH ORDINALITY AS asked (person, key, seq, instead, number)
                   JOIN maru.rooms AS r ON r.key = asked.key
                   LEFT JOIN maru.members AS m ON m.room = r.id AND m.person = asked.person
                   CROSS JOIN LATERAL (SELECT least(r.head, CASE WHEN asked.instead THEN asked.seq
                     ELSE greatest(m.read, asked.seq) END) AS read) AS marker
                   CROSS JOIN LATERAL (SELECT count(*) FROM (SELECT 1 FROM (
                       SELECT sender FROM maru.entries
                         WHERE room = r.id AND seq > marker.read AND {SAID}
                         ORDER BY seq DESC LIMIT {MOST_SCANNED}) AS newest
                     WHERE newest.sender <> asked.person
                     LIMIT {MAX_UNREAD}) AS them) AS unread
                   CROSS JOIN LATERAL (SELECT count(*) FROM (SELECT 1 FROM maru.mentions AS t
                     WHERE t.person = asked.person AND t.room = r.id AND t.seq > marker.read
                     LIMIT {MAX_UNREAD}) AS them) AS mentions
                   WHERE CASE WHEN asked.instead THEN asked.seq
                     ELSE coalesce(m.read, asked.seq) END IS NOT NULL"
            );
            let people: Vec<&str> = asked.iter().map(|asked| person(asked)).collect();
            let keys: Vec<&str> = asked.iter().map(|asked| key(asked)).collect();
            let query =
                sqlx::query(AssertSqlSafe(sql)).bind(people).bind(keys).bind(seqs).bind(instead);
            let rows = conn.fetch_all(query).await?;
            let mut states: Vec<Option<ReadState>> = vec![None; asked.len()];
            for row in &rows {
                let number = usize::try_from(row.try_get::<i64, _>(0)? - 1).unwrap_or(usize::MAX);
                if let Some(state) = states.get_mut(number) {
                    *state = Some(read_state(row)?);
                }
            }
            Ok(states)
        })
    }
}

/// U+0000 can't be kept, nor asked for: whose id has it is in no room.
fn key(asked: &ReadQuery) -> &str {
    if asked.person.0.contains('\0') { "" } else { asked.room.as_str() }
}

fn person(asked: &ReadQuery) -> &str {
    if asked.person.0.contains('\0') { "" } else { &asked.person.0 }
}

fn waiting_seq(asked: &ReadQuery) -> Option<i64> {
    match asked.waiting {
        Some(Marked::Read { seq, .. }) => Some(entries::number(seq)),
        Some(Marked::Named | Marked::Left) | None => None,
    }
}

fn counts_alone(asked: &ReadQuery) -> bool {
    matches!(asked.waiting, Some(Marked::Left | Marked::Read { anew: true, .. }))
}

fn read_state(row: &PgRow) -> Result<ReadState, ReadError> {
    let name: &str = row.try_get(1)?;
    let count =
        |column| row.try_get::<i64, _>(column).map(|n| u32::try_from(n).unwrap_or(MAX_UNREAD));
    Ok(ReadState {
        room: RoomName::parse(name).map_err(|why| Unreadable::of("name", why))?,
        read: entries::seq_of("read", row.try_get(2)?)?,
        unread: count(3)?,
        mentions: count(4)?,
    })
}

/// Members by how their name begins.
pub(super) struct Members(pub(super) RoomId, pub(super) Beginning);

impl Question for Members {
    type Answer = Vec<User>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Vec<User>> {
        Box::pin(async move {
            let Self(room, beginning) = self;
            let sql = format!(
                "SELECT m.person, m.name FROM maru.member_names AS n
                   JOIN maru.members AS m ON m.room = n.room AND m.person = n.person
                   JOIN maru.rooms AS r ON r.id = n.room AND r.active_slot IS NOT NULL
                   WHERE n.room = $1 AND n.beginning >= $2 AND n.beginning < $3
                   ORDER BY n.beginning, n.person LIMIT {MOST_BEGINNINGS}"
            );
            // U+0000 can't be kept, nor asked for: nobody's name has it.
            if beginning.as_str().contains('\0') {
                return Ok(Vec::new());
            }
            let query = sqlx::query(AssertSqlSafe(sql)).bind(room.0).bind(beginning.as_str());
            let rows = conn.fetch_all(query.bind(above(beginning))).await?;
            Ok(distinct(users(&rows)?, beginning))
        })
    }
}

/// Who of these is a member.
pub(super) struct Known(pub(super) RoomId, pub(super) Vec<UserId>);

impl Question for Known {
    type Answer = Vec<User>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Vec<User>> {
        Box::pin(async move {
            let people = self.1.iter().take(MOST_READ_QUERIES).map(|person| person.0.as_str());
            let people: Vec<&str> = people.filter(|person| !person.contains('\0')).collect();
            let sql = "SELECT m.person, m.name FROM unnest($2::text[]) AS asked (person)
                       JOIN maru.members AS m ON m.room = $1 AND m.person = asked.person
                       JOIN maru.rooms AS r ON r.id = m.room AND r.active_slot IS NOT NULL";
            let rows = conn.fetch_all(sqlx::query(sql).bind(self.0.0).bind(people)).await?;
            users(&rows)
        })
    }
}

fn users(rows: &[PgRow]) -> Result<Vec<User>, ReadError> {
    rows.iter().map(|row| Ok(member(row.try_get(0)?, row.try_get(1)?)?)).collect()
}
