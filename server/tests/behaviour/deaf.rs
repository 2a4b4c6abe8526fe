//! Somebody who does not read, with more on the way to them than any socket buffer holds.

use std::time::{Duration, Instant};

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

/// How often somebody takes one frame while the others fill their socket. A connection that takes nothing
/// for 8 s is given up by the system, as `TCP_USER_TIMEOUT` has it; a slow machine needs longer than that
/// to bring about what a test is after.
pub const SIP: Duration = Duration::from_secs(1);

/// A member of a room with some 8 MB on the way: what sockets hold, and some of it in the outbox.
pub async fn member(server: &Server, room: &str) -> Client {
    let mut deaf = Client::connect_narrow(server.http).await;
    deaf.hello("Deaf").await;
    deaf.join(room, None).await;
    let mut speaker = server.guest("Speaker").await;
    speaker.join(room, None).await;
    let body = wide();
    let mut sipped = Instant::now();
    for n in 0..500 {
        if sipped.elapsed() > SIP {
            // They may be gone already, for another reason.
            let _ = deaf.receive().await;
            sipped = Instant::now();
        }
        speaker.post(room, MessageId(Uuid::now_v7()), &body).await;
        if n >= 20 {
            speaker.pick(|f| matches!(f, ServerFrame::Sent { .. }).then_some(())).await;
            speaker.entry(room).await;
        }
    }
    deaf
}
