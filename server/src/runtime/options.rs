//! What an operator can set about the engine.

use std::time::Duration;

use maru_protocol::{Limits, ServerInfo};

/// The engine's settings, validated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Told to every client.
    pub limits: Limits,
    /// Which server this is, told to every client.
    pub server: ServerInfo,
    /// A connection that was silent for this long is pinged, and given up after twice as long.
    pub heartbeat: Duration,
    /// How long a new connection may take to say `hello`.
    pub hello_timeout: Duration,
    /// Most bytes waiting for one connection before it is closed as too slow.
    pub outbox_bytes: usize,
    /// Most bytes waiting for all connections of one worker thread.
    pub all_outboxes_bytes: usize,
    /// Most bytes of what the clients of one worker thread have begun to say and not ended.
    pub unfinished_bytes: usize,
    /// Frames a second that a session may send, sustained.
    pub frames_per_second: std::num::NonZeroU32,
    /// Frames that it may send at once.
    pub burst: std::num::NonZeroU32,
    /// Most files that are fetched at once.
    pub downloads: usize,
    /// Most bytes of bodies in one replay or page.
    pub page_bytes: usize,
    /// How often a person can change the reactions and the pin of one message at once.
    pub flips: std::num::NonZeroU32,
    /// And then once in this.
    pub flip_interval: Duration,
    /// Presence changes of this long come together in one event.
    pub presence_interval: Duration,
    /// Directory changes of this long come together in one event.
    pub directory_interval: Duration,
}

impl Options {
    /// The part that the engine decides by.
    #[must_use]
    pub fn engine(&self) -> maru_engine::Options {
        let many = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        maru_engine::Options {
            max_roster: many(self.limits.max_roster),
            max_replay: many(self.limits.max_replay),
            max_page: self.limits.max_page,
            page_bytes: self.page_bytes,
            flips: self.flips.get(),
            flip_interval: self.flip_interval,
            presence_interval: self.presence_interval,
            directory_interval: self.directory_interval,
        }
    }
}
