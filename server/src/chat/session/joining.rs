//! Entering and leaving rooms, and the seam between what was missed and what comes.

use maru_protocol::{ErrorCode, Position, Presence, Ref, RoomName, ServerFrame};

use super::{
    super::messages::{Enter, Exit},
    Joined, Session,
    pages::{size_of, trim},
    refusal::Refusal,
};
use crate::journal::{Page, PageRange, RoomId, RoomRecord};

/// Entries of a room that a client without a position gets.
const FIRST_PAGE: u32 = 50;

/// The start of a room's stream for one session.
struct Replay {
    page: Page,
    reset: bool,
}

impl Session {
    /// Subscribe, enter, read, go live: in this order no entry can be missed. What is committed
    /// before the read is in the page; what the ChatServer hands over after the entering reaches
    /// the subscription; what is in both is told apart by its seq.
    pub(super) async fn join(
        &mut self,
        reference: Ref,
        name: &RoomName,
        after: Option<Position>,
    ) -> Result<(), Refusal> {
        let key = name.key();
        let again = self.rooms.iter().any(|joined| joined.key == key);
        let most = self.worker.options.limits.max_rooms;
        if !again && self.rooms.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            let message = format!("you are in {most} rooms, the most there can be: leave one");
            return Err(Refusal::new(ErrorCode::TooManyRooms, message));
        }
        let record = self.find(name).await?;
        let (id, name) = (record.id, record.name.clone());
        self.drop_room(&key);
        let subscription = self.worker.hub.subscribe(id, &self.peer);
        self.rooms.push(Joined { key: key.clone(), id, subscription: subscription.clone() });
        let entered = self.enter(record, after).await;
        let (members, replay) = match entered {
            Ok(entered) => entered,
            Err(refusal) => {
                self.drop_room(&key);
                let _ = self.worker.server.send(Exit { session: self.id, room: id }).await;
                return Err(refusal);
            }
        };
        let Replay { page, reset } = replay;
        let head = page.head;
        self.answer(&ServerFrame::Joined {
            reference,
            room: name,
            epoch: self.worker.journal.epoch(),
            head,
            members,
            entries: page.entries,
            reset,
        });
        self.worker.hub.go_live(id, &subscription, head);
        Ok(())
    }

    async fn enter(
        &self,
        room: RoomRecord,
        after: Option<Position>,
    ) -> Result<(Presence, Replay), Refusal> {
        let id = room.id;
        let members = self.worker.server.send(Enter { session: self.id, room }).await??;
        Ok((members, self.replay(id, after).await?))
    }

    /// What the client missed, or the newest page when that can't be told or is too much.
    async fn replay(&self, room: RoomId, after: Option<Position>) -> Result<Replay, Refusal> {
        let journal = &self.worker.journal;
        let most = self.worker.options.limits.max_replay;
        if let Some(Position { epoch, seq }) = after
            && epoch == journal.epoch()
        {
            let limit = most.saturating_add(1);
            let page = journal.page(room, PageRange::After { after: seq, limit }).await?;
            let whole = page.entries.len() < usize::try_from(limit).unwrap_or(usize::MAX);
            let fits = size_of(&page) <= self.worker.options.page_bytes;
            if whole && fits && seq <= page.head {
                return Ok(Replay { page, reset: false });
            }
        }
        let limit = FIRST_PAGE.min(self.worker.options.limits.max_page);
        let page = journal.page(room, PageRange::Newest { limit }).await?;
        let page = trim(page, PageRange::Newest { limit }, self.worker.options.page_bytes);
        Ok(Replay { page, reset: after.is_some() })
    }

    pub(super) async fn leave(&mut self, reference: Ref, name: &RoomName) -> Result<(), Refusal> {
        if let Some(room) = self.drop_room(&name.key()) {
            self.worker.server.send(Exit { session: self.id, room }).await?;
        }
        self.answer(&ServerFrame::Ok { reference });
        Ok(())
    }
}
