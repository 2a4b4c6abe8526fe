//! The tables, and the steps that bring an older journal up to date.
//!
//! They lie in a schema of their own, `maru`, and every statement names it: no `search_path` decides
//! what is meant, and another program's tables in the same database are never taken for ours.

use maru_protocol::Epoch;
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, Row};
use uuid::Uuid;

use super::{names, row::Id};
use crate::journal::integrity::chain::Root;

/// Each brings a journal from the version of its place in the list to the next. A step that has
/// been released is never changed.
const STEPS: &[&str] = &[
    THE_LOG,
    A_ROOT_OF_ITS_OWN,
    WHAT_BECOMES_OF_MESSAGES,
    MARKERS,
    THE_FILES,
    NAMES_AND_LOOKS,
    SIGN_OUTS,
    EMPTY_ROOMS_LAST,
    REMOVED_ROOMS,
    READING_BY_MESSAGES,
    RENAMED_ROOMS,
];

/// The version that has what names look like, which is not computed in SQL.
const WITH_LOOKS: i32 = 6;

/// The version that this server reads and writes.
#[allow(clippy::cast_possible_truncation)] // of a handful
pub(super) const VERSION: i32 = STEPS.len() as i32;

/// The advisory lock under which the steps run: "maru".
const LOCK: i64 = 0x6D61_7275;

/// What a database turns out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No schema `maru`, or an empty one.
    Empty,
    /// A journal.
    Journal(Meta),
    /// A schema of some other program.
    Foreign,
}

/// What a journal says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) version: i32,
    pub(super) epoch: Epoch,
    /// What its chains start from.
    pub(super) root: Root,
    /// `migrate` is filling it.
    pub(super) copying: bool,
}

/// Version 1: the epoch, the rooms, their entries, as in SQLite's file.
///
/// `meta.rooms` counts the rooms ever made; their ids run from 1 to it, so a lost one is noticed. An
/// identity column would leave holes that nobody could tell from losses.
/// `entries` has no foreign key: whoever appends has locked the room's row, and the check of each
/// row would cost more than its insertion. `verify` finds strays.
/// `entries_id` is what makes a retry safe for ever; ids rise with time (version 7 of RFC 9562), so
/// what is committed together lands on the same page of it.
/// `active_slot` is `active_at` in steps of 16 seconds, and the directory's order is kept by it: a room
/// that is spoken in keeps its slot nearly always, so that no index has to learn of it and Postgres
/// clears the row's old versions away by itself, in the free space that its page has for it.
/// Texts are compared by their bytes ("C"): faster, and a new version of the system's locales can't
/// turn an index wrong.
const THE_LOG: &str = r#"
    CREATE TABLE maru.meta (
      one     smallint PRIMARY KEY CHECK (one = 1),
      version integer NOT NULL,
      epoch   uuid NOT NULL,
      rooms   bigint NOT NULL,
      copying boolean NOT NULL
    );
    CREATE TABLE maru.rooms (
      id          bigint PRIMARY KEY,
      key         text COLLATE "C" NOT NULL UNIQUE,
      name        text COLLATE "C" NOT NULL,
      created_at  bigint NOT NULL,
      head        bigint NOT NULL,
      active_at   bigint NOT NULL,
      active_slot bigint NOT NULL GENERATED ALWAYS AS (active_at >> 14) STORED,
      sum         bytea NOT NULL CHECK (octet_length(sum) = 16)
    ) WITH (fillfactor = 50);
    CREATE INDEX rooms_active ON maru.rooms (active_slot);
    CREATE TABLE maru.entries (
      room        bigint NOT NULL,
      seq         bigint NOT NULL,
      at          bigint NOT NULL,
      id          uuid NOT NULL,
      kind        smallint NOT NULL,
      sender      text COLLATE "C" NOT NULL,
      sender_name text COLLATE "C" NOT NULL,
      body        text COLLATE "C" NOT NULL,
      sum         bytea NOT NULL CHECK (octet_length(sum) = 16),
      PRIMARY KEY (room, seq)
    );
    CREATE UNIQUE INDEX entries_id ON maru.entries (id, room);
"#;

/// Version 2: what the checksums start from stands beside the epoch. Before, it was the epoch, which
/// could not be renewed for that.
const A_ROOT_OF_ITS_OWN: &str = "
    ALTER TABLE maru.meta ADD COLUMN root uuid;
    UPDATE maru.meta SET root = epoch;
    ALTER TABLE maru.meta ALTER COLUMN root SET NOT NULL;
";

