//! The questions that the readers answer. Each in one statement: one round trip, one snapshot; but
//! for [`OwnReactionsQuery`], which says why.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

use maru_protocol::{
    Emoji, Entry, MAX_PINS, Message, MessageId, OwnReactions, RoomKey, RoomName, Seq, UserId,
};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::{
    change,
    reader::{AnswerFuture, Question, ReadError},
    renames::BY_NAME,
    row::{self, ENTRY_COLUMNS, ENTRY_WIDTH, Id, ROOM_COLUMNS},
};
use crate::journal::{
    MOST_HEADS, Page, PageRange, RoomId, RoomRecord,
    projections::state::{self, Current, MessageState},
    rows::{
        entries::{self, Decoder, MESSAGE, Unreadable},
        pages::{self, RowBounds},
    },
};

/// Whether the journal can be read.
pub(super) struct Probe;

impl Question for Probe {
    type Answer = ();

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, ()> {
        Box::pin(async move {
            conn.fetch_one("SELECT one FROM maru.meta").await?;
            Ok(())
        })
    }
}

/// How many rooms were ever made.
pub(super) struct RoomsMade;

impl Question for RoomsMade {
    type Answer = i64;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, i64> {
        Box::pin(
            async move { Ok(conn.fetch_one("SELECT rooms FROM maru.meta").await?.try_get(0)?) },
        )
    }
}

/// The room that has or had that name.
pub(super) struct RoomByKey(pub(super) RoomKey);

impl Question for RoomByKey {
    type Answer = Option<RoomRecord>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = format!("SELECT {ROOM_COLUMNS} FROM maru.rooms WHERE {BY_NAME}");
            match conn.fetch_optional(sqlx::query(AssertSqlSafe(sql)).bind(self.0.as_str())).await?
            {
                Some(found) => Ok(Some(row::room(&found)??)),
                None => Ok(None),
            }
        })
    }
}

/// A part of a room's log.
pub(super) struct PageQuery(pub(super) RoomId, pub(super) PageRange);

impl Question for PageQuery {
    type Answer = Page;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Page> {
        Box::pin(async move {
            let Self(room, range) = *self;
            let Read { page, .. } = page(conn, room, range, PageSql::default()).await?;
            Ok(pages::whole(room, range, page)?)
        })
    }
}

/// What else is asked with a page, in the terms of its statement: `$1` is the room, `$2` and `$3` are
/// the seqs that the page lies between, `$4` is its limit.
#[derive(Clone, Copy)]
pub(super) struct PageSql {
    /// Only entries for which that holds, too: `AND ...`.
    pub(super) condition: &'static str,
    /// Whether that is so, in the same snapshot.
    pub(super) whether: &'static str,
}

impl Default for PageSql {
    fn default() -> Self {
        Self { condition: "", whether: "false" }
    }
}

/// A page as it was read.
pub(super) struct Read {
    /// The room's.
    pub(super) name: RoomName,
    pub(super) page: Page,
    /// What was asked beside it.
    pub(super) is_so: bool,
}

