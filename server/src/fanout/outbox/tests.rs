use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::fanout::{
    Broken,
    testing::{PLAIN, Shown, Wakes, Wire, framed},
};

fn outbox(wire: &Wire, budget: usize) -> Outbox<Wire> {
    Outbox::new(wire.clone(), PLAIN, budget)
}

fn flush(outbox: &Outbox<Wire>, wakes: &Arc<Wakes>) -> Poll<()> {
    outbox.poll_flush(&mut Context::from_waker(&wakes.waker()))
}

const TEXTS: [&str; 4] = ["one", "", "three is longer", "four"];

fn texts() -> Vec<Shown> {
    TEXTS.iter().map(|text| Shown::Text((*text).to_owned())).collect()
}

fn is_bye(frame: &Shown, code: &str) -> bool {
    matches!(frame, Shown::Text(text) if text.contains("\"bye\"") && text.contains(code))
}

fn is_close(frame: &Shown, code: &str) -> bool {
    matches!(frame, Shown::Close(text) if text.starts_with(code))
}

#[test]
fn what_nothing_holds_up_goes_straight_to_the_socket() {
    let (wire, wakes) = (Wire::wide(), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 10);
    assert!(flush(&outbox, &wakes).is_pending());
    TEXTS.iter().for_each(|text| outbox.push(&framed(text)));
    outbox.ping();
    assert_eq!(wire.frames(), [texts(), vec![Shown::Ping]].concat());
    assert_eq!((wakes.count(), outbox.queued()), (0, 0), "nobody was woken for it");
}

#[test]
fn a_socket_that_stops_at_any_byte_tears_no_frame_although_the_end_follows() {
    let total: usize = TEXTS.iter().map(|text| framed(text).len()).sum();
    for cut in 0..=total {
        for step in [1, 3, 7, usize::MAX] {
            let (wire, wakes) = (Wire::with_room(cut), Arc::new(Wakes::default()));
            let outbox = outbox(&wire, 1_000);
            TEXTS.iter().for_each(|text| outbox.push(&framed(text)));
            outbox.bye(ByeCode::Shutdown, "the server restarts", Some(5));
            outbox.push(&framed("too late"));
            outbox.bye(ByeCode::SlowReader, "the first reason stands", None);
            assert!(outbox.is_ending());
            while flush(&outbox, &wakes).is_pending() {
                wire.widen(step);
            }
            let frames = wire.frames();
            assert_eq!(frames[..4], texts(), "cut at {cut}, then {step} at a time");
            assert!(is_bye(&frames[4], "shutdown") && is_close(&frames[5], "1012"), "{frames:?}");
            assert_eq!(frames.len(), 6);
        }
    }
}

#[test]
fn who_reads_too_slowly_loses_what_waits_but_never_half_a_frame() {
    let first = framed("the first of what waits");
    for cut in 0..=first.len() + 3 {
        let (wire, wakes) = (Wire::with_room(cut), Arc::new(Wakes::default()));
        let outbox = outbox(&wire, 100);
        outbox.push(&first);
        let mut pushed = 1;
        while !outbox.is_ending() {
            outbox.push(&framed("more"));
            pushed += 1;
            assert!(outbox.is_ending() || outbox.queued() <= 100, "{}", outbox.queued());
            assert!(pushed < 50, "the budget never ends it");
        }
        let queued = outbox.queued();
        outbox.push(&framed("too late"));
        assert_eq!(outbox.queued(), queued, "nothing is taken any more");
        assert!(matches!(outbox.end(), Some(DisconnectReason::Bye(ByeCode::SlowReader, _))));
        while flush(&outbox, &wakes).is_pending() {
            wire.widen(2);
        }
        let frames = wire.frames();
        let [whole @ .., bye, close] = &frames[..] else { panic!("{frames:?}") };
        assert!(is_bye(bye, "slow_reader") && is_close(close, "1013"), "cut at {cut}: {frames:?}");
        // Begun means finished; not begun means dropped.
        let begun = usize::from(cut > 0) + usize::from(cut > first.len());
        assert_eq!(whole.len(), begun, "cut at {cut}: {frames:?}");
    }
}

