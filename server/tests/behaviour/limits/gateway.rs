//! Behind the gateway: it says where people come from, and limits each address itself.

use tokio::io::AsyncReadExt;

use super::{ELSEWHERE, HERE, limited};
use crate::{
    client::Client,
    dial::{dial, from},
    support::gateway::Gateway,
    web::{Line, get},
};

fn address(gateway: &Gateway) -> Option<std::net::SocketAddr> {
    match gateway {
        Gateway::Running { address, .. } => Some(*address),
        Gateway::Missing(_) => None,
    }
}

#[tokio::test]
async fn the_servers_limit_by_the_address_that_the_gateway_saw() {
    let (server, _) = limited(&[
        ("MARU_PROXIES__TRUSTED", "127.0.0.1"),
        ("MARU_LIMITS__ADDRESS_READS", "1/h burst 1"),
    ]);
    let gateway = Gateway::start(&[server.http]);
    let Some(door) = address(&gateway) else { return };
    let read = async |forged: &str| {
        let headers = [("X-Forwarded-For", forged)];
        let headers = if forged.is_empty() { &[][..] } else { &headers };
        Line::open(door).await.get("/api/v1/rooms", headers).await.status
    };
    assert_eq!(from(HERE, read("")).await, 200);
    // It appends what it saw; what a client wrote is before that.
    assert_eq!(from(HERE, read("192.0.2.9")).await, 429);
    assert_eq!(from(ELSEWHERE, read("127.77.0.1")).await, 200);
    assert_eq!(from(ELSEWHERE, read("")).await, 429);
    // The proxy in front of it says for whom it asks.
    assert_eq!(read("192.0.2.9").await, 200);
    assert_eq!(read("192.0.2.9").await, 429);
    assert_eq!(read("192.0.2.8").await, 200);
}

#[tokio::test]
async fn the_gateway_refuses_an_address_that_asks_too_often_or_holds_too_many() {
    let (server, _) = limited(&[("MARU_PROXIES__TRUSTED", "127.0.0.1")]);
    let edits = [("gt 20000", "gt 20"), ("gt 4000", "gt 4")];
    let gateway = Gateway::start_with(&[server.http], &edits);
    let Some(door) = address(&gateway) else { return };
    from(HERE, async {
        let mut line = Line::open(door).await;
        for _ in 0..20 {
            assert_eq!(line.get("/api/v1/info", &[]).await.status, 200);
        }
        let answer = line.get("/api/v1/info", &[]).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("10"));
        assert_eq!(answer.json()["code"], "rate_limited");
        assert!(Client::try_connect(door).await.is_err(), "a WebSocket is a request");
    })
    .await;
    // Others, and those of whom a proxy in front speaks, each have their own.
    assert_eq!(from(ELSEWHERE, get(door, "/api/v1/info")).await.status, 200);
    let mut line = Line::open(door).await;
    for client in ["127.77.0.1", "192.0.2.1"] {
        let status = line.get("/api/v1/info", &[("X-Forwarded-For", client)]).await.status;
        assert_eq!(status == 429, client == "127.77.0.1", "{client}: {status}");
    }
    // Somebody whose connections before are all gone.
    from([127, 77, 0, 3].into(), async {
        let mut held = Vec::new();
        for n in 0..4 {
            let mut client = Client::connect(door).await;
            client.hello(&format!("Ada {n}")).await;
            held.push(client);
        }
        let closed = match dial(door).await {
            Ok(mut fifth) => fifth.read(&mut [0; 16]).await,
            Err(error) => Err(error),
        };
        assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
        held[0].join("lobby", None).await;
    })
    .await;
    // Those of a proxy in front are not one client's.
    let mut lines = Vec::new();
    for n in 0..8 {
        let mut line = Line::open(door).await;
        let client = format!("192.0.2.{n}");
        let answer = line.get("/api/v1/info", &[("X-Forwarded-For", &client)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        lines.push(line);
    }
}