/// Entries of a room.
pub(super) async fn page(
    conn: &mut PgConnection,
    room: RoomId,
    range: PageRange,
    PageSql { condition, whether }: PageSql,
) -> Result<Read, ReadError> {
    let RowBounds { from_end, above, below, limit } = pages::bounds(range);
    let order = if from_end { "DESC" } else { "ASC" };
    // What the room is about comes once, with the first entry.
    let sql = format!(
        "SELECT r.head, r.name,
                CASE WHEN lag(e.seq) OVER (ORDER BY e.seq) IS NULL THEN a.about END,
                ({whether}), {ENTRY_COLUMNS}, {NOW_COLUMNS}
           FROM maru.rooms AS r
           LEFT JOIN maru.abouts AS a ON a.room = r.id
           LEFT JOIN LATERAL (
             SELECT * FROM maru.entries AS e
               WHERE e.room = r.id AND e.seq > $2 AND e.seq < $3 {condition}
               ORDER BY e.seq {order} LIMIT $4) AS e ON true
           {NOW}
         WHERE r.id = $1 AND r.active_slot IS NOT NULL ORDER BY e.seq"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(room.0)
        .bind(entries::number(above))
        // The last number itself is below "anything".
        .bind(entries::number(below))
        .bind(i64::from(limit));
    let rows = conn.fetch_all(query).await?;
    let Some(first) = rows.first() else { return Err(ReadError::NoRoom(room.0)) };
    let head = entries::seq_of("head", first.try_get(0)?)?;
    let name: &str = first.try_get(1)?;
    let name = RoomName::parse(name).map_err(|why| Unreadable::of("name", why))?;
    let about = row::about(first.try_get(2)?)?;
    let is_so = first.try_get(3)?;
    let mut decoder = Decoder::new(&name);
    let entries = entries_of(&mut decoder, room, &rows, 4)?;
    Ok(Read { name, page: pages::of_all(range, entries, head, about), is_so })
}

/// What became of the message `e`, and what it answers: the columns that [`now`] reads, in its order.
pub(super) const NOW_COLUMNS: &str = "s.state, x.body, x.more,
    q.seq, q.at, q.sender, q.sender_name, coalesce(qx.body, q.body), qs.state";

/// Where they come from. Nearly all messages have neither, and cost one look at an index.
pub(super) const NOW: &str = "LEFT JOIN maru.states AS s ON s.room = e.room AND s.seq = e.seq
    LEFT JOIN maru.entries AS x ON x.room = s.room AND x.seq = s.edited
    LEFT JOIN maru.entries AS q
      ON q.room = e.room AND q.seq = CASE WHEN e.kind = 1 THEN e.target END AND q.kind = 1
    LEFT JOIN maru.states AS qs ON qs.room = q.room AND qs.seq = q.seq
    LEFT JOIN maru.entries AS qx ON qx.room = qs.room AND qx.seq = qs.edited";

fn now(row: &PgRow, first: usize) -> Result<Current, ReadError> {
    let state: Option<&str> = row.try_get(first)?;
    let (body, more): (Option<&str>, Option<&str>) =
        (row.try_get(first + 1)?, row.try_get(first + 2)?);
    let edit =
        body.map(|body| entries::text_of(body.as_bytes(), more.map(str::as_bytes))).transpose()?;
    let quote = match row.try_get::<Option<i64>, _>(first + 3)? {
        Some(_) => Some(change::subject(row, first + 3)??.quote()),
        None => None,
    };
    Ok(Current { state: state.map(state::parse).transpose()?, edit, quote })
}

/// The entries of a room in these rows, whose columns start at `first`.
fn entries_of(
    decoder: &mut Decoder<'_>,
    room: RoomId,
    rows: &[PgRow],
    first: usize,
) -> Result<Vec<Entry>, ReadError> {
    let entries = rows.iter().map(|row| entry_of(decoder, room, row, first));
    entries.filter_map(Result::transpose).collect()
}

/// The entry of a room in this row, whose columns start at `first`; none where an outer join found
/// none.
pub(super) fn entry_of(
    decoder: &mut Decoder<'_>,
    room: RoomId,
    row: &PgRow,
    first: usize,
) -> Result<Option<Entry>, ReadError> {
    let Some(stored) = row::stored(row, first, room)?? else { return Ok(None) };
    let now = match stored.kind {
        MESSAGE => now(row, first + ENTRY_WIDTH)?,
        _ => Current::default(),
    };
    Ok(Some(decoder.entry(&stored, now)?))
}

/// A message by its id, or by that of an entry that changed it.
pub(super) struct Locate(pub(super) RoomId, pub(super) MessageId);

impl Question for Locate {
    type Answer = Option<Seq>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = "SELECT kind::bigint, seq, target FROM maru.entries
                       WHERE id = $1 AND room = $2";
            let query = sqlx::query(sql).bind(Id(self.1.0)).bind(self.0.0);
            let Some(row) = conn.fetch_optional(query).await? else { return Ok(None) };
            let seq = entries::seq_of("seq", row.try_get(1)?)?;
            Ok(entries::message_of(row.try_get(0)?, seq, row.try_get(2)?)?)
        })
    }
}

/// What a room holds up.
pub(super) struct Pinned(pub(super) RoomId);

impl Question for Pinned {
    type Answer = Vec<Message>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let room = self.0;
            let sql = format!(
                "SELECT r.name, {ENTRY_COLUMNS}, {NOW_COLUMNS}
                   FROM maru.rooms AS r
                   LEFT JOIN maru.abouts AS a ON a.room = r.id
                   LEFT JOIN LATERAL (
                     SELECT * FROM json_array_elements_text(a.about::json -> 'pins')
                       WITH ORDINALITY AS p (seq, place) LIMIT {MAX_PINS}) AS p ON true
                   LEFT JOIN maru.entries AS e ON e.room = r.id AND e.seq = p.seq::bigint
                   {NOW}
                 WHERE r.id = $1 AND r.active_slot IS NOT NULL ORDER BY p.place"
            );
            let rows = conn.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(room.0)).await?;
            let Some(first) = rows.first() else { return Err(ReadError::NoRoom(room.0)) };
            let name: &str = first.try_get(0)?;
            let name = RoomName::parse(name).map_err(|why| Unreadable::of("name", why))?;
            let entries = entries_of(&mut Decoder::new(&name), room, &rows, 1)?;
            let message = |entry| match entry {
                Entry::Message(message) => Some(message),
                _ => None,
            };
            Ok(entries.into_iter().filter_map(message).collect())
        })
    }
}

