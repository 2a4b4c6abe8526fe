//! The bus on a real NATS, and nodes that follow one log over it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests may

mod loss;
mod nats;
mod node;
mod nodes;
mod rooms;
mod talk;
