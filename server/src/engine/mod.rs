//! The engine: rooms, sessions and the way of a message between them.

pub(crate) mod cluster;
pub(crate) mod cluster_sync;
pub(crate) mod membership;
pub(crate) mod publish;
pub(crate) mod read_state;
pub(crate) mod rooms;

pub use cluster::Cluster;
