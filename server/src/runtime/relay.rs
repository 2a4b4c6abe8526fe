//! From the journal's commits to the workers, in order.

use std::sync::Arc;

use actix::Addr;
use tokio::sync::mpsc;

use crate::{
    follow::ClusterEvent,
    journal::{Batch, ReplyTo},
    runtime::{
        ChatServer,
        messages::{Committed, Overheard},
        open_count::OpenCount,
    },
    search::DirtyRooms,
};

/// Carries every batch of outcomes through the ChatServer, which decides, to the
/// workers' queues. It waits where a queue is full: then it takes no more from the journal, whose
/// writer stops, whose own queue fills, and senders are told `overloaded`. Nothing is dropped.
///
/// One relay, one batch at a time: what comes out of the commit channel first reaches every worker
/// first. Ends with the commit channel.
///
/// `in_flight` counts appends until their outcome is handed over: one message to the ChatServer and
/// one back for each batch. `dirty` learns which rooms changed: a search reads there what is new.
pub async fn relay(
    mut commits: mpsc::Receiver<Batch>,
    server: Addr<ChatServer>,
    in_flight: Arc<OpenCount>,
    dirty: Option<Arc<DirtyRooms>>,
) {
    while let Some(batch) = commits.recv().await {
        if let Some(dirty) = &dirty {
            dirty.mark(&batch);
        }
        let waited_for = |reply: Option<ReplyTo>| reply.is_some_and(|to| to != ReplyTo::Nobody);
        let count = batch.iter().filter(|outcome| waited_for(outcome.reply())).count();
        let Ok(deliveries) = server.send(Committed(batch)).await else {
            log::error!("the ChatServer is gone: committed messages reach nobody until a restart");
            return;
        };
        for (worker, delivery) in deliveries {
            // A worker that is gone has no connections: nothing is owed to it.
            let _ = worker.send(delivery).await;
        }
        in_flight.remove_many(count);
    }
}

/// Carries what other nodes say to the ChatServer. Where that is busy, what is said meanwhile is
/// dropped at the other end of the channel.
pub async fn overhear(mut cluster_events: mpsc::Receiver<ClusterEvent>, server: Addr<ChatServer>) {
    while let Some(event) = cluster_events.recv().await {
        if server.send(Overheard(event)).await.is_err() {
            return;
        }
    }
}
