//! What an operator can set about the engine.

use std::time::Duration;

/// The engine's settings, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Up to how many people a room tells of each; above, of their number and some of them.
    pub max_roster: usize,
    /// Most messages in one replay.
    pub max_replay: usize,
    /// Most messages in one page.
    pub max_page: u32,
    /// How often one person can change the reactions and the pin of a message at once; at least 1.
    pub flips: u32,
    /// And then once in this.
    pub flip_interval: Duration,
    /// Most bytes of bodies in one replay or page.
    pub page_bytes: usize,
    /// Presence changes of this long come together in one event.
    pub presence_interval: Duration,
    /// Directory changes of this long come together in one event.
    pub directory_interval: Duration,
}
