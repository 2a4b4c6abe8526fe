//! Who goes by which name in a room, in the database.

use std::collections::HashSet;

use maru_protocol::{DisplayName, RoomName, Skeletons, User, UserId};
use sqlx::{Error, Executor as _, PgConnection, Row as _};

use super::reader::{AnswerFuture, Question};
use crate::journal::{
    MOST_SWEPT, MemberPlace, NameHolder, NamePlace, RoomId, Swept, projections::marks::guests_made,
    sqlite::ExportedName,
};

/// The advisory locks under which names change hands, one for each room: "name". Whoever asks for a
/// name has to see who has it; two nodes that asked at once would both see nobody.
const LOCK: i32 = 0x6E61_6D65;

/// Who holds a name that looks like this one.
pub(super) struct Holders(pub(super) RoomId, pub(super) Skeletons);

impl Question for Holders {
    type Answer = Vec<NameHolder>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Self::Answer> {
        Box::pin(async move {
            let sql = "SELECT DISTINCT person, spoke FROM maru.held_names
                       WHERE room = $1 AND look = ANY($2)";
            let query = sqlx::query(sql).bind(self.0.0).bind(self.1.keys().to_vec());
            let rows = conn.fetch_all(query).await?;
            let holder = |row: &sqlx::postgres::PgRow| {
                Ok(NameHolder { person: UserId(row.try_get(0)?), spoke: row.try_get(1)? })
            };
            rows.iter().map(holder).collect()
        })
    }
}

/// Somebody is about to speak. Asked twice, as after a connection that broke, it comes to the same.
pub(super) struct Hold(pub(super) RoomId, pub(super) User);

impl Question for Hold {
    type Answer = bool;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, bool> {
        Box::pin(async move {
            let Self(room, user) = self;
            // U+0000 can't be kept: whose id has it is in no room.
            if user.id.0.contains('\0') {
                return Ok(false);
            }
            conn.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?;
            let mut claims = Claims::default();
            claims.add(*room, user, true);
            let held = claims.settle(conn).await;
            conn.execute(if held.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
            Ok(held? > 0)
        })
    }
}

/// People who ask for names, column by column, two looks each.
#[derive(Default)]
pub(super) struct Claims<'a> {
    rooms: Vec<i64>,
    looks: Vec<String>,
    people: Vec<&'a str>,
    spoke: Vec<bool>,
    taken: HashSet<(i64, String)>,
}

impl<'a> Claims<'a> {
    /// Of those who ask here for one name, the first one may get it.
    pub(super) fn add(&mut self, room: RoomId, user: &'a User, spoke: bool) {
        let looks = user.name.skeletons().keys();
        if looks.iter().any(|look| self.taken.contains(&(room.0, look.clone()))) {
            return;
        }
        for look in looks {
            self.taken.insert((room.0, look.clone()));
            self.rooms.push(room.0);
            self.looks.push(look);
            self.people.push(&user.id.0);
            self.spoke.push(spoke);
        }
    }

    /// Gives those names to who asks that nobody else has, in place of their old ones, inside of a
    /// transaction. Says how many people got one.
    pub(super) async fn settle(self, conn: &mut PgConnection) -> Result<u64, Error> {
        if self.rooms.is_empty() {
            return Ok(0);
        }
        let lock = "SELECT pg_advisory_xact_lock($1, room) FROM
                      (SELECT DISTINCT (asked % 2147483647)::int AS room
                         FROM unnest($2::bigint[]) AS asked ORDER BY room) AS rooms";
        conn.fetch_all(sqlx::query(lock).bind(LOCK).bind(&self.rooms)).await?;
        let query = sqlx::query(
            "WITH asked AS (
               SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[])
                 AS asked (room, look, person, spoke)),
             free AS (
               SELECT * FROM asked WHERE NOT EXISTS (
                 SELECT 1 FROM asked AS own
                   JOIN maru.held_names AS held ON held.room = own.room AND held.look = own.look
                   WHERE own.room = asked.room AND own.person = asked.person
                     AND held.person <> own.person)),
             gone AS (
               DELETE FROM maru.held_names AS held USING (SELECT DISTINCT room, person FROM free) AS f
                 WHERE held.room = f.room AND held.person = f.person
                   AND held.look <> ALL (SELECT look FROM free
                     WHERE free.room = f.room AND free.person = f.person)
                 RETURNING held.room, held.person, held.spoke)
             INSERT INTO maru.held_names AS held (room, look, person, spoke)
               SELECT room, look, person, spoke OR EXISTS (
                   SELECT 1 FROM gone WHERE gone.room = free.room AND gone.person = free.person
                     AND gone.spoke)
                 FROM free
               ON CONFLICT (room, look) DO UPDATE SET spoke = held.spoke OR excluded.spoke",
        )
        .bind(self.rooms)
        .bind(self.looks)
        .bind(self.people)
        .bind(self.spoke);
        // Two looks each; both may be one look of an older name, and then they are two all the same.
        Ok(conn.execute(query).await?.rows_affected() / 2)
    }
}

