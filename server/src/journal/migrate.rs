//! `maru-server migrate`: a journal's file, copied into Postgres as it is.
//!
//! Same rooms with the same numbers, same entries with the same seqs, ids and checksums, same epoch
//! and same root of the checksums: clients go on from the position they have, and how far they have
//! read comes along. Each entry is checked as it is read; in the end all of the copy is walked along. It goes on where it was stopped, and no server opens it before it is
//! finished. Memory does not grow with the journal.

use std::path::Path;

use maru_protocol::Seq;
use uuid::Uuid;

use super::{
    RoomId,
    integrity::{
        fault::Fault,
        report::{Progress, Report},
        walk::{ChainPosition, StoredRoom},
    },
    postgres::{self, ImportTarget, Importer},
    sqlite::{self, Exporter},
};

/// Entries in one transaction: at most 8 MiB of bodies.
const STRIDE: u32 = 512;

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Rooms in the copy, with those of earlier attempts.
    pub rooms: u64,
    /// Entries in all of them.
    pub entries: u64,
    /// What is known of files; their bytes stay where they are.
    pub files: u64,
    /// Of the entries, found there already: what an earlier attempt had copied.
    pub found: u64,
    /// Where to, without user and password.
    pub to: String,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationStep {
    /// Copying room after room.
    Copying(Progress),
    /// Walking along the copy.
    Verifying(Progress),
}

/// Why a copy is not finished.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The file can't be copied from; its sentence says why.
    #[error(transparent)]
    From(#[from] sqlite::OpenError),
    /// The database can't be copied to; its sentence says why.
    #[error("{0}; run `maru-server migrate` again then, it goes on where it stopped")]
    To(#[from] postgres::OpenError),
    /// The database holds something else.
    #[error(
        "there is another journal at {at}: give the copy a database of its own, or drop its schema \
         `maru` if nobody needs it"
    )]
    Taken {
        /// The address, without the password.
        at: String,
    },
    /// The copy was finished earlier.
    #[error(
        "the copy at {at} is finished: servers can use it. To copy anew, which loses what was said \
         since, drop its schema `maru` first"
    )]
    Finished {
        /// The address, without the password.
        at: String,
    },
    /// Somebody else copies to the same place.
    #[error("another `maru-server migrate` is at work at {at}: let it come to its end")]
    Busy {
        /// The address, without the password.
        at: String,
    },
    /// The copy is not what was copied.
    #[error(
        "the copy at {at} is not what was copied ({what}): if `maru-server verify` finds the file \
         sound, drop the copy's schema `maru` and start anew"
    )]
    Differs {
        /// The address, without the password.
        at: String,
        /// The first difference.
        what: String,
    },
}

/// Copies the journal in the file `from` into the database at `to`, an address like
/// `postgres://user:password@host/database`, and checks the copy.
///
/// # Errors
/// [`MigrateError`]: one sentence. What was copied stays, and the next attempt goes on from there.
pub async fn migrate(
    from: &Path,
    to: &str,
    mut on_progress: impl FnMut(MigrationStep),
) -> Result<Migrated, MigrateError> {
    let from = Exporter::open(from)?;
    let mut into = match Importer::open(to, from.epoch, from.root).await? {
        ImportTarget::Ready(into) => into,
        ImportTarget::Busy { at } => return Err(MigrateError::Busy { at }),
        ImportTarget::Taken { at, same: true } => return Err(MigrateError::Finished { at }),
        ImportTarget::Taken { at, same: false } => return Err(MigrateError::Taken { at }),
    };
    let made = from.made()?;
    let mut moved = Migrated { rooms: 0, entries: 0, files: 0, found: 0, to: into.at.clone() };
    // First, as a room may have got the name of one that an earlier attempt copied and that is gone since.
    for id in 1..=made {
        if from.is_removed(RoomId(id))? {
            into.removed(RoomId(id)).await?;
        }
    }
    for id in 1..=made {
        room(&from, &mut into, RoomId(id), &mut moved, &mut |rooms, entries| {
            let of = made.cast_unsigned();
            on_progress(MigrationStep::Copying(Progress::Walking { rooms, of, entries }));
        })
        .await?;
        moved.rooms += 1;
    }
    moved.files = files(&from, &mut into).await?;
    into.sign_outs(&from.sign_outs()?).await?;
    let report =
        into.verify(&mut |progress| on_progress(MigrationStep::Verifying(progress))).await?;
    let copied = into.files().await?;
    if copied != moved.files {
        let what = format!("{copied} files of {}", moved.files);
        return Err(MigrateError::Differs { at: moved.to, what });
    }
    if let Some(what) = difference(&moved, &report) {
        return Err(MigrateError::Differs { at: moved.to, what });
    }
    into.finish().await?;
    Ok(moved)
}

