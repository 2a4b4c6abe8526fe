//! What the engine's tests share.

use std::{collections::BTreeMap, time::Duration};

use maru_protocol::{
    Body, Description, DisplayName, Emoji, Entry, MessageId, RoomName, Seq, Topic, User, UserId,
    apply,
};
use uuid::Uuid;

use crate::{
    Command, Effects, Engine, Instant, Options, Seed,
    cluster::NodeId,
    log::{Append, Change, MemoryLog, NewMessage, Outcome, PageRange, ReplyTo, RoomId},
};

/// Settings with these bounds of a replay.
pub(crate) fn options(max_replay: usize, max_page: u32, page_bytes: usize) -> Options {
    Options {
        max_roster: 200,
        max_replay,
        max_page,
        page_bytes,
        flips: 20,
        flip_interval: Duration::from_secs(3),
        presence_interval: Duration::from_millis(10),
        directory_interval: Duration::from_millis(10),
    }
}

/// An engine with two workers, at the start of time: alone, or the node with that number.
pub(crate) fn engine(node: Option<u128>) -> Engine {
    let node = node.map(|node| NodeId(Uuid::from_u128(node)));
    let options = options(500, 100, 1 << 20);
    let mut engine = Engine::new(options, node, Seed::default(), Instant::START);
    handle(&mut engine, Command::Workers(2));
    engine
}

/// What a command at the start of time comes to.
pub(crate) fn handle(engine: &mut Engine, command: Command) -> Effects {
    let mut effects = Effects::default();
    engine.handle(Instant::START, command, &mut effects);
    effects
}

pub(crate) const ROOM: RoomId = RoomId(1);

/// A room in which anything happens, and all that came of it.
#[derive(Clone)]
pub(crate) struct BusyRoom {
    pub(crate) log: MemoryLog,
    /// As they were committed.
    pub(crate) out: Vec<Entry>,
}

impl BusyRoom {
    pub(crate) fn new() -> Self {
        let mut log = MemoryLog::new();
        log.create(RoomName::parse("lobby").unwrap(), 1);
        Self { log, out: Vec::new() }
    }

    pub(crate) fn head(&self) -> u64 {
        self.out.len() as u64
    }

    /// Whether something came of it.
    pub(crate) fn ask(&mut self, sender: u64, what: Change) -> bool {
        let next = self.head() + 1;
        let name = format!("p{sender}");
        let outcome = self.log.append(Append {
            room: ROOM,
            room_name: RoomName::parse("lobby").unwrap(),
            id: MessageId(Uuid::from_u128(next.into())),
            sender: User { id: UserId(name.clone()), name: DisplayName::parse(&name).unwrap() },
            at: 1_000 + next,
            what,
            reply: ReplyTo::Nobody,
        });
        match outcome {
            Outcome::Committed { entry, .. } => {
                self.out.push(entry);
                true
            }
            _ => false,
        }
    }

    /// A message whose text tells its number; texts differ in length.
    pub(crate) fn say(&mut self, sender: u64, reply_to: Option<Seq>) {
        let next = self.head() + 1;
        let text = format!("<{next}>{}", "x".repeat((next % 7) as usize));
        let body = Some(Body::parse(text).unwrap());
        self.ask(sender, Change::Message(NewMessage { body, reply_to, ..NewMessage::default() }));
    }

    /// Puts an emoji on a message, or takes it back.
    pub(crate) fn flip(&mut self, sender: u64, target: Seq, emoji: u64) {
        let emoji = ["👍", "👎", "🎉"][(emoji % 3) as usize].to_owned();
        let emoji = Emoji::parse(emoji).unwrap();
        let on = Change::React { target, emoji: emoji.clone(), on: true };
        if !self.ask(sender, on) {
            self.ask(sender, Change::React { target, emoji, on: false });
        }
    }

    /// One of all things that can happen, with one of the newest messages.
    pub(crate) fn act(&mut self, what: u8, number: u64) {
        let back = number % 23 + 1;
        let target = Seq::new(self.head().saturating_sub(back) + 1).unwrap();
        let sender = number % 3;
        let body = || Body::parse(format!("<{}>", self.head() + 1)).unwrap();
        match what % 12 {
            0..=3 => self.say(sender, None),
            4 => self.say(sender, Some(target)),
            5 => {
                let (body, mentions) = (body(), Vec::new());
                let change = Change::Edit { target, body, mentions };
                (0..3).any(|own| self.ask(own, change.clone()));
            }
            6 => drop((0..3).any(|own| self.ask(own, Change::Delete { target }))),
            7 => {
                let on = self.ask(sender, Change::Pin { target, on: true });
                if !on {
                    self.ask(sender, Change::Pin { target, on: false });
                }
            }
            8 => {
                let topic = Topic::parse(&format!("topic {number}")).unwrap();
                let description = Description::default();
                self.ask(sender, Change::Topic { topic, description });
            }
            _ => (0..=number % 5).for_each(|n| self.flip(sender, target, n)),
        }
    }

    /// What a client holds that heard each entry up to `head`, by the rule of PROTOCOL.md.
    pub(crate) fn heard(&self, head: u64) -> BTreeMap<Seq, Entry> {
        let mut held = BTreeMap::new();
        hear(&mut held, &self.out[..usize::try_from(head).unwrap()]);
        held
    }

    /// The room as a page of one entry has it.
    pub(crate) fn read(&self, seq: Seq) -> Entry {
        let range = PageRange::Before { before: seq.next(), limit: 1 };
        self.log.page(ROOM, range).unwrap().entries.remove(0)
    }
}

/// Hears entries one after the other: what has a row of its own is held, the others change it.
pub(crate) fn hear<'a>(
    held: &mut BTreeMap<Seq, Entry>,
    entries: impl IntoIterator<Item = &'a Entry>,
) {
    for entry in entries {
        match entry {
            Entry::Message(_) | Entry::Tombstone(_) => apply::put(held, entry.clone()),
            change => apply::apply(held, change),
        }
    }
}

/// Those of them that are messages which are not deleted.
pub(crate) fn live(held: &BTreeMap<Seq, Entry>) -> BTreeMap<Seq, &Entry> {
    let live = held.iter().filter(|(_, entry)| matches!(entry, Entry::Message(_)));
    live.map(|(seq, entry)| (*seq, entry)).collect()
}
