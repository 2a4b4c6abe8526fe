//! The checker of histories finds nothing in a good one and each fault in a bad one: a check that
//! cannot fail proves nothing.

use maru_protocol::{Epoch, MessageId};
use uuid::Uuid;

use crate::{
    history::{Event, Fault, Logged, Logs, Who, check},
    random::Random,
};

const ROOMS: [&str; 2] = ["a", "b"];
const LISTENERS: [Who; 2] = [10, 11];
const MESSAGES: u64 = 200;

fn id(n: u64) -> MessageId {
    MessageId(Uuid::from_u128(n.into()))
}

/// Three senders, two listeners, nine of ten acknowledged, nothing wrong.
fn good(random: &mut Random) -> (Vec<Event>, Logs) {
    let (mut events, mut logs) = (Vec::new(), Logs::new());
    for who in LISTENERS {
        for room in ROOMS {
            let (room, epoch) = (room.to_owned(), Epoch(Uuid::from_u128(1)));
            events.push(Event::Told { who, room: room.clone(), epoch, reset: false });
            events.push(Event::Joined { who, room, next: 1 });
        }
    }
    for n in 0..MESSAGES {
        let room = ROOMS[random.below(2)].to_owned();
        let who = Who::try_from(random.below(3)).unwrap();
        let (id, body) = (id(n), format!("message {n}"));
        events.push(Event::Sends { who, room: room.clone(), id, body: body.clone() });
        let log = logs.entry(room.clone()).or_default();
        let entry = Logged { seq: log.len() as u64 + 1, id, body };
        log.push(entry.clone());
        if random.below(10) > 0 {
            events.push(Event::Acked { room: room.clone(), id, seq: entry.seq });
        }
        for who in LISTENERS {
            events.push(Event::Received { who, room: room.clone(), entry: entry.clone() });
        }
    }
    (events, logs)
}

/// Breaks a history; the fault must be among what is found, whatever the seed.
fn found(fault: Fault, harm: impl Fn(&mut Vec<Event>, &mut Logs, &mut Random)) {
    for seed in 0..50 {
        let mut random = Random::new(seed);
        let (mut events, mut logs) = good(&mut random);
        harm(&mut events, &mut logs, &mut random);
        let found = check(&events, &logs);
        assert!(found.contains_key(&fault), "{fault:?}, seed {seed}: {found:?}");
    }
}

fn places(events: &[Event], wanted: impl Fn(&Event) -> bool) -> Vec<usize> {
    events.iter().enumerate().filter(|(_, event)| wanted(event)).map(|(n, _)| n).collect()
}

fn is_received(event: &Event) -> bool {
    matches!(event, Event::Received { .. })
}

fn some_received(events: &[Event], random: &mut Random) -> usize {
    *random.pick(&places(events, is_received))
}

fn renumber(log: &mut [Logged]) {
    log.iter_mut().zip(1..).for_each(|(entry, seq)| entry.seq = seq);
}

#[test]
fn a_good_history_has_no_fault() {
    for seed in 0..50 {
        let (events, logs) = good(&mut Random::new(seed));
        assert_eq!(check(&events, &logs), Default::default());
    }
}

#[test]
fn a_resumed_and_a_left_stream_are_good_too() {
    let (mut events, logs) = good(&mut Random::new(7));
    // One listener goes in the middle and is owed nothing from there on …
    let all =
        places(&events, |e| matches!(e, Event::Received { who: 10, room, .. } if room == "a"));
    let middle = all[all.len() / 2];
    let Event::Received { entry: Logged { seq, .. }, .. } = events[middle].clone() else {
        unreachable!()
    };
    let later: Vec<usize> = all.into_iter().filter(|n| *n > middle).collect();
    let missed: Vec<Event> = later.iter().rev().map(|n| events.remove(*n)).collect();
    events.insert(middle + 1, Event::Left { who: 10, room: "a".into() });
    assert_eq!(check(&events, &logs), Default::default());
    // … and comes back to all that it missed.
    events.push(Event::Joined { who: 10, room: "a".into(), next: seq + 1 });
    assert!(check(&events, &logs).contains_key(&Fault::MissingEnd));
    events.extend(missed.into_iter().rev());
    assert_eq!(check(&events, &logs), Default::default());
}

#[test]
fn a_lost_end_of_the_log_is_found() {
    found(Fault::LostAcked, |_, logs, _| {
        let log = logs.get_mut("a").unwrap();
        log.truncate(log.len() - 20);
    });
}

#[test]
fn a_message_lost_within_the_log_is_found() {
    found(Fault::LostAcked, |events, logs, random| {
        let acks = places(events, |e| matches!(e, Event::Acked { room, .. } if room == "a"));
        let Event::Acked { id, .. } = events[*random.pick(&acks)] else { unreachable!() };
        let log = logs.get_mut("a").unwrap();
        log.retain(|entry| entry.id != id);
        renumber(log);
    });
}

#[test]
fn a_message_kept_twice_is_found() {
    found(Fault::KeptTwice, |_, logs, random| {
        let log = logs.get_mut("a").unwrap();
        let again = random.pick(log).clone();
        log.push(Logged { seq: log.len() as u64 + 1, ..again });
    });
}

