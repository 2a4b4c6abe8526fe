//! A WebSocket that a polling session tries, before it goes over to it.

use std::{rc::Rc, time::Duration};

use bytes::{Bytes, BytesMut};

use super::{
    framing::packet_frame,
    session::{DecodedPackets, Input, PacketDecoder, Transport, Upgraded},
    sessions::Entry,
};
use crate::{
    fanout::DisconnectReason,
    transport::{
        socket::Socket,
        upgrade::write_all,
        websocket::{WEBSOCKET, decoder::Inbound, framing::pong},
    },
    wire::engineio::Packet,
};

/// How long a client may take from its first byte to the end of the upgrade: as the reference
/// implementation has it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A WebSocket with the id of a session.
pub(super) struct Probe {
    pub(super) socket: Socket,
    pub(super) head: Bytes,
    pub(super) early: BytesMut,
    pub(super) decoder: PacketDecoder,
    pub(super) base64: bool,
}

/// Tries the WebSocket, and hands it to the session when the client goes over to it. A session has one
/// at a time, and none after it went over: any other is closed, and the session goes on as it is.
pub(super) async fn run(entry: Option<Rc<Entry>>, probe: Probe) {
    let entry = entry.filter(|entry| begin(entry));
    let Some(entry) = entry else {
        refuse(&probe).await;
        return;
    };
    let base64 = probe.base64;
    let tried = tokio::time::timeout(PATIENCE, attempt(&entry, probe)).await;
    let posts = match &mut *entry.transport.borrow_mut() {
        Transport::Polling { posts, probing } => {
            *probing = false;
            posts.clone()
        }
        Transport::WebSocket => return,
    };
    entry.outbox.pipe().probing(false);
    if let Ok(Ok((socket, upgraded))) = tried {
        // From here on its polls and posts are refused.
        *entry.transport.borrow_mut() = Transport::WebSocket;
        // At once: the client polls no more. What it said before may be what the session is busy with,
        // and that may wait until the client takes what it asked for.
        entry.outbox.pipe().upgrade(socket, base64);
        // Behind the posts that came before. An error: the session ended meanwhile.
        let _ = posts.send(Input::Upgraded(Box::new(upgraded))).await;
    }
}

/// Whether the session takes a WebSocket now.
fn begin(entry: &Entry) -> bool {
    match &mut *entry.transport.borrow_mut() {
        Transport::Polling { probing, .. } if !*probing => {
            *probing = true;
            true
        }
        _ => false,
    }
}

/// The handshake is answered and the WebSocket closed: clients wait for that.
async fn refuse(Probe { socket, head, .. }: &Probe) {
    let mut out = BytesMut::from(&head[..]);
    WEBSOCKET.close(1000, "the session has another transport", &mut out);
    let _ = tokio::time::timeout(PATIENCE, write_all(&socket.0, &out)).await;
}

async fn attempt(
    entry: &Entry,
    Probe { socket, head, mut early, mut decoder, .. }: Probe,
) -> Result<(Socket, Upgraded), DisconnectReason> {
    let gone = |error: std::io::Error| DisconnectReason::Broken((&error).into());
    write_all(&socket.0, &head).await.map_err(gone)?;
    let mut decoded = decoder.decode(&mut early);
    loop {
        let (messages, end) = decoded;
        let mut messages = messages.into_iter();
        while let Some(message) = messages.next() {
            let answer = match message {
                Inbound::Message(Ok(Packet::Ping(payload))) => {
                    entry.outbox.pipe().probing(true);
                    packet_frame(format!("3{payload}").as_bytes())
                }
                Inbound::Message(Ok(Packet::Upgrade)) => {
                    let decoded: DecodedPackets = (messages.collect(), end);
                    return Ok((socket, Upgraded { decoder, decoded }));
                }
                Inbound::Ping(payload) => pong(&payload),
                Inbound::Pong | Inbound::Message(Ok(Packet::Noop)) => continue,
                Inbound::Message(_) => {
                    return Err(DisconnectReason::Close(1002, "a probe begins with a ping"));
                }
            };
            write_all(&socket.0, &answer).await.map_err(gone)?;
        }
        if let Some(end) = end {
            return Err(end);
        }
        decoded = decoder.next(&socket).await?;
    }
}
