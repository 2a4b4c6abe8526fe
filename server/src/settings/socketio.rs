//! `[socketio]`: the door for clients of Socket.IO.

use super::SettingsError;
use super::values::Values;

/// The door for clients of Socket.IO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketIo {
    /// Whether they are let in.
    pub enabled: bool,
    /// Most bytes of one of their messages with its attachments; 64 KiB to 16 MiB.
    pub max_payload: usize,
}

impl SocketIo {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        Ok(Self {
            enabled: from.flag("socketio.enabled")?,
            max_payload: from.bytes(
                "socketio.max_payload",
                64 << 10..=16 << 20,
                "each connection may have one of them in memory",
            )?,
        })
    }
}
