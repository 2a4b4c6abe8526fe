//! How the outside reaches the engine: HTTP, WebSockets that start as HTTP, and Socket.IO over both.

pub mod engineio;
pub mod http;
pub mod listener;
mod open;
pub mod page;
mod socket;
mod socketio;
mod upgrade;
pub mod websocket;
