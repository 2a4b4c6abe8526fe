//! What operators look at and do, on a listener of its own, and who they are not.

use std::{net::SocketAddr, process::Output, sync::Arc};

use crate::{
    identity::is_sent_away,
    process::{self, Server, own_host},
    web::{Answer, Line, bearer, get},
};

/// A server whose operators are served at an address that is known, with these settings.
pub(super) fn start(settings: &[(&str, &str)]) -> (Server, SocketAddr) {
    started(Server::start, settings)
}

/// As [`start`], for a server that is started otherwise.
pub(super) fn started<T>(
    start: impl FnOnce(&[(&str, &str)]) -> T,
    settings: &[(&str, &str)],
) -> (T, SocketAddr) {
    let host = own_host();
    let host_text = host.to_string();
    let own = [
        ("MARU_METRICS__ENABLED", "true"),
        ("MARU_METRICS__HOST", host_text.as_str()),
        ("MARU_METRICS__PORT", "9464"),
    ];
    (start(&[&own, settings].concat()), (host, 9464).into())
}

/// What an operator tells the server to do.
pub(super) async fn tell(listener: SocketAddr, path: &str) -> Answer {
    let host = listener.to_string();
    ask(listener, &format!("POST {path}"), &[("Host", &host), ("Maru-Operator", "yes")]).await
}

/// A request to the listener with these header lines alone.
pub(super) async fn ask(listener: SocketAddr, request: &str, headers: &[(&str, &str)]) -> Answer {
    let lines: String = headers.iter().map(|(key, value)| format!("{key}: {value}\r\n")).collect();
    let request = format!("{request} HTTP/1.1\r\n{lines}Content-Length: 0\r\n\r\n");
    Line::open(listener).await.ask(&request).await
}

#[tokio::test]
async fn operators_see_the_figures_on_a_listener_of_its_own() {
    let (server, listener) = start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    for n in 0..3 {
        ada.say("lobby", &n.to_string()).await;
        ada.entry("lobby").await;
    }
    ada.send_text("nonsense").await;
    ada.refusal().await;
    assert_eq!(get(server.http, "/metrics").await.status, 404, "not where the public is");
    let answer = get(listener, "/metrics").await;
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    for line in [
        "maru_connections 1",
        "maru_sessions 1",
        "maru_rooms 1",
        "maru_messages_total 3",
        "maru_deliveries_total 3",
        "maru_refusals_total{code=\"not_json\"} 1",
    ] {
        assert!(answer.body.lines().any(|l| l == line), "no {line} in {}", answer.body);
    }
    for series in
        ["maru_frames_in_total", "maru_commit_seconds_bucket", "maru_commit_batch_appends_count"]
    {
        assert!(answer.body.contains(series), "{series}");
    }
}

#[tokio::test]
async fn a_page_of_the_web_reaches_nothing_of_it() {
    let (server, listener) = start(&[("MARU_METRICS__ALLOWED_HOSTS", "server.internal")]);
    let mut ada = server.guest("Ada").await;
    let own = listener.to_string();
    // A form of any page sends this: a simple request (Fetch Standard), with an Origin or without one.
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let drain = "POST /admin/drain?alone=true";
    ask(listener, drain, &[("Host", &own), form]).await.is_problem(403, "operator_required");
    let page = ("Origin", "https://evil.example");
    let operator = ("Maru-Operator", "yes");
    for headers in [&[("Host", own.as_str()), form, page][..], &[("Host", &own), operator, page]] {
        ask(listener, drain, headers).await.is_problem(403, "origin_refused");
        ask(listener, "GET /metrics", headers).await.is_problem(403, "origin_refused");
        let preflight = ask(listener, "OPTIONS /admin/drain", headers).await;
        preflight.is_problem(403, "origin_refused");
        assert_eq!(preflight.header("access-control-allow-origin"), None);
    }
    // A page whose own name was pointed here is of this origin, as far as its browser can tell.
    for host in ["evil.example:9464", "evil.example", "server.internal.evil.example", ""] {
        let headers = [("Host", host), operator];
        ask(listener, "GET /metrics", &headers).await.is_problem(421, "host_refused");
        ask(listener, drain, &headers).await.is_problem(421, "host_refused");
        ask(listener, "GET /elsewhere", &headers).await.is_problem(421, "host_refused");
    }
    let two = [("Host", own.as_str()), ("Host", "evil.example"), operator];
    assert!((400..500).contains(&ask(listener, drain, &two).await.status));
    let named = "GET http://evil.example/metrics";
    ask(listener, named, &[("Host", &own)]).await.is_problem(421, "host_refused");
    for host in [own.as_str(), "localhost:9464", "server.internal:9464", "127.0.0.1"] {
        assert_eq!(ask(listener, "GET /metrics", &[("Host", host)]).await.status, 200, "{host}");
    }
    // Nobody was sent away.
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    ada.settle().await;
}

#[tokio::test]
async fn a_server_that_is_alone_sends_nobody_away_unless_it_is_meant() {
    let (server, listener) = start(&[]);
    let mut ada = server.guest("Ada").await;
    let own = listener.to_string();
    let headers = [("Host", own.as_str()), ("Maru-Operator", "yes")];
    for drain in ["POST /admin/drain", "POST /admin/drain?alone=false"] {
        ask(listener, drain, &headers).await.is_problem(409, "no_other_server");
    }
    ask(listener, "POST /admin/drain?alone=perhaps", &headers).await.is_problem(400, "malformed");
    ask(listener, "POST /admin/drain?alne=true", &headers).await.is_problem(400, "malformed");
    ask(listener, "GET /admin/drain", &headers).await.is_problem(405, "method_not_allowed");
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    ada.settle().await;
    let answer = ask(listener, "POST /admin/drain?alone=true", &headers).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, "draining 1 connections\n"));
    server.logs(&["draining"]).await;
    ada.ended().await;
    assert_eq!(get(server.http, "/readyz").await.status, 503);
    // Asked again, there is nothing more to do, and nothing to mean.
    let again = ask(listener, "POST /admin/drain", &headers).await;
    assert_eq!((again.status, again.body.as_str()), (202, "draining 0 connections\n"));
}