/// Who only read gives the name back.
pub(super) async fn release_unspoken(
    conn: &mut PgConnection,
    rooms: &[i64],
    people: &[&str],
) -> Result<(), Error> {
    let query = sqlx::query(
        "DELETE FROM maru.held_names AS held USING unnest($1::bigint[], $2::text[]) AS l (room, person)
           WHERE held.room = l.room AND held.person = l.person AND NOT held.spoke",
    );
    conn.execute(query.bind(rooms).bind(people)).await.map(drop)
}

/// See [`crate::journal::Names::sweep`]. Asked twice, it forgets the rest.
pub(super) struct Sweep(pub(super) MemberPlace, pub(super) u64);

impl Question for Sweep {
    type Answer = Swept;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Swept> {
        Box::pin(async move {
            let Self(from, before) = self;
            let query = sqlx::query(
                "WITH seen AS (
                   SELECT room, person, at FROM maru.members WHERE (room, person) > ($1, $2)
                     ORDER BY room, person LIMIT $4),
                 silent AS (
                   DELETE FROM maru.members AS m USING seen
                     WHERE m.room = seen.room AND m.person = seen.person AND m.at < $3
                       AND starts_with(m.person, $5) AND NOT EXISTS (
                         SELECT 1 FROM maru.held_names AS h
                           WHERE h.room = m.room AND h.person = m.person AND h.spoke)
                     RETURNING m.room, m.person),
                 names AS (
                   DELETE FROM maru.member_names AS n USING silent
                     WHERE n.room = silent.room AND n.person = silent.person),
                 held AS (
                   DELETE FROM maru.held_names AS h USING silent
                     WHERE h.room = silent.room AND h.person = silent.person)
                 SELECT (SELECT count(*) FROM silent), (SELECT count(*) FROM seen),
                        last.room, last.person
                   FROM (VALUES (1)) AS one (one) LEFT JOIN
                     (SELECT room, person FROM seen ORDER BY room DESC, person DESC LIMIT 1) AS last
                     ON true",
            )
            .bind(from.room)
            .bind(&from.person)
            .bind(i64::try_from(*before).unwrap_or(i64::MAX))
            .bind(i64::from(MOST_SWEPT))
            .bind(UserId::GUEST);
            let row = conn.fetch_one(query).await?;
            let (forgotten, seen): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (room, person): (Option<i64>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
            let last = room.zip(person).map(|(room, person)| MemberPlace { room, person });
            let next = last.filter(|_| seen == i64::from(MOST_SWEPT));
            Ok(Swept { forgotten: forgotten.cast_unsigned(), next })
        })
    }
}

/// See [`crate::journal::Names::release_ended`]. Asked twice, it frees the rest.
pub(super) struct ReleaseEnded(pub(super) NamePlace, pub(super) u64);

impl Question for ReleaseEnded {
    type Answer = Swept<NamePlace>;

