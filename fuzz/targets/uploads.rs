//! Files: what they are, and how large pictures are.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| maru_server::files::fuzzing::upload(data));
