//! The driver of `rust_socketio`, by its synchronous interface.

#[macro_use]
mod sync_driver;
mod lines;

sync_driver!(rust_socketio, values => Payload::Text(values));
