//! WebSocket frames by hand (RFC 6455 section 5.2), for tests that need wrong ones.

/// First bytes: FIN and the opcode.
pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const PING: u8 = 0x89;
/// The first part of a text, and the parts after it.
pub const TEXT_PART: u8 = 0x01;
pub const PART: u8 = 0x00;
pub const LAST_PART: u8 = 0x80;

/// A client's frame, masked.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x5a, 0xa5, 0x3c, 0xc3];
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// A header that declares this length, up to where the mask would begin.
pub fn header(first: u8, declared: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match declared {
        0..126 => bytes.push(0x80 | declared as u8),
        126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(declared as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&declared.to_be_bytes());
        }
    }
    bytes
}
