//! Maru.
fn main() {}
