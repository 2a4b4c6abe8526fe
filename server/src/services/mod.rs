//! What every door (WebSocket, HTTP) calls.

mod access;
mod read_markers;
mod room_names;

pub use access::{may_read, may_write};
pub(crate) use read_markers::MarkerUpdate;
pub use read_markers::ReadMarkers;
pub use room_names::RoomNames;
