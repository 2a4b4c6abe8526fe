//! How the outside reaches the engine: HTTP, and WebSockets that start as HTTP.

pub mod http;
pub mod listener;
pub mod page;
mod upgrade;
pub mod websocket;
