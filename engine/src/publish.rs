//! The way of a message through the engine: in to the journal, back from its commit.

use maru_protocol::{Entry, ErrorCode, RoomInfo, Seq, User};

use crate::{
    Actor, Effects, Instant, Publish,
    cluster::Active,
    defects::{Defect, on},
    effect::{Answer, Item},
    event::SharedEvent,
    log::{Append, Batch, Outcome, Refused, ReplyTo, RoomId},
    refusal::Refusal,
    rooms::recent::{AboutChange, RecentEntry},
    state::Engine,
};

impl Engine {
    /// Hands a message on to the journal, or refuses it.
    pub(crate) fn publish(&mut self, now: Instant, publish: Publish, effects: &mut Effects) {
        let reply = publish.reply;
        match self.admit(now, publish) {
            Ok(mut append) => {
                if on(Defect::AnswerBeforeCommit) {
                    let (room, id, at) = (append.room_name.clone(), append.id, append.at);
                    let known = self.rooms.get(&append.room);
                    let seq = known.map_or(Seq::ZERO, |room| room.record().head).next();
                    effects.answer(reply, Answer::Sent { room, id, seq, at });
                    append.reply = ReplyTo::Nobody;
                }
                effects.appends.push(append);
            }
            Err(refusal) => effects.answer(reply, Answer::Refused(refusal)),
        }
    }

    /// A message as the journal takes it, if it may be asked for.
    fn admit(&mut self, now: Instant, publish: Publish) -> Result<Append, Refusal> {
        let Publish { actor, reply, room, room_name, id, what, at } = publish;
        if self.stopping {
            return Err(ErrorCode::ShuttingDown.into());
        }
        let (room_name, sender) = match actor {
            Actor::Session { session, .. } => {
                let entry = self.sessions.get(&session).ok_or(ErrorCode::HelloRequired)?;
                let known = self.rooms.get(&room).filter(|known| known.holds(session));
                let known = known.ok_or(ErrorCode::NotJoined)?;
                // By the name that the room knows: another tab may have changed it.
                let user = &entry.visitor.user;
                let sender: &User = known.person(&user.id).unwrap_or(user);
                (known.record().name.clone(), sender.clone())
            }
            Actor::Service(user) => (room_name.ok_or(ErrorCode::RoomNotFound)?, user),
            Actor::User(_) | Actor::Anonymous | Actor::System => {
                return Err(ErrorCode::HelloRequired.into());
            }
        };
        let counted = self.flips.admit(now, room, &sender.id, &what, &self.options);
        counted.map_err(too_often)?;
        Ok(Append { room, room_name, id, sender, at, what, reply })
    }

    pub(crate) fn not_taken(&mut self, appends: Vec<Append>, effects: &mut Effects) {
        for append in appends {
            if on(Defect::ForgetNotTaken) {
                continue;
            }
            effects.answer(append.reply, Answer::Refused(ErrorCode::Overloaded.into()));
        }
    }

    /// What a batch of outcomes means for the workers.
    pub(crate) fn committed(&mut self, now: Instant, batch: Batch, effects: &mut Effects) {
        for outcome in batch {
            match outcome {
                Outcome::Committed { room, entry, reply } => {
                    self.entry_committed(now, room, entry, reply, effects);
                }
                Outcome::Known { seq, at, room, id, reply } => {
                    effects.answer(reply, Answer::Sent { room, id, seq, at });
                }
                Outcome::Refused { why, reply } => {
                    let refusal = self.refusal(now, &why, effects);
                    effects.answer(reply, Answer::Refused(refusal));
                }
            }
        }
    }

