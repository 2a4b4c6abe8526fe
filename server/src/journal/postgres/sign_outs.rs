//! The table of people who were signed out. Each question, and the change, is one statement of its own.

use maru_protocol::UserId;
use sqlx::{Executor as _, PgConnection, Row as _};

use super::reader::{AnswerFuture, Question};
use crate::journal::{MOST_SIGN_OUTS, SIGN_OUT_HOLDS, SignOut, projections::files::signed};

/// Signs somebody out.
pub(super) struct Keep(pub(super) SignOut);

impl Question for Keep {
    type Answer = ();

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, ()> {
        Box::pin(async move {
            let SignOut { person, at } = &self.0;
            // Those that are over are other rows: nobody is signed out so long ago.
            let sql =
                "WITH forgotten AS (DELETE FROM maru.sign_outs WHERE at < $3 AND person <> $1)
                       INSERT INTO maru.sign_outs AS kept (person, at) VALUES ($1, $2)
                       ON CONFLICT (person) DO UPDATE SET at = greatest(excluded.at, kept.at + 1)";
            let over = signed(at.saturating_sub(SIGN_OUT_HOLDS));
            let query = sqlx::query(sql).bind(&person.0).bind(signed(*at)).bind(over);
            Ok(conn.execute(query).await.map(drop)?)
        })
    }
}

/// All of them.
pub(super) struct All;

impl Question for All {
    type Answer = Vec<SignOut>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = "SELECT person, at FROM maru.sign_outs ORDER BY at DESC LIMIT $1";
            let rows = conn.fetch_all(sqlx::query(sql).bind(i64::from(MOST_SIGN_OUTS))).await?;
            let read = |row: &sqlx::postgres::PgRow| {
                let at = row.try_get::<i64, _>(1)?;
                let person = UserId(row.try_get(0)?);
                Ok(SignOut { person, at: u64::try_from(at).unwrap_or(0) })
            };
            rows.iter().map(read).collect()
        })
    }
}

/// What is another one after each change: each adds to the sum, but for the forgetting that comes with
/// it, of which the count tells.
pub(super) struct Mark;

impl Question for Mark {
    type Answer = u64;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, u64> {
        Box::pin(async move {
            let sql = "SELECT (count(*) + coalesce(sum(at), 0))::bigint FROM maru.sign_outs";
            let mark: i64 = conn.fetch_one(sqlx::query(sql)).await?.try_get(0)?;
            Ok(mark.cast_unsigned())
        })
    }
}

/// Copies what a file knows, in place of what an earlier attempt copied.
pub(super) async fn copy(conn: &mut PgConnection, all: &[SignOut]) -> Result<(), sqlx::Error> {
    conn.execute("DELETE FROM maru.sign_outs").await?;
    let people: Vec<&str> = all.iter().map(|it| it.person.0.as_str()).collect();
    let ats: Vec<i64> = all.iter().map(|it| signed(it.at)).collect();
    let sql =
        "INSERT INTO maru.sign_outs (person, at) SELECT * FROM unnest($1::text[], $2::bigint[])";
    conn.execute(sqlx::query(sql).bind(people).bind(ats)).await.map(drop)
}