#[test]
fn one_frame_above_the_budget_goes_out_alone() {
    let (wire, wakes) = (Wire::with_room(1), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 10);
    let long = "x".repeat(1_000);
    outbox.push(&framed(&long));
    assert!(!outbox.is_ending());
    wire.widen(usize::MAX);
    assert!(flush(&outbox, &wakes).is_pending());
    assert_eq!(wire.texts(), [long]);
    outbox.push(&framed("and life goes on"));
    assert_eq!(wire.texts().len(), 2);
}

#[test]
fn the_connections_task_is_woken_for_what_the_socket_did_not_take_and_for_the_end() {
    let (wire, wakes) = (Wire::with_room(0), Arc::new(Wakes::default()));
    let waiting = outbox(&wire, 1_000);
    assert!(flush(&waiting, &wakes).is_pending());
    waiting.push(&framed("held up"));
    assert_eq!(wakes.count(), 1);
    waiting.push(&framed("behind it"));
    assert_eq!(wakes.count(), 1, "it knows already");
    assert!(flush(&waiting, &wakes).is_pending());
    wire.widen(3);
    assert_eq!(wakes.count(), 2, "there is room");
    assert!(flush(&waiting, &wakes).is_pending());
    waiting.close(DisconnectReason::Close(1000, "closed by the client"));
    assert_eq!(wakes.count(), 3, "the end, while the socket is full");
    let mut cx_waker = Context::from_waker(Waker::noop());
    assert!(waiting.poll_flush(&mut cx_waker).is_pending(), "what waits is still to be written");
    assert!(waiting.poll_ending(&mut cx_waker).is_ready(), "its session need not wait for that");

    let (wire, wakes) = (Wire::wide(), Arc::new(Wakes::default()));
    let idle = outbox(&wire, 1_000);
    assert!(flush(&idle, &wakes).is_pending());
    idle.bye(ByeCode::HelloTimeout, "no hello came in time", None);
    assert_eq!(wakes.count(), 1, "the end, while nothing waits");
    assert!(flush(&idle, &wakes).is_ready());

    let (wire, wakes) = (Wire::wide(), Arc::new(Wakes::default()));
    let lost = outbox(&wire, 1_000);
    assert!(flush(&lost, &wakes).is_pending());
    wire.break_off();
    lost.push(&framed("into the void"));
    assert_eq!(wakes.count(), 1, "the socket failed");
    assert_eq!(lost.end(), Some(DisconnectReason::Broken(Broken::Reset)));
    assert!(flush(&lost, &wakes).is_ready());
}

#[test]
fn a_socket_that_fails_while_much_waits_ends_the_connection() {
    let (wire, wakes) = (Wire::with_room(4), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 1_000);
    TEXTS.iter().for_each(|text| outbox.push(&framed(text)));
    wire.break_off();
    assert!(flush(&outbox, &wakes).is_ready());
    let end = DisconnectReason::Broken(Broken::Behind);
    assert_eq!(end.reason(), "slow reader");
    assert_eq!((outbox.end(), outbox.queued()), (Some(end), 0));
}

#[test]
fn a_long_queue_is_written_in_few_writes() {
    let (wire, wakes) = (Wire::with_room(1), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 10_000);
    let texts: Vec<String> = (0..200).map(|n| format!("number {n}")).collect();
    texts.iter().for_each(|text| outbox.push(&framed(text)));
    wire.widen(usize::MAX);
    assert!(flush(&outbox, &wakes).is_pending());
    assert_eq!(wire.texts(), texts);
    assert!(wire.writes() <= 1 + 200_usize.div_ceil(SLICES), "{} writes", wire.writes());
}

