//! What the engine's tests share.

use std::time::Duration;

use crate::Options;

/// Settings with these bounds of a replay.
pub(crate) fn options(max_replay: usize, max_page: u32, page_bytes: usize) -> Options {
    Options {
        max_roster: 200,
        max_replay,
        max_page,
        page_bytes,
        presence_interval: Duration::from_millis(10),
        directory_interval: Duration::from_millis(10),
    }
}
