//! The driver of `rust_socketio`, by its asynchronous interface.

#[macro_use]
mod driver;
mod lines;

driver!(rust_socketio, values => Payload::Text(values));
