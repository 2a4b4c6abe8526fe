//! What strangers' files reach, for the targets of `fuzz/`: it panics where something does not hold.

use super::{
    media_type::{Sniffer, is_shown_in_place},
    picture,
};

/// A file's bytes, however they come, are of the same type. The first two bytes say how they come.
pub fn upload(data: &[u8]) {
    let Some((&[high, low], file)) = data.split_first_chunk() else { return };
    let mut whole = Sniffer::default();
    whole.feed(file);
    let media_type = whole.media_type();
    let size = picture::size(media_type, whole.head());
    assert!(size.is_none() || is_shown_in_place(media_type), "a size of what is not shown");
    let mut pieces = Sniffer::default();
    let (head, tail) = file.split_at(usize::from(u16::from_be_bytes([high, low])).min(file.len()));
    pieces.feed(head);
    let candidates = pieces.candidates();
    pieces.feed(tail);
    assert_eq!(pieces.media_type(), media_type, "cut at {}", head.len());
    assert!(
        !pieces.knows_its_kind() || head.len() < 8 * 1024 || candidates.contains(&media_type),
        "{media_type} is none of {candidates:?}"
    );
}