#[tokio::test]
async fn its_addresses_have_one_spelling() {
    let (_server, listener) = start(&[]);
    let own = listener.to_string();
    let headers = [("Host", own.as_str()), ("Maru-Operator", "yes")];
    for path in
        ["/%6Detrics", "//metrics", "/./metrics", "/a/../metrics", "/metrics/", "/METRICS", "/"]
    {
        ask(listener, &format!("GET {path}"), &headers).await.is_problem(404, "not_found");
    }
    for path in ["/admin/%64rain", "/%61dmin/drain", "/admin//drain", "/admin/./drain"] {
        let drain = format!("POST {path}?alone=true");
        ask(listener, &drain, &headers).await.is_problem(404, "not_found");
    }
}

/// What a command of the same program says, with the settings of the server: code and text.
pub(super) fn command(server: &Server, args: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let (_, settings) = server.estate();
    let mut command = process::command(folder.path());
    command.args(args).envs(settings.iter().map(|(k, v)| (k, v)));
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test]
async fn a_container_has_no_curl_and_needs_none() {
    let (server, _) = start(&[]);
    let ada = server.guest("Ada").await;
    let (id, token) = (ada.user.clone().unwrap().id.to_string(), ada.token.clone().unwrap());
    let (code, text) = command(&server, &["sign-out", &id]);
    assert_eq!((code, text.starts_with("signed out: ")), (Some(0), true), "{text}");
    is_sent_away(ada).await;
    let proof = bearer(&token);
    let asked =
        Line::open(server.http).await.get("/api/v1/rooms", &[("Authorization", &proof)]).await;
    asked.is_problem(401, "invalid_token");
    let (code, text) = command(&server, &["sign-out", "a\nb"]);
    assert_eq!(
        (code, text.contains("says 400: a user's id has 1 to 128")),
        (Some(1), true),
        "{text}"
    );

    let (code, text) = command(&server, &["drain"]);
    assert_eq!((code, text.contains("says 409: this server knows of no other")), (Some(1), true));
    let (code, text) = command(&server, &["drain", "--alone"]);
    assert_eq!((code, text.starts_with("draining ")), (Some(0), true), "{text}");
    server.logs(&["drained: nobody is here"]).await;
    let unserved = Server::start(&[]);
    let (code, text) = command(&unserved, &["drain"]);
    assert_eq!((code, text.contains("metrics.enabled is false")), (Some(1), true), "{text}");
}

#[tokio::test]
async fn a_server_that_may_open_few_files_says_so_and_answers_operators_when_it_is_full() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let (server, operator) = started(
        |settings| Server::start_after(&[], "ulimit -n 500", folder, settings),
        &[("MARU_SERVER__WORKERS", "1")],
    );
    let log = server.log();
    let warned: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    let [line] = warned[..] else { panic!("{log}") };
    for part in ["http.max_connections = 20000", "may have 500", "ulimit -n", "lowered to "] {
        assert!(line.contains(part), "no {part}: {line}");
    }
    let figure = async |name: &str| -> usize {
        let figures = get(operator, "/metrics").await.body;
        let value = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap().parse().unwrap()
    };
    let most = figure("maru_connections_limit").await;
    assert!((16..400).contains(&most), "{most}");
    // More than there are files for, of both kinds.
    let mut people = Vec::new();
    for _ in 0..most {
        people.push(server.connect().await);
    }
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(crate::dial::dial(server.http).await);
    }
    assert!(crate::client::Client::try_connect(server.http).await.is_err(), "it is full");
    assert_eq!(get(server.http, "/healthz").await.status, 200);
    assert_eq!(get(server.http, "/readyz").await.status, 200);
    assert_eq!(figure("maru_connections").await, most);
    assert!(figure("process_open_fds").await < 500);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn requests_are_measured_by_route_and_not_by_what_is_asked_for() {
    let (server, listener) = start(&[]);
    for path in ["/healthz", "/api/v1/rooms", "/api/v1/rooms/lobby/messages", "/nowhere", "/else"] {
        get(server.http, path).await;
    }
    get(server.http, "/api/v1/rooms/nobody%20made%20it/messages").await;
    drop(server.guest("Ada").await);
    let figures = get(listener, "/metrics").await.body;
    for (route, status, count) in [
        ("/healthz", "2xx", 1),
        ("/api/v1/rooms", "2xx", 1),
        ("/api/v1/rooms/{room}/messages", "2xx", 1),
        ("/api/v1/rooms/{room}/messages", "4xx", 1),
        ("/ws", "1xx", 1),
        ("other", "4xx", 2),
    ] {
        let line = format!(
            "maru_http_request_seconds_count{{route=\"{route}\",status=\"{status}\"}} {count}"
        );
        assert!(figures.lines().any(|it| it == line), "no {line} in {figures}");
    }
    let build = format!("maru_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    assert!(figures.lines().any(|it| it == build), "{figures}");
}
