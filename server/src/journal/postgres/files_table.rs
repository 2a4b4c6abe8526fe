//! The table of files. Each question, and each change, is one statement of its own on one of the
//! readers' connections: no message waits for it. All may be put again when a connection broke.

use maru_protocol::{FileId, UserId};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _, postgres::PgRow};

use super::{
    change::MessageKey,
    reader::{AnswerFuture, Question, ReadError},
    row::Id,
};
use crate::journal::{
    FileRecord, MOST_FILES,
    projections::files::{DOOMED, FileCopy, FileRow, FileWork, INCOMING, WHOLE, signed},
    rows::entries::number,
};

/// The columns of a [`FileRow`], in its order.
pub(super) const COLUMNS: &str = "id, room, owner, name, media_type, size, width, height, seq";

pub(super) fn row(row: &PgRow) -> Result<FileRow, sqlx::Error> {
    Ok(FileRow {
        id: row.try_get::<Id, _>(0)?.0,
        room: row.try_get(1)?,
        owner: row.try_get(2)?,
        name: row.try_get(3)?,
        media_type: row.try_get(4)?,
        size: row.try_get(5)?,
        width: row.try_get(6)?,
        height: row.try_get(7)?,
        seq: row.try_get(8)?,
    })
}

/// Locks those files that are not sent, for appends that carry them: nobody dooms or takes them
/// meanwhile. Their ids, rooms and owners; none for none.
pub(super) fn lock(ids: impl Iterator<Item = FileId>) -> String {
    let ids = super::transaction::list(ids);
    if ids.is_empty() {
        return ids;
    }
    format!(
        "SELECT id, room, owner FROM maru.files
           WHERE id = ANY('{{{ids}}}'::uuid[]) AND state = {WHOLE} AND seq IS NULL
           ORDER BY id FOR UPDATE;"
    )
}

/// Messages take their files.
pub(super) async fn take(
    conn: &mut PgConnection,
    taken: Vec<(Id, i64)>,
) -> Result<(), sqlx::Error> {
    let (ids, seqs): (Vec<Id>, Vec<i64>) = taken.into_iter().unzip();
    let sql = "UPDATE maru.files AS f SET seq = taken.seq
               FROM unnest($1::uuid[], $2::bigint[]) AS taken (id, seq) WHERE f.id = taken.id";
    conn.execute(sqlx::query(sql).bind(ids).bind(seqs)).await.map(drop)
}

/// What these messages carried is for nobody any more; its name was said, and goes with what was said.
pub(super) async fn doom_of(
    conn: &mut PgConnection,
    messages: &[MessageKey],
) -> Result<(), sqlx::Error> {
    let (rooms, seqs): (Vec<i64>, Vec<i64>) =
        messages.iter().map(|(room, seq)| (room.0, number(*seq))).unzip();
    let sql = format!(
        "UPDATE maru.files AS f SET state = {DOOMED}, seq = NULL, name = ''
         FROM unnest($1::bigint[], $2::bigint[]) AS gone (room, seq)
         WHERE f.room = gone.room AND f.seq = gone.seq"
    );
    conn.execute(sqlx::query(AssertSqlSafe(sql)).bind(rooms).bind(seqs)).await.map(drop)
}

/// Copies rows as they are.
pub(super) async fn copy(conn: &mut PgConnection, files: &[FileCopy]) -> Result<(), sqlx::Error> {
    let of = |number: fn(&FileCopy) -> i64| files.iter().map(number).collect::<Vec<i64>>();
    let maybe =
        |number: fn(&FileRow) -> Option<i64>| files.iter().map(|it| number(&it.row)).collect();
    let text = |text: fn(&FileRow) -> &str| files.iter().map(|it| text(&it.row)).collect();
    let ids: Vec<Id> = files.iter().map(|it| Id(it.row.id)).collect();
    let (widths, heights, seqs): (Vec<_>, Vec<_>, Vec<_>) =
        (maybe(|row| row.width), maybe(|row| row.height), maybe(|row| row.seq));
    let (owners, names, types): (Vec<&str>, Vec<&str>, Vec<&str>) =
        (text(|row| &row.owner), text(|row| &row.name), text(|row| &row.media_type));
    let sql = format!(
        "INSERT INTO maru.files ({COLUMNS}, state, at)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[],
           $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::smallint[], $11::bigint[])"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(ids)
        .bind(of(|it| it.row.room))
        .bind(owners)
        .bind(names)
        .bind(types)
        .bind(of(|it| it.row.size))
        .bind(widths)
        .bind(heights)
        .bind(seqs)
        .bind(files.iter().map(|it| i16::try_from(it.state).unwrap_or(-1)).collect::<Vec<i16>>())
        .bind(of(|it| it.at));
    conn.execute(query).await.map(drop)
}

