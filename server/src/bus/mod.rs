//! Between the nodes of a cluster: hints of what was committed, and what is never kept.
//!
//! The contract ([`Bus`]) promises next to nothing, and nothing else rests on more.

mod contract;

pub use contract::{Bus, Ears, Heard, NodeId, Topic};
