//! What runs the engine: the ChatServer actor, the relay that brings it what was committed, and the
//! command batcher that brings it what a worker's sessions ask for.

mod batcher;
pub(crate) mod chat_server;
mod cluster;
pub(crate) mod messages;
mod open_count;
mod options;
mod relay;

pub use self::chat_server::{ChatServer, WORKER_QUEUE};
pub(crate) use batcher::CommandBatcher;
pub use cluster::Cluster;
pub use messages::{Call, Delivery, Drain, Farewell, Item, StopTaking, Workers};
pub use open_count::OpenCount;
pub use options::Options;
pub use relay::{overhear, relay};
