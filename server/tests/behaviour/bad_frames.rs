//! What breaks the rules of WebSocket itself: each breach has its close code, costs no memory and
//! touches nobody else.

use maru_protocol::{Body, ClientFrame, ErrorCode, MessageId, ServerFrame};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::{
    client::{Client, Ended, room},
    process::Server,
    raw::{BINARY, LAST_PART, PART, PING, TEXT, TEXT_PART, frame, header},
};

const PING_FRAME: &[u8] = br#"{"type":"ping"}"#;

/// Sends these bytes on a connection of its own and expects this close code.
async fn closes(server: &Server, bytes: &[u8], code: u16, what: &str) {
    let mut client = server.guest("Eve").await;
    client.send_bytes(bytes).await;
    let (frames, ended) = client.ended().await;
    assert!(matches!(ended, Ended::Closed(got, _) if got == code), "{what}: {ended:?}");
    assert!(frames.iter().all(|frame| matches!(frame, ServerFrame::Pong)), "{what}: {frames:?}");
}

#[tokio::test]
async fn each_breach_of_websocket_has_its_close_code() {
    let server = Server::start(&[]);
    let mut bystander = server.guest("Ada").await;
    bystander.join("lobby", None).await;
    let unmasked = [&[TEXT, PING_FRAME.len() as u8], PING_FRAME].concat();
    let with_key = |first: u8, payload: &[u8]| frame(first, payload);
    for (bytes, code, what) in [
        (with_key(TEXT, &[0xff, 0xfe]), 1007, "a text that is not UTF-8"),
        (with_key(TEXT, &[0xed, 0xa0, 0x80]), 1007, "a lone surrogate"),
        (unmasked, 1002, "not masked"),
        (with_key(TEXT | 0x40, PING_FRAME), 1002, "RSV1 without an extension"),
        (with_key(TEXT | 0x20, PING_FRAME), 1002, "RSV2"),
        (with_key(TEXT | 0x10, PING_FRAME), 1002, "RSV3"),
        (with_key(0x83, PING_FRAME), 1002, "an unknown data opcode"),
        (with_key(0x8b, b""), 1002, "an unknown control opcode"),
        (with_key(LAST_PART, PING_FRAME), 1002, "a continuation of nothing"),
        (with_key(0x09, b""), 1002, "a ping in parts"),
        (with_key(PING, &[0; 126]), 1002, "a ping longer than 125 bytes"),
        (
            [with_key(TEXT_PART, b"{"), with_key(TEXT, PING_FRAME)].concat(),
            1002,
            "a message within another's parts",
        ),
        (with_key(0x88, &[3]), 1002, "half a close code"),
        (with_key(TEXT, &vec![b' '; 65_537]), 1009, "a frame one byte too long"),
        (header(BINARY, 65_537), 1009, "a long binary frame's header"),
        (header(TEXT, 1 << 30), 1009, "a declared gigabyte"),
        (header(TEXT, u64::MAX), 1009, "a declared 2^64 - 1"),
        (header(TEXT_PART, 1 << 40), 1009, "a part of a declared terabyte"),
    ] {
        closes(&server, &bytes, code, what).await;
    }
    assert_eq!(bystander.say("lobby", "still here").await.get(), 1);
}

#[tokio::test]
async fn the_longest_frame_is_taken_and_a_body_too_long_is_only_refused() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let padding = " ".repeat(65_536 - PING_FRAME.len());
    ada.send_text(format!("{}{padding}", str::from_utf8(PING_FRAME).unwrap())).await;
    assert!(matches!(ada.next().await, ServerFrame::Presence { .. } | ServerFrame::Pong));
    let id = Uuid::now_v7();
    let body = "x".repeat(60_000);
    let text = format!(r#"{{"type":"send","ref":9,"room":"lobby","id":"{id}","body":"{body}"}}"#);
    ada.send_text(text).await;
    let refusal = ada.refusal().await;
    assert_eq!((refusal.code, refusal.reference.map(|r| r.0)), (ErrorCode::InvalidBody, Some(9)));
    // The widest message, every byte of it escaped, fits.
    let escaped = "\\ud83d\\udc4d".repeat(4_000);
    let text =
        format!(r#"{{"type":"send","ref":10,"room":"lobby","id":"{id}","body":"{escaped}"}}"#);
    ada.send_text(text).await;
    assert_eq!(ada.entry("lobby").await.text(), "👍".repeat(4_000));
}

#[tokio::test]
async fn a_binary_message_is_refused_and_the_connection_goes_on() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    for message in [Message::binary(PING_FRAME), Message::binary(vec![0; 60_000])] {
        ada.send_raw(message).await;
        let refusal = ada.refusal().await;
        assert_eq!((refusal.code, refusal.reference), (ErrorCode::BinaryFrame, None));
        println!("{:?}: {}", refusal.code, refusal.message);
    }
    let parts = [frame(0x02, &[1, 2]), frame(PART, &[3]), frame(LAST_PART, &[4])].concat();
    ada.send_bytes(&parts).await;
    assert_eq!(ada.refusal().await.code, ErrorCode::BinaryFrame);
    ada.join("lobby", None).await;
}

