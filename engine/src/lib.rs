//! Maru's engine.

mod actor;
pub mod log;
mod time;

pub use actor::{Actor, Visitor};
pub use time::Instant;
