//! Maru's engine.

pub mod log;