#[test]
fn a_hole_in_the_log_is_found() {
    found(Fault::LogHole, |_, logs, random| {
        let log = logs.get_mut("b").unwrap();
        let from = random.below(log.len());
        log[from..].iter_mut().for_each(|entry| entry.seq += 1);
    });
}

#[test]
fn an_acknowledgement_with_another_seq_is_found() {
    found(Fault::AckSeqDiffers, |events, _, random| {
        let acks = places(events, |e| matches!(e, Event::Acked { .. }));
        let Event::Acked { seq, .. } = &mut events[*random.pick(&acks)] else { unreachable!() };
        *seq += 1;
    });
    found(Fault::AckSeqDiffers, |events, _, random| {
        let acks = places(events, |e| matches!(e, Event::Acked { .. }));
        let Event::Acked { room, id, seq } = events[*random.pick(&acks)].clone() else {
            unreachable!()
        };
        events.push(Event::Acked { room, id, seq: seq + 1 });
    });
}

#[test]
fn a_message_nobody_sent_is_found() {
    found(Fault::Phantom, |_, logs, _| {
        let log = logs.get_mut("a").unwrap();
        log.push(Logged { seq: log.len() as u64 + 1, id: id(9_999), body: "boo".into() });
    });
}

#[test]
fn a_text_that_changed_is_found() {
    found(Fault::Altered, |_, logs, random| {
        let log = logs.get_mut("b").unwrap();
        let at = random.below(log.len());
        log[at].body.push('!');
    });
}

#[test]
fn a_refused_message_that_was_kept_is_found() {
    found(Fault::RefusedButKept, |events, logs, random| {
        let id = random.pick(&logs["a"]).id;
        events.push(Event::Refused { room: "a".into(), id });
    });
}

#[test]
fn an_entry_that_did_not_arrive_is_found() {
    found(Fault::ReceivedHole, |events, _, random| {
        // Not the last one of its stream: that is a missing end.
        let all = places(events, is_received);
        events.remove(*random.pick(&all[..all.len() / 2]));
    });
    found(Fault::MissingEnd, |events, _, _| {
        let last = places(events, is_received).pop().unwrap();
        events.remove(last);
    });
}

#[test]
fn an_entry_that_arrived_twice_or_late_is_found() {
    found(Fault::AgainOrLate, |events, _, random| {
        let at = some_received(events, random);
        events.insert(at + 1, events[at].clone());
    });
    found(Fault::AgainOrLate, |events, _, random| {
        let of =
            places(events, |e| matches!(e, Event::Received { who: 10, room, .. } if room == "a"));
        let n = random.below(of.len() - 1);
        events.swap(of[n], of[n + 1]);
    });
}

#[test]
fn receivers_that_disagree_are_found() {
    found(Fault::Fork, |events, _, random| {
        let at = some_received(events, random);
        let Event::Received { entry, .. } = &mut events[at] else { unreachable!() };
        entry.id = id(5_000);
    });
}

#[test]
fn an_entry_for_somebody_who_left_is_found() {
    found(Fault::Uninvited, |events, _, random| {
        let all = places(events, is_received);
        let at = *random.pick(&all[..all.len() / 2]);
        let Event::Received { who, room, .. } = events[at].clone() else { unreachable!() };
        events.insert(at, Event::Left { who, room });
    });
}

#[test]
fn a_log_against_real_time_is_found() {
    found(Fault::RealTimeOrder, |events, logs, _| {
        // The second message overtakes the first, which was acknowledged before it was sent.
        let [first, second] = &mut logs.get_mut("a").unwrap()[..2] else { unreachable!() };
        std::mem::swap(&mut first.id, &mut second.id);
        let id = second.id;
        let sends = |e: &Event| matches!(e, Event::Sends { id: of, .. } if *of == id);
        let at = places(events, sends)[0];
        events.insert(at + 1, Event::Acked { room: "a".into(), id, seq: 2 });
    });
}

#[test]
fn a_senders_messages_out_of_order_are_found() {
    found(Fault::SenderOrder, |events, logs, _| {
        let log = logs.get_mut("b").unwrap();
        let of = |entry: &Logged| {
            events.iter().find_map(|event| match event {
                Event::Sends { who, id, .. } if *id == entry.id => Some(*who),
                _ => None,
            })
        };
        let first = of(&log[0]);
        let n = (1..log.len()).find(|n| of(&log[*n]) == first).unwrap();
        let (a, b) = (log[0].id, log[n].id);
        (log[0].id, log[n].id) = (b, a);
    });
}

#[test]
fn a_reset_and_another_epoch_are_found() {
    let change = |events: &mut [Event], random: &mut Random, new: Epoch, anew: bool| {
        let told = places(events, |e| matches!(e, Event::Told { .. }));
        let Event::Told { epoch, reset, .. } = &mut events[*random.pick(&told)] else {
            unreachable!()
        };
        (*epoch, *reset) = (new, anew);
    };
    let (same, other) = (Epoch(Uuid::from_u128(1)), Epoch(Uuid::from_u128(2)));
    found(Fault::Reset, |events, _, random| change(events, random, same, true));
    found(Fault::OtherEpoch, |events, _, random| change(events, random, other, false));
}
