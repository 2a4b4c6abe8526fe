//! Clients of Socket.IO: in the same rooms, by the same promises.

mod accepted;
mod chat;
mod cluster;
mod ends;
mod engine;
mod recovery;
