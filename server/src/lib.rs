//! Maru's socket server.

pub mod chat;
pub mod clock;
pub mod journal;
pub mod metrics;
pub mod transport;
