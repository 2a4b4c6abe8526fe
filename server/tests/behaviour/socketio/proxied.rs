//! Behind HAProxy and nginx, with the files that operators get.

use std::time::Duration;

use serde_json::json;

use super::{ada_in_the_lobby, guest::Guest, upgrade_amid_events};
use crate::{
    process::Server,
    support::{
        gateway::{Gateway, NAMES, Proxy},
        socketio::{Socket, TRANSPORTS, Transport, post},
    },
    web::{Answer, Line},
};

/// A test for each of the two.
macro_rules! behind_both {
    ($($name:ident),+ $(,)?) => {
        mod haproxy {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::gateway::Proxy::HaProxy).await;
            })+
        }
        mod nginx {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::support::gateway::Proxy::Nginx).await;
            })+
        }
    };
}

behind_both!(
    a_session_stays_on_its_server,
    a_conversation_goes_through,
    events_around_an_upgrade_keep_their_order,
    a_poll_that_was_given_up_takes_nothing_along,
    an_answer_that_nobody_got_comes_again,
    a_restart_loses_nothing,
    nobody_is_there,
);

const WIDE: [(&str, &str); 2] =
    [("MARU_CONNECTION__RATE", "5000"), ("MARU_CONNECTION__BURST", "5000")];

/// Two servers that know nothing of one another: a request that came to the wrong one would be refused.
async fn a_session_stays_on_its_server(proxy: Proxy) {
    let server = |name: &&str| Server::start(&[("MARU_SOCKETIO__NODE", name)]);
    let servers: Vec<Server> = NAMES.iter().map(server).collect();
    let addresses: Vec<_> = servers.iter().map(|server| server.http).collect();
    let (_gateway, door) = Gateway::of(proxy, &addresses);
    let mut sockets = Vec::new();
    for number in 0..20 {
        let transport = TRANSPORTS[number % TRANSPORTS.len()];
        sockets.push(Socket::named(door, transport, &format!("Ben {number}")).await);
    }
    for round in 0..5 {
        for socket in &mut sockets {
            assert_eq!(socket.ask("ping", json!({})).await["type"], "ok", "{round}");
        }
    }
    for name in NAMES {
        let prefix = format!("{name}.");
        assert!(sockets.iter().any(|socket| socket.sid().starts_with(&prefix)), "nobody on {name}");
    }
}

