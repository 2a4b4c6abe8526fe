//! Maru's socket server.

pub mod journal;
