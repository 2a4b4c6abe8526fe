//! One session, from its first packet to its end.

use std::{
    future::poll_fn,
    rc::{Rc, Weak},
};

use tokio::sync::{mpsc, oneshot};

use super::{
    Application, Conversation, Message, Refusal,
    link::LinkPipe,
    sessions::{Packets, Sessions},
    sid::Sid,
};
use crate::{
    fanout::{DisconnectReason, Outbox},
    limits::{Begun, GiveUp},
    transport::{
        socket::{LINGER, part},
        websocket::{
            decoder::{Decoded, Decoder, Inbound, Read},
            framing::pong,
        },
    },
    wire::engineio::{Packet, PacketError},
};

/// How requests reach a session.
pub(super) enum Transport {
    /// By posts, and by a WebSocket that takes over.
    Polling { posts: mpsc::Sender<Input>, probing: bool },
    /// Not at all: everything comes by its WebSocket.
    WebSocket,
}

/// What a session that polls is given.
pub(super) enum Input {
    /// What its client says.
    Post(Post),
    /// The WebSocket that it goes on with.
    Upgraded(Box<Upgraded>),
}

/// The body of a POST.
pub(super) struct Post {
    pub(super) packets: Packets,
    pub(super) answer: oneshot::Sender<Result<(), Refusal>>,
}

/// How to read on by a WebSocket, which the session's pipe has already.
pub(super) struct Upgraded {
    pub(super) decoder: PacketDecoder,
    /// What its client said behind the upgrade.
    pub(super) decoded: DecodedPackets,
}

/// Where a session's packets come from at its beginning.
pub(super) enum Source {
    Polling(mpsc::Receiver<Input>),
    WebSocket { decoder: PacketDecoder, decoded: DecodedPackets },
}

/// How Engine.IO reads the messages of a WebSocket.
#[derive(Debug)]
pub(super) enum EngineIo {}

impl Read for EngineIo {
    type Message = Result<Packet, PacketError>;

    fn text(text: &str) -> Self::Message {
        Packet::from_text(text)
    }

    fn binary(bytes: &[u8]) -> Self::Message {
        Ok(Packet::Binary(bytes::Bytes::copy_from_slice(bytes)))
    }
}

pub(super) type PacketDecoder = Decoder<EngineIo>;
pub(super) type DecodedPackets = Decoded<<EngineIo as Read>::Message>;

const BROKEN: DisconnectReason =
    DisconnectReason::Close(1002, "a packet breaks the rules of Engine.IO");
const CLOSED: DisconnectReason = DisconnectReason::Close(1000, "closed by the client");

/// Serves one session.
pub(super) async fn run<A: Application>(
    sessions: Rc<Sessions<A>>,
    sid: Sid,
    outbox: Rc<Outbox<LinkPipe>>,
    mut conversation: A::Conversation,
    source: Source,
) {
    let mut begun = Begun::new(&sessions.unfinished);
    let end = tokio::select! {
        biased;
        () = poll_fn(|cx| outbox.poll_ending(cx)) => outbox.end(),
        end = converse((&outbox, &mut begun), &mut conversation, source) => Some(end),
    };
    let end = outbox.judge(end.unwrap_or(DisconnectReason::Gone("ended")));
    // In boxes, as they take more than a whole idle session.
    let _open = Box::pin(conversation.end(&end)).await;
    outbox.close(end.clone());
    Box::pin(part(&outbox, outbox.pipe().socket(), &end)).await;
    sessions.remove(sid);
    let _ = tokio::time::timeout(LINGER, outbox.pipe().written()).await;
}

/// Handles what comes until one end gives up.
async fn converse<C: Conversation>(
    (outbox, begun): (&Rc<Outbox<LinkPipe>>, &mut Begun),
    conversation: &mut C,
    source: Source,
) -> DisconnectReason {
    let (mut decoder, mut decoded) = match source {
        Source::WebSocket { decoder, decoded } => (decoder, decoded),
        Source::Polling(inputs) => {
            match Box::pin(poll((outbox, begun), conversation, inputs)).await {
                Err(end) => return end,
                Ok(upgraded) => (upgraded.decoder, upgraded.decoded),
            }
        }
    };
    let Some(socket) = outbox.pipe().socket() else { return BROKEN };
    loop {
        if !decoded.0.is_empty() {
            let messages = std::mem::take(&mut decoded.0);
            if let Err(end) = Box::pin(hear(messages, conversation, outbox)).await {
                return end;
            }
        }
        begun.holds(decoder.kept() + conversation.kept(), || weak(outbox));
        if let Some(end) = decoded.1.take() {
            return end;
        }
        decoded = match decoder.next(socket).await {
            Ok(decoded) => decoded,
            Err(end) => return end,
        };
    }
}

/// Handles posts until the client goes over to a WebSocket.
async fn poll<C: Conversation>(
    (outbox, begun): (&Rc<Outbox<LinkPipe>>, &mut Begun),
    conversation: &mut C,
    mut inputs: mpsc::Receiver<Input>,
) -> Result<Box<Upgraded>, DisconnectReason> {
    loop {
        match inputs.recv().await {
            Some(Input::Post(Post { packets, answer })) => {
                conversation.turn().await;
                conversation.heard();
                // At the beginning: what a packet brings about may have to wait until the client polls,
                // and some clients do one thing at a time. Who asked may be gone: what they said is
                // taken all the same.
                let is_broken = packets.last().is_some_and(Result::is_err);
                let _ = answer.send(if is_broken { Err(Refusal::Bad) } else { Ok(()) });
                for packet in packets {
                    take(packet, conversation, outbox).await?;
                }
                begun.holds(conversation.kept(), || weak(outbox));
            }
            Some(Input::Upgraded(upgraded)) => return Ok(upgraded),
            None => return Err(DisconnectReason::Gone("ended")),
        }
    }
}

/// Who is given up, if it comes to that.
fn weak(outbox: &Rc<Outbox<LinkPipe>>) -> Weak<dyn GiveUp> {
    let outbox: Weak<Outbox<LinkPipe>> = Rc::downgrade(outbox);
    outbox
}

async fn hear<C: Conversation>(
    messages: Vec<Inbound<Result<Packet, PacketError>>>,
    conversation: &mut C,
    outbox: &Outbox<LinkPipe>,
) -> Result<(), DisconnectReason> {
    conversation.turn().await;
    conversation.heard();
    for message in messages {
        match message {
            Inbound::Message(packet) => take(packet, conversation, outbox).await?,
            Inbound::Ping(payload) => outbox.push(&pong(&payload)),
            Inbound::Pong => {}
        }
    }
    Ok(())
}

async fn take<C: Conversation>(
    packet: Result<Packet, PacketError>,
    conversation: &mut C,
    outbox: &Outbox<LinkPipe>,
) -> Result<(), DisconnectReason> {
    match packet {
        Ok(Packet::Text(text)) => conversation.take(Message::Text(text)).await,
        Ok(Packet::Binary(bytes)) => conversation.take(Message::Binary(bytes)).await,
        Ok(Packet::Close) => {
            outbox.pipe().release_poll();
            Err(CLOSED)
        }
        // An answer to a heartbeat, asked for or not; what belongs to an upgrade that is over.
        Ok(Packet::Ping(_) | Packet::Pong | Packet::Upgrade | Packet::Noop) => Ok(()),
        Err(_) => Err(BROKEN),
    }
}
