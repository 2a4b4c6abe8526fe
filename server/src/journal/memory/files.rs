//! What the store knows of files.

use std::collections::BTreeMap;

use maru_protocol::{FileId, FileInfo, Seq, UserId};
use uuid::Uuid;

use crate::journal::{
    Append, FileFacts, FileRecord, MOST_FILES, NewFile, RoomId,
    projections::files::{DOOMED, FileWork, INCOMING, WHOLE},
};

#[derive(Default)]
pub(super) struct FileTable {
    files: BTreeMap<Uuid, File>,
}

struct File {
    record: FileRecord,
    state: u8,
    /// When its upload began; milliseconds since 1970, UTC.
    at: u64,
}

impl FileTable {
    pub(super) fn find(&self, ids: &[FileId]) -> Vec<FileRecord> {
        let whole = |id: &FileId| self.files.get(&id.0).filter(|file| file.state == WHOLE);
        ids.iter().take(MOST_FILES).filter_map(|id| Some(whole(id)?.record.clone())).collect()
    }

    pub(super) fn uploaded_since(&self, owner: &UserId, at: u64) -> u64 {
        let own = self.files.values().filter(|file| file.record.owner == *owner && file.at >= at);
        own.fold(0, |bytes, file| bytes.saturating_add(file.record.info.size))
    }

    pub(super) fn doomed(&self, most: u32) -> Vec<FileId> {
        let doomed = |file: &&File| file.state == DOOMED && file.record.sent.is_none();
        let mut doomed: Vec<&File> = self.files.values().filter(doomed).collect();
        doomed.sort_by_key(|file| file.at);
        doomed.into_iter().take(most as usize).map(|file| file.record.info.id).collect()
    }

    /// Whether an append may take the files that it carries.
    pub(super) fn are_free(&self, append: &Append) -> bool {
        append.what.files().iter().all(|info| {
            self.files.get(&info.id.0).is_some_and(|File { record, state, .. }| {
                let theirs = record.room == append.room && record.owner == append.sender.id;
                theirs && *state == WHOLE && record.sent.is_none()
            })
        })
    }

    /// An append takes its files.
    pub(super) fn take(&mut self, append: &Append, seq: Seq) {
        for info in append.what.files() {
            if let Some(file) = self.files.get_mut(&info.id.0) {
                file.record.sent = Some(seq);
            }
        }
    }

    /// The files of a deleted message are doomed, and their names are erased.
    pub(super) fn doom_of(&mut self, room: RoomId, message: Seq) {
        let of = |record: &FileRecord| record.room == room && record.sent == Some(message);
        for file in self.files.values_mut().filter(|file| of(&file.record)) {
            file.state = DOOMED;
            file.record.sent = None;
            file.record.info.name = maru_protocol::FileName::of("");
        }
    }

    /// The same of all messages of a room.
    pub(super) fn doom_all_of(&mut self, room: RoomId) {
        let sent: Vec<Seq> = self
            .files
            .values()
            .filter(|file| file.record.room == room)
            .filter_map(|file| file.record.sent)
            .collect();
        sent.into_iter().for_each(|seq| self.doom_of(room, seq));
    }

    /// Makes a change; returns how many files it is about.
    pub(super) fn change(&mut self, work: &FileWork) -> u64 {
        match work {
            FileWork::Begin(file) => self.begin(file),
            FileWork::Finish(id, facts) => self.finish(*id, facts),
            FileWork::DoomUnsent { before, most } => self.doom_unsent(*before, *most),
            FileWork::Forget(ids) => {
                let unsent = |id: &&FileId| {
                    self.files.get(&id.0).is_some_and(|file| file.record.sent.is_none())
                };
                let unsent: Vec<FileId> = ids.iter().filter(unsent).copied().collect();
                let gone = unsent.iter().filter(|id| self.files.remove(&id.0).is_some());
                gone.count() as u64
            }
        }
    }

    fn begin(&mut self, file: &NewFile) -> u64 {
        let std::collections::btree_map::Entry::Vacant(empty) = self.files.entry(file.id.0) else {
            return 0;
        };
        let (name, media_type) = (file.name.clone(), String::new());
        let info =
            FileInfo { id: file.id, name, media_type, size: file.size, width: None, height: None };
        let record = FileRecord { info, room: file.room, owner: file.owner.clone(), sent: None };
        empty.insert(File { record, state: INCOMING, at: file.at });
        1
    }

    fn finish(&mut self, id: FileId, facts: &FileFacts) -> u64 {
        let Some(file) = self.files.get_mut(&id.0).filter(|file| file.state < DOOMED) else {
            return 0;
        };
        file.state = WHOLE;
        let info = &mut file.record.info;
        info.media_type.clone_from(&facts.media_type);
        info.size = facts.size;
        (info.width, info.height) = facts.picture.unzip();
        1
    }

    /// Those that are still incoming first, then the oldest.
    fn doom_unsent(&mut self, before: u64, most: u32) -> u64 {
        let unsent = |file: &&mut File| {
            file.record.sent.is_none() && file.state < DOOMED && file.at < before
        };
        let mut unsent: Vec<&mut File> = self.files.values_mut().filter(unsent).collect();
        unsent.sort_by_key(|file| (file.state, file.at));
        let doomed = unsent.into_iter().take(most as usize);
        doomed.map(|file| file.state = DOOMED).count() as u64
    }
}
