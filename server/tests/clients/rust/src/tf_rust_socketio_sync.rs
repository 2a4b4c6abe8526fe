//! The driver of `tf-rust-socketio`, by its synchronous interface.

#[macro_use]
mod sync_driver;
mod lines;

sync_driver!(tf_rust_socketio, values => Payload::Text(values, _));
