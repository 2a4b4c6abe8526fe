//! Each address has one spelling: a filter in front that compares addresses as they come is not passed
//! by spelling one differently.

use crate::{
    client::Client,
    process::Server,
    support::gateway::Gateway,
    web::{Line, get},
};

/// Other spellings of an address: encoded, doubled slashes, dot segments, a slash at the end.
fn spellings(path: &str) -> Vec<String> {
    let encoded: String = path
        .chars()
        .map(|c| if c == '/' { "/".to_owned() } else { format!("%{:02x}", u32::from(c)) })
        .collect();
    let one = format!("/%{:02X}{}", path.as_bytes()[1], &path[2..]);
    let (folder, last) = path.rsplit_once('/').unwrap();
    vec![
        encoded,
        one,
        format!("/{path}"),
        format!("{folder}//{last}"),
        format!("{folder}/./{last}"),
        format!("{folder}/%2e/{last}"),
        format!("{folder}/x/../{last}"),
        format!("{folder}/x/%2e%2e/{last}"),
        format!("/api/v1/..{path}"),
        format!("/api/v1/../..{path}"),
        format!("/api/v1/%2e%2e/%2E%2E{path}"),
        format!("/api/v1/rooms/..%2f..%2f..{path}"),
        format!("/socket.io/..{path}"),
        format!("{path}/"),
        format!("{path}%2f"),
        format!("{path};x"),
        format!("{path}%3fx"),
        format!("{path}%00"),
    ]
}

#[tokio::test]
async fn an_address_that_is_spelled_differently_is_none() {
    let server = Server::start(&[]);
    let mut line = Line::open(server.http).await;
    let paths = ["/healthz", "/readyz", "/ws", "/api/v1/info", "/api/v1/rooms", "/socket.io/"];
    for path in paths {
        assert_ne!(get(server.http, path).await.status, 404, "{path}");
        for other in spellings(path) {
            let answer = get(server.http, &other).await;
            // Both ends of it are addresses of Socket.IO.
            if !(path == "/socket.io/" && other == "/socket.io") {
                assert_eq!(answer.status, 404, "{path} as {other}: {answer:?}");
            }
        }
    }
    // What is a name may be encoded as one likes.
    for name in ["lobby", "%6Cobby", "%6c%6F%62%62%79"] {
        let answer = line.get(&format!("/api/v1/rooms/{name}/messages"), &[]).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
    for name in [".", "..", "%2e", "%2E%2e"] {
        let answer = line.get(&format!("/api/v1/rooms/{name}/messages"), &[]).await;
        answer.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn the_gateway_passes_what_is_for_everybody_and_nothing_else() {
    let server = Server::start(&[]);
    let gateway = Gateway::start(&[server.http]);
    let Gateway::Running { address, .. } = gateway else { return };
    for path in ["/readyz", "/metrics", "/admin/drain", "/elsewhere", "/", "/healthy"] {
        let mut all = spellings(if path == "/" { "/x" } else { path });
        all.extend([path.to_owned(), path.to_uppercase()]);
        for other in all {
            get(address, &other).await.is_problem(404, "not_found");
        }
    }
    for path in ["/healthz", "/api/v1/info", "/api/v1/rooms", "/socket.io/?EIO=4&transport=polling"]
    {
        assert_eq!(get(address, path).await.status, 200, "{path}");
    }
    let mut ada = Client::connect(address).await;
    ada.hello("Ada").await;
    drop(server);
    let gone = get(address, "/api/v1/info").await;
    gone.is_problem(503, "unavailable");
    assert_eq!(gone.header("access-control-allow-origin"), Some("*"), "{gone:?}");
}