proptest! {
    /// Whatever is sent and however the socket takes it: whole frames, in order, and never more
    /// waiting than the budget and the last words.
    #[test]
    fn the_wire_has_whole_frames_in_order(
        steps in prop::collection::vec((0..60_usize, 0..80_usize, any::<bool>()), 1..60),
        budget in 20..400_usize,
    ) {
        let (wire, wakes) = (Wire::with_room(0), Arc::new(Wakes::default()));
        let outbox = outbox(&wire, budget);
        let mut sent = Vec::new();
        for (n, (length, room, flushes)) in steps.into_iter().enumerate() {
            let text = format!("{n}:{}", "x".repeat(length));
            if !outbox.is_ending() {
                outbox.push(&framed(&text));
                sent.push(text);
            }
            wire.widen(room);
            if flushes {
                let _ = flush(&outbox, &wakes);
            }
            if !outbox.is_ending() {
                prop_assert!(outbox.queued() <= budget.max(70));
            }
        }
        outbox.close(DisconnectReason::Close(1000, "done"));
        while flush(&outbox, &wakes).is_pending() {
            wire.widen(13);
        }
        let mut texts = wire.texts();
        if matches!(outbox.end(), Some(DisconnectReason::Bye(..))) {
            prop_assert!(texts.pop().unwrap().contains("slow_reader"));
        } else {
            prop_assert_eq!(texts.len(), sent.len());
        }
        prop_assert_eq!(&texts[..], &sent[..texts.len()]);
        let last = wire.frames().pop();
        prop_assert!(matches!(last, Some(Shown::Close(_))));
        prop_assert!(wire.len() > 0);
    }
}

#[test]
fn what_is_held_goes_with_what_follows_in_one_write() {
    let (wire, wakes) = (Wire::wide(), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 1_000);
    assert!(flush(&outbox, &wakes).is_pending());
    outbox.hold_text(b"answer");
    outbox.hold_text(b"another");
    assert_eq!(wire.writes(), 0);
    outbox.push(&framed("entry"));
    outbox.push(&framed("alone"));
    outbox.release();
    assert_eq!(wire.texts(), ["answer", "another", "entry", "alone"]);
    assert_eq!((wire.writes(), wakes.count()), (2, 0), "and nobody was woken for it");
}

#[test]
fn what_nothing_follows_is_released() {
    let (wire, wakes) = (Wire::with_room(0), Arc::new(Wakes::default()));
    let outbox = outbox(&wire, 1_000);
    assert!(flush(&outbox, &wakes).is_pending());
    outbox.hold_text(b"answer");
    outbox.release();
    assert_eq!(wakes.count(), 1, "its task waits for the socket");
    outbox.hold_text(b"another");
    outbox.release();
    assert!(wire.texts().is_empty());
    wire.widen(usize::MAX);
    assert!(flush(&outbox, &wakes).is_pending());
    assert_eq!(wire.texts(), ["answer", "another"]);
    outbox.hold_text(b"more");
    outbox.release();
    assert_eq!(wire.texts().len(), 3);
}

#[test]
fn the_budget_counts_what_is_held_and_an_end_drops_it() {
    let wire = Wire::wide();
    let outbox = outbox(&wire, 40);
    outbox.hold_text(&[b'x'; 30]);
    outbox.hold_text(&[b'y'; 30]);
    assert!(matches!(outbox.end(), Some(DisconnectReason::Bye(ByeCode::SlowReader, _))));
    outbox.hold_text(b"too late");
    outbox.release();
    assert!(flush(&outbox, &Arc::new(Wakes::default())).is_ready());
    let frames = wire.frames();
    assert!(is_bye(&frames[0], "slow_reader") && is_close(&frames[1], "1013"), "{frames:?}");
    assert_eq!(frames.len(), 2);
}

#[test]
fn operators_see_what_was_given_and_what_waits() {
    let metrics = crate::metrics::Metrics::new().unwrap();
    let told = crate::fanout::counters::CounterSnapshot::default();
    let look = || {
        told.tell(&metrics);
        (metrics.frames_out.get(), metrics.outbox_bytes.get())
    };
    let wire = Wire::with_room(0);
    let outbox = outbox(&wire, 1_000);
    let one = framed("one").len() as i64;
    outbox.push(&framed("one"));
    assert_eq!(look(), (1, one));
    outbox.push_frames(&framed("three in one buffer"), 3);
    outbox.hold_text(b"one");
    outbox.release();
    wire.widen(one as usize);
    let _ = flush(&outbox, &Arc::new(Wakes::default()));
    let rest = framed("three in one buffer").len() as i64 + one;
    assert_eq!(look(), (5, rest));
    // What waited for somebody who is gone waits no more.
    drop(outbox);
    assert_eq!(look(), (5, 0));
}
