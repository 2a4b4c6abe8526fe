//! A frame of a client: what is read is written as it was understood.

#![no_main]

use libfuzzer_sys::fuzz_target;
use maru_protocol::decode_client;

fuzz_target!(|text: &str| {
    let Ok(frame) = decode_client(text) else { return };
    let written = serde_json::to_string(&frame).expect("a frame has a form");
    assert_eq!(decode_client(&written).as_ref(), Ok(&frame), "{written}");
});
