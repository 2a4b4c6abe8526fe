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
    /// The name by which a proxy tells this server's sessions from those of others: at most 32 letters,
    /// digits, `-` and `_`. Empty where there is no such proxy.
    pub node: String,
}

/// More is none, and would be in every address.
const MOST_OF_A_NAME: usize = 32;

impl SocketIo {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        Ok(Self {
            enabled: from.flag("socketio.enabled")?,
            max_payload: from.bytes(
                "socketio.max_payload",
                64 << 10..=16 << 20,
                "each connection may have one of them in memory",
            )?,
            node: node(from)?,
        })
    }
}

fn node(from: &mut Values) -> Result<String, SettingsError> {
    let node = from.text("socketio.node")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if node.len() > MOST_OF_A_NAME || !node.chars().all(fits) {
        let right =
            "it is a name of at most 32 letters (a to z, A to Z), digits, `-` and `_`, or empty";
        return Err(from.wrong("socketio.node", right));
    }
    Ok(node)
}
