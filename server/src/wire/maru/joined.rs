//! The `joined` frame, whose entries are encoded already.

use bytes::{BufMut, Bytes, BytesMut};
use maru_engine::SharedEvent;
use maru_protocol::{About, Covers, Entry, Epoch, Presence, Ref, RoomName, Seq};
use serde::Serialize;

use super::MARU;
use crate::wire::{Entries, Joined, encoded};

/// All of the frame but its entries.
#[derive(Serialize)]
#[serde(tag = "type", rename = "joined")]
struct Head<'a> {
    #[serde(rename = "ref")]
    reference: Ref,
    room: &'a RoomName,
    epoch: Epoch,
    head: Seq,
    members: &'a Presence,
    #[serde(skip_serializing_if = "About::is_empty")]
    about: &'a About,
}

/// What comes behind the entries.
#[derive(Serialize)]
struct Rest<'a> {
    covers: Covers,
    #[serde(skip_serializing_if = "<[Entry]>::is_empty")]
    updated: &'a [Entry],
    reset: bool,
}

/// How the frame of an entry begins: what follows are the members of the entry itself.
const ENTRY: &[u8] = br#"{"type":"entry","#;

/// One object: the members of [`Head`], then the entries, then the members of [`Rest`]. The entries' own
/// JSON is copied, not made again.
pub(super) fn encode(joined: &Joined) -> Bytes {
    let Joined { reference, room, epoch, head, members, about, entries, covers, updated, reset } =
        joined;
    let head = Head { reference: *reference, room, epoch: *epoch, head: *head, members, about };
    let head = super::encode(&head);
    // Anything else than an object was the answer that encoding failed: it stands for itself.
    let Some(members) = head.strip_suffix(b"}") else { return head };
    let mut out = BytesMut::with_capacity(members.len() + 256);
    out.put_slice(members);
    out.put_slice(br#","entries":["#);
    match entries {
        Entries::Shared(events) => shared(events, &mut out),
        Entries::Read(entries) => read(entries, &mut out),
    }
    out.put_slice(b"]");
    let rest = super::encode(&Rest { covers: *covers, updated, reset: *reset });
    out.put_u8(b',');
    out.put_slice(rest.strip_prefix(b"{").unwrap_or(br#""reset":true}"#));
    out.freeze()
}

fn shared(events: &[SharedEvent], out: &mut BytesMut) {
    let entries: Vec<Bytes> = events.iter().map(entry).collect();
    out.reserve(entries.iter().map(|entry| entry.len() + 2).sum::<usize>() + 32);
    for (n, entry) in entries.iter().enumerate() {
        out.put_slice(if n == 0 { b"{" } else { b",{" });
        out.put_slice(entry);
    }
}

fn read(entries: &[Entry], out: &mut BytesMut) {
    for (n, entry) in entries.iter().enumerate() {
        if n > 0 {
            out.put_u8(b',');
        }
        let before = out.len();
        if serde_json::to_writer(out.writer(), entry).is_err() {
            // None is: it would be left out and told so.
            out.truncate(before);
            out.put_slice(&super::encode(entry));
        }
    }
}

/// The members of an entry's object and its closing brace, out of its shared frame. An entry whose
/// frame is not like that (none is) is encoded by itself: none is ever left out.
fn entry(event: &SharedEvent) -> Bytes {
    let frame = encoded(MARU, event);
    if frame.starts_with(ENTRY) {
        return frame.slice(ENTRY.len()..);
    }
    let alone = event.entry().map(super::encode).unwrap_or_default();
    if alone.starts_with(b"{") { alone.slice(1..) } else { Bytes::from_static(b"}") }
}
