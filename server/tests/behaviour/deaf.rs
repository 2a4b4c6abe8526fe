//! Somebody who does not read, with more on the way to them than any socket buffer holds.

use maru_protocol::{MessageId, ServerFrame};
use uuid::Uuid;

use crate::{client::Client, process::Server};

/// A message as wide as they come: 16,000 bytes.
pub fn wide() -> String {
    "👍".repeat(4_000)
}

/// Room for what a deaf member does not read, and for those who send it.
pub const SETTINGS: [(&str, &str); 3] = [
    ("MARU_CONNECTION__OUTBOX", "64 MiB"),
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "10000"),
];

/// A member of a room with some 8 MB on the way: what sockets hold, and some of it in the outbox.
pub async fn member(server: &Server, room: &str) -> Client {
    let mut deaf = Client::connect_narrow(server.http).await;
    deaf.hello("Deaf").await;
    deaf.join(room, None).await;
    let mut speaker = server.guest("Speaker").await;
    speaker.join(room, None).await;
    let body = wide();
    for n in 0..500 {
        speaker.post(room, MessageId(Uuid::now_v7()), &body).await;
        if n >= 20 {
            speaker.pick(|f| matches!(f, ServerFrame::Sent { .. }).then_some(())).await;
            speaker.entry(room).await;
        }
    }
    deaf
}
