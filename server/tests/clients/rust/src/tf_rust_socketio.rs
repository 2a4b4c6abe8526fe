//! The driver of `tf-rust-socketio`, by its asynchronous interface.

#[macro_use]
mod driver;
mod lines;

driver!(tf_rust_socketio, values => Payload::Text(values, _));
