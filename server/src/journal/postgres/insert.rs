//! Entries and heads on their way into the tables, in one statement however many they are.

use std::borrow::Cow;

use maru_protocol::{FileId, Seq};
use sqlx::{
    AssertSqlSafe, Error, Executor as _, PgConnection, Postgres, SqlSafeStr as _,
    postgres::PgArguments,
};

use super::{
    change::{Changes, MessageKey},
    files_table,
    row::{self, Id},
};
use crate::journal::{
    RoomId,
    integrity::chain::{Row, Sum},
    projections::state::{self, MessageState},
    rows::entries::{EDIT, MESSAGE, number},
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
    targets: Vec<Option<i64>>,
    mores: Vec<Option<Cow<'a, str>>>,
    /// Files, and the messages that take them.
    taken: Vec<(Id, i64)>,
}

impl<'a> Rows<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// `texts` are the row's sender, its name and the body, `more` is what it has beside them.
    pub(super) fn push(
        &mut self,
        row: &Row<'_>,
        texts: [&'a str; 3],
        more: Option<Cow<'a, str>>,
        sum: &Sum,
    ) {
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
        self.targets.push(row.target);
        self.mores.push(more);
    }

    /// The message of that number takes a file.
    pub(super) fn take(&mut self, file: FileId, seq: Seq) {
        self.taken.push((Id(file.0), number(seq)));
    }

    /// Empties those of the message and of its edits that are among these.
    fn erase(&mut self, (room, seq): MessageKey) {
        let seq = number(seq);
        for at in 0..self.seqs.len() {
            let message = self.kinds[at] == i16::from(MESSAGE) && self.seqs[at] == seq;
            let edit = self.kinds[at] == i16::from(EDIT) && self.targets[at] == Some(seq);
            if self.rooms[at] == room.0 && (message || edit) {
                self.bodies[at] = "";
                self.mores[at] = None;
            }
        }
    }
}

/// Rooms' new heads, column by column.
#[derive(Default)]
pub(super) struct NewHeads {
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    /// None where it stays.
    active: Vec<Option<i64>>,
    sums: Vec<Vec<u8>>,
}

impl NewHeads {
    pub(super) fn push(&mut self, room: RoomId, seq: Seq, active_at: Option<i64>, sum: &Sum) {
        self.rooms.push(room.0);
        self.seqs.push(number(seq));
        self.active.push(active_at);
        self.sums.push(sum.to_vec());
    }
}

/// Adds entries and moves heads.
const ENTRIES: &str = "WITH added AS (
       INSERT INTO maru.entries
         (room, seq, at, id, kind, sender, sender_name, body, sum, target, more)
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::smallint[],
                            $6::text[], $7::text[], $8::text[], $9::bytea[],
                            $10::bigint[], $11::text[]))
     UPDATE maru.rooms AS r
       SET head = moved.head, active_at = coalesce(moved.active_at, r.active_at), sum = moved.sum
       FROM unnest($12::bigint[], $13::bigint[], $14::bigint[], $15::bytea[])
         AS moved (id, head, active_at, sum)
       WHERE r.id = moved.id";

/// The same, and what becomes of messages. All parts see what was there before: what is erased of
/// the new entries is empty when it comes.
const WITH_CHANGES: &str = "WITH states AS (
       INSERT INTO maru.states (room, seq, edited, state)
       SELECT * FROM unnest($16::bigint[], $17::bigint[], $18::bigint[], $19::text[])
       ON CONFLICT (room, seq) DO UPDATE SET edited = excluded.edited, state = excluded.state),
     abouts AS (
       INSERT INTO maru.abouts (room, about)
       SELECT * FROM unnest($20::bigint[], $21::text[])
       ON CONFLICT (room) DO UPDATE SET about = excluded.about),
     listed_not AS (
       INSERT INTO maru.unlisted (room, seq, who)
       SELECT * FROM unnest($22::bigint[], $23::bigint[], $24::uuid[])
       ON CONFLICT DO NOTHING),
     taken_back AS (
       DELETE FROM maru.unlisted AS u
         USING unnest($25::bigint[], $26::bigint[], $27::uuid[]) AS back (room, seq, who)
         WHERE u.room = back.room AND u.seq = back.seq AND u.who = back.who),
     nobodys AS (
       DELETE FROM maru.unlisted AS u
         USING unnest($28::bigint[], $29::bigint[]) AS gone (room, seq)
         WHERE u.room = gone.room AND u.seq = gone.seq),
     messages AS (
       UPDATE maru.entries AS e SET body = '', more = NULL
         FROM unnest($28::bigint[], $29::bigint[]) AS gone (room, seq)
         WHERE e.room = gone.room AND e.seq = gone.seq),
     edits AS (
       UPDATE maru.entries AS e SET body = '', more = NULL
         FROM unnest($28::bigint[], $29::bigint[]) AS gone (room, seq)
         WHERE e.room = gone.room AND e.target = gone.seq AND e.kind = 2
           AND e.target IS NOT NULL),
     unmentioned AS (
       DELETE FROM maru.mentions AS m
         USING unnest($30::bigint[], $31::bigint[]) AS anew (room, seq)
         WHERE m.room = anew.room AND m.seq = anew.seq AND NOT EXISTS (
           SELECT 1 FROM unnest($32::bigint[], $33::bigint[], $34::text[]) AS stays (room, seq, who)
             WHERE stays.room = m.room AND stays.seq = m.seq AND stays.who = m.person)),
     mentioned AS (
       INSERT INTO maru.mentions (room, seq, person)
       SELECT * FROM unnest($32::bigint[], $33::bigint[], $34::text[])
       ON CONFLICT DO NOTHING),
     ";

