//! Between the nodes of a cluster: hints of what was committed, and what is never kept.
//!
//! The contract ([`Bus`]) promises next to nothing, and nothing else rests on more. [`wire`] is
//! what nodes say; how it travels is up to the bus.

mod contract;
pub mod encoding;
pub mod nats;

pub use contract::{Bus, BusEvent, BusEvents, NodeId, Topic};
