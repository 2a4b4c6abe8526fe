//! A conversation in the frames of maru.v1, however they travel: hello, create where the room is to be
//! made, join, and what is heard in the room.

mod encoding;

use maru_protocol::{
    ClientFrame, Entry, Epoch, ErrorCode, Position, Ref, Seq, ServerFrame, VERSION,
};

pub use self::encoding::Encoding;
use self::encoding::Said;
use super::{
    member::{Member, Stage},
    socketio::{packet::PONG, refused as not_let_in},
};
use crate::{track::Track, wire, world::World};

/// What one connection's conversation remembers.
pub struct Maru {
    encoding: Encoding,
    /// Who it was: it comes back as the same.
    token: Option<String>,
}

impl Maru {
    /// A conversation that has not begun.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, token: None }
    }

    /// The way is open. A server of Socket.IO speaks first.
    pub fn upgraded(&self, member: &mut Member, world: &mut World) {
        member.stage = Stage::Greeting;
        if self.encoding == Encoding::Native {
            self.greet(member, world);
        }
    }

    fn greet(&self, member: &mut Member, world: &mut World) {
        let name = match world.name(member.index) {
            Ok(name) => Some(name),
            Err(why) => return world.fail(why),
        };
        let token = self.token.clone();
        self.request(member, &ClientFrame::Hello { version: VERSION, token, name });
    }

    /// A message came.
    #[inline]
    pub fn heard(&mut self, message: &[u8], now: u64, member: &mut Member, world: &mut World) {
        match self.encoding.read(message) {
            Said::Frame(frame) => {
                if !member.saw(frame, now, world) {
                    self.parsed(frame, now, member, world);
                }
            }
            Said::Opened => self.greet(member, world),
            Said::Ping => member.out.text(&[PONG]),
            Said::Refused(why) => not_let_in(why, world),
            Said::Nothing => {}
        }
    }

    /// Says the next message of the room.
    pub fn say(&self, member: &mut Member, world: &mut World) {
        if let Some(frame) = world.message(member.room) {
            self.encoding.put(&mut member.out, frame);
        }
    }

    fn request(&self, member: &mut Member, frame: &ClientFrame) {
        // A frame of ours always encodes.
        if let Ok(text) = serde_json::to_vec(frame) {
            self.encoding.put(&mut member.out, &text);
        }
    }

    fn parsed(&mut self, text: &[u8], now: u64, member: &mut Member, world: &mut World) {
        // What a newer server says beside is not ours to judge.
        let Ok(frame) = serde_json::from_slice::<ServerFrame>(text) else { return };
        match frame {
            ServerFrame::Entry(Entry::Message(message)) => {
                let own = world.rooms.get(member.room).is_some_and(|own| own.name == message.room);
                member.entry(own, message.seq.get(), world);
                let stamp = message.text().get(..wire::STAMP);
                let sent = stamp.and_then(|stamp| u64::from_str_radix(stamp, 16).ok());
                if let Some(sent) = sent.filter(|_| member.sampled) {
                    world.record(now, sent);
                }
            }
            ServerFrame::Sent { reference, seq, .. } => world.acknowledged(reference, seq.get()),
            ServerFrame::Welcome { token, .. } => {
                // Long, and needed only by those who come back with it.
                self.token = Some(token);
                if member.creates {
                    self.create(member, world);
                } else {
                    self.join(member, world);
                }
            }
            ServerFrame::Ok { .. } if member.stage == Stage::Creating => self.join(member, world),
            ServerFrame::Joined { epoch, head, entries, reset, .. } => {
                let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq().get()).collect();
                joined(member, world, (epoch, head.get()), &seqs, reset);
            }
            ServerFrame::Error { reference, code, message, .. } => {
                self.refused(member, world, reference, code, &message);
            }
            ServerFrame::Bye { reason, .. } => world.last_end = Some(reason),
            _ => {}
        }
    }

    fn create(&self, member: &mut Member, world: &World) {
        member.stage = Stage::Creating;
        let Some(room) = world.rooms.get(member.room) else { return };
        self.request(member, &ClientFrame::Create { reference: Ref(0), room: room.name.clone() });
    }

    /// Asks to be let into the room, again where it was put off.
    pub fn join(&self, member: &mut Member, world: &World) {
        if !matches!(member.stage, Stage::Greeting | Stage::Creating | Stage::Joining) {
            return;
        }
        member.stage = Stage::Joining;
        let Some(room) = world.rooms.get(member.room) else { return };
        let after = match (&member.track, world.epoch) {
            (Some(track), Some(epoch)) => {
                Seq::new(track.position()).ok().map(|seq| Position { epoch, seq })
            }
            _ => None,
        };
        let room = room.name.clone();
        self.request(member, &ClientFrame::Join { reference: Ref(0), room, after });
    }

    fn refused(
        &self,
        member: &mut Member,
        world: &mut World,
        to: Option<Ref>,
        code: ErrorCode,
        message: &str,
    ) {
        if code == ErrorCode::RoomExists && member.stage == Stage::Creating {
            return self.join(member, world);
        }
        if code == ErrorCode::RateLimited {
            return world.fail(
                "the server limits how much one client sends: start it with \
                 MARU_CONNECTION__RATE=10000 MARU_CONNECTION__BURST=100000 and \
                 MARU_LIMITS__EXEMPT=127.0.0.0/8 (or the address that the load comes from)",
            );
        }
        if member.stage == Stage::Joining && code.retryable() {
            world.counts.retried += 1;
            return world.put_off.push(member.index);
        }
        if member.stage != Stage::Ready {
            return world.fail(format!("the server refused member {}: {message}", member.index));
        }
        if to.is_some_and(|to| world.waiting.remove(&to.0).is_some()) {
            world.counts.refused += 1;
        }
    }
}

fn joined(
    member: &mut Member,
    world: &mut World,
    (epoch, head): (Epoch, u64),
    seqs: &[u64],
    reset: bool,
) {
    if world.epoch.is_some_and(|known| known != epoch) {
        world.fail("the server changed its epoch: it lost its history while this ran");
    }
    world.epoch = Some(epoch);
    if let Some(room) = world.rooms.get_mut(member.room) {
        room.head = room.head.max(head);
    }
    match &mut member.track {
        None => member.track = Some(Track::after(head)),
        Some(track) if reset => {
            world.counts.resets += 1;
            track.restart(head);
        }
        Some(track) => {
            world.counts.replayed += seqs.len() as u64;
            seqs.iter().for_each(|seq| track.saw(*seq));
        }
    }
    member.ready(world);
}
