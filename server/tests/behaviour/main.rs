//! What people and operators can rely on, tested from outside: a real server process with a real
//! journal, and real sockets. Each file is one promise or one kind of trouble.

// Tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod alerts;
mod around;
mod bad_frames;
mod bad_input;
mod bounds;
mod changes;
mod churn;
mod cluster;
mod conversation;
mod crash;
mod deaf;
mod directory;
mod disk;
mod files;
mod flips;
mod fuzz;
mod health;
mod heartbeat;
mod history_checked;
mod http;
mod identity;
mod joins;
mod limits;
mod logs;
mod marks;
mod moving;
mod names;
mod operators;
mod page;
mod person;
mod removed_rooms;
mod renamed_rooms;
mod restore;
mod search;
mod slow_reader;
mod socketio;
mod start;
mod stop;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod typing;

use support::{client, dial, history, nats, process, random, raw, services, web};
