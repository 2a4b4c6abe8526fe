//! The bus on a real NATS, and nodes that follow one log over it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests may

mod loss;
mod node;
mod nodes;
mod rooms;
#[path = "../support/mod.rs"]
mod support;
mod talk;

use support::nats;
