//! Several servers of one journal and one NATS are one chat.

mod changes;
mod estate;
mod identity;
mod marks;
mod names;
mod outage;
mod people;
mod removed_rooms;
mod renamed_rooms;
mod talk;

pub use estate::Cluster;
