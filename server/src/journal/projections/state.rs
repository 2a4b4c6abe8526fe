//! The states of changed messages, as they are kept beside the entries.

use maru_protocol::{Emoji, Quote, UserId};
use sha2::{Digest, Sha256};

use crate::journal::rows::entries::Unreadable;

pub(crate) use maru_engine::log::{Text, fold::MessageState};

/// What a store finds beside a message's row.
#[derive(Debug, Default)]
pub(crate) struct Current {
    pub(crate) state: Option<MessageState>,
    /// The text of its newest edit.
    pub(crate) edit: Option<Text>,
    /// The message that it answers.
    pub(crate) quote: Option<Quote>,
}

pub(crate) fn parse(json: &str) -> Result<MessageState, Unreadable> {
    serde_json::from_str(json).map_err(|why| Unreadable::of("state", why))
}

pub(crate) fn to_json(state: &MessageState) -> String {
    // Texts and numbers can always be written.
    serde_json::to_string(state).unwrap_or_default()
}

/// Names somebody's reaction among those that are not listed: the first 16 bytes of a SHA-256, so
/// that a row of it has one size.
pub(crate) fn reaction_key(emoji: &Emoji, who: &UserId) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update((emoji.as_str().len() as u64).to_be_bytes());
    hash.update(emoji.as_str());
    hash.update(&who.0);
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}