/// Version 3: entries that change older ones, as in version 5 of SQLite's file.
///
/// `states.edited` is the entry that has a message's text, for the join. A state is written again
/// with each change of its message: its page keeps room for that.
const WHAT_BECOMES_OF_MESSAGES: &str = r#"
    ALTER TABLE maru.entries ADD COLUMN target bigint, ADD COLUMN more text COLLATE "C";
    CREATE INDEX entries_target ON maru.entries (room, target, kind) WHERE target IS NOT NULL;
    CREATE TABLE maru.states (
      room   bigint NOT NULL,
      seq    bigint NOT NULL,
      edited bigint,
      state  text COLLATE "C" NOT NULL,
      PRIMARY KEY (room, seq)
    ) WITH (fillfactor = 70);
    CREATE TABLE maru.unlisted (
      room bigint NOT NULL,
      seq  bigint NOT NULL,
      who  uuid NOT NULL,
      PRIMARY KEY (room, seq, who)
    );
    CREATE TABLE maru.abouts (
      room  bigint PRIMARY KEY,
      about text COLLATE "C" NOT NULL
    );
"#;

/// Version 4: how far people have read, by whom they are found, and in which messages they are
/// mentioned, as in SQLite's file. A marker moves on without any index learning of it.
const MARKERS: &str = r#"
    CREATE TABLE maru.members (
      room   bigint NOT NULL,
      person text COLLATE "C" NOT NULL,
      name   text COLLATE "C" NOT NULL,
      read   bigint NOT NULL,
      at     bigint NOT NULL,
      PRIMARY KEY (room, person)
    ) WITH (fillfactor = 70);
    CREATE TABLE maru.member_names (
      room      bigint NOT NULL,
      beginning text COLLATE "C" NOT NULL,
      person    text COLLATE "C" NOT NULL,
      PRIMARY KEY (room, beginning, person)
    );
    CREATE TABLE maru.mentions (
      person text COLLATE "C" NOT NULL,
      room   bigint NOT NULL,
      seq    bigint NOT NULL,
      PRIMARY KEY (person, room, seq)
    );
    CREATE INDEX mentions_of ON maru.mentions (room, seq);
"#;

/// Version 5: the files that people upload, from the first byte until the last one is removed; as in
/// SQLite's file.
const THE_FILES: &str = r#"
    CREATE TABLE maru.files (
      id         uuid PRIMARY KEY,
      room       bigint NOT NULL,
      owner      text COLLATE "C" NOT NULL,
      state      smallint NOT NULL CHECK (state BETWEEN 0 AND 2),
      at         bigint NOT NULL,
      name       text COLLATE "C" NOT NULL,
      media_type text COLLATE "C" NOT NULL,
      size       bigint NOT NULL,
      width      bigint,
      height     bigint,
      seq        bigint
    );
    CREATE INDEX files_loose ON maru.files (state, at) WHERE seq IS NULL;
    CREATE INDEX files_sent ON maru.files (room, seq) WHERE seq IS NOT NULL;
    CREATE INDEX files_owner ON maru.files (owner, at);
"#;

/// Version 6: who goes by which name in a room, and what the rooms' names look like, as in SQLite's
/// file.
const NAMES_AND_LOOKS: &str = r#"
    CREATE TABLE maru.held_names (
      room   bigint NOT NULL,
      look   text COLLATE "C" NOT NULL,
      person text COLLATE "C" NOT NULL,
      spoke  boolean NOT NULL,
      PRIMARY KEY (room, look)
    );
    CREATE INDEX held_names_of ON maru.held_names (room, person);
    CREATE TABLE maru.room_looks (
      look text COLLATE "C" PRIMARY KEY,
      room bigint NOT NULL
    );
"#;

/// Version 7: who was signed out everywhere, and when last; as in SQLite's file.
const SIGN_OUTS: &str = r#"
    CREATE TABLE maru.sign_outs (
      person text COLLATE "C" PRIMARY KEY,
      at     bigint NOT NULL
    );
"#;

/// Version 8: rooms without an entry come last in the directory (see `rows::directory`). A room without
/// a slot is in no directory.
const EMPTY_ROOMS_LAST: &str = "
    ALTER TABLE maru.rooms DROP COLUMN active_slot;
    ALTER TABLE maru.rooms ADD COLUMN active_slot bigint GENERATED ALWAYS AS (
      CASE WHEN name = '' THEN NULL WHEN head > 0 THEN active_at >> 14
        ELSE (-9223372036854775807 - 1) + active_at END
    ) STORED;
    CREATE INDEX rooms_active ON maru.rooms (active_slot);
";

/// Version 9: rooms that were removed and whose rows are not all erased yet, as in SQLite's file.
const REMOVED_ROOMS: &str = "CREATE TABLE maru.removals (room bigint PRIMARY KEY);";

/// Version 10: what is read by messages skips what lies between them, as in version 12 of SQLite's
/// file.
///
/// `states.changed` is read off the state's text, where it stands first: so a server of the version
/// before, which knows nothing of it, may still write there.
const READING_BY_MESSAGES: &str = r#"
    CREATE INDEX entries_said ON maru.entries (room, seq)
      WHERE kind = 1 AND (body <> '' OR more IS NOT NULL);
    CREATE INDEX entries_noted ON maru.entries (room, seq)
      WHERE kind IN (2, 3, 5, 6) OR (kind = 1 AND body = '' AND more IS NULL);
    ALTER TABLE maru.states ADD COLUMN changed bigint
      GENERATED ALWAYS AS (substring(state FROM '^\{"changed":([0-9]+)')::bigint) STORED;
    CREATE INDEX states_changed ON maru.states (room, changed);
