//! Names of rooms, people and files, and what they look like.

#![no_main]

use libfuzzer_sys::fuzz_target;
use maru_protocol::{DisplayName, FileName, RoomName};

fuzz_target!(|text: &str| {
    if let Ok(room) = RoomName::parse(text) {
        assert_eq!(RoomName::parse(room.as_str()).as_ref(), Ok(&room), "a name has one form");
        let (key, looks) = (room.key(), room.skeletons());
        let by_key = RoomName::parse(key.as_str()).expect("a key is a name");
        assert_eq!(by_key.key(), key, "a key has one form");
        assert_eq!(room.skeletons(), looks);
        let _ = room.check_new();
    }
    if let Ok(name) = DisplayName::parse(text) {
        assert_eq!(DisplayName::parse(name.as_str()).as_ref(), Ok(&name), "a name has one form");
        let _ = (name.skeletons(), name.check_new());
    }
    // Every text makes one.
    let name = FileName::of(text);
    assert_eq!(FileName::of(name.as_str()), name, "a name has one form");
});
