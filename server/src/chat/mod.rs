//! The engine: rooms, sessions and the way of a message between them. Names no transport and no
//! store; it is given both.
//!
//! ```text
//! Session::handle ─▶ ChatServer ─▶ Journal ─▶ relay ─▶ ChatServer ─▶ Hub (one per worker) ─▶ Outbox
//!  (worker thread)    (actor)      (writer)              (encodes once)  (fans out)           (bytes)
//! ```
//!
//! A message goes in at the left and comes back to everybody, its sender included, at the right,
//! after the commit. There is no other way.

mod audience;
mod cluster;
mod end;
mod flow;
mod hub;
mod marks;
mod messages;
mod names;
mod options;
mod outbox;
mod pipe;
mod postbox;
mod relay;
mod rights;
mod room;
mod runs;
mod server;
mod session;
mod subscription;
mod tail;
mod tally;
#[cfg(test)]
mod testing;
mod turns;

pub use cluster::Cluster;
pub use end::End;
pub use hub::{Hub, Peer};
pub use marks::Markers;
pub use messages::{Delivery, Drain, Farewell, Item, StopTaking, Workers};
pub(crate) use messages::{Describe, RegisterWorker};
pub use names::Names;
pub use options::Options;
pub use outbox::Outbox;
pub use pipe::{Framing, Pipe};
pub(crate) use postbox::Postbox;
pub use relay::{overhear, relay};
pub use rights::{may_read, may_write};
pub use server::{ChatServer, WORKER_QUEUE};
pub(crate) use session::{Place, read_page};
pub use session::{Session, Worker};
pub use tally::Tally;
pub use turns::Turns;
