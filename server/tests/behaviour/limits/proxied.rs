//! Where a client comes from is what trusted proxies say, and nobody else.

use super::{ELSEWHERE, HERE, limited};
use crate::{
    dial::{dial, from},
    process::Server,
    web::{Line, get},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ONE_READ: (&str, &str) = ("MARU_LIMITS__ADDRESS_READS", "1/h burst 1");

/// The status of a read with that header line.
async fn read(server: &Server, header: &str, value: &str) -> u16 {
    Line::open(server.http).await.get("/api/v1/rooms", &[(header, value)]).await.status
}

#[tokio::test]
async fn a_forged_header_of_somebody_who_is_no_proxy_says_nothing() {
    let (server, _) = limited(&[ONE_READ, ("MARU_PROXIES__TRUSTED", "127.77.0.1")]);
    from(ELSEWHERE, async {
        assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.1").await, 200);
        for forged in ["192.0.2.2", "127.77.0.1", "192.0.2.3, 127.77.0.1"] {
            assert_eq!(read(&server, "X-Forwarded-For", forged).await, 429, "{forged}");
        }
    })
    .await;
    // Where nobody is trusted, everybody behind a proxy is one; the operator is told.
    let (server, _) = limited(&[ONE_READ]);
    assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.1").await, 200);
    assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.2").await, 429);
    server.logs(&["WARN", "proxies.trusted", "127.0.0.1"]).await;
}

#[tokio::test]
async fn a_trusted_proxy_says_for_whom_it_asks_and_its_list_is_read_from_its_end() {
    let (server, _) = limited(&[ONE_READ, ("MARU_PROXIES__TRUSTED", "127.77.0.1,10.0.0.0/8")]);
    from(HERE, async {
        assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.1").await, 200);
        assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.2").await, 200);
        // What a client put before it is no other client.
        assert_eq!(read(&server, "X-Forwarded-For", "192.0.2.9, 192.0.2.1, 10.0.0.7").await, 429);
        assert_eq!(read(&server, "Forwarded", "for=192.0.2.9").await, 200, "the proxy's own");
        assert_eq!(read(&server, "Forwarded", "for=192.0.2.8").await, 429);
        // One connection of a proxy carries the requests of many.
        let mut line = Line::open(server.http).await;
        let of = |client: &'static str| [("X-Forwarded-For", client)];
        assert_eq!(line.get("/api/v1/rooms", &of("2001:db8:1:2::3")).await.status, 200);
        assert_eq!(line.get("/api/v1/rooms", &of("2001:db8:1:3::3")).await.status, 200);
        assert_eq!(line.get("/api/v1/rooms", &of("2001:db8:1:2::4")).await.status, 429, "one /64");
    })
    .await;
}

#[tokio::test]
async fn the_proxy_protocol_is_taken_of_a_trusted_proxy_alone() {
    let (server, _) = limited(&[
        ONE_READ,
        ("MARU_PROXIES__TRUSTED", "127.77.0.1"),
        ("MARU_PROXIES__HEADER", "proxy-protocol"),
    ]);
    let ask = async |beginning: &str| {
        let mut stream = dial(server.http).await.unwrap();
        let request = "GET /api/v1/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        stream.write_all(format!("{beginning}{request}").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).split(' ').nth(1).map(str::to_owned).unwrap_or_default()
    };
    from(HERE, async {
        assert_eq!(ask("PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n").await, "200");
        assert_eq!(ask("PROXY TCP4 192.0.2.1 10.0.0.1 4712 80\r\n").await, "429");
        assert_eq!(ask("PROXY TCP4 192.0.2.2 10.0.0.1 4711 80\r\n").await, "200");
        assert_eq!(ask("").await, "", "a proxy that does not say it is closed");
    })
    .await;
    from(ELSEWHERE, async {
        assert_eq!(ask("PROXY TCP4 192.0.2.3 10.0.0.1 4711 80\r\n").await, "400", "no request");
        assert_eq!(get(server.http, "/api/v1/rooms").await.status, 200);
        assert_eq!(get(server.http, "/api/v1/rooms").await.status, 429);
    })
    .await;
}
