//! What stands before each message on the wire.
//!
//! ```text
//! version (1 byte), cluster (16 bytes), sender (16 bytes), the message
//! ```

use bytes::{Buf, BufMut, Bytes, BytesMut};
use uuid::Uuid;

use crate::bus::NodeId;

/// Nodes of another version hear nothing of each other, and rest on the journal until the last one
/// is upgraded.
const VERSION: u8 = 1;

/// Bytes before a message.
pub(super) const HEADER: usize = 1 + 16 + 16;

pub(super) fn wrap(cluster: Uuid, from: NodeId, message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(HEADER + message.len());
    framed.put_u8(VERSION);
    framed.put_slice(cluster.as_bytes());
    framed.put_slice(from.0.as_bytes());
    framed.put_slice(message);
    framed.freeze()
}

/// Who says what; none for another version, another cluster or garbage.
pub(super) fn unwrap(cluster: Uuid, mut framed: Bytes) -> Option<(NodeId, Bytes)> {
    let version = framed.try_get_u8().ok()?;
    let of = framed.try_get_u128().ok()?;
    let from = framed.try_get_u128().ok()?;
    let ours = version == VERSION && of == cluster.as_u128();
    ours.then_some((NodeId(Uuid::from_u128(from)), framed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_cluster_s_messages_are_read() {
        let (cluster, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let node = NodeId(Uuid::from_u128(3));
        let framed = wrap(cluster, node, b"hint");
        assert_eq!(framed.len(), HEADER + 4);
        assert_eq!(unwrap(cluster, framed.clone()), Some((node, Bytes::from_static(b"hint"))));
        assert_eq!(unwrap(other, framed.clone()), None);
        for cut in 0..HEADER {
            assert_eq!(unwrap(cluster, framed.slice(..cut)), None);
        }
        let mut later = framed.to_vec();
        later[0] += 1;
        assert_eq!(unwrap(cluster, later.into()), None);
    }
}
