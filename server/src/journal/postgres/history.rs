//! What is read by messages: indexes skip what lies between.
//!
//! A page is two questions: entry by entry, and what lies beyond. The second one sees a later moment: it
//! is bounded by the head of the first, and a state that is newer says so (`changed`).

use maru_engine::log::history::{self, Beyond, SecondPart, Touched};
use maru_protocol::{Entry, RoomName, Seq};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    query::{self, NOW, NOW_COLUMNS, PageSql, Read},
    reader::{AnswerFuture, Question, ReadError},
    row::ENTRY_COLUMNS,
};
use crate::journal::{
    Page, PageRange, RoomId,
    rows::{
        entries::{self, Decoder, number},
        pages,
    },
};

/// What the index `entries_said` has: word by word, or it is not used.
pub(super) const SAID: &str = "kind = 1 AND (body <> '' OR more IS NOT NULL)";
/// What the index `entries_noted` has.
const NOTED: &str = "(kind IN (2, 3, 5, 6) OR (kind = 1 AND body = '' AND more IS NULL))";

/// Whether a message up to `$2` was changed above it, as far as a page of `$4` entries looks
/// (`Beyond::Newer::touched`). It names the room by its parameter: so it is asked once, not for each row.
const TOUCHES_OLDER: &str = "EXISTS (SELECT 1 FROM (
    SELECT seq FROM maru.states WHERE room = $1 AND changed > $2 ORDER BY changed LIMIT 2 * $4 + 1
  ) AS touched WHERE seq <= $2)";

/// A page that is measured in messages.
pub(super) struct HistoryQuery(pub(super) RoomId, pub(super) PageRange);

impl Question for HistoryQuery {
    type Answer = Page;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Page> {
        Box::pin(async move {
            let Self(room, range) = *self;
            let asked = match range {
                PageRange::After { .. } => PageSql { whether: TOUCHES_OLDER, ..PageSql::default() },
                _ => PageSql::default(),
            };
            let Read { name, page: first, is_so } = query::page(conn, room, range, asked).await?;
            let first = pages::whole(room, range, first)?;
            // Nearly always there is nothing to ask for.
            let beyond = Beyond::of(range, &first).filter(|it| is_so || it.messages() > 0);
            complete(conn, (room, &name), beyond, first).await
        })
    }
}

/// All that lies above a position, unless it is too much.
pub(super) struct MissedQuery {
    pub(super) room: RoomId,
    pub(super) after: Seq,
    pub(super) limit: u32,
}

impl Question for MissedQuery {
    type Answer = Option<Page>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let Self { room, after, limit } = *self;
            let range = PageRange::After { after, limit };
            // What is too far is not read entry by entry.
            let near = PageSql { condition: "AND r.head - $2 <= $4", ..PageSql::default() };
            let Read { name, page: first, .. } = query::page(conn, room, range, near).await?;
            if !history::is_far(after, first.head, limit) {
                return Ok(Some(pages::whole(room, range, first)?));
            }
            let beyond = Beyond::missed(after, first.head, limit);
            let nothing = PageRange::After { after, limit: 0 };
            let nothing = pages::of_all(nothing, Vec::new(), first.head, first.about);
            let page = complete(conn, (room, &name), Some(beyond), nothing).await?;
            Ok(history::unless_too_much(page, limit))
        })
    }
}

async fn complete(
    conn: &mut PgConnection,
    (room, name): (RoomId, &RoomName),
    beyond: Option<Beyond>,
    first: Page,
) -> Result<Page, ReadError> {
    let Some(beyond) = beyond else { return Ok(first) };
    let rows = match beyond {
        Beyond::Older { below, messages, noted } => {
            let query = sqlx::query(AssertSqlSafe(older()))
                .bind(room.0)
                .bind(number(below))
                .bind(i64::from(messages))
                .bind(i64::from(noted));
            conn.fetch_all(query).await?
        }
        Beyond::Newer { above, head, older, messages, noted, touched } => {
            let query = sqlx::query(AssertSqlSafe(newer()))
                .bind(room.0)
                .bind(number(above))
                .bind(number(head))
                .bind(i64::from(messages))
                .bind(number(older))
                .bind(i64::from(touched))
                .bind(i64::from(noted));
            conn.fetch_all(query).await?
        }
    };
    Ok(beyond.complete(first, second_part(room, name, &rows)?))
}

/// The columns of the second part: which of the three lists, the newest change of a message of the
/// third, the entry, and how it is now.
fn columns() -> String {
    format!("e.part, e.changed, {ENTRY_COLUMNS}, {NOW_COLUMNS}")
}

fn older() -> String {
    let columns = columns();
    format!(
        "SELECT {columns} FROM (
           (SELECT 1 AS part, NULL::bigint AS changed, said.* FROM maru.entries AS said
             WHERE room = $1 AND seq < $2 AND {SAID} ORDER BY seq DESC LIMIT $3)
           UNION ALL
           (SELECT 2, NULL, noted.* FROM maru.entries AS noted
             WHERE room = $1 AND seq < $2 AND {NOTED} ORDER BY seq DESC LIMIT $4)) AS e
         {NOW} ORDER BY e.part, e.seq"
    )
}

/// `reach` is where the page ends: with its last message, or with the last change that was looked at.
fn newer() -> String {
    let columns = columns();
    format!(
        "WITH said AS (
           SELECT * FROM maru.entries
             WHERE room = $1 AND seq > $2 AND seq <= $3 AND {SAID} ORDER BY seq LIMIT $4),
         touched AS (
           SELECT seq, changed FROM maru.states
             WHERE room = $1 AND changed > $5 ORDER BY changed LIMIT $6),
         reach AS (
           SELECT least(
             CASE WHEN $4 = 0 THEN $2 ELSE $3 END,
             CASE WHEN (SELECT count(*) FROM said) >= $4 THEN (SELECT max(seq) FROM said) END,
             CASE WHEN (SELECT count(*) FROM touched) >= $6
               THEN (SELECT max(changed) FROM touched) END) AS seq),
         noted AS (
           SELECT * FROM maru.entries
             WHERE room = $1 AND seq > $2 AND seq <= (SELECT seq FROM reach) AND {NOTED}
             ORDER BY seq DESC LIMIT $7)
         SELECT {columns} FROM (
           SELECT 1 AS part, NULL::bigint AS changed, said.* FROM said
           UNION ALL SELECT 2, NULL, noted.* FROM noted
           UNION ALL SELECT 3, touched.changed, older.* FROM touched
             LEFT JOIN maru.entries AS older
               ON older.room = $1 AND older.seq = touched.seq AND touched.seq <= $5) AS e
         {NOW} ORDER BY e.part, e.changed, e.seq"
    )
}

fn second_part(room: RoomId, name: &RoomName, rows: &[PgRow]) -> Result<SecondPart, ReadError> {
    let mut decoder = Decoder::new(name);
    let mut part = SecondPart::default();
    for row in rows {
        let entry: Option<Entry> = query::entry_of(&mut decoder, room, row, 2)?;
        match row.try_get::<i32, _>(0)? {
            1 => part.said.extend(entry),
            2 => part.noted.extend(entry),
            _ => {
                let changed = entries::seq_of("changed", row.try_get(1)?)?;
                part.touched.push(Touched { changed, message: entry });
            }
        }
    }
    Ok(part)
}
