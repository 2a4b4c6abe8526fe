//! WebSockets without a protocol on top: what comes is told, what is answered is sent. The chat has its own
//! ways; this is for another application of the transport, as `examples/echo.rs` is one.

use std::{future::poll_fn, rc::Rc};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::{
    decoder::{Decoded, Decoder, Inbound, Read},
    framing::{FORMAT, binary, pong, text},
};
use crate::{
    fanout::{DisconnectReason, Outbox},
    transport::{
        socket::{Socket, part},
        upgrade::{Taken, Takeover},
    },
};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

enum Plain {}

impl Read for Plain {
    type Message = Message;

    fn text(text: &str) -> Message {
        Message::Text(text.to_owned())
    }

    fn binary(bytes: &[u8]) -> Message {
        Message::Binary(Bytes::copy_from_slice(bytes))
    }
}

/// Most bytes, in each direction.
#[derive(Clone, Copy, Debug)]
pub struct PlainLimits {
    /// Of a message that comes.
    pub message: usize,
    /// Of what waits towards the client.
    pub outbox: usize,
}

/// Answers a handshake. `hear` is told each message, and returns what is to be sent for it.
///
/// # Errors
/// When the request is no handshake (RFC 6455 section 4.2.1).
pub fn accept(
    request: &HttpRequest,
    payload: web::Payload,
    limits: PlainLimits,
    hear: impl FnMut(Message) -> Option<Message> + 'static,
) -> actix_web::Result<HttpResponse> {
    let (response, _, _) = actix_ws::handle(request, payload)?;
    let mut response = response.drop_body().map_into_boxed_body();
    response.extensions_mut().insert(Takeover::new(move |taken| {
        actix_rt::spawn(serve(taken, limits, hear));
    }));
    Ok(response)
}

async fn serve(
    Taken { io, head, mut early }: Taken,
    limits: PlainLimits,
    mut hear: impl FnMut(Message) -> Option<Message>,
) {
    let outbox = Rc::new(Outbox::new(Socket(io), &FORMAT, limits.outbox));
    outbox.push(&head);
    let mut decoder = Decoder::new(limits.message);
    let decoded = decoder.decode(&mut early);
    let end = tokio::select! {
        biased;
        () = poll_fn(|cx| outbox.poll_ending(cx)) => outbox.end(),
        end = converse(&outbox, &mut decoder, decoded, &mut hear) => Some(end),
    };
    outbox.close(end.unwrap_or(DisconnectReason::Gone("ended")));
    let end = outbox.end().unwrap_or(DisconnectReason::Gone("ended"));
    part(&outbox, Some(outbox.pipe()), &end).await;
}

async fn converse(
    outbox: &Outbox<Socket>,
    decoder: &mut Decoder<Plain>,
    mut decoded: Decoded<Message>,
    hear: &mut impl FnMut(Message) -> Option<Message>,
) -> DisconnectReason {
    loop {
        let (messages, end) = decoded;
        for message in messages {
            match message {
                Inbound::Message(message) => match hear(message) {
                    Some(Message::Text(said)) => outbox.push(&text(&said)),
                    Some(Message::Binary(said)) => outbox.push(&binary(&said)),
                    None => {}
                },
                Inbound::Ping(payload) => outbox.push(&pong(&payload)),
                Inbound::Pong => {}
            }
        }
        if let Some(end) = end {
            return end;
        }
        decoded = match decoder.next(outbox.pipe()).await {
            Ok(decoded) => decoded,
            Err(end) => return end,
        };
    }
}
