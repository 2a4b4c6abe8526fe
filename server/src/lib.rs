//! Maru's socket server, as a library with a thin `main`.
//!
//! `chat` is the engine: rooms, sessions, the way of a message. `transport` brings connections to
//! it, `journal` keeps what was said, `search`
//! finds it, `auth` knows who is who, and `app` is the only place that
//! wires them together. In a cluster `bus` carries hints between nodes and `follow` puts what all
//! of them commit in order. `files` keeps what people upload. `ARCHITECTURE.md` draws the whole.

pub mod app;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod fanout;
pub mod files;
pub mod follow;
pub mod journal;
pub mod logging;
pub mod metrics;
pub mod runtime;
pub mod search;
pub mod services;
pub mod session;
pub mod settings;
pub mod transport;
pub mod wire;