/// What somebody put on messages.
pub(super) struct OwnReactionsQuery {
    pub(super) room: RoomId,
    pub(super) person: UserId,
    pub(super) targets: Vec<Seq>,
}

impl Question for OwnReactionsQuery {
    type Answer = (Seq, Vec<OwnReactions>);

    /// Two statements: who is not listed may be of a later moment, as nobody is promised otherwise.
    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let Self { room, person, targets } = self;
            let seqs: Vec<i64> = targets.iter().map(|seq| entries::number(*seq)).collect();
            let sql = "SELECT r.head, s.seq, s.state FROM maru.rooms AS r
                       LEFT JOIN maru.states AS s ON s.room = r.id AND s.seq = ANY($2)
                       WHERE r.id = $1 AND r.active_slot IS NOT NULL";
            let rows = conn.fetch_all(sqlx::query(sql).bind(room.0).bind(seqs)).await?;
            let Some(first) = rows.first() else { return Err(ReadError::NoRoom(room.0)) };
            let head = entries::seq_of("head", first.try_get(0)?)?;
            let mut states = HashMap::with_capacity(rows.len());
            for row in &rows {
                if let Some(seq) = row.try_get(1)? {
                    let state = state::parse(row.try_get(2)?)?;
                    states.insert(entries::seq_of("seq", seq)?, state);
                }
            }
            let hidden = unlisted(conn, *room, person, &states).await?;
            let own = |&target: &Seq| {
                let state = states.get(&target)?;
                let known = |emoji: &Emoji| {
                    let key = state::reaction_key(emoji, person);
                    Ok::<_, Infallible>(hidden.contains(&(target, key)))
                };
                let Ok(emoji) = state.own_reactions(person, known);
                (!emoji.is_empty()).then_some(OwnReactions { target, emoji })
            };
            Ok((head, targets.iter().filter_map(own).collect()))
        })
    }
}

/// Those reactions of a person that these messages don't list.
async fn unlisted(
    conn: &mut PgConnection,
    room: RoomId,
    person: &UserId,
    states: &HashMap<Seq, MessageState>,
) -> Result<HashSet<(Seq, [u8; 16])>, ReadError> {
    let (mut seqs, mut keys) = (Vec::new(), Vec::new());
    for (seq, state) in states {
        // Notes what it is asked for, and says no.
        let mut ask = |emoji: &Emoji| {
            seqs.push(entries::number(*seq));
            keys.push(Id(Uuid::from_bytes(state::reaction_key(emoji, person))));
            Ok::<_, Infallible>(false)
        };
        let Ok(_) = state.own_reactions(person, &mut ask);
    }
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = "SELECT u.seq, u.who
                 FROM unnest($2::bigint[], $3::uuid[]) AS asked (seq, who)
                 JOIN maru.unlisted AS u
                   ON u.room = $1 AND u.seq = asked.seq AND u.who = asked.who";
    let query = sqlx::query(sql).bind(room.0).bind(seqs).bind(keys);
    let mut found = HashSet::new();
    for row in conn.fetch_all(query).await? {
        let seq = entries::seq_of("seq", row.try_get(0)?)?;
        found.insert((seq, row.try_get::<Id, _>(1)?.0.into_bytes()));
    }
    Ok(found)
}

/// The newest seqs of rooms.
pub(super) struct HeadsQuery(pub(super) Vec<RoomId>);

impl Question for HeadsQuery {
    type Answer = Vec<(RoomId, Seq)>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let asked: Vec<i64> = self.0.iter().take(MOST_HEADS).map(|room| room.0).collect();
            // Joined, as a room that is asked for twice is answered twice.
            let sql = "SELECT r.id, r.head FROM unnest($1::bigint[]) AS asked (id)
                       JOIN maru.rooms AS r ON r.id = asked.id AND r.active_slot IS NOT NULL";
            let rows = conn.fetch_all(sqlx::query(sql).bind(asked)).await?;
            let head = |row: &sqlx::postgres::PgRow| {
                Ok((RoomId(row.try_get(0)?), entries::seq_of("head", row.try_get(1)?)?))
            };
            rows.iter().map(head).collect()
        })
    }
}
