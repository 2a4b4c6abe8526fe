//! Requests with `Upgrade: websocket`: the App answers them like any other, and on a 101 the
//! socket leaves HTTP.

use std::{rc::Rc, time::Duration};

use actix_codec::{Encoder, Framed, FramedParts};
use actix_http::{
    Payload, Request, Response, StatusCode,
    body::{BodySize, BoxBody, MessageBody, to_bytes_limited},
    h1,
};
use actix_service::Service;
use actix_web::dev::ServiceResponse;
use bytes::{Bytes, BytesMut};
use tokio::net::TcpStream;

use super::accepted::Accepted;

/// How long the answer to a refused upgrade may take to be written.
const REFUSAL: Duration = Duration::from_secs(5);
/// Most bytes of such an answer; ours are a sentence of JSON.
const REFUSAL_BYTES: usize = 64 * 1024;

/// What goes on with a socket that left HTTP. A route that answers 101 puts it into the extensions of
/// its response.
pub(super) struct Takeover(Box<dyn FnOnce(Taken)>);

/// A socket that left HTTP.
pub(super) struct Taken {
    pub(super) io: TcpStream,
    /// The handshake's answer, still to be written.
    pub(super) head: Bytes,
    /// What the client sent right behind its request.
    pub(super) early: BytesMut,
}

impl Takeover {
    pub(super) fn new(go_on: impl FnOnce(Taken) + 'static) -> Self {
        Self(Box::new(go_on))
    }
}

/// Answers one upgrade request. A WebSocket goes on in a task of its own: the HTTP connection's
/// future, with its buffers, ends here.
pub(super) async fn upgrade<S>(
    app: Rc<S>,
    mut request: Request,
    framed: Framed<Accepted, h1::Codec>,
) -> Result<(), actix_web::Error>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let FramedParts { io, codec, read_buf, .. } = framed.into_parts();
    *request.payload() = Payload::None;
    let mut response: Response<BoxBody> = match app.call(request).await {
        Ok(response) => response.into(),
        Err(error) => error.error_response().into(),
    };
    // From here on it is counted as what it becomes.
    let io = io.into_socket();
    let takeover = response.extensions_mut().remove::<Takeover>();
    match takeover {
        Some(Takeover(go_on)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
            let head = encode_head(codec, response.drop_body(), BodySize::None)?.0;
            let early = BytesMut::from(&read_buf[..]);
            drop(read_buf);
            go_on(Taken { io, head, early });
        }
        _ => {
            let answer = encode_refusal(codec, response).await?;
            let _ = tokio::time::timeout(REFUSAL, write_all(&io, &answer)).await;
        }
    }
    Ok(())
}

fn encode_head(
    mut codec: h1::Codec,
    response: Response<()>,
    size: BodySize,
) -> Result<(Bytes, h1::Codec), actix_web::Error> {
    let mut out = BytesMut::with_capacity(256);
    codec.encode(h1::Message::Item((response, size)), &mut out)?;
    Ok((out.freeze(), codec))
}

async fn encode_refusal(
    codec: h1::Codec,
    response: Response<BoxBody>,
) -> Result<Bytes, actix_web::Error> {
    let mut body = BoxBody::new(());
    let response = response.map_body(|_, whole| body = whole);
    let size = body.size();
    let body =
        to_bytes_limited(body, REFUSAL_BYTES).await.ok().and_then(Result::ok).unwrap_or_default();
    let (head, mut codec) = encode_head(codec, response, size)?;
    let mut out = BytesMut::from(&head[..]);
    if !body.is_empty() {
        codec.encode(h1::Message::Chunk(Some(body)), &mut out)?;
    }
    codec.encode(h1::Message::Chunk(None), &mut out)?;
    Ok(out.freeze())
}

pub(super) async fn write_all(io: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        io.writable().await?;
        match io.try_write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
