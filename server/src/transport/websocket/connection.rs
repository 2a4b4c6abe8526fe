//! One WebSocket connection, from the handshake's last byte to the socket's end.
//!
//! A connection is one task. It reads, and writes what the socket did not take at once; whoever
//! else has something for it (the hub, its own session) writes to the socket directly while
//! nothing waits.

use std::{
    future::poll_fn,
    rc::{Rc, Weak},
};

use maru_protocol::{ClientFrame, FrameError, SessionId, decode_client};
use uuid::Uuid;

use super::{
    decoder::{Decoded, Decoder, Inbound, Read},
    framing::{FORMAT, pong},
};
use crate::{
    fanout::{DisconnectReason, Outbox},
    limits::{Begun, GiveUp},
    runtime::OpenCount,
    session::{AdmissionQueue, Conversation, Worker},
    transport::{
        intake::Entry,
        open::Open,
        socket::{Socket, part},
        upgrade::Taken,
    },
};

/// How maru.v1 reads messages: each text is a frame.
#[derive(Debug)]
enum Maru {}

impl Read for Maru {
    type Message = Message;

    fn text(text: &str) -> Message {
        Message::Frame(Box::new(decode_client(text)))
    }

    fn binary(_: &[u8]) -> Message {
        Message::Binary
    }
}

/// What a client said.
#[derive(Debug)]
enum Message {
    /// A text message, or why it is not a frame.
    Frame(Box<Result<ClientFrame, FrameError>>),
    /// A binary message: maru.v1 has none.
    Binary,
}

/// Serves one connection. The handshake's answer and what the client sent right behind its request
/// are not kept for the hours that the connection may last.
pub(super) fn serve(
    Taken { io, head, mut early }: Taken,
    worker: Rc<Worker>,
    tally: std::sync::Arc<OpenCount>,
    Entry { caller, place }: Entry,
) -> impl Future<Output = ()> + use<> {
    let open = Open::new(worker, tally, place, caller.shown());
    let worker = open.worker();
    let outbox = Rc::new(Outbox::new(Socket(io), &FORMAT, worker.services.options.outbox_bytes));
    outbox.push(&head);
    let id = SessionId(Uuid::now_v7());
    let peer = worker.hub.add(id, outbox.clone());
    let mut conversation = Conversation::new(worker.clone(), id, peer, caller);
    let mut decoder = Decoder::new(conversation.max_frame());
    let mut decoded = decoder.decode(&mut early);
    let mut begun = Begun::new(&worker.unfinished);
    async move {
        let end = tokio::select! {
            biased;
            () = poll_fn(|cx| outbox.poll_ending(cx)) => outbox.end(),
            end = converse(
                (&outbox, &mut begun),
                &mut conversation,
                &mut decoder,
                &mut decoded,
            ) => Some(end),
        };
        let user = conversation.user().map(|user| user.id.to_string()).unwrap_or_default();
        // A crowd that goes at once takes turns as one that comes does.
        Box::pin(open.worker().turns.turn()).await;
        // Memberships end here, before the polite part.
        drop(conversation);
        outbox.close(end.unwrap_or(DisconnectReason::Gone("ended")));
        let end = outbox.end().unwrap_or(DisconnectReason::Gone("ended"));
        open.ended(maru_protocol::NAME, id, &user, &end);
        // In a box of its own, as what follows takes more than a whole idle connection.
        Box::pin(part(&outbox, Some(outbox.pipe()), &end)).await;
    }
}

/// Reads and handles frames until one end gives up. The clean-up after it is the caller's, and
/// has no ways to fail.
async fn converse(
    (outbox, begun): (&Rc<Outbox<Socket>>, &mut Begun),
    conversation: &mut Conversation,
    decoder: &mut Decoder<Maru>,
    decoded: &mut Decoded<Message>,
) -> DisconnectReason {
    loop {
        if !decoded.0.is_empty() {
            // In a box of its own: what handling takes is not kept by a connection that is idle.
            Box::pin(handle(std::mem::take(&mut decoded.0), conversation, outbox)).await;
        }
        if let Some(end) = decoded.1.take() {
            return end;
        }
        *decoded = match read(outbox.pipe(), decoder, conversation.queue()).await {
            Ok(decoded) => decoded,
            Err(end) => return end,
        };
        begun.holds(decoder.kept(), || weak(outbox));
        conversation.heard();
    }
}

/// Who is given up, if it comes to that.
fn weak(outbox: &Rc<Outbox<Socket>>) -> Weak<dyn GiveUp> {
    let outbox: Weak<Outbox<Socket>> = Rc::downgrade(outbox);
    outbox
}

async fn handle(
    messages: Vec<Inbound<Message>>,
    conversation: &mut Conversation,
    outbox: &Outbox<Socket>,
) {
    for message in messages {
        match message {
            Inbound::Message(Message::Frame(frame)) => conversation.handle(*frame).await,
            Inbound::Message(Message::Binary) => conversation.refuse_binary(),
            Inbound::Ping(payload) => outbox.push(&pong(&payload)),
            Inbound::Pong => {}
        }
    }
}

async fn read(
    socket: &Socket,
    decoder: &mut Decoder<Maru>,
    mut queue: Option<Rc<AdmissionQueue>>,
) -> Result<Decoded<Message>, DisconnectReason> {
    loop {
        socket.readable().await?;
        if let Some(queue) = queue.take() {
            // In a box, as few ever wait here.
            Box::pin(queue.turn()).await;
        }
        if let Some(decoded) = socket.read(|scratch| decoder.decode(scratch))? {
            return Ok(decoded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<F: Future>(
        _: impl FnOnce(Taken, Rc<Worker>, std::sync::Arc<OpenCount>, Entry) -> F,
    ) -> usize {
        size_of::<F>()
    }

    /// What it holds while nothing happens is much of a connection's memory: 504 bytes, and some room
    /// for what a compiler makes of it.
    #[test]
    fn the_task_of_an_idle_connection_is_small() {
        let size = size_of_future(serve);
        assert!(size <= 640, "{size} bytes");
    }
}
