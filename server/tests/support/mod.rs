//! What several test programs share: a server's process, clients, services, a checker of histories.

// Each test program uses its part.
#![allow(dead_code, unused_imports)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod client;
pub mod dial;
pub mod gateway;
pub mod history;
pub mod nats;
pub mod process;
pub mod random;
pub mod raw;
pub mod services;
pub mod socketio;
pub mod web;
