//! Queries of addresses, and headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| maru_server::transport::fuzzing::parameters(data));
