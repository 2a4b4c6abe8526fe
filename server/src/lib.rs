//! Maru's socket server, as a library with a thin `main`.
//!
//! `transport` brings connections, `session` is one connection's conversation, `services` is what
//! every door calls. `runtime` runs the engine (the crate `maru_engine`), `fanout` delivers its
//! events to sockets, `wire` says how they become bytes. `limits` says how much one person and one
//! address may ask for. `journal` is the durable log, `search` an
//! index of it, `files` keeps uploads, `auth` knows who is who. In a cluster `bus` carries hints
//! between nodes, and `follow` puts what all of them commit in order. `app` is the only place that
//! wires these together. `ARCHITECTURE.md` is the overview.

pub mod app;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod fanout;
pub mod files;
pub mod follow;
pub mod journal;
pub mod limits;
pub mod logging;
pub mod metrics;
pub mod priority;
pub mod runtime;
pub mod search;
pub mod seldom;
pub mod services;
pub mod session;
pub mod settings;
pub mod transport;
pub mod wire;
