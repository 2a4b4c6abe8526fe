//! Pages of the log in memory, entry by entry and by messages.

use std::convert::Infallible;

use maru_protocol::{Entry, Message, Seq};

use super::{MemoryLog, Room};
use crate::log::{
    Page, PageRange, RoomId,
    history::{self, Beyond, Source, Touched},
};

impl MemoryLog {
    /// Entries of a room in a range, its messages as they are now. None without that room.
    #[must_use]
    pub fn page(&self, room: RoomId, range: PageRange) -> Option<Page> {
        Some(self.get(room)?.page(range))
    }

    /// A page that is measured in messages. None without that room.
    #[must_use]
    pub fn history(&self, room: RoomId, range: PageRange) -> Option<Page> {
        let room = self.get(room)?;
        let first = room.page(range);
        Some(room.complete(Beyond::of(range, &first), first))
    }

    /// All that lies above a position, or nothing of it where that is too much: more than `limit`
    /// messages, or changes of more than `limit` older ones. None without that room.
    #[must_use]
    pub fn missed(&self, room: RoomId, after: Seq, limit: u32) -> Option<Option<Page>> {
        let room = self.get(room)?;
        let head = room.record.head;
        if !history::is_far(after, head, limit) {
            return Some(Some(room.page(PageRange::After { after, limit })));
        }
        let nothing = room.page(PageRange::After { after, limit: 0 });
        let page = room.complete(Some(Beyond::missed(after, head, limit)), nothing);
        Some(history::unless_too_much(page, limit))
    }

    /// Messages of a room that are not deleted and lie above a seq, the newest first.
    pub fn said_above(&self, room: RoomId, above: Seq) -> impl Iterator<Item = &Message> {
        let room = self.get(room);
        let seqs = room.into_iter().flat_map(move |room| room.said.range(above.next()..).rev());
        seqs.filter_map(move |seq| match room?.entry(*seq)? {
            Entry::Message(message) => Some(message),
            _ => None,
        })
    }
}

impl Room {
    fn page(&self, range: PageRange) -> Page {
        let head = self.record.head;
        let seqs = range.seqs(head).filter_map(|number| Seq::new(number).ok());
        let entries = seqs.filter_map(|seq| self.read(seq)).collect();
        let (covers, updated) = (range.covers(head), Vec::new());
        Page { entries, covers, updated, head, about: self.about.clone() }
    }

    fn complete(&self, beyond: Option<Beyond>, first: Page) -> Page {
        let Some(beyond) = beyond else { return first };
        let Ok(part) = beyond.read(&mut &*self);
        beyond.complete(first, part)
    }
}

impl Source for &Room {
    type Error = Infallible;

    fn said_below(&mut self, below: Seq, limit: u32) -> Result<Vec<Entry>, Infallible> {
        let mut seqs: Vec<&Seq> = self.said.range(..below).rev().take(limit as usize).collect();
        seqs.reverse();
        Ok(seqs.into_iter().filter_map(|seq| self.read(*seq)).collect())
    }

    fn said_above(&mut self, above: Seq, limit: u32) -> Result<Vec<Entry>, Infallible> {
        let seqs = self.said.range(above.next()..).take(limit as usize);
        Ok(seqs.filter_map(|seq| self.read(*seq)).collect())
    }

    fn noted(&mut self, above: Seq, below: Seq, limit: u32) -> Result<Vec<Entry>, Infallible> {
        let seqs = self.noted.range(above.next()..below).rev().take(limit as usize);
        Ok(seqs.filter_map(|seq| self.read(*seq)).collect())
    }

    fn touched(&mut self, above: Seq, limit: u32) -> Result<Vec<Touched>, Infallible> {
        let changed = self.changed.range(above.next()..).take(limit as usize);
        let touched = |(changed, seq): (&Seq, &Seq)| {
            let message = if *seq <= above { self.read(*seq) } else { None };
            Touched { changed: *changed, message }
        };
        Ok(changed.map(touched).collect())
    }
}
