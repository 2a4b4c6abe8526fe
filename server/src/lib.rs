//! Maru's socket server.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod journal;
pub mod logging;
pub mod settings;