    fn entry_committed(
        &mut self,
        now: Instant,
        id: RoomId,
        mut entry: Entry,
        reply: Option<ReplyTo>,
        effects: &mut Effects,
    ) {
        let head = entry.head();
        let (seq, at) = (head.seq, head.at);
        let sent = reply.map(|_| Answer::Sent { room: head.room.clone(), id: head.id, seq, at });
        let Some(room) = self.rooms.get_mut(&id) else {
            // Nobody of this node is in it: only an actor without a session brings one here.
            if reply.is_some() {
                self.show_entry(now, id, &entry);
            }
            if let (Some(reply), Some(sent)) = (reply, sent) {
                effects.answer(reply, sent);
            }
            return;
        };
        // It may have been said by the name of before.
        let name = &room.record().name;
        if entry.head().room != name {
            entry.call_room(name.clone());
        }
        room.advance(&entry);
        let news = AboutChange::of(&entry);
        let event = SharedEvent::from(entry);
        for worker in room.workers().skip(usize::from(on(Defect::ForgetWorker))) {
            effects.owe(worker, Item::Entry { room: id, seq, event: event.clone() });
        }
        if let Some(recent) = RecentEntry::new(event) {
            self.budget.change(&mut self.rooms, id, |entries| entries.push(seq, recent, news));
        }
        // Another node tells of its entries itself.
        match (reply, sent) {
            (Some(reply), Some(sent)) => {
                self.room_changed(now, id);
                effects.answer(reply, sent);
            }
            _ => self.show_room(now, id),
        }
    }

    /// An entry of this node in a room that nobody of this node is in.
    fn show_entry(&mut self, now: Instant, id: RoomId, entry: &Entry) {
        if !entry.is_activity() {
            return;
        }
        let (head, room) = (entry.head(), entry.head().room.clone());
        let (seq, active_at) = (head.seq, head.at);
        let active = Active { id: id.0, room: room.clone(), head: seq, active_at };
        self.tell_active_elsewhere(now, active);
        if self.directory.is_watched() {
            let members = self.people_elsewhere(id);
            self.show(now, id, RoomInfo { room, members, head: seq, active_at });
        }
    }

    fn refusal(&mut self, now: Instant, why: &Refused, effects: &mut Effects) -> Refusal {
        let (code, message) = match why {
            Refused::IdTaken => (ErrorCode::InvalidId, "another person's message has this id"),
            Refused::NoRoom => (ErrorCode::RoomNotFound, "there is no such room any more"),
            Refused::NoMessage => {
                (ErrorCode::MessageNotFound, "there is no such message, or it was deleted")
            }
            Refused::NoFile => (
                ErrorCode::FileNotFound,
                "there is no such file of yours in this room that is not sent yet",
            ),
            Refused::NotYours => (ErrorCode::NotYours, "only who sent a message can change it"),
            Refused::TooManyReactions => {
                (ErrorCode::TooManyReactions, "the message has as many reactions as it can have")
            }
            Refused::TooManyPins => (
                ErrorCode::TooManyPins,
                "the room has as many pinned messages as it can: unpin one",
            ),
            Refused::Store(error) => {
                if let Some(messages) = self.failures.note(now) {
                    effects.store_failure = Some((messages, error.clone()));
                }
                (ErrorCode::Unavailable, "the server could not store the message; try again")
            }
        };
        Refusal::new(code, message)
    }
}

/// A reaction, pin or topic that comes too soon after many others.
fn too_often(wait: std::time::Duration) -> Refusal {
    Refusal {
        retry_after: u32::try_from(wait.as_millis()).ok().map(|ms| ms.max(1)),
        ..Refusal::new(
            ErrorCode::RateLimited,
            "you changed this too often in a short time: wait a moment",
        )
    }
}

/// Between two lines about messages that the journal refused: while a store is away each of
/// thousands is refused, and a line for each would bury what else is in the log.
const TELL_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// Messages that the store failed to keep and that the operator was not told of.
#[derive(Debug, Default)]
pub(crate) struct StoreFailures {
    count: u64,
    next: Option<Instant>,
}

impl StoreFailures {
    /// One more. How many to tell of, when it is time.
    fn note(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.next = Some(now + TELL_EVERY);
        Some(std::mem::take(&mut self.count))
    }
}

#[cfg(test)]
mod tests;
