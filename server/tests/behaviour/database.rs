//! A server whose Postgres goes away for a while.

use maru_protocol::{ErrorCode, MessageId, ServerFrame};
use uuid::Uuid;

use crate::{process::Server, services, web};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn sends_are_unavailable_while_postgres_is_away_and_go_on_when_it_is_back() {
    let mut postgres = services::Server::start();
    let url = postgres.url();
    let server = Server::start(&[
        ("MARU_JOURNAL__URL", &url),
        ("MARU_AUTH__SECRET", SECRET),
        ("MARU_JOURNAL__TIMEOUT", "1s"),
    ]);
    let (mut min, mut jo) = (server.guest("Min").await, server.guest("Jo").await);
    min.join("lobby", None).await;
    jo.join("lobby", None).await;
    min.say("lobby", "before").await;
    assert_eq!(jo.entry("lobby").await.body.as_str(), "before");

    postgres.stop();
    let id = MessageId(Uuid::now_v7());
    let ServerFrame::Error { code, message, .. } = min.try_say("lobby", id, "meanwhile").await
    else {
        panic!("it was stored nowhere")
    };
    assert_eq!(code, ErrorCode::Unavailable, "{message}");
    assert!(!message.contains("Postgres") && !message.contains("127.0.0.1"), "{message}");
    assert_eq!(web::get(server.http, "/readyz").await.status, 503);
    // What is in memory is still told.
    let mut late = server.guest("Late").await;
    assert_eq!(late.join("lobby", None).await.seqs(), [1]);

    postgres.start_again();
    while web::get(server.http, "/readyz").await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let ServerFrame::Sent { seq, .. } = min.try_say("lobby", id, "meanwhile").await else {
        panic!("it is back")
    };
    assert_eq!(seq.get(), 2);
    assert_eq!(jo.entry("lobby").await.body.as_str(), "meanwhile");
    server.logs(&["Postgres is away"]).await;
    server.logs(&["Postgres is back"]).await;
}
