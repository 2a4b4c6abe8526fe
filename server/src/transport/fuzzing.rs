//! What strangers' bytes reach first, for the targets of `fuzz/`. Each takes any bytes, and panics where
//! something does not hold.

use actix_web::{http::header::HeaderMap, test::TestRequest};
use bytes::BytesMut;

use super::{
    client_address, engineio, http,
    websocket::decoder::{Decoder, Inbound, Read},
};
use crate::settings::{Proxies, ProxySays};

/// As large as a message may be for a target: larger ones find nothing else.
const MAX: usize = 4_096;

/// Messages as they are.
enum Plain {}

impl Read for Plain {
    type Message = Vec<u8>;

    fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    fn binary(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }
}

/// What a decoder made of a stream, and whether there is no going on. By which code it ends depends on how much
/// was there: a frame can break two rules.
type Came = (Vec<(u8, Vec<u8>)>, bool);

fn decoded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Came {
    let mut decoder = Decoder::<Plain>::new(MAX);
    let mut came = Vec::new();
    for piece in pieces {
        let (messages, end) = decoder.decode(&mut BytesMut::from(piece));
        came.extend(messages.into_iter().map(|message| match message {
            Inbound::Message(bytes) => (0, bytes),
            Inbound::Ping(bytes) => (1, bytes.into()),
            Inbound::Pong => (2, Vec::new()),
        }));
        if end.is_some() {
            return (came, true);
        }
        assert!(decoder.kept() <= 2 * MAX + 14, "it keeps {} bytes", decoder.kept());
    }
    (came, false)
}

/// The bytes of a WebSocket, however they are cut, are the same messages. The first byte says where.
pub fn websocket(data: &[u8]) {
    let Some((&at, stream)) = data.split_first() else { return };
    let whole = decoded([stream]);
    assert!(whole.0.iter().all(|(_, bytes)| bytes.len() <= MAX), "longer than it may be");
    let (head, tail) = stream.split_at(usize::from(at).min(stream.len()));
    assert_eq!(decoded([head, tail]), whole, "cut at {at}");
    assert_eq!(decoded(stream.chunks(1)), whole, "byte by byte");
}

/// What stands in the query of an address or in a header.
pub fn parameters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    engineio::fuzzing::query(text);
    http::fuzzing::parameters(text);
    let Ok(header) = actix_web::http::header::HeaderValue::from_str(text) else { return };
    for (name, says) in
        [("x-forwarded-for", ProxySays::XForwardedFor), ("forwarded", ProxySays::Forwarded)]
    {
        let request = TestRequest::default().insert_header((name, header.clone()));
        let request = request.to_http_request();
        let headers: &HeaderMap = request.headers();
        let nobody = Proxies { trusted: Vec::new(), says };
        let peer = std::net::IpAddr::from([192, 0, 2, 1]);
        let seen = client_address::of(peer, &nobody, headers);
        assert_eq!(seen, peer, "who is no proxy is believed");
        let proxies = Proxies { trusted: vec![peer.into()], says };
        let _ = client_address::of(peer, &proxies, headers);
    }
}
