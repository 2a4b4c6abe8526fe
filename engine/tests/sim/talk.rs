//! What clients say.

use std::collections::BTreeSet;

use maru_engine::{
    Actor, Command, Publish,
    log::{Change, NewMessage, ReplyTo, RoomId, SessionRef},
};
use maru_protocol::{Body, Description, Emoji, Entry, MessageId, Ref, Seq, Topic};
use uuid::Uuid;

use crate::{client::Request, node::Mail, store::seq, world::World};

impl World {
    pub fn say(&mut self, number: usize, room: RoomId) {
        let id = MessageId(Uuid::from_u128(self.id()));
        let what = self.something(number, room);
        self.ask(number, Request { room, id, what });
        if self.rng.chance(self.plan.flipping) {
            self.flip(number, room);
        }
    }

    /// Puts a reaction on a message and takes it back, over and over.
    fn flip(&mut self, number: usize, room: RoomId) {
        let last = self.clients[number].views[&room].last.unwrap_or_default().get();
        let target = seq(self.rng.range(last.saturating_sub(40), last) + 1);
        if !matches!(self.store.room(room).entry(target), Some(Entry::Message(_))) {
            return;
        }
        let emoji = Emoji::parse("👎".to_owned()).unwrap();
        for flip in 0..self.rng.range(2, 60) {
            let id = MessageId(Uuid::from_u128(self.id()));
            let what = Change::React { target, emoji: emoji.clone(), on: flip % 2 == 0 };
            self.ask(number, Request { room, id, what });
        }
    }

    /// A message, or a change of one that the client knows: often of an own one.
    fn something(&mut self, number: usize, room: RoomId) -> Change {
        let last = self.clients[number].views[&room].last.unwrap_or_default().get();
        let words = self.ids;
        let body = Body::parse(format!("words {words}")).unwrap();
        let any = self.rng.range(last.saturating_sub(30), last) + 1;
        let own = self.own_message(number, room, last).filter(|_| self.rng.chance(600));
        let (target, is_own) = own.map_or((seq(any), false), |own| (own, true));
        let log = self.store.room(room);
        let message = matches!(log.entry(target), Some(Entry::Message(_)));
        if !message || last == 0 || !self.rng.chance(self.plan.changes) {
            return Change::say(body);
        }
        match self.rng.index(6) {
            0 if is_own => Change::Edit { target, body, mentions: Vec::new() },
            1..=3 if is_own => Change::Delete { target },
            1 | 2 => Change::Pin { target, on: self.rng.chance(700) },
            3 => {
                let emoji = Emoji::parse("👍".to_owned()).unwrap();
                Change::React { target, emoji, on: self.rng.chance(700) }
            }
            4 => Change::Topic {
                topic: Topic::parse(&format!("topic {words}")).unwrap(),
                description: Description::default(),
            },
            _ => Change::Message(NewMessage {
                body: Some(body),
                reply_to: Some(target),
                ..NewMessage::default()
            }),
        }
    }

    /// One of the newest messages of the client's user that are not deleted.
    fn own_message(&mut self, number: usize, room: RoomId, last: u64) -> Option<Seq> {
        let (log, user) = (self.store.room(room), &self.clients[number].user);
        let is_own = |number: &u64| match log.entry(seq(*number)) {
            Some(Entry::Message(of)) => of.sender.id == *user && log.deleted_by(of.seq).is_none(),
            _ => false,
        };
        let own: Vec<u64> = (last.saturating_sub(30)..=last).filter(is_own).collect();
        self.rng.pick(&own).map(|number| seq(*number))
    }

    pub fn ask(&mut self, number: usize, request: Request) {
        let at = self.wall_ms();
        let Some(connection) = &mut self.clients[number].connection else { return };
        let (session, worker) = (connection.session, connection.worker);
        let reference = connection.next_reference;
        connection.next_reference += 1;
        let Request { room, id, what } = request.clone();
        connection.requests.insert(reference, request);
        let (place, visitor) = (connection.place, connection.visitor.clone());
        let reply =
            ReplyTo::Session(SessionRef { session, worker, room, reference: Ref(reference) });
        self.note(|| format!("client {number}: asks {reference} in {}: {what:?}", room.0));
        let actor = Actor::Session { session, visitor };
        let publish = Publish { actor, reply, room, room_name: None, id, what, at };
        self.post(place, Mail::Command(Command::Publish(publish)));
    }

    /// Asks again, some other time.
    pub fn ask_later(&mut self, number: usize, request: Request) {
        self.clients[number].unsent.push_back(request);
    }

    /// The last word: something is said in each room, so that all rows of directories are told.
    pub fn say_last_words(&mut self) {
        let mut rooms = BTreeSet::new();
        for number in 0..self.clients.len() {
            let joined: Vec<RoomId> =
                self.clients[number].connection.iter().flat_map(|one| one.joined.clone()).collect();
            for room in joined {
                if rooms.insert(room) {
                    self.say(number, room);
                }
            }
        }
    }
}
