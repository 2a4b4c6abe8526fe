//! What waits for all clients together has a bound.

use maru_protocol::{ByeCode, ServerFrame};

use super::{limited, refused_by};
use crate::{client::Ended, deaf};

#[tokio::test]
async fn the_slowest_reader_is_closed_when_too_much_waits_for_all() {
    let mut settings = deaf::SETTINGS.to_vec();
    settings.extend([
        ("MARU_SERVER__WORKERS", "1"),
        ("MARU_LIMITS__OUTBOXES", "1 MiB"),
        ("MARU_CHAT__FIRST_ROOMS", "lobby,other"),
        ("MARU_LIMITS__EXEMPT", "127.0.0.0/8"),
    ]);
    let (server, operator) = limited(&settings);
    let mut ada = server.guest("Ada").await;
    ada.join("other", None).await;
    // Far below its own bound, which is 64 MiB.
    let deaf = deaf::member(&server, "lobby").await;
    let (frames, ended) = deaf.ended().await;
    let Some(ServerFrame::Bye { code: ByeCode::SlowReader, retry_after: Some(_), .. }) =
        frames.last()
    else {
        panic!("{:?}", frames.last())
    };
    assert!(matches!(ended, Ended::Closed(1013, _)), "{ended:?}");
    assert_eq!(refused_by(&operator, "outboxes").await, 1);
    assert_eq!(ada.say("other", "here").await.get(), 1, "nobody else notices");
}
