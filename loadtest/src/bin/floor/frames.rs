//! Frames as they are written and read, and frames joined into one write.

use std::collections::HashMap;

use maru_load::wire;

/// A server's text frame.
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 4);
    out.push(0x80 | wire::TEXT);
    match u16::try_from(payload.len()) {
        Ok(short @ 0..126) => out.push(short.to_le_bytes()[0]),
        Ok(medium) => {
            out.push(126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        Err(_) => {
            out.push(127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

/// The client's frame at the front: opcode, payload, and the length of it all.
pub fn unmask(bytes: &mut [u8]) -> Option<(u8, &[u8], usize)> {
    let opcode = bytes.first()? & 0x0f;
    let (start, length) = match bytes.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => return None,
        short => (2, usize::from(short)),
    };
    let mask: [u8; 4] = bytes.get(start..start + 4)?.try_into().ok()?;
    let end = start + 4 + length;
    let payload = bytes.get_mut(start + 4..end)?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Some((opcode, payload, end))
}

/// The frames of each room in one piece.
pub fn joined(pending: Vec<(usize, Vec<u8>)>) -> Vec<(usize, Vec<u8>)> {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut pieces: Vec<(usize, Vec<u8>)> = Vec::new();
    for (room, frame) in pending {
        match places.get(&room) {
            Some(place) => pieces[*place].1.extend_from_slice(&frame),
            None => {
                places.insert(room, pieces.len());
                pieces.push((room, frame));
            }
        }
    }
    pieces
}
