//! What an operator can set about the engine.

use std::time::Duration;

/// The engine's settings, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Up to how many people a room tells of each; above, of their number and some of them.
    pub max_roster: usize,
    /// Most entries in one replay.
    pub max_replay: usize,
    /// Most entries in one page.
    pub max_page: u32,
    /// Most bytes of bodies in one replay or page.
    pub page_bytes: usize,
    /// Presence changes of this long come together in one event.
    pub presence_interval: Duration,
    /// Directory changes of this long come together in one event.
    pub directory_interval: Duration,
}