fn message(id: MessageId, body: &str) -> Vec<u8> {
    let body = Body::parse(body.to_owned()).unwrap();
    let reference = maru_protocol::Ref(77);
    let send = ClientFrame::say(reference, room("lobby"), id, body);
    serde_json::to_vec(&send).unwrap()
}

#[tokio::test]
async fn a_message_in_parts_is_one_message() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let text = message(MessageId(Uuid::now_v7()), "조각난 말");
    // Between the parts of a character, too, and with a ping of its own in between.
    let mut bytes = frame(TEXT_PART, b"");
    for byte in &text {
        bytes.extend(frame(PART, &[*byte]));
    }
    bytes.extend(frame(PING, b"still there?"));
    bytes.extend(frame(LAST_PART, b""));
    for chunk in bytes.chunks(97) {
        ada.send_bytes(chunk).await;
    }
    assert_eq!(ada.entry("lobby").await.text(), "조각난 말");
}

#[tokio::test]
async fn parts_are_bounded_together() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.send_bytes(&frame(TEXT_PART, &[b' '; 60_000])).await;
    ada.settle_raw().await;
    ada.send_bytes(&frame(PART, &[b' '; 6_000])).await;
    let (_, ended) = ada.ended().await;
    assert!(matches!(ended, Ended::Closed(1009, _)), "{ended:?}");
}

#[tokio::test]
async fn a_declared_gigabyte_costs_no_memory_on_any_number_of_connections() {
    let server = Server::start(&[]);
    let mut bystander = server.guest("Ada").await;
    bystander.join("lobby", None).await;
    // What so many connections cost at all is paid before the measure is taken.
    let mut crowd: Vec<Client> = Vec::new();
    for _ in 0..100 {
        let mut client = server.connect().await;
        client.settle().await;
        crowd.push(client);
    }
    let before = server.memory();
    let mut attack = header(TEXT, 1 << 30);
    attack.extend_from_slice(&[0; 4]);
    attack.extend_from_slice(&[b'x'; 60_000]);
    for client in &mut crowd {
        client.send_bytes(&attack).await;
    }
    // Nobody of the crowd reads or closes; they are all still there.
    bystander.settle().await;
    let after = server.memory();
    assert!(after < before + 8 * 1_024, "{before} KiB became {after} KiB");
    assert_eq!(bystander.say("lobby", "calm").await.get(), 1);
    for client in crowd {
        let (_, ended) = client.ended().await;
        assert!(matches!(ended, Ended::Closed(1009, _)), "{ended:?}");
    }
    assert!(server.memory() < before + 8 * 1_024);
}

#[tokio::test]
async fn half_a_frame_on_many_connections_costs_no_more_than_its_bytes() {
    let server = Server::start(&[]);
    let mut crowd: Vec<Client> = Vec::new();
    for _ in 0..100 {
        let mut client = server.connect().await;
        client.settle().await;
        crowd.push(client);
    }
    let before = server.memory();
    for client in &mut crowd {
        client.send_bytes(&frame(TEXT, &[b' '; 60_000])[..20]).await;
    }
    let mut bystander = server.guest("Ada").await;
    bystander.settle().await;
    let after = server.memory();
    assert!(after < before + 4 * 1_024, "{before} KiB became {after} KiB");
}
