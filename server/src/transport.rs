//! How the outside reaches the engine: HTTP, WebSockets that start as HTTP, and Socket.IO over both.

mod accepted;
mod client_address;
pub mod engineio;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod http;
pub mod intake;
pub mod listener;
mod measured;
mod open;
pub mod page;
mod socket;
mod socketio;
mod upgrade;
pub mod websocket;