    fn put<'c>(&'c self, conn: &'c mut PgConnection) -> AnswerFuture<'c, Swept<NamePlace>> {
        Box::pin(async move {
            let Self(from, before) = self;
            // Ids are compared by bytes, whatever the database sorts by.
            let query = sqlx::query(
                r#"WITH seen AS (
                   SELECT room, look, person FROM maru.held_names WHERE (room, look) > ($1, $2)
                     ORDER BY room, look LIMIT $5),
                 freed AS (
                   DELETE FROM maru.held_names AS h USING
                       (SELECT DISTINCT room, person FROM seen) AS s
                     WHERE h.room = s.room AND h.person = s.person
                       AND ((h.person COLLATE "C" >= $3 AND h.person COLLATE "C" < $4)
                         OR EXISTS (SELECT 1 FROM maru.sign_outs AS o WHERE o.person = h.person))
                     RETURNING h.room)
                 SELECT (SELECT count(*) FROM freed), (SELECT count(*) FROM seen),
                        last.room, last.look
                   FROM (VALUES (1)) AS one (one) LEFT JOIN
                     (SELECT room, look FROM seen ORDER BY room DESC, look DESC LIMIT 1) AS last
                     ON true"#,
            )
            .bind(from.room)
            .bind(&from.look)
            .bind(UserId::GUEST)
            .bind(guests_made(*before))
            .bind(i64::from(MOST_SWEPT));
            let row = conn.fetch_one(query).await?;
            let (freed, seen): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (room, look): (Option<i64>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
            let last = room.zip(look).map(|(room, look)| NamePlace { room, look });
            let next = last.filter(|_| seen == i64::from(MOST_SWEPT));
            Ok(Swept { forgotten: freed.cast_unsigned(), next })
        })
    }
}

/// Rows of [`backfill`] at once.
const STRIDE: i64 = 1_000;

/// Fills the tables from what is there, inside of the transaction that makes them. Of rooms and
/// members of before whose names look alike, the one who came first has the look: ids of guests are
/// ordered by time. Members count as having spoken, as nobody knows.
pub(super) async fn backfill(conn: &mut PgConnection) -> Result<(), Error> {
    let mut after = 0_i64;
    loop {
        let sql = "SELECT id, name FROM maru.rooms WHERE id > $1 ORDER BY id LIMIT $2";
        let query = sqlx::query(sql).persistent(false).bind(after).bind(STRIDE);
        let rows = conn.fetch_all(query).await?;
        let (mut looks, mut ids) = (Vec::new(), Vec::new());
        for row in &rows {
            after = row.try_get(0)?;
            // What can't be read is `verify`'s to say.
            let Ok(name) = RoomName::parse(row.try_get(1)?) else { continue };
            looks.extend(name.skeletons().keys());
            ids.extend([after, after]);
        }
        keep_looks(conn, &looks, &ids).await?;
        if rows.is_empty() {
            break;
        }
    }
    let mut last = MemberPlace::default();
    loop {
        let sql = "SELECT room, person, name FROM maru.members WHERE (room, person) > ($1, $2)
                   ORDER BY room, person LIMIT $3";
        let query = sqlx::query(sql).persistent(false).bind(last.room).bind(&last.person);
        let rows = conn.fetch_all(query.bind(STRIDE)).await?;
        let mut members = Vec::with_capacity(rows.len());
        for row in &rows {
            last = MemberPlace { room: row.try_get(0)?, person: row.try_get(1)? };
            let Ok(name) = DisplayName::parse(row.try_get(2)?) else { continue };
            members.push((RoomId(last.room), User { id: UserId(last.person.clone()), name }));
        }
        let mut claims = Claims::default();
        members.iter().for_each(|(room, user)| claims.add(*room, user, true));
        claims.settle(conn).await?;
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Names as they are, in one statement: `migrate` copies them.
pub(super) async fn import(
    conn: &mut PgConnection,
    room: RoomId,
    names: &[ExportedName],
) -> Result<(), Error> {
    let column = |of: fn(&ExportedName) -> &str| -> Vec<&str> { names.iter().map(of).collect() };
    let query = sqlx::query(
        "INSERT INTO maru.held_names (room, look, person, spoke)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[])",
    )
    .bind(room.0)
    .bind(column(|name| &name.look))
    .bind(column(|name| &name.person))
    .bind(names.iter().map(|name| name.spoke).collect::<Vec<_>>());
    conn.execute(query).await.map(drop)
}

/// What rooms look like; who has a look already keeps it.
pub(super) async fn keep_looks(
    conn: &mut PgConnection,
    looks: &[String],
    rooms: &[i64],
) -> Result<(), Error> {
    let query = sqlx::query(
        "INSERT INTO maru.room_looks (look, room)
           SELECT DISTINCT ON (look) look, room FROM unnest($1::text[], $2::bigint[]) AS new (look, room)
             ORDER BY look, room
           ON CONFLICT DO NOTHING",
    );
    conn.execute(query.persistent(false).bind(looks).bind(rooms)).await.map(drop)
}
