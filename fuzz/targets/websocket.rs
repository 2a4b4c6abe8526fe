//! The bytes of a WebSocket, cut anywhere.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| maru_server::transport::fuzzing::websocket(data));
