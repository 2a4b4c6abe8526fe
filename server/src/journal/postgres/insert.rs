//! Entries and heads on their way into the tables, in one statement however many they are.

use maru_protocol::Seq;
use sqlx::{Error, Executor as _, PgConnection};

use super::row::Id;
use crate::journal::{
    RoomId,
    chain::{Row, Sum},
    entries::number,
};

/// Entries, column by column.
#[derive(Default)]
pub(super) struct Rows<'a> {
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    ats: Vec<i64>,
    ids: Vec<Id>,
    kinds: Vec<i16>,
    senders: Vec<&'a str>,
    names: Vec<&'a str>,
    bodies: Vec<&'a str>,
    sums: Vec<Vec<u8>>,
}

impl<'a> Rows<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// `texts` are the row's sender, its name and the body.
    pub(super) fn push(&mut self, row: &Row<'_>, texts: [&'a str; 3], sum: &Sum) {
        let [sender, name, body] = texts;
        self.rooms.push(row.room.0);
        self.seqs.push(number(row.seq));
        self.ats.push(row.at);
        self.ids.push(Id(row.id.0));
        self.kinds.push(row.kind.into());
        self.senders.push(sender);
        self.names.push(name);
        self.bodies.push(body);
        self.sums.push(sum.to_vec());
    }
}

/// Rooms' new heads, column by column.
#[derive(Default)]
pub(super) struct Heads {
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    active: Vec<i64>,
    sums: Vec<Vec<u8>>,
}

impl Heads {
    pub(super) fn push(&mut self, room: RoomId, seq: Seq, active_at: i64, sum: &Sum) {
        self.rooms.push(room.0);
        self.seqs.push(number(seq));
        self.active.push(active_at);
        self.sums.push(sum.to_vec());
    }
}

/// Inserts the entries and moves the heads.
pub(super) async fn write(
    conn: &mut PgConnection,
    rows: Rows<'_>,
    heads: Heads,
) -> Result<(), Error> {
    let query = sqlx::query(
        "WITH added AS (
           INSERT INTO maru.entries (room, seq, at, id, kind, sender, sender_name, body, sum)
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[],
                                $5::smallint[], $6::text[], $7::text[], $8::text[], $9::bytea[]))
         UPDATE maru.rooms AS r SET head = moved.head, active_at = moved.active_at, sum = moved.sum
           FROM unnest($10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])
             AS moved (id, head, active_at, sum)
           WHERE r.id = moved.id",
    )
    .bind(rows.rooms)
    .bind(rows.seqs)
    .bind(rows.ats)
    .bind(rows.ids)
    .bind(rows.kinds)
    .bind(rows.senders)
    .bind(rows.names)
    .bind(rows.bodies)
    .bind(rows.sums)
    .bind(heads.rooms)
    .bind(heads.seqs)
    .bind(heads.active)
    .bind(heads.sums);
    conn.execute(query).await.map(drop)
}
