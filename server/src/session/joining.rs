//! Entering and leaving rooms, and the seam between what was missed and what comes.

use std::sync::Arc;

use maru_protocol::{ErrorCode, Position, Presence, Ref, RoomKey, RoomName, Seq, ServerFrame};

use tokio::sync::oneshot;

use maru_engine::{
    Entered, SharedEvent,
    rooms::recent::{FIRST_PAGE, MAX_ENTRIES, PageRead, Replay},
};

use super::{
    Joined, Session,
    pages::{size_of, trim},
    refusal::Refusal,
};
use crate::{
    journal::{Marked, Page, PageRange, RoomId, RoomRecord},
    runtime::messages::{Enter, Offer, SessionCommand},
    wire,
};

/// A room that the session is in, before its client knows.
struct Inside {
    room: RoomName,
    members: Presence,
    replay: Replay,
}

impl Session {
    /// Subscribe, enter, answer, go live: in this order no entry can be missed. What the ChatServer
    /// knew at the entering, or the journal at a read after it, is in the answer; what the ChatServer
    /// hands over after the entering reaches the subscription; what is in both is told apart by its
    /// seq.
    pub(crate) async fn join(
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
        let (id, record) = self.locate(name, &key).await?;
        self.drop_room(&key);
        let subscription = self.worker.hub.subscribe(id, &self.peer);
        self.rooms.push(Joined { key: key.clone(), id, subscription: subscription.clone() });
        self.known = true;
        let entered = match self.enter(id, name, record, after).await {
            Ok(inside) => self.replay(reference, id, inside, after).await,
            Err(refusal) => Err(refusal),
        };
        match entered {
            Ok(head) => {
                self.worker.hub.go_live(id, &subscription, head);
                if self.renamed {
                    // Without it the next `read` tells: nothing is owed.
                    let _ = self.mark(id, key, Marked::Named);
                }
            }
            Err(refusal) => {
                self.drop_room(&key);
                self.worker.batcher.put(SessionCommand::Exit {
                    session: self.id,
                    room: id,
                    done: None,
                });
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// The room of that name; with its record when that had to be read.
    async fn locate(
        &self,
        name: &RoomName,
        key: &RoomKey,
    ) -> Result<(RoomId, Option<RoomRecord>), Refusal> {
        if let Some(id) = self.worker.names.id(key) {
            return Ok((id, None));
        }
        let record = self.find(name).await?;
        self.worker.names.learn(key.clone(), record.id);
        Ok((record.id, Some(record)))
    }

    async fn enter(
        &self,
        room: RoomId,
        name: &RoomName,
        mut record: Option<RoomRecord>,
        after: Option<Position>,
    ) -> Result<Inside, Refusal> {
        let visitor = self.visitor.as_ref().ok_or(ErrorCode::HelloRequired)?;
        let epoch = self.worker.journal.epoch();
        loop {
            let (session, visitor, record_given) = (self.id, Arc::clone(visitor), record.is_some());
            let (answer, entered) = oneshot::channel();
            let enter =
                Enter { session, visitor, room, record: record.take(), after, epoch, answer };
            self.worker.batcher.post(SessionCommand::Enter(enter)).await?;
            match entered.await.map_err(|_| ErrorCode::ShuttingDown)?? {
                Entered::In { name: room, members, replay } => {
                    return Ok(Inside { room, members, replay });
                }
                // Once: with the record there is nothing more to ask for.
                Entered::RecordNeeded if record_given => return Err(ErrorCode::Internal.into()),
                Entered::RecordNeeded => record = Some(self.find(name).await?),
            }
        }
    }

    /// Answers with what the client missed; returns up to where.
    async fn replay(
        &self,
        reference: Ref,
        id: RoomId,
        Inside { room, members, replay }: Inside,
        after: Option<Position>,
    ) -> Result<Seq, Refusal> {
        let epoch = self.worker.journal.epoch();
        let joined = move |head, about, entries, reset| wire::Joined {
            reference,
            room,
            epoch,
            head,
            members,
            about,
            entries,
            reset,
        };
        match replay {
            Replay::Known { head, about, entries, reset } => {
                self.peer.outbox().send_joined(&joined(head, about, entries, reset));
                self.count(after, reset);
                Ok(head)
            }
            Replay::Journal { offer } => {
                let (page, reset) = self.read(id, after).await?;
                let Page { entries, head, about } = page;
                let entries: Vec<SharedEvent> =
                    entries.into_iter().map(SharedEvent::from).collect();
                if offer {
                    self.offer(
                        id,
                        PageRead { head, about: about.clone(), entries: newest(&entries) },
                    );
                }
                self.peer.outbox().send_joined(&joined(head, about, entries, reset));
                self.count(after, reset);
                Ok(head)
            }
        }
    }

    fn count(&self, after: Option<Position>, reset: bool) {
        let outcome = match after {
            None => "fresh",
            Some(_) if reset => "reset",
            Some(_) => "replay",
        };
        self.worker.metrics.resumes.with_label_values(&[outcome]).inc();
    }

    /// For those who come next; a mailbox that is full does without.
    fn offer(&self, room: RoomId, read: PageRead) {
        let _ = self.worker.server.try_send(Offer { session: self.id, room, read });
    }

    /// What the client missed, or the newest page when that can't be told or is too much.
    async fn read(&self, room: RoomId, after: Option<Position>) -> Result<(Page, bool), Refusal> {
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
                return Ok((page, false));
            }
        }
        let limit = FIRST_PAGE.min(self.worker.options.limits.max_page);
        let page = journal.page(room, PageRange::Newest { limit }).await?;
        let page = trim(page, PageRange::Newest { limit }, self.worker.options.page_bytes);
        Ok((page, after.is_some()))
    }

    pub(crate) async fn leave(&mut self, reference: Ref, name: &RoomName) -> Result<(), Refusal> {
        let left = self.drop_room(&name.key());
        if let Some(room) = left {
            let (done, gone) = oneshot::channel();
            self.worker.batcher.put(SessionCommand::Exit {
                session: self.id,
                room,
                done: Some(done),
            });
            gone.await.map_err(|_| ErrorCode::ShuttingDown)?;
        }
        self.forget(name, left).await?;
        self.answer(&ServerFrame::Ok { reference });
        Ok(())
    }
}

/// As many of the newest as a room keeps.
fn newest(entries: &[SharedEvent]) -> Vec<SharedEvent> {
    entries[entries.len().saturating_sub(MAX_ENTRIES)..].to_vec()
}