/// Copies one room from where the copy ends.
async fn room(
    from: &Exporter,
    into: &mut Importer,
    id: RoomId,
    moved: &mut Migrated,
    tell: &mut impl FnMut(u64, u64),
) -> Result<(), MigrateError> {
    let Some(exported) = from.room(id)? else { return Ok(()) };
    let kept = into.room(&exported).await?;
    // A sum covers all before it: the same one means the same entries.
    if from.sum_at(&exported.room, kept.head)? != Some(kept.sum) {
        let what = format!("room {}, up to entry {}", id.0, kept.head);
        return Err(MigrateError::Differs { at: moved.to.clone(), what });
    }
    moved.found += kept.head.get();
    moved.entries += kept.head.get();
    let mut at = ChainPosition { seq: kept.head, sum: kept.sum };
    loop {
        let (entries, end) = from.entries(&exported.room, at, STRIDE)?;
        into.add(&exported, &entries).await?;
        at = end;
        moved.entries += entries.len() as u64;
        tell(moved.rooms, moved.entries);
        if entries.len() < STRIDE as usize {
            beside(from, into, &exported.room).await?;
            return marks(from, into, id).await;
        }
    }
}

/// Copies what became of a room's messages, and what it is about: anew at each attempt, as a server
/// may have used the file since the last one.
async fn beside(
    from: &Exporter,
    into: &mut Importer,
    room: &StoredRoom,
) -> Result<(), MigrateError> {
    into.clear(room.id).await?;
    let about = from.about(room)?;
    if !about.is_empty() {
        into.about(room.id, about).await?;
    }
    let mut at = Seq::ZERO;
    loop {
        let states = from.states(room, at, STRIDE)?;
        let last = states.last().map(|(seq, _)| *seq);
        let whole = states.len() < STRIDE as usize;
        into.states(room.id, states).await?;
        match last {
            Some(seq) if !whole => at = seq,
            _ => break,
        }
    }
    let mut at = (Seq::ZERO, [0; 16]);
    loop {
        let unlisted = from.unlisted(room, at, STRIDE)?;
        let last = unlisted.last().copied();
        let whole = unlisted.len() < STRIDE as usize;
        into.unlisted(room.id, unlisted).await?;
        match last {
            Some(last) if !whole => at = last,
            _ => return Ok(()),
        }
    }
}

/// Copies how far people have read in a room, who has which name there, and where they are mentioned: [`beside`] forgot what an
/// earlier attempt had copied.
async fn marks(from: &Exporter, into: &mut Importer, id: RoomId) -> Result<(), MigrateError> {
    let mut after = String::new();
    loop {
        let members = from.members(id, &after, STRIDE)?;
        let Some(last) = members.last() else { break };
        after.clone_from(&last.person);
        into.members(id, &members).await?;
    }
    let mut after = String::new();
    loop {
        let names = from.names(id, &after, STRIDE)?;
        let Some(last) = names.last() else { break };
        after.clone_from(&last.look);
        into.names(id, &names).await?;
    }
    let mut after = (0, String::new());
    loop {
        let mentions = from.mentions(id, &after, STRIDE)?;
        let Some(last) = mentions.last() else { return Ok(()) };
        after.clone_from(last);
        into.mentions(id, &mentions).await?;
    }
}

/// Copies what is known of files, all of it anew: there are few beside the entries.
async fn files(from: &Exporter, into: &mut Importer) -> Result<u64, MigrateError> {
    into.clear_files().await?;
    let (mut above, mut count) = (Uuid::nil(), 0);
    loop {
        let files = from.files(above, STRIDE)?;
        into.add_files(&files).await?;
        count += files.len() as u64;
        match files.last() {
            Some(last) if files.len() == STRIDE as usize => above = last.row.id,
            _ => return Ok(count),
        }
    }
}

fn difference(moved: &Migrated, report: &Report) -> Option<String> {
    if let Some(fault) = report.faults.first() {
        return Some(Fault::to_string(fault));
    }
    let (rooms, entries) = (report.rooms, report.entries);
    let same = rooms == moved.rooms && entries == moved.entries;
    (!same).then(|| {
        format!("{rooms} rooms and {entries} entries of {} and {}", moved.rooms, moved.entries)
    })
}
