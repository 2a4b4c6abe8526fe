//! Texts as they are searched: pure functions, the same for every index.
//!
//! `fold` makes one text of all spellings that people take for the same, `needles` is what somebody
//! looks for, `excerpt` shows where it was found, `rank` says how good a find it is.

mod excerpt;
mod fold;
mod needles;
mod rank;

pub use self::{
    excerpt::{EXCERPT_CHARS, excerpt},
    fold::fold,
    needles::{GRAM, Needles, grams},
    rank::{relevance, score},
};
