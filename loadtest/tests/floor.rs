//! The floor speaks enough of the wire for every load that it is compared under, and a server that
//! breaks a promise is found out.

#![allow(clippy::unwrap_used)] // tests may

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

struct Floor(Child, String);

impl Floor {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_maru-floor"))
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self(child, url)
    }

    fn load(&self, args: &str) -> (Option<i32>, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_maru-load"))
            .args(args.split_whitespace())
            .args(["--json", "--warm-up", "50ms", "--duration", "1s", "--url", &self.1])
            .output()
            .unwrap();
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_floor_takes_the_loads_that_it_is_compared_under() {
    for (floor, load) in [
        (&[][..], "fanout --members 20"),
        (&[], "rooms --rooms 5 --members 4 --rate 300"),
        (&["--coalesce"], "fanout --members 20 --in-flight 16 --senders 4"),
        (&["--echo"], "fanout --members 20 --dialect echo"),
        (&["--echo"], "rooms --rooms 5 --members 4 --rate 300 --dialect echo"),
        (&["--echo"], "fanout --members 20 --in-flight 16 --senders 16 --dialect echo"),
        (&["--echo"], "idle --rooms 2 --members 5 --dialect echo"),
    ] {
        let (code, told) = Floor::start(floor).load(load);
        assert_eq!(code, Some(0), "{floor:?} {load}: {told}");
        assert!(
            load.starts_with("idle") || told["deliveries"].as_u64() > Some(0),
            "{load}: {told}"
        );
    }
}

/// The floor keeps no log: who was away misses what was said, which must not go unseen.
#[test]
fn a_loss_is_found_and_shows_in_the_exit_code() {
    let floor = Floor::start(&[]);
    let (code, told) = floor.load("churn --rooms 1 --members 5 --rate 200 --away 200ms");
    assert_eq!(code, Some(1), "{told}");
    assert!(told["lost"].as_u64() > Some(0), "{told}");
}
