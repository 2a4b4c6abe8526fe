//! The follower's questions to the journal, under way.

use std::{future::Future, pin::Pin, sync::Arc};

use futures_util::{StreamExt, stream::FuturesUnordered};
use maru_engine::follow::{HeadsRequest, Input, PageRequest, ReadFailed, Request};
use maru_protocol::Seq;

use crate::journal::{Journal, JournalError, Page, PageRange, RoomId};

/// A question's answer.
enum Answer {
    Page { request: PageRequest, result: Result<Page, JournalError> },
    Heads { request: HeadsRequest, result: Result<Vec<(RoomId, Seq)>, JournalError> },
}

/// Reads under way: `FollowOptions::page_reads` pages and one check of heads at most.
pub(super) struct Reads {
    journal: Arc<dyn Journal>,
    running: FuturesUnordered<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    /// The journal failed and that was said.
    failing: bool,
}

impl Reads {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, running: FuturesUnordered::new(), failing: false }
    }

    /// Asks the journal.
    pub(super) fn begin(&mut self, request: Request) {
        match request {
            Request::Page(request) => {
                let PageRequest { room, after, limit, .. } = request;
                let page = self.journal.page(room, PageRange::After { after, limit });
                self.running
                    .push(Box::pin(async move { Answer::Page { request, result: page.await } }));
            }
            Request::Heads(request) => {
                let rooms = request.rooms.iter().map(|(id, _)| *id).collect();
                let heads = self.journal.heads(rooms);
                self.running
                    .push(Box::pin(async move { Answer::Heads { request, result: heads.await } }));
            }
        }
    }

    /// The next answer; none while nothing was asked.
    pub(super) async fn next(&mut self) -> Option<Input> {
        let answer = self.running.next().await?;
        Some(match answer {
            Answer::Page { request, result } => Input::Page { request, result: self.note(result) },
            Answer::Heads { request, result } => {
                Input::Heads { request, result: self.note(result) }
            }
        })
    }

    /// Says once that the journal can't be read, and once that it can again.
    fn note<T>(&mut self, result: Result<T, JournalError>) -> Result<T, ReadFailed> {
        match &result {
            Err(error) if !self.failing => {
                log::warn!(error:% = error; "what other nodes wrote can't be read; trying on");
            }
            Ok(_) if self.failing => log::info!("what other nodes wrote can be read again"),
            _ => {}
        }
        self.failing = result.is_err();
        result.map_err(|_| ReadFailed)
    }
}
