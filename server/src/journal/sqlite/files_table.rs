//! The table of files: the reader's questions, and the writer's changes.

use maru_protocol::{FileId, Seq, UserId};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::reader::ReadError;
use crate::journal::{
    Append, FileFacts, FileRecord, MOST_FILES, NewFile, RoomId,
    projections::files::{DOOMED, FileRow, FileWork, INCOMING, WHOLE, signed},
    rows::entries::number,
};

/// The columns of a [`FileRow`], in its order.
pub(super) const COLUMNS: &str = "id, room, owner, name, media_type, size, width, height, seq";

pub(super) fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: Uuid::from_bytes(row.get(0)?),
        room: row.get(1)?,
        owner: row.get(2)?,
        name: row.get(3)?,
        media_type: row.get(4)?,
        size: row.get(5)?,
        width: row.get(6)?,
        height: row.get(7)?,
        seq: row.get(8)?,
    })
}

pub(super) fn find(conn: &Connection, ids: &[FileId]) -> Result<Vec<FileRecord>, ReadError> {
    let sql = format!("SELECT {COLUMNS} FROM files WHERE id = ?1 AND state = {WHOLE}");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for id in ids.iter().take(MOST_FILES) {
        for read in statement.query_map([id.0.as_bytes()], row)? {
            found.push(read?.record()?);
        }
    }
    Ok(found)
}

pub(super) fn uploaded_since(conn: &Connection, owner: &UserId, at: u64) -> Result<u64, ReadError> {
    let sql = "SELECT coalesce(sum(size), 0) FROM files WHERE owner = ?1 AND at >= ?2";
    let bytes: i64 =
        conn.prepare_cached(sql)?.query_row(params![owner.0, signed(at)], |row| row.get(0))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

pub(super) fn doomed(conn: &Connection, most: u32) -> Result<Vec<FileId>, ReadError> {
    let sql =
        format!("SELECT id FROM files WHERE state = {DOOMED} AND seq IS NULL ORDER BY at LIMIT ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let ids = statement.query_map([most], |row| Ok(FileId(Uuid::from_bytes(row.get(0)?))))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Whether an append may take the files that it carries.
pub(super) fn are_free(conn: &Connection, append: &Append) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT 1 FROM files
         WHERE id = ?1 AND room = ?2 AND owner = ?3 AND state = {WHOLE} AND seq IS NULL"
    );
    for file in append.what.files() {
        let of = params![file.id.0.as_bytes(), append.room.0, append.sender.id.0];
        if !conn.prepare_cached(&sql)?.exists(of)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An append takes its files.
pub(super) fn take(conn: &Connection, append: &Append, seq: Seq) -> rusqlite::Result<()> {
    for file in append.what.files() {
        conn.prepare_cached("UPDATE files SET seq = ?2 WHERE id = ?1")?
            .execute(params![file.id.0.as_bytes(), number(seq)])?;
    }
    Ok(())
}

/// What a message carried is for nobody any more; its name was said, and goes with what was said.
pub(super) fn doom_of(conn: &Connection, room: RoomId, seq: Seq) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE files SET state = {DOOMED}, seq = NULL, name = '' WHERE room = ?1 AND seq = ?2"
    );
    conn.prepare_cached(&sql)?.execute(params![room.0, number(seq)]).map(drop)
}

/// Makes a change within the writer's transaction; returns how many rows it is about.
pub(super) fn change(conn: &Connection, work: &FileWork) -> rusqlite::Result<u64> {
    let count = match work {
        FileWork::Begin(file) => begin(conn, file)?,
        FileWork::Finish(id, facts) => finish(conn, *id, facts)?,
        FileWork::DoomUnsent { before, most } => {
            let sql = format!(
                "UPDATE files SET state = {DOOMED} WHERE id IN (
                   SELECT id FROM files
                     WHERE seq IS NULL AND state < {DOOMED} AND at < ?1 ORDER BY state, at LIMIT ?2)"
            );
            conn.prepare_cached(&sql)?.execute(params![signed(*before), most])?
        }
        FileWork::Forget(ids) => {
            let mut statement =
                conn.prepare_cached("DELETE FROM files WHERE id = ?1 AND seq IS NULL")?;
            let mut count = 0;
            for id in ids {
                count += statement.execute([id.0.as_bytes()])?;
            }
            count
        }
    };
    Ok(count as u64)
}

fn begin(conn: &Connection, file: &NewFile) -> rusqlite::Result<usize> {
    let sql = format!(
        "INSERT INTO files (id, room, owner, name, at, size, media_type, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', {INCOMING}) ON CONFLICT (id) DO NOTHING"
    );
    conn.prepare_cached(&sql)?.execute(params![
        file.id.0.as_bytes(),
        file.room.0,
        file.owner.0,
        file.name.as_str(),
        signed(file.at),
        signed(file.size),
    ])
}

fn finish(conn: &Connection, id: FileId, facts: &FileFacts) -> rusqlite::Result<usize> {
    let sql = format!(
        "UPDATE files SET state = {WHOLE}, media_type = ?2, size = ?3, width = ?4, height = ?5
         WHERE id = ?1 AND state < {DOOMED}"
    );
    let (width, height) = facts.picture.unzip();
    conn.prepare_cached(&sql)?.execute(params![
        id.0.as_bytes(),
        facts.media_type,
        signed(facts.size),
        width,
        height,
    ])
}
