//! Recovery: a client that comes back gets what it missed in the rooms that it was in.

use std::{future::poll_fn, task::Poll};

use maru_protocol::{ClientFrame, Entry, Epoch, Position, RoomName, Seq};

use super::SocketIo;
use crate::{
    fanout::{Outbox, Positions},
    services::{History, PageQuery, ServiceError},
    wire::{
        self, encoded,
        socketio::{
            Offset,
            chat::{NO_ACK, updated},
        },
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
            // What is wrong is told as an `error` event; the client's offset goes on naming the room.
            match self.replay(&room, offset.epoch, seq).await {
                Ok(seq) => {
                    let after = Some(Position { epoch: offset.epoch, seq });
                    let join = ClientFrame::Join { reference: NO_ACK, room, after };
                    self.conversation.handle_as(Some(NO_ACK), Ok(join)).await;
                }
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
    /// alone would reset a client that missed more than it replays. Nothing is joined on a page that
    /// failed: who has read only some of them may lack changes that the others tell.
    async fn replay(
        &self,
        room: &RoomName,
        epoch: Epoch,
        mut seq: Seq,
    ) -> Result<Seq, ServiceError> {
        let Some(session) = self.conversation.session() else { return Ok(seq) };
        loop {
            let query = PageQuery { after: Some(seq), ..PageQuery::default() };
            let found = session.services().history(&session.actor(), room, query).await?;
            let History { epoch: now, page, .. } = found;
            if now != epoch || page.covers.to <= seq {
                return Ok(seq);
            }
            // Before the entries: with each of these the client's offset passes on.
            send_updated(&self.outbox, room, &page.updated);
            for entry in page.entries {
                push_missed(&self.outbox, room, entry.seq(), &SharedEvent::from(entry));
            }
            seq = page.covers.to;
            if seq >= page.head || self.drained().await.is_err() {
                return Ok(seq);
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
        send_updated(outbox, &joined.room, &std::mem::take(&mut joined.updated));
        for event in joined.entries.take() {
            if let Event::Entry(entry) = &*event {
                push_missed(outbox, &joined.room, entry.seq(), &event);
            }
        }
    }
    outbox.send_joined(&joined);
}

/// Messages below what a client is given as they are now.
fn send_updated(outbox: &Outbox, room: &RoomName, entries: &[Entry]) {
    if !entries.is_empty() {
        outbox.send_text(&updated(room, entries));
    }
}

fn push_missed(outbox: &Outbox, room: &RoomName, seq: Seq, event: &SharedEvent) {
    let format = outbox.format();
    let frame = format.frame(&encoded(format.wire, event));
    outbox.push_replayed(room, seq, &frame);
}
