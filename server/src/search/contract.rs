//! What is asked of a search, and what an index must do.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use futures_util::future::BoxFuture;
use maru_protocol::{Epoch, Hit, Query, Seq};

use super::text::Needles;
use crate::journal::RoomId;

/// A search's answer, awaited on any thread.
pub type SearchFuture<T> = Pin<Box<dyn Future<Output = Result<T, SearchError>> + Send>>;

/// Full-text search over the messages of rooms.
///
/// **Truth.** A hit is a message as the journal has it when it is answered, and it matches. A message
/// that was deleted is in no answer that begins after its deletion was acknowledged.
///
/// **Freshness.** What was acknowledged is found within a second or so; while an index is being
/// built, later.
///
/// **Bounds.** Many questions wait in a bounded queue ([`SearchError::Busy`] beyond), each takes a
/// bounded time ([`SearchError::TooLong`]), and none holds up anything but other searches.
pub trait Search: Send + Sync + 'static {
    /// The best that is there, a page of it.
    fn find(&self, ask: SearchRequest) -> SearchFuture<SearchPage>;
}

/// A search of somebody.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The words and phrases to look for.
    pub query: Query,
    /// The rooms to look in: those that the person may read.
    pub rooms: Vec<RoomId>,
    /// The `more` of the answer before, for the page after it.
    pub more: Option<String>,
    /// Most bytes of what people wrote in an answer; one hit there is in any case.
    pub bytes: usize,
}

/// A page of hits, at most 20.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPage {
    /// The best first.
    pub hits: Vec<Hit>,
    /// There may be more: what to ask for them with.
    pub more: Option<String>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// More is asked than can be answered.
    #[error("too many searches at once")]
    Busy,
    /// It took longer than a search may.
    #[error("the search took too long: look for a longer word, or in one room")]
    TooLong,
    /// `more` is none that was given out.
    #[error("`more` is not from an answer to a search")]
    More,
    /// The index can't be read now; the sentence is for the log.
    #[error("{0}")]
    Away(String),
}

/// What an index is to look for.
#[derive(Clone, Debug)]
pub struct CandidateQuery {
    /// The rooms to look in.
    pub rooms: Vec<RoomId>,
    /// All of them occur in each answer.
    pub needles: Arc<Needles>,
    /// Most answers of a room: its newest.
    pub most: usize,
    /// Texts that are looked at in a room, its newest, where no needle is long enough to be looked
    /// up.
    pub scan: usize,
}

/// A message that may be an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The room of the message.
    pub room: RoomId,
    /// The number of the message in the room.
    pub seq: Seq,
    /// When it was said, milliseconds since 1970, UTC.
    pub at: u64,
    /// Its folded text, as the index has it.
    pub text: String,
}

/// What one entry of the log changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexChange {
    /// A message has this folded text, whatever it had.
    Put {
        /// The room of the message.
        room: RoomId,
        /// The number of the message in the room.
        seq: Seq,
        /// When it was said; where the index knows the message, what it knows stays.
        at: u64,
        /// The folded text; never empty.
        text: String,
    },
    /// A message has no text any more.
    Remove {
        /// The room of the message.
        room: RoomId,
        /// The number of the message in the room.
        seq: Seq,
    },
}

/// Changes, and up to where each room of them is followed then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexBatch {
    /// In the order of the log; of one message the last one counts.
    pub changes: Vec<IndexChange>,
    /// The newest seq of each room that is in the index with it.
    pub positions: Vec<(RoomId, Seq)>,
    /// Rooms that are there no more: nothing of them is to be left, nor their position.
    pub removed: Vec<RoomId>,
}

/// Up to which seq each room is in the index; rooms that are not named are not.
pub type Positions = HashMap<RoomId, Seq>;

/// Why an index could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It has to be made anew.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// A later attempt may succeed.
    #[error("the index can't be written: {0}")]
    Away(String),
}

/// Writes an index. One task has it, on a thread that may be blocked.
///
/// **Atomicity.** A [`IndexBatch`] is there with its positions or not at all, whatever ends the process.
/// It needs not be durable: what is lost with its position is read again.
///
/// **Erasure.** What was removed or replaced is in no file of the index soon after, as far as the
/// store allows.
pub trait IndexWriter: Send + 'static {
    /// Opens the index of the journal with this epoch, and makes it anew where it is missing,
    /// damaged, of another version or of another journal. None while another node keeps it.
    fn open(&mut self, epoch: Epoch) -> BoxFuture<'_, Result<Option<Positions>, IndexError>>;

    /// Takes a step.
    fn apply(&mut self, step: IndexBatch) -> BoxFuture<'_, Result<(), IndexError>>;

    /// There is nothing to do at the moment.
    fn rest(&mut self) -> BoxFuture<'_, Result<(), IndexError>>;

    /// Forgets everything: the next [`open`](Self::open) makes the index anew.
    fn clear(&mut self) -> BoxFuture<'_, Result<(), IndexError>>;
}

/// Reads an index. A thread that may be blocked has it.
pub trait IndexReader: Send + 'static {
    /// Messages of the rooms in which all needles occur, in any order. Where every needle is shorter
    /// than a gram, those of the newest [`CandidateQuery::scan`] of each room. It ends by itself when the
    /// time is over: [`SearchError::TooLong`].
    fn candidates<'a>(
        &'a mut self,
        wanted: &'a CandidateQuery,
        until: std::time::Instant,
    ) -> BoxFuture<'a, Result<Vec<Candidate>, SearchError>>;
}
