//! What people and operators can rely on, tested from outside: a real server process with a real
//! journal, and real sockets. Each file is one promise or one kind of trouble.

// Tests may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod around;
mod bad_frames;
mod bad_input;
mod bounds;
mod changes;
mod churn;
mod client;
mod cluster;
mod conversation;
mod crash;
mod deaf;
mod directory;
mod files;
mod fuzz;
mod health;
mod heartbeat;
mod history;
mod history_checked;
mod http;
mod joins;
mod logs;
mod marks;
mod moving;
#[allow(dead_code)] // The bus has tests of its own that use all of it.
#[path = "../bus/nats.rs"]
mod nats;
mod person;
mod process;
mod random;
mod raw;
mod restore;
mod search;
#[path = "../services/mod.rs"]
mod services;
mod slow_reader;
mod start;
mod stop;
mod typing;
mod web;
