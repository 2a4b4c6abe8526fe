//! The way of a message through the ChatServer: in to the journal, back from its commit.

use actix::{AsyncContext, Context, Handler, MessageResult, fut::wrap_future};
use maru_protocol::{ErrorCode, ServerFrame};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::{
    engine::rooms::recent::{Kept, News, Touches},
    fanout::encode,
    journal::{Append, Outcome, Refused, ReplyTo, SessionRef},
    runtime::{
        chat_server::ChatServer,
        messages::{
            CommandBatch, Committed, Delivery, Item, Publish, Relayed, SessionCommand, StopTaking,
        },
    },
    session::{Refusal, label},
};

impl ChatServer {
    /// What one outcome means for the workers.
    fn settle(&mut self, outcome: Outcome, out: &mut [Delivery], ctx: &mut Context<Self>) {
        let (answer, reply) = match outcome {
            Outcome::Committed { room, entry, reply } => {
                let reply = reply.and_then(ReplyTo::session);
                let head = entry.head();
                let sent = reply.map(|reply| {
                    let frame = ServerFrame::Sent {
                        reference: reply.reference,
                        room: head.room.clone(),
                        id: head.id,
                        seq: head.seq,
                        at: head.at,
                    };
                    (frame, reply)
                });
                let (seq, at, bytes) = (head.seq, head.at, entry.text_bytes());
                let (news, touches) = (News::of(&entry), Touches::of(&entry));
                if sent.is_some() {
                    self.metrics.messages.inc();
                    let waited = self.clock.now_ms().saturating_sub(at);
                    self.metrics.commit.observe(waited as f64 / 1_000.0);
                }
                if let Some(known) = self.rooms.get_mut(&room) {
                    known.advance(&entry);
                    let text = encode(&ServerFrame::Entry(entry));
                    for worker in known.workers() {
                        if let Some(delivery) = out.get_mut(worker) {
                            delivery.push(Item::Entry { room, seq, text: text.clone() });
                        }
                    }
                    let kept = Kept::new(text, bytes, touches);
                    self.tails.change(&mut self.rooms, room, |tail| tail.push(seq, kept, news));
                    self.directory_changed(room, ctx);
                }
                let Some(sent) = sent else { return };
                sent
            }
            Outcome::Known { seq, at, room, id, reply } => {
                let Some(reply) = reply.session() else { return };
                let reference = reply.reference;
                (ServerFrame::Sent { reference, room, id, seq, at }, reply)
            }
            Outcome::Refused { why, reply } => {
                let Some(reply) = reply.session() else { return };
                (self.refusal(&why, reply), reply)
            }
        };
        if let Some(delivery) = out.get_mut(reply.worker) {
            delivery.push(answer_to(reply, &answer));
        }
    }

    /// A draft as the journal takes it, if it may be asked for.
    fn admit(&self, publish: Publish) -> Result<Append, ErrorCode> {
        let Publish { session, worker, room, id, what, reference, at } = publish;
        if self.stopping.is_some() {
            return Err(ErrorCode::ShuttingDown);
        }
        let Some(entry) = self.sessions.get(&session) else {
            return Err(ErrorCode::HelloRequired);
        };
        let Some(known) = self.rooms.get(&room).filter(|known| known.holds(session)) else {
            return Err(ErrorCode::NotJoined);
        };
        let user = &entry.visitor.user;
        Ok(Append {
            room,
            room_name: known.record().name.clone(),
            id,
            // By the name that the room knows: another tab may have changed it.
            sender: known.person(&user.id).unwrap_or(user).clone(),
            at,
            what,
            reply: ReplyTo::Session(SessionRef { session, worker, room, reference }),
        })
    }

    /// Hands messages to the journal, in their order; returns those that were refused, with why.
    fn take(&mut self, publishes: &mut Vec<Publish>) -> Vec<(SessionRef, ErrorCode)> {
        let mut refused = Vec::new();
        if publishes.is_empty() {
            return refused;
        }
        let mut appends = Vec::with_capacity(publishes.len());
        for publish in publishes.drain(..) {
            let Publish { session, worker, room, reference, .. } = publish;
            match self.admit(publish) {
                Ok(append) => appends.push(append),
                Err(code) => refused.push((SessionRef { session, worker, room, reference }, code)),
            }
        }
        let offered = appends.len();
        let left = self.journal.append_all(appends);
        self.in_flight += offered - left.len();
        refused.extend(left.into_iter().filter_map(|append| {
            append.reply.session().map(|asked| (asked, ErrorCode::Overloaded))
        }));
        refused
    }

