//! Each thing that the figures can say is wrong is said, and nothing of good ones.

use std::time::Duration;

use maru_protocol::MessageId;
use uuid::Uuid;

use crate::{
    figures::{Figures, Window},
    history::{Fault as Flaw, Found},
    plan::{Fault, Kind},
    rehearsal::Bars,
    world::{Absence, Notes},
};

const BARS: Bars = Bars {
    away: Duration::from_secs(3),
    late: Duration::from_secs(6),
    converge: Duration::from_secs(10),
};

fn window(kind: Kind, from: u64, until: u64) -> Window {
    let (at, lasts) = (Duration::from_micros(from), Duration::from_micros(until - from));
    Window { fault: Fault { kind, at, node: 1, lasts }, from, until }
}

/// Seconds.
fn s(seconds: u64) -> u64 {
    seconds * 1_000_000
}

/// One message, to one person on another node; one kill, after which somebody was away.
fn good() -> Figures {
    let id = MessageId(Uuid::from_u128(7));
    let one = Notes {
        acks: vec![(id, (s(1), s(2)))],
        crossings: vec![(id, (s(1), s(3)))],
        absences: vec![Absence { node: 1, span: (s(10), s(12)), story: Vec::new() }],
        converged: true,
        ..Notes::default()
    };
    Figures {
        seed: 1,
        people: vec![one],
        windows: vec![window(Kind::KillNode, s(10), s(15))],
        found: Found::new(),
        kept: 1,
        start: 0,
        traffic: Duration::from_secs(20),
        converged: Duration::ZERO,
    }
}

fn wrong(harm: impl Fn(&mut Figures)) -> String {
    let mut figures = good();
    harm(&mut figures);
    figures.wrong(BARS).join("; ")
}

#[test]
fn nothing_is_wrong_with_good_figures() {
    assert_eq!(wrong(|_| ()), "");
    assert!(good().to_string().contains("at most 2.00 s, of 1 people"));
}

#[test]
fn each_wrong_is_told() {
    type Harm = fn(&mut Figures);
    let harms: [(Harm, &str); 8] = [
        (|it| it.people[0].absences[0].span.1 = s(14), "4.00 s away"),
        (|it| it.people[0].absences.clear(), "hit nobody"),
        (|it| it.people[0].crossings[0].1.1 = s(9), "only 7.00 s later"),
        (|it| it.people[0].converged = false, "1 people have not seen everything"),
        (|it| it.people[0].troubles.push("0: NotJoined".into()), "NotJoined"),
        (|it| it.kept = 2, "1 messages were acknowledged and 2 are kept"),
        (|it| it.people[0].acks.clear(), "0 messages were acknowledged and 1 are kept"),
        (
            |it| _ = it.found.insert(Flaw::LostAcked, vec!["a 1".into()]),
            "1 × LostAcked, such as [\"a 1\"]",
        ),
    ];
    for (harm, sentence) in harms {
        let told = wrong(harm);
        assert!(told.contains(sentence), "{told:?} says nothing of {sentence:?}");
    }
}

#[test]
fn while_nobody_can_be_let_in_nobody_is_away_too_long() {
    let told = wrong(|it| {
        it.people[0].absences[0].span.1 = s(14);
        it.windows.push(window(Kind::KillPostgres, s(11), s(13)));
    });
    assert_eq!(told, "");
    let told = wrong(|it| {
        it.people[0].crossings[0].1.1 = s(9);
        it.windows.push(window(Kind::RestartPostgres, s(4), s(5)));
    });
    assert_eq!(told, "");
}