/// Inserts the entries, moves the heads and keeps what else there is, in one statement.
pub(super) async fn write(
    conn: &mut PgConnection,
    mut rows: Rows<'_>,
    heads: NewHeads,
    changes: Changes,
) -> Result<(), Error> {
    changes.erased.iter().for_each(|place| rows.erase(*place));
    let sql = if changes.is_empty() {
        ENTRIES.into_sql_str()
    } else {
        AssertSqlSafe(ENTRIES.replacen("WITH ", WITH_CHANGES, 1)).into_sql_str()
    };
    let query = sqlx::query(sql)
        .bind(rows.rooms)
        .bind(rows.seqs)
        .bind(rows.ats)
        .bind(rows.ids)
        .bind(rows.kinds)
        .bind(rows.senders)
        .bind(rows.names)
        .bind(rows.bodies)
        .bind(rows.sums)
        .bind(rows.targets)
        .bind(rows.mores)
        .bind(heads.rooms)
        .bind(heads.seqs)
        .bind(heads.active)
        .bind(heads.sums);
    let erased: Vec<MessageKey> = changes.erased.iter().copied().collect();
    let query = if changes.is_empty() { query } else { bind(query, changes) };
    conn.execute(query).await?;
    // A round trip more for the few that are about files. What is said and deleted in one transaction
    // takes its files first.
    if !rows.taken.is_empty() {
        files_table::take(conn, rows.taken).await?;
    }
    if !erased.is_empty() {
        files_table::doom_of(conn, &erased).await?;
    }
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

fn bind(query: Query<'_>, changes: Changes) -> Query<'_> {
    let Changes { states, abouts, unlisted, erased, mentions } = changes;
    let rooms = |places: &mut dyn Iterator<Item = MessageKey>| -> (Vec<i64>, Vec<i64>) {
        places.map(|(room, seq)| (room.0, number(seq))).unzip()
    };
    let (of, at) = rooms(&mut states.keys().copied());
    let edited = |state: &MessageState| state.edited.map(|edited| number(edited.seq));
    let query = query
        .bind(of)
        .bind(at)
        .bind(states.values().map(edited).collect::<Vec<_>>())
        .bind(states.values().map(state::to_json).collect::<Vec<_>>())
        .bind(abouts.keys().map(|room| room.0).collect::<Vec<_>>())
        .bind(abouts.values().map(row::about_json).collect::<Vec<_>>());
    let (put, back): (Vec<_>, Vec<_>) = unlisted.into_iter().partition(|(_, on)| *on);
    let query = [put, back].into_iter().fold(query, |query, list| {
        let (of, at) = rooms(&mut list.iter().map(|((place, _), _)| *place));
        let whos: Vec<Id> = list.iter().map(|((_, who), _)| Id(*who)).collect();
        query.bind(of).bind(at).bind(whos)
    });
    let (of, at) = rooms(&mut erased.into_iter());
    let query = query.bind(of).bind(at);
    let (of, at) = rooms(&mut mentions.keys().copied());
    let query = query.bind(of).bind(at);
    let each = || mentions.iter().flat_map(|(place, who)| who.iter().map(move |who| (*place, who)));
    let (of, at) = rooms(&mut each().map(|(place, _)| place));
    let who: Vec<String> = each().map(|(_, who)| who.0.clone()).collect();
    query.bind(of).bind(at).bind(who)
}
