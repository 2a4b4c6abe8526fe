//! Recovery: a client that comes back gets what it missed in the rooms that it was in.

use std::{future::poll_fn, task::Poll};

use maru_engine::SharedEvent;
use maru_protocol::{Epoch, Position, RoomName, Seq};

use super::SocketIo;
use crate::{
    fanout::Positions,
    limits::Rate,
    services::{History, PageQuery},
    wire::socketio::Offset,
};

/// Most bytes that wait for the client when the next page is read: a page and what comes live fit beside
/// it into the smallest outbox.
const AHEAD: usize = 32 << 10;

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
            let after = self.replay(&room, offset.epoch, seq).await;
            // The client's offset goes on naming a room that it could not join.
            self.join(room, Some(Position { epoch: offset.epoch, seq: after })).await;
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
    async fn replay(&self, room: &RoomName, epoch: Epoch, mut seq: Seq) -> Seq {
        let Some(session) = self.conversation.session() else { return seq };
        loop {
            if session.caller().take(Rate::Reads).is_err() {
                // The join, or the client, goes on from here.
                return seq;
            }
            let query = PageQuery { after: Some(seq), ..PageQuery::default() };
            let found = session.services().history(&session.actor(), room, query).await;
            let Ok(History { epoch: now, page, .. }) = found else { return seq };
            let entries = page.entries;
            let Some(last) = entries.last().map(|entry| entry.seq()).filter(|_| now == epoch)
            else {
                return seq;
            };
            for entry in entries {
                self.outbox.replay(room, entry.seq(), &SharedEvent::from(entry));
            }
            seq = last;
            if seq >= page.head || self.drained().await.is_err() {
                return seq;
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
