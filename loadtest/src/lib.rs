//! `maru-load`: puts load on a server that speaks maru.v1, and checks that what was promised holds
//! while it lasts: nothing lost, nothing twice, nothing out of order.
//!
//! One thread reads every connection, so that the tool costs less than what it measures:
//!
//! - [`args`]: what an operator can ask for
//! - [`wire`]: WebSocket frames, and a scanner that finds an entry's seq without parsing JSON
//! - [`track`]: what one connection has seen of its room; finds losses, doubles and disorder
//! - [`http`]: requests and answers, for members that poll
//! - [`connection`]: one connection: its sockets, its messages, and its conversation
//! - [`crowd`]: all connections on one poll
//! - [`drive`]: when to send, drop and come back
//! - [`known`]: rooms that nobody is in
//! - [`proc`]: what the server's process costs, as Linux counts it
//! - [`report`]: the table and the line of JSON
//!
//! `src/bin/floor/` is what the figures are compared to.

pub mod args;
pub mod connection;
pub mod crowd;
pub mod drive;
pub mod http;
pub mod known;
pub mod proc;
pub mod report;
pub mod target;
pub mod track;
pub mod wire;
pub mod world;
