//! Recovery: a client that comes back gets what it missed in the rooms that it was in.

use std::{future::poll_fn, task::Poll};

use maru_protocol::{ClientFrame, Epoch, Position, RoomName, Seq};

use super::SocketIo;
use crate::{
    fanout::{Outbox, Positions},
    limits::Rate,
    services::{History, PageQuery},
    wire::{
        self, encoded,
        socketio::{Offset, chat::NO_ACK},
    },
};
use maru_engine::{Event, SharedEvent};

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
            let after = Some(Position { epoch: offset.epoch, seq: after });
            // What is wrong is told as an `error` event; the client's offset goes on naming the room.
            let join = ClientFrame::Join { reference: NO_ACK, room, after };
            self.conversation.handle_as(Some(NO_ACK), Ok(join)).await;
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
                push_missed(&self.outbox, room, entry.seq(), &SharedEvent::from(entry));
            }
            seq = last;
            if seq >= page.head || self.drained().await.is_err() {
                return seq;
            }
        }
    }

    /// Waits until nearly nothing waits for the client. The connection's task, of which this is a part,
    /// is woken whenever its socket takes more.
    async fn drained(&self) -> Result<(), ()> {
        poll_fn(|_| {
            if self.outbox.is_ending() {
                Poll::Ready(Err(()))
            } else if self.outbox.queued() <= AHEAD {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        })
        .await
    }
}

/// Sends the answer to a join. A client that is being brought back gets as events what the answer would
/// list: what was said while its last page was read, too, comes the way everything else came.
pub(in crate::session) fn send_joined(outbox: &Outbox, mut joined: wire::Joined) {
    let is_restoring = outbox.positions().is_some_and(|positions| positions.is_restoring());
    if is_restoring && !joined.reset {
        for event in joined.entries.take() {
            if let Event::Entry(entry) = &*event {
                push_missed(outbox, &joined.room, entry.seq(), &event);
            }
        }
    }
    outbox.send_joined(&joined);
}

fn push_missed(outbox: &Outbox, room: &RoomName, seq: Seq, event: &SharedEvent) {
    let format = outbox.format();
    let frame = format.frame(&encoded(format.wire, event));
    outbox.push_replayed(room, seq, &frame);
}
