//! What the ChatServer is sent, each as a command or a question to its engine.

use std::sync::Arc;

use actix::{Context, Handler, MessageResult};
use maru_engine::{
    Answer, Command, Delivery, Effects, Reader,
    log::{CallId, Outcome, ReplyTo},
};
use maru_protocol::{RoomInfo, User};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{
        cluster,
        messages::{
            Call, CommandBatch, Committed, Describe, Farewell, Offer, Overheard, Present, Reading,
            RegisterWorker, RoomMade, RoomRemoved, RoomRenamed, Speakers, StopTaking, Tell, Type,
            Unused, Watch, Workers,
        },
        open_count::OpenCount,
    },
    ChatServer,
};

impl Handler<RegisterWorker> for ChatServer {
    type Result = ();

    fn handle(&mut self, register: RegisterWorker, ctx: &mut Context<Self>) {
        let RegisterWorker { number, queue } = register;
        // A worker that is not here yet has a queue that nobody reads.
        self.workers.resize_with(self.workers.len().max(number + 1), || mpsc::channel(1).0);
        self.workers[number] = queue;
        self.run(Command::Workers(self.workers.len()), ctx);
    }
}

impl Handler<CommandBatch> for ChatServer {
    type Result = ();

    /// In their order: who leaves, or goes, has said in the room what came before.
    fn handle(&mut self, CommandBatch(commands): CommandBatch, ctx: &mut Context<Self>) {
        self.run_all(commands, ctx);
    }
}

impl Handler<Call> for ChatServer {
    type Result = MessageResult<Call>;

    fn handle(&mut self, Call { mut publish }: Call, ctx: &mut Context<Self>) -> Self::Result {
        let (waiting, answer) = oneshot::channel::<Answer>();
        let call = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(call, waiting);
        publish.reply = ReplyTo::Call(call);
        self.run(Command::Publish(publish), ctx);
        MessageResult(answer)
    }
}

impl Handler<Committed> for ChatServer {
    type Result = Vec<(mpsc::Sender<Delivery>, Delivery)>;

    fn handle(&mut self, Committed(batch): Committed, ctx: &mut Context<Self>) -> Self::Result {
        self.metrics.batch.observe(batch.len() as f64);
        let now_ms = self.clock.now_ms();
        for outcome in &batch {
            // Who was answered early was counted then.
            if let Outcome::Committed { entry, reply: Some(reply), .. } = outcome
                && *reply != ReplyTo::Nobody
            {
                self.metrics.messages.inc();
                let waited = now_ms.saturating_sub(entry.head().at);
                self.metrics.commit.observe(waited as f64 / 1_000.0);
            }
        }
        let mut effects = Effects::default();
        self.engine.handle(self.now(), Command::Committed(batch), &mut effects);
        let deliveries = self.effects(effects);
        self.arm(ctx);
        let with_queue = self.workers.iter().cloned().zip(deliveries);
        with_queue.filter(|(_, delivery)| !delivery.is_empty()).collect()
    }
}

impl Handler<Overheard> for ChatServer {
    type Result = ();

    fn handle(&mut self, Overheard(event): Overheard, ctx: &mut Context<Self>) {
        if let Some(command) = cluster::command(event) {
            self.run(command, ctx);
        }
    }
}

impl Handler<Offer> for ChatServer {
    type Result = ();

    fn handle(&mut self, Offer { session, room, read }: Offer, ctx: &mut Context<Self>) {
        self.run(Command::Offer { session, room, read }, ctx);
    }
}

impl Handler<Type> for ChatServer {
    type Result = ();

    fn handle(&mut self, Type { session, room, on }: Type, ctx: &mut Context<Self>) {
        self.run(Command::Typing { session, room, on }, ctx);
    }
}

impl Handler<Watch> for ChatServer {
    type Result = ();

    fn handle(&mut self, Watch { session, on }: Watch, ctx: &mut Context<Self>) {
        self.run(Command::Watch { session, on }, ctx);
    }
}

impl Handler<RoomRemoved> for ChatServer {
    type Result = ();

    fn handle(&mut self, RoomRemoved { id, room }: RoomRemoved, ctx: &mut Context<Self>) {
        self.run(Command::RoomRemoved { id, room }, ctx);
    }
}

impl Handler<RoomRenamed> for ChatServer {
    type Result = ();

    fn handle(&mut self, RoomRenamed(name): RoomRenamed, ctx: &mut Context<Self>) {
        self.run(Command::RoomRenamed(name), ctx);
    }
}

impl Handler<Unused> for ChatServer {
    type Result = MessageResult<Unused>;

    fn handle(&mut self, Unused(rooms): Unused, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.engine.unused(rooms))
    }
}

impl Handler<RoomMade> for ChatServer {
    type Result = ();

    fn handle(&mut self, RoomMade(record): RoomMade, ctx: &mut Context<Self>) {
        self.run(Command::RoomMade(record), ctx);
    }
}

impl Handler<Tell> for ChatServer {
    type Result = ();

    fn handle(&mut self, Tell(markers): Tell, ctx: &mut Context<Self>) {
        self.run(Command::ReadMarkers(markers), ctx);
    }
}

impl Handler<Reading> for ChatServer {
    type Result = MessageResult<Reading>;

    fn handle(&mut self, Reading(who): Reading, _: &mut Context<Self>) -> Self::Result {
        let readers: Vec<Option<Reader>> = self.engine.readers(who);
        MessageResult(readers)
    }
}

impl Handler<Present> for ChatServer {
    type Result = MessageResult<Present>;

    fn handle(&mut self, Present { room, of }: Present, _: &mut Context<Self>) -> Self::Result {
        let present: Vec<User> = self.engine.present(room, of.as_deref());
        MessageResult(present)
    }
}

impl Handler<Speakers> for ChatServer {
    type Result = MessageResult<Speakers>;

    fn handle(&mut self, Speakers(room): Speakers, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.engine.speakers(room))
    }
}

impl Handler<Describe> for ChatServer {
    type Result = MessageResult<Describe>;

    fn handle(&mut self, Describe(records): Describe, _: &mut Context<Self>) -> Self::Result {
        let rooms: Vec<RoomInfo> = self.engine.describe(records);
        MessageResult(rooms)
    }
}

impl Handler<Workers> for ChatServer {
    type Result = Vec<mpsc::Sender<Delivery>>;

    fn handle(&mut self, _: Workers, _: &mut Context<Self>) -> Self::Result {
        self.workers.clone()
    }
}

impl Handler<StopTaking> for ChatServer {
    type Result = MessageResult<StopTaking>;

    fn handle(&mut self, _: StopTaking, ctx: &mut Context<Self>) -> Self::Result {
        self.run(Command::StopTaking, ctx);
        let in_flight: Arc<OpenCount> = self.in_flight.clone();
        MessageResult(in_flight)
    }
}

impl Handler<Farewell> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: Farewell, ctx: &mut Context<Self>) {
        self.run(Command::Farewell, ctx);
    }
}
