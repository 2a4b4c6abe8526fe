//! `maru-load` against a real server: the promises hold, and the figures are there.

#![allow(clippy::unwrap_used)] // tests may

mod server;

use std::process::Command;

use serde_json::Value;
use server::{Server, UNBOUND};

#[test]
fn every_kind_of_load_keeps_every_promise() {
    let server = Server::start(UNBOUND);
    for args in [
        "fanout --members 20 --duration 1s",
        "fanout --members 20 --duration 1s --in-flight 16 --senders 4",
        "rooms --rooms 5 --members 4 --rate 200 --duration 1s",
        "saturate --rooms 10 --in-flight 20 --duration 1s",
        "churn --rooms 2 --members 20 --rate 100 --duration 1s",
        "soak --rooms 3 --members 4 --rate 100 --drops 20 --duration 1s",
    ] {
        let told = server.figures(args);
        assert!(told["latency"]["count"].as_u64() > Some(0), "{args}: {told}");
        assert!(told["server"]["cpu_per_message"].as_f64() > Some(0.0), "{args}: {told}");
    }
}

/// Members whose frames travel by Socket.IO get in, say, are given everything once and in order, drop
/// and come back as native ones do; also where all kinds are in one room.
#[test]
fn clients_of_socketio_are_held_to_the_same_promises() {
    let server = Server::start(UNBOUND);
    let held = |dialect: &str| {
        for load in [
            "fanout --members 21 --duration 1s --in-flight 16 --senders 6",
            "rooms --rooms 4 --members 6 --rate 100 --duration 1s",
            "churn --rooms 2 --members 12 --rate 50 --duration 1s",
            "soak --rooms 2 --members 6 --rate 50 --drops 20 --away 50ms --duration 1s",
        ] {
            let told = server.figures(&format!("{load} --dialect {dialect}"));
            assert!(told["latency"]["count"].as_u64() > Some(0), "{load} {dialect}: {told}");
            let comes_back = load.starts_with("churn") || load.starts_with("soak");
            let caught_up = told["replayed"].as_u64() > Some(0);
            assert!(caught_up || !comes_back, "{load} {dialect}: {told}");
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| held("maru-socketio"));
        scope.spawn(|| held("maru-polling"));
        held("maru,maru-socketio,maru-polling");
    });
}

#[test]
fn who_comes_back_catches_up() {
    let server = Server::start(UNBOUND);
    let told = server.figures("churn --rooms 1 --members 12 --rate 100 --duration 1s");
    assert!(told["replayed"].as_u64() > Some(0), "{told}");
    assert!(told["storm_ms"].as_u64() > Some(0), "{told}");
    assert_eq!(told["resets"], 0);
}

#[test]
fn staying_costs_memory_and_joining_costs_time() {
    let server = Server::start(&[]);
    let told = server.figures("idle --rooms 10 --members 10 --duration 100ms");
    assert!(told["server"]["cpu_per_connect"].as_f64() > Some(0.0), "{told}");
    assert!(told["server"]["rss_connected"].as_u64() > Some(0), "{told}");
}

#[test]
fn a_limit_is_named_with_what_to_do_about_it() {
    let server = Server::start(&[]);
    let (code, _, err) = server.load("fanout --members 2 --duration 5s");
    assert_eq!(code, Some(2));
    assert!(err.contains("MARU_CONNECTION__RATE"), "{err}");
}

#[test]
fn nobody_there_is_a_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_maru-load"))
        .args(["idle", "--members", "1", "--rooms", "1", "--url", "ws://127.0.0.1:1/ws"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("maru-load: "), "{text}");
    assert!(text.contains("refused"), "{text}");
}

#[test]
fn the_table_is_for_people() {
    let server = Server::start(UNBOUND);
    let (code, out, _) = server.load("fanout --members 3 --duration 1s --warm-up 50ms");
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("every promise held"), "{out}");
}

#[test]
fn rooms_that_nobody_is_in_cost_memory_too() {
    let server = Server::start(UNBOUND);
    let (code, out, err) = server.load("known --rooms 2000 --json");
    assert_eq!(code, Some(0), "{out}{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["rooms"], 2_000);
    assert!(told["rss_per_room"].as_f64() > Some(0.0), "{told}");
}