"#;

/// Version 11: names that rooms had, which lead to them, as in version 13 of SQLite's file.
const RENAMED_ROOMS: &str = r#"
    ALTER TABLE maru.meta ADD COLUMN renames bigint NOT NULL DEFAULT 0;
    ALTER TABLE maru.rooms ADD COLUMN first_key text COLLATE "C", ADD COLUMN renamed bigint;
    CREATE INDEX rooms_renamed ON maru.rooms (renamed) WHERE renamed IS NOT NULL;
    CREATE TABLE maru.former_names (
      key  text COLLATE "C" PRIMARY KEY,
      name text COLLATE "C" NOT NULL,
      room bigint NOT NULL
    );
    CREATE INDEX former_names_of ON maru.former_names (room);
    CREATE INDEX room_looks_of ON maru.room_looks (room);
"#;

/// Looks at what is there; changes nothing.
pub(super) async fn kind(conn: &mut PgConnection) -> Result<Kind, Error> {
    let sql = "SELECT
        (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('maru')),
        (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('maru.meta')
           AND NOT attisdropped AND attname IN ('one', 'version', 'epoch', 'rooms', 'copying'))";
    let row = conn.fetch_one(sqlx::query(sql).persistent(false)).await?;
    match (row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?) {
        (0, _) => Ok(Kind::Empty),
        (_, 5) => meta(conn).await.map(|meta| meta.map_or(Kind::Foreign, Kind::Journal)),
        _ => Ok(Kind::Foreign),
    }
}

async fn meta(conn: &mut PgConnection) -> Result<Option<Meta>, Error> {
    // In version 1 there is no column of that name, and the epoch is the root.
    let sql = "SELECT version, epoch, copying, coalesce((to_jsonb(meta) ->> 'root')::uuid, epoch)
               FROM maru.meta AS meta";
    let Some(row) = conn.fetch_optional(sqlx::query(sql).persistent(false)).await? else {
        return Ok(None);
    };
    Ok(Some(Meta {
        version: row.try_get(0)?,
        epoch: Epoch(row.try_get::<Id, _>(1)?.0),
        copying: row.try_get(2)?,
        root: Root(row.try_get::<Id, _>(3)?.0),
    }))
}

/// What a journal that is not there yet is made with.
#[derive(Clone, Copy)]
pub(super) struct Birth {
    pub(super) epoch: Epoch,
    pub(super) root: Root,
    /// It is to be filled by `migrate`.
    pub(super) copying: bool,
}

impl Birth {
    pub(super) fn fresh() -> Self {
        let made = Uuid::now_v7();
        Self { epoch: Epoch(made), root: Root(made), copying: false }
    }
}

/// Runs the steps that are missing, all in one transaction: of several nodes that start at once, one
/// does it and the others find it done. Answers what is there then, foreign or newer as it may be.
pub(super) async fn bring_up(conn: &mut PgConnection, birth: Birth) -> Result<Kind, Error> {
    match kind(conn).await? {
        Kind::Journal(meta) if meta.version >= VERSION => return Ok(Kind::Journal(meta)),
        Kind::Foreign => return Ok(Kind::Foreign),
        Kind::Journal(_) | Kind::Empty => {}
    }
    let lock = format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})");
    conn.execute(AssertSqlSafe(lock)).await?;
    let version = match kind(conn).await? {
        Kind::Empty => 0,
        Kind::Journal(meta) if meta.version < VERSION => meta.version,
        done => {
            conn.execute("COMMIT").await?;
            return Ok(done);
        }
    };
    conn.execute(AssertSqlSafe(script(version, birth))).await?;
    if version < WITH_LOOKS {
        names::backfill(conn).await?;
    }
    conn.execute("COMMIT").await?;
    kind(conn).await
}

/// The steps from `version` on, as one text, inside of a transaction.
fn script(version: i32, birth: Birth) -> String {
    // A step over a long table takes its time.
    let mut sql = "SET LOCAL statement_timeout = 0;".to_owned();
    if version == 0 {
        // IF NOT EXISTS asks for the right to make it even where it is there already.
        sql.push_str(
            "DO $$ BEGIN
               IF to_regnamespace('maru') IS NULL THEN CREATE SCHEMA maru; END IF;
             END $$;",
        );
    }
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        sql.push_str(step);
    }
    let Birth { epoch: Epoch(epoch), root: Root(root), copying } = birth;
    sql.push_str(&if version == 0 {
        format!(
            "INSERT INTO maru.meta (one, version, epoch, root, rooms, copying)
             VALUES (1, {VERSION}, '{epoch}', '{root}', 0, {copying});"
        )
    } else {
        format!("UPDATE maru.meta SET version = {VERSION};")
    });
    sql
}