    /// Answers who was refused; all of them live on one worker.
    fn refuse(&self, refused: Vec<(SessionRef, ErrorCode)>, ctx: &mut Context<Self>) {
        let Some((SessionRef { worker, .. }, _)) = refused.first() else { return };
        let Some(queue) = self.workers.get(*worker) else { return };
        let answer = |(reply, code): (SessionRef, ErrorCode)| {
            self.metrics.refusals.with_label_values(&[&label(code)]).inc();
            answer_to(reply, &Refusal::from(code).answer(Some(reply.reference)))
        };
        let answers = refused.into_iter().map(answer).collect();
        if let Err(TrySendError::Full(delivery)) = queue.try_send(answers) {
            // Answers are owed. With so much waiting for one worker the relay waits as well:
            // taking more messages meanwhile would only have them refused.
            let queue = queue.clone();
            ctx.wait(wrap_future(async move {
                let _ = queue.send(delivery).await;
            }));
        }
    }

    fn refusal(&mut self, why: &Refused, reply: SessionRef) -> ServerFrame {
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
                if let Some(messages) = self.untold.note(self.clock.now_ms()) {
                    let error = error.as_str();
                    log::error!(messages, error; "the journal refused messages");
                }
                (ErrorCode::Unavailable, "the server could not store the message; try again")
            }
        };
        self.metrics.refusals.with_label_values(&[&label(code)]).inc();
        Refusal::new(code, message).answer(Some(reply.reference))
    }

    fn settled(&mut self) {
        if self.in_flight == 0 {
            for waiting in self.stopping.iter_mut().flat_map(std::mem::take) {
                let _ = waiting.send(());
            }
        }
    }
}

fn answer_to(reply: SessionRef, frame: &ServerFrame) -> Item {
    let SessionRef { session, room, .. } = reply;
    Item::Answer { session, room, text: encode(frame) }
}

/// Milliseconds between two lines about messages that the journal refused: while a store is away
/// each of thousands is refused, and a line for each would bury what else is in the log.
const TELL_EVERY: u64 = 10_000;

/// Messages that the journal refused and the log was not told of.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    count: u64,
    next: u64,
}

impl Untold {
    /// One more. How many to tell of, when it is time.
    fn note(&mut self, now_ms: u64) -> Option<u64> {
        self.count += 1;
        if now_ms < self.next {
            return None;
        }
        self.next = now_ms.saturating_add(TELL_EVERY);
        Some(std::mem::take(&mut self.count))
    }
}

impl Handler<CommandBatch> for ChatServer {
    type Result = ();
    /// In their order: who leaves, or goes, has said in the room what came before.
    fn handle(&mut self, CommandBatch(posts): CommandBatch, ctx: &mut Self::Context) {
        let (mut publishes, mut refused) = (Vec::new(), Vec::new());
        for post in posts {
            if let SessionCommand::Publish(publish) = post {
                publishes.push(publish);
                continue;
            }
            refused.extend(self.take(&mut publishes));
            match post {
                SessionCommand::Enter(enter) => self.enter(enter, ctx),
                SessionCommand::Exit { session, room, done } => {
                    self.leave(session, room, ctx);
                    done.map(|done| done.send(()));
                }
                SessionCommand::Disconnect(session) => self.disconnect(session, ctx),
                SessionCommand::Publish(_) => {}
            }
        }
        refused.extend(self.take(&mut publishes));
        self.refuse(refused, ctx);
    }
}

impl Handler<Committed> for ChatServer {
    type Result = Vec<(mpsc::Sender<Delivery>, Delivery)>;
    fn handle(&mut self, Committed(batch): Committed, ctx: &mut Self::Context) -> Self::Result {
        self.metrics.batch.observe(batch.len() as f64);
        let mut out: Vec<Delivery> = vec![Vec::new(); self.workers.len()];
        for outcome in batch {
            self.settle(outcome, &mut out, ctx);
        }
        let with_queue = self.workers.iter().cloned().zip(out);
        with_queue.filter(|(_, delivery)| !delivery.is_empty()).collect()
    }
}

impl Handler<Relayed> for ChatServer {
    type Result = ();
    fn handle(&mut self, Relayed(count): Relayed, _: &mut Self::Context) {
        self.in_flight = self.in_flight.saturating_sub(count);
        self.settled();
    }
}

impl Handler<StopTaking> for ChatServer {
    type Result = MessageResult<StopTaking>;
    fn handle(&mut self, _: StopTaking, _: &mut Self::Context) -> Self::Result {
        let (done, wait) = oneshot::channel();
        self.stopping.get_or_insert_default().push(done);
        self.settled();
        MessageResult(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_of_at_once_and_then_together() {
        let mut untold = Untold::default();
        assert_eq!(untold.note(5), Some(1));
        assert!((6..1_000).all(|now| untold.note(now).is_none()));
        assert_eq!(untold.note(5 + TELL_EVERY), Some(995));
        assert_eq!(untold.note(6 + TELL_EVERY), None);
    }
}
