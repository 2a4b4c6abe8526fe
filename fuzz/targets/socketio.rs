//! The body of a POST of Engine.IO, with packets of Socket.IO in it: what is read is written as it was
//! understood.

#![no_main]

use libfuzzer_sys::fuzz_target;
use maru_protocol::Ref;
use maru_server::wire::{
    engineio::{self, split},
    socketio::{Decoder, Kind, MAX_ATTACHMENTS, Offset, Packet, chat},
};

/// As `socketio.max_payload`, but small.
const MAX: usize = 4_096;

fuzz_target!(|body: &str| {
    let _ = Offset::parse(body);
    let mut decoder = Decoder::default();
    for packet in split(body) {
        let read = match packet {
            Ok(engineio::Packet::Text(text)) => decoder.text(&text),
            Ok(engineio::Packet::Binary(bytes)) => decoder.binary(bytes, MAX),
            Ok(_) => continue,
            Err(_) => return,
        };
        match read {
            Ok(Some(packet)) => understood(packet),
            Ok(None) => assert!(decoder.kept() <= MAX + body.len()),
            Err(_) => return,
        }
    }
});

fn understood(packet: Packet) {
    assert!(packet.attachments.len() <= MAX_ATTACHMENTS);
    if let Some((name, arguments)) = packet.event() {
        let _ = chat::decode(&name, &arguments, Ref(1), || uuid::Uuid::nil());
    }
    // A packet that was announced as one with attachments and had none is written as one without.
    let again = packet.clone().encode();
    let mut decoder = Decoder::default();
    let mut read = decoder.text(&again.text).expect("what we write can be read");
    for attachment in again.attachments {
        assert!(read.is_none());
        read = decoder.binary(attachment, usize::MAX).expect("what we write can be read");
    }
    assert_eq!(read, Some(packet));
}