/// Those of them that are whole.
pub(super) struct Find(pub(super) Vec<FileId>);

impl Question for Find {
    type Answer = Vec<FileRecord>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let ids: Vec<Id> = self.0.iter().take(MOST_FILES).map(|id| Id(id.0)).collect();
            let sql =
                format!("SELECT {COLUMNS} FROM maru.files WHERE id = ANY($1) AND state = {WHOLE}");
            let rows = conn.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(ids)).await?;
            rows.iter().map(|found| Ok(row(found)?.record()?)).collect()
        })
    }
}

/// How much somebody uploaded.
pub(super) struct UploadedSince(pub(super) UserId, pub(super) u64);

impl Question for UploadedSince {
    type Answer = u64;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, u64> {
        Box::pin(async move {
            let sql = "SELECT coalesce(sum(size), 0)::bigint FROM maru.files
                       WHERE owner = $1 AND at >= $2";
            let query = sqlx::query(sql).bind(&self.0.0).bind(signed(self.1));
            let bytes: i64 = conn.fetch_one(query).await?.try_get(0)?;
            Ok(u64::try_from(bytes).unwrap_or(0))
        })
    }
}

/// Files that are to be removed.
pub(super) struct Doomed(pub(super) u32);

impl Question for Doomed {
    type Answer = Vec<FileId>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = format!(
                "SELECT id FROM maru.files WHERE state = {DOOMED} AND seq IS NULL
                 ORDER BY at LIMIT $1"
            );
            let rows =
                conn.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(i64::from(self.0))).await?;
            rows.iter().map(|row| Ok(FileId(row.try_get::<Id, _>(0)?.0))).collect()
        })
    }
}

/// A change; the answer is how many rows it is about.
pub(super) struct Change(pub(super) FileWork);

impl Question for Change {
    type Answer = u64;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, u64> {
        Box::pin(async move { change(conn, &self.0).await.map_err(ReadError::from) })
    }
}

async fn change(conn: &mut PgConnection, work: &FileWork) -> Result<u64, sqlx::Error> {
    let done = match work {
        FileWork::Begin(file) => {
            let sql = format!(
                "INSERT INTO maru.files (id, room, owner, name, at, size, media_type, state)
                 VALUES ($1, $2, $3, $4, $5, $6, '', {INCOMING}) ON CONFLICT (id) DO NOTHING"
            );
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(Id(file.id.0))
                .bind(file.room.0)
                .bind(&file.owner.0)
                .bind(file.name.as_str())
                .bind(signed(file.at))
                .bind(signed(file.size));
            conn.execute(query).await?
        }
        FileWork::Finish(id, facts) => {
            let sql = format!(
                "UPDATE maru.files
                   SET state = {WHOLE}, media_type = $2, size = $3, width = $4, height = $5
                 WHERE id = $1 AND state < {DOOMED}"
            );
            let (width, height) = facts.picture.unzip();
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(Id(id.0))
                .bind(&facts.media_type)
                .bind(signed(facts.size))
                .bind(width.map(i64::from))
                .bind(height.map(i64::from));
            conn.execute(query).await?
        }
        FileWork::DoomUnsent { before, most } => {
            // What a message is taking at this moment is left for the next look.
            let sql = format!(
                "UPDATE maru.files SET state = {DOOMED} WHERE id IN (
                   SELECT id FROM maru.files
                     WHERE seq IS NULL AND state < {DOOMED} AND at < $1
                     ORDER BY state, at LIMIT $2 FOR UPDATE SKIP LOCKED)"
            );
            let query =
                sqlx::query(AssertSqlSafe(sql)).bind(signed(*before)).bind(i64::from(*most));
            conn.execute(query).await?
        }
        FileWork::Forget(ids) => {
            let ids: Vec<Id> = ids.iter().map(|id| Id(id.0)).collect();
            let sql = "DELETE FROM maru.files WHERE id = ANY($1) AND seq IS NULL";
            conn.execute(sqlx::query(sql).bind(ids)).await?
        }
    };
    Ok(done.rows_affected())
}
