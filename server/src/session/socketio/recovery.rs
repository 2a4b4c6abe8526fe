//! Recovery: a client that comes back gets what it missed in the rooms that it was in.

use std::{future::poll_fn, task::Poll, time::Duration};

use maru_engine::SharedEvent;
use maru_protocol::{Epoch, Position, RoomName, Seq};

use super::SocketIo;
use crate::{
    fanout::Positions,
    limits::{Caller, Limited, Rate},
    services::{History, PageQuery, ServiceError},
    session::{connection::send_updated, identified::Session},
    wire::socketio::Offset,
};

/// Most bytes that wait for the client when the next page is read: a page and what comes live fit beside
/// it into the smallest outbox.
const AHEAD: usize = 32 << 10;
/// Longest wait for the next page's turn. By the settings that come with the server it is 50 ms.
const PATIENCE: Duration = Duration::from_secs(5);

impl SocketIo {
    /// From here on each entry says where the client is after it.
    pub(super) fn keep_positions(&self, offset: Option<&Offset>) {
        let epoch = self.worker.services.epoch();
        // All rooms at once: whatever the client is given first, it says where it was in the others.
        let rooms = offset.map(|offset| offset.rooms.as_slice()).unwrap_or_default();
        self.outbox.set_positions(Some(Positions::new(epoch, rooms)));
    }

    /// Brings the client back into its rooms, each with what it missed there.
    pub(super) async fn restore(&mut self, offset: Offset) {
        let most = self.worker.services.options.limits.max_rooms;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.set_restoring(true);
        for (room, seq) in offset.rooms.into_iter().take(most) {
            // What is wrong is told as an `error` event; the client's offset goes on naming the room.
            match self.replay(&room, offset.epoch, seq).await {
                Ok(seq) => self.join(room, Some(Position { epoch: offset.epoch, seq })).await,
                Err(error) => self.conversation.refuse(None, error.into()),
            }
        }
        self.set_restoring(false);
    }

    fn set_restoring(&self, restoring: bool) {
        if let Some(positions) = self.outbox.positions() {
            positions.set_restoring(restoring);
        }
    }

    /// Sends what came after that entry, page by page; returns up to where. However much it is: a `join`
    /// alone would reset a client that missed more than it replays.
    ///
    /// # Errors
    /// When a page can't be read now. The room can't be joined from there: who has read only some of the
    /// pages, now or when they came back before, may lack changes that the others tell.
    async fn replay(
        &self,
        room: &RoomName,
        epoch: Epoch,
        mut seq: Seq,
    ) -> Result<Seq, ServiceError> {
        let Some(session) = self.conversation.session() else { return Ok(seq) };
        loop {
            let History { epoch: now, page, .. } = match self.page(session, room, seq).await {
                Ok(found) => found,
                Err(error @ (ServiceError::Limited(_) | ServiceError::Journal(_))) => {
                    return Err(error);
                }
                // What the client may not read, the join says.
                Err(_) => return Ok(seq),
            };
            if now != epoch || page.covers.to <= seq {
                return Ok(seq);
            }
            // Before the entries: with each of these the client's offset passes on.
            send_updated(&self.outbox, room, &page.updated);
            for entry in page.entries {
                self.outbox.replay(room, entry.seq(), &SharedEvent::from(entry));
            }
            seq = page.covers.to;
            if seq >= page.head || self.drained().await.is_err() {
                return Ok(seq);
            }
        }
    }

    async fn page(
        &self,
        session: &Session,
        room: &RoomName,
        seq: Seq,
    ) -> Result<History, ServiceError> {
        self.turn(session.caller()).await?;
        let query = PageQuery { after: Some(seq), ..PageQuery::default() };
        session.services().history(&session.actor(), room, query).await
    }

    /// Takes a page of what the person may read, and waits for it where much was read just now. To join
    /// from between two pages would miss what the next one tells of messages that were changed since.
    async fn turn(&self, caller: &Caller) -> Result<(), Limited> {
        loop {
            match caller.take(Rate::Reads) {
                Err(limited) if limited.wait <= PATIENCE && !self.outbox.is_ending() => {
                    tokio::time::sleep(limited.wait).await;
                }
                taken => return taken,
            }
        }
    }

    /// Waits until nearly nothing waits for the client. The connection's task, of which this is a part,
    /// is woken whenever its socket takes more. Who takes more is there: what they answer to heartbeats
    /// is not read meanwhile.
    async fn drained(&self) -> Result<(), ()> {
        let mut least = self.outbox.queued();
        poll_fn(|_| {
            let queued = self.outbox.queued();
            if queued < least {
                least = queued;
                self.heard();
            }
            if self.outbox.is_ending() {
                Poll::Ready(Err(()))
            } else if queued <= AHEAD {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        })
        .await
    }
}
