use std::collections::BTreeMap;

use maru_protocol::{
    Body, Description, DisplayName, Entry, MAX_EXCERPT_CHARS, Message, MessageId, RoomName,
    Tombstone, Topic,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::log::{Append, Created, MemoryLog, NewMessage, Outcome, PageRange, ReplyTo, RoomRecord};

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn person(n: u8) -> User {
    let name = format!("p{n}");
    User { id: UserId(name.clone()), name: DisplayName::parse(&name).unwrap() }
}

fn emoji(n: u8) -> Emoji {
    let faces = "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔😕😖😗";
    Emoji::parse(faces.chars().nth(usize::from(n) % 24).unwrap().to_string()).unwrap()
}

fn body(text: &str) -> Body {
    Body::parse(text.to_owned()).unwrap()
}

/// A room of a log in memory, and all that came out of it.
struct Room {
    log: MemoryLog,
    record: RoomRecord,
    /// Raw, as they went out.
    out: Vec<Entry>,
}

impl Room {
    fn new() -> Self {
        let mut log = MemoryLog::new();
        let Created::New(record) = log.create(RoomName::parse("lobby").unwrap(), 1) else {
            panic!("made twice")
        };
        Self { log, record, out: Vec::new() }
    }

    fn ask(&mut self, sender: &User, what: Change) -> Result<Seq, Rejection> {
        let next = self.out.len() as u64 + 1;
        let append = Append {
            room: self.record.id,
            room_name: self.record.name.clone(),
            id: MessageId(Uuid::from_u128(next.into())),
            sender: sender.clone(),
            at: 1_000 + next,
            what,
            reply: ReplyTo::Nobody,
        };
        match self.log.append(append) {
            Outcome::Committed { entry, .. } => {
                self.out.push(entry);
                Ok(seq(next))
            }
            Outcome::Known { seq, at, .. } => Err(Rejection::Known { seq, at }),
            Outcome::Refused { why, .. } => Err(Rejection::Refused(why)),
        }
    }

    /// The entry of that number as a page has it now.
    fn read(&self, number: Seq) -> Entry {
        let range = PageRange::Before { before: number.next(), limit: 1 };
        self.log.page(self.record.id, range).unwrap().entries.remove(0)
    }

    fn state(&self, number: u64) -> MessageState {
        self.log.state(self.record.id, seq(number)).unwrap().clone()
    }

    fn about(&self) -> About {
        self.log.page(self.record.id, PageRange::Newest { limit: 0 }).unwrap().about
    }
}

/// What a client does with an entry that changes a message it holds: the rule of PROTOCOL.md, and
/// nothing of the code above.
fn apply(held: Entry, entry: &Entry) -> Entry {
    if let (Entry::Edit(edit), Entry::Delete(gone)) = (&held, entry)
        && edit.target == gone.target
    {
        // A deletion takes the texts of edits along.
        return Entry::Edit(maru_protocol::Edit {
            body: None,
            mentions: Vec::new(),
            ..edit.clone()
        });
    }
    let (Entry::Message(mut message), Some(target)) = (held.clone(), entry.target()) else {
        return held;
    };
    if target != message.seq || Some(entry.seq()) <= message.changed {
        return held;
    }
    message.changed = Some(entry.seq());
    match entry {
        Entry::Edit(edit) => {
            message.body.clone_from(&edit.body);
            message.mentions.clone_from(&edit.mentions);
            message.edited = Some(Edited { seq: edit.seq, at: edit.at });
        }
        Entry::Delete(gone) => {
            let Message { room, seq, id, sender, at, .. } = message;
            let (deleted_at, changed) = (gone.at, gone.seq);
            return Entry::Tombstone(Tombstone { room, seq, id, sender, at, deleted_at, changed });
        }
        Entry::Reaction(reaction) => {
            let place = message.reactions.iter().position(|it| it.emoji == reaction.emoji);
            let who = &reaction.sender;
            match (place, reaction.on) {
                (None, true) => message.reactions.push(Reacted {
                    emoji: reaction.emoji.clone(),
                    count: 1,
                    users: vec![who.clone()],
                }),
                (Some(place), true) => {
                    let reacted = &mut message.reactions[place];
                    reacted.count += 1;
                    if reacted.users.len() < MAX_REACTED_USERS {
                        reacted.users.push(who.clone());
                    }
                }
                (Some(place), false) => {
                    let reacted = &mut message.reactions[place];
                    reacted.count -= 1;
                    reacted.users.retain(|user| user.id != who.id);
                    if reacted.count == 0 {
                        message.reactions.remove(place);
                    }
                }
                (None, false) => {}
            }
        }
        _ => {}
    }
    Entry::Message(message)
}

fn draft(kind: u8, target: u64, n: u8) -> Change {
    let target = seq(target);
    match kind {
        0..=2 => {
            let reply_to = (n.is_multiple_of(3) && target.get() > 0).then_some(target);
            let body = Some(body(&format!("말 {n}")));
            Change::Message(NewMessage { body, reply_to, ..NewMessage::default() })
        }
        3 => Change::Edit { target, body: body(&format!("새 {n}")), mentions: vec![person(n)] },
        4 => Change::Delete { target },
        5..=8 => Change::React { target, emoji: emoji(n / 8), on: !n.is_multiple_of(4) },
        9 => Change::Pin { target, on: !n.is_multiple_of(3) },
        _ => {
            let topic = Topic::parse(&format!("{n}")).unwrap();
            Change::Topic { topic, description: Description::default() }
        }
    }
}

proptest! {
    /// Whatever people do, and whenever a client read which message: with the entries it has heard
    /// since, in order and some of them twice, it shows what the store says.
    #[test]
    fn a_client_that_folds_comes_to_the_state(
        steps in proptest::collection::vec((0_u8..11, 1_u64..30, 0_u8..6, 0_u8..200), 1..120),
        read_at in proptest::collection::vec(0_usize..120, 30),
        again in 0_usize..20,
    ) {
        let mut room = Room::new();
        let mut held: BTreeMap<Seq, (Entry, usize)> = BTreeMap::new();
        for (step, (kind, target, who, n)) in steps.into_iter().enumerate() {
            let before = (room.out.len(), room.about());
            if room.ask(&person(who), draft(kind, target, n)).is_err() {
                prop_assert_eq!(before.0, room.out.len());
                prop_assert_eq!(before.1, room.about());
            }
            // Some read some message now, folded as it is at this moment.
            for (number, at) in (1..).zip(&read_at) {
                if *at == step && number <= room.out.len() as u64 {
                    held.insert(seq(number), (room.read(seq(number)), room.out.len()));
                }
            }
        }
        for (number, (entry, head)) in held {
            // What was heard before the read comes again, as after a resume from an older place.
            let heard = &room.out[head.saturating_sub(again)..];
            let shown = heard.iter().fold(entry, apply);
            match (shown, room.read(number)) {
                (Entry::Message(shown), Entry::Message(now)) => {
                    // A quote is as of the read.
                    prop_assert_eq!(Message { reply_to: None, mentions: Vec::new(), ..shown },
                                    Message { reply_to: None, mentions: Vec::new(), ..now });
                }
                (shown, now) => prop_assert_eq!(shown, now),
            }
        }
        prop_assert!(room.about().pins.len() <= MAX_PINS);
    }
}

#[test]
fn who_may_change_what() {
    let (me, you) = (person(1), person(2));
    let mut room = Room::new();
    room.ask(&me, draft(0, 0, 1)).unwrap();
    let edit = |target| Change::Edit { target: seq(target), body: body("x"), mentions: Vec::new() };
    let delete = |target| Change::Delete { target: seq(target) };
    let pin = |target, on| Change::Pin { target: seq(target), on };
    let reply = |target| {
        let body = Some(body("x"));
        Change::Message(NewMessage { body, reply_to: Some(seq(target)), ..NewMessage::default() })
    };
    let refused = |why| Err(Rejection::Refused(why));
    assert_eq!(room.ask(&you, edit(1)), refused(Refused::NotYours));
    assert_eq!(room.ask(&you, delete(1)), refused(Refused::NotYours));
    assert_eq!(room.ask(&me, edit(2)), refused(Refused::NoMessage));
    assert_eq!(room.ask(&me, reply(2)), refused(Refused::NoMessage));
    assert_eq!(room.ask(&me, edit(1)), Ok(seq(2)));
    // An edit is no message.
    for nothing in [edit(2), delete(2), pin(2, true), reply(2)] {
        assert_eq!(room.ask(&me, nothing), refused(Refused::NoMessage));
    }
    assert_eq!(room.ask(&you, pin(1, true)), Ok(seq(3)));
    assert_eq!(room.ask(&me, pin(1, true)), Err(Rejection::Known { seq: seq(3), at: 1_003 }));
    assert_eq!(room.about().pins, [seq(1)]);
    assert_eq!(room.ask(&me, delete(1)), Ok(seq(4)));
    assert!(room.about().pins.is_empty(), "what is gone is not held up");
    for late in [edit(1), delete(1), pin(1, true), pin(1, false)] {
        assert_eq!(room.ask(&me, late), refused(Refused::NoMessage));
    }
    // An answer may have been on its way.
    assert_eq!(room.ask(&you, reply(1)), Ok(seq(5)));
    let Entry::Message(Message { reply_to: Some(quote), .. }) = &room.out[4] else { panic!() };
    assert_eq!((quote.deleted, &quote.excerpt), (true, &None));
}

#[test]
fn reactions_are_counted_exactly_and_bounded() {
    let mut room = Room::new();
    room.ask(&person(0), draft(0, 0, 1)).unwrap();
    let react = |n, on| Change::React { target: seq(1), emoji: emoji(n), on };
    let is_known = |room: &mut Room, n, on| {
        matches!(room.ask(&person(n), react(0, on)), Err(Rejection::Known { .. }))
    };
    assert!(is_known(&mut room, 1, false), "there was none");
    for n in 1..=60 {
        room.ask(&person(n), react(0, true)).unwrap();
        assert!(is_known(&mut room, n, true));
    }
    let reacted = |room: &Room| {
        let state = room.state(1);
        let listed = state.reactions.first().map(|it| (it.count, it.users.len()));
        listed.unwrap_or_default()
    };
    assert_eq!(reacted(&room), (60, MAX_REACTED_USERS));
    // Of those who are not listed and of those who are.
    for n in [60, 1] {
        room.ask(&person(n), react(0, false)).unwrap();
        assert!(is_known(&mut room, n, false));
    }
    assert_eq!(reacted(&room), (58, MAX_REACTED_USERS - 1));
    assert!(is_known(&mut room, 59, true), "not listed, and there");
    for n in 2..=59 {
        room.ask(&person(n), react(0, false)).unwrap();
    }
    assert_eq!(reacted(&room), (0, 0));
    assert!(!room.log.has_unlisted(room.record.id));
    for n in 0..20 {
        room.ask(&person(1), react(n, true)).unwrap();
    }
    let full = Err(Rejection::Refused(Refused::TooManyReactions));
    assert_eq!(room.ask(&person(1), react(20, true)), full);
    room.ask(&person(2), react(7, true)).unwrap();
    room.ask(&person(1), react(3, false)).unwrap();
    room.ask(&person(1), react(20, true)).unwrap();
}

#[test]
fn so_many_pins_and_no_more() {
    let mut room = Room::new();
    for _ in 0..=MAX_PINS {
        room.ask(&person(0), draft(0, 0, 1)).unwrap();
    }
    let pin = |n: usize, on| Change::Pin { target: seq(n as u64), on };
    for n in 1..=MAX_PINS {
        room.ask(&person(1), pin(n, true)).unwrap();
    }
    assert_eq!(room.about().pins[0], seq(MAX_PINS as u64), "the latest first");
    let full = Err(Rejection::Refused(Refused::TooManyPins));
    assert_eq!(room.ask(&person(1), pin(MAX_PINS + 1, true)), full);
    assert!(room.ask(&person(1), pin(1, true)).is_err_and(|no| no != full.clone().unwrap_err()));
    room.ask(&person(1), pin(7, false)).unwrap();
    room.ask(&person(1), pin(MAX_PINS + 1, true)).unwrap();
}

#[test]
fn an_excerpt_is_short_and_cut_between_characters() {
    assert_eq!(excerpt(""), None);
    assert_eq!(excerpt(&"가".repeat(500)).unwrap().chars().count(), MAX_EXCERPT_CHARS);
}

#[test]
fn what_is_kept_reads_the_same() {
    let mut room = Room::new();
    room.ask(&person(0), draft(0, 0, 1)).unwrap();
    room.ask(&person(1), draft(5, 1, 1)).unwrap();
    room.ask(&person(0), draft(3, 1, 1)).unwrap();
    let state = room.state(1);
    assert_eq!(
        serde_json::from_str::<MessageState>(&serde_json::to_string(&state).unwrap()).unwrap(),
        state
    );
    assert!(serde_json::from_str::<MessageState>("{}").is_err());
}