async fn a_conversation_goes_through(proxy: Proxy) {
    let server = Server::start(&WIDE);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    let mut ada = ada_in_the_lobby(&server).await;
    for transport in TRANSPORTS {
        let name = format!("Ben {transport:?}");
        let mut ben = Socket::named(door, transport, &name).await;
        ben.ask("join", json!("lobby")).await;
        // As much as a client may put into one body.
        let body = "말".repeat(1_000);
        let send = |n| {
            format!("42{}", json!(["send", { "room": "lobby", "body": format!("{n} {body}") }]))
        };
        let sends: Vec<String> = (0..300).map(send).collect();
        ben.send(&sends.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for n in 0..300 {
            assert_eq!(ada.entry("lobby").await.text(), format!("{n} {body}"), "{transport:?}");
            assert_eq!(ben.event("entry").await[0]["body"], format!("{n} {body}"));
        }
        for n in 0..50 {
            ada.say("lobby", &n.to_string()).await;
            ada.entry("lobby").await;
        }
        for n in 0..50 {
            assert_eq!(ben.event("entry").await[0]["body"], n.to_string(), "{transport:?}");
        }
        ben.ask("leave", json!("lobby")).await;
    }
}

async fn events_around_an_upgrade_keep_their_order(proxy: Proxy) {
    let server = Server::start(&WIDE);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    upgrade_amid_events(&server, door).await;
}

/// Two polls on connections of their own: the one that the server has last is left, and waits.
async fn waiting_poll(socket: &Socket, door: std::net::SocketAddr) -> Line {
    loop {
        let (first, rest) = two_polls(socket, door).await;
        assert_eq!(first.status, 200);
        if first.body == "6" {
            return rest;
        }
        // Who is there is told a moment after somebody came: nothing that a test waits for.
        assert!(first.body.starts_with(r#"42["presence""#), "{}", first.body);
    }
}

/// The answer to one of them, and the one that waits.
async fn two_polls(socket: &Socket, door: std::net::SocketAddr) -> (Answer, Line) {
    let mut lines = Vec::new();
    for _ in 0..2 {
        let mut line = Line::open(door).await;
        let head = line.head("GET", &socket.polls(), &[]);
        line.send(head.as_bytes()).await;
        lines.push(line);
    }
    let mut two = lines.into_iter();
    let (mut one, mut other) = (two.next().unwrap(), two.next().unwrap());
    // Which of them comes last is the proxy's business: it ends the other one with nothing in it.
    tokio::select! {
        answer = one.hear() => (answer, other),
        answer = other.hear() => (answer, one),
    }
}

/// A client whose network changed polls again, whether the proxy noticed or not.
async fn a_poll_that_was_given_up_takes_nothing_along(proxy: Proxy) {
    let server = Server::start(&[]);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    let mut ben = Socket::named(door, Transport::Polling, "Ben").await;
    ben.pick("42[\"welcome\"").await;
    for n in 0..10 {
        drop(waiting_poll(&ben, door).await);
        let mut polls = waiting_poll(&ben, door).await;
        let mut line = Line::open(door).await;
        let asked = post(&mut line, &ben.polls(), &format!(r#"42{n}["ping"]"#)).await;
        assert_eq!((asked.status, asked.body.as_str()), (200, "ok"));
        assert_eq!(polls.hear().await.body, format!(r#"43{n}[{{"type":"ok","ref":{n}}}]"#));
    }
}

/// The proxy has the answer, and nobody to give it to: who comes back gets what was in it.
async fn an_answer_that_nobody_got_comes_again(proxy: Proxy) {
    let server = Server::start(&[]);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    let mut ada = ada_in_the_lobby(&server).await;
    let mut ben = Guest::come("Ben", door, Transport::Polling).await;
    for n in 0..10 {
        // What came with the `position` is read; nothing else is on its way.
        ben.socket.ask("ping", json!({})).await;
        let given_up = waiting_poll(&ben.socket, door).await;
        drop(given_up);
        ada.say("lobby", &n.to_string()).await;
        ben.come_back().await;
        ben.listen(n + 1).await;
    }
    let all: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    assert_eq!(ben.heard, all);
}

/// Killed, and stopped cleanly, while somebody talks.
async fn a_restart_loses_nothing(proxy: Proxy) {
    let mut server = Server::start(&WIDE);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    let mut guests = Vec::new();
    for (number, transport) in TRANSPORTS.into_iter().enumerate() {
        guests.push(Guest::come(&format!("Ben {number}"), door, transport).await);
    }
    let mut said = Vec::new();
    for round in 0..3 {
        // Each time by another name: the one before is somebody's.
        let mut ada = server.guest(&format!("Ada {round}")).await;
        ada.join("lobby", None).await;
        for n in 0..40 {
            let text = format!("{round} {n}");
            ada.say("lobby", &text).await;
            said.push(text);
            if n == 20 {
                // They are there; what comes after it is on its way to them when the server ends.
                for guest in &mut guests {
                    guest.listen(said.len()).await;
                }
            }
        }
        match round {
            0 => server = server.crash_and_restart(),
            1 => {
                let estate = server.estate();
                server.signal(15);
                assert!(server.wait().await.success());
                drop(server);
                server = Server::start_in(estate.0, estate.1);
            }
            _ => {}
        }
    }
    for guest in &mut guests {
        guest.listen(said.len()).await;
        assert_eq!(guest.heard, said, "{:?}", guest.transport);
        assert!(
            guest.losses >= 2,
            "{:?} lost its connection {} times",
            guest.transport,
            guest.losses
        );
        // It is in the room again.
        let send = json!({ "room": "lobby", "body": "still here" });
        assert_eq!(guest.socket.ask("send", send).await["type"], "sent");
    }
}

/// What a page is told that can't connect: by JSON, and readable for it.
async fn nobody_is_there(proxy: Proxy) {
    let server = Server::start(&[]);
    let (_gateway, door) = Gateway::of(proxy, &[server.http]);
    let _estate = server.kill();
    let until = std::time::Instant::now() + crate::client::PATIENCE;
    loop {
        let answer = crate::web::get(door, "/socket.io/?EIO=4&transport=polling").await;
        if answer.status == 503 {
            assert_eq!(answer.json()["code"], "unavailable");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("retry-after"), Some("1"));
            break;
        }
        assert!(std::time::Instant::now() < until, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for inside in ["/metrics", "/admin/drain", "/readyz"] {
        assert_eq!(crate::web::get(door, inside).await.status, 404, "{inside}");
    }
}
