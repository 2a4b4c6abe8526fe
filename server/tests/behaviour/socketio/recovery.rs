//! Recovery: who comes back gets what they missed, all of it and once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::ada_in_the_lobby;
use crate::{
    client::Client,
    process::Server,
    support::socketio::{Socket, TRANSPORTS, Transport, get},
    web::Line,
};

const WIDE: [(&str, &str); 2] =
    [("MARU_CONNECTION__RATE", "5000"), ("MARU_CONNECTION__BURST", "5000")];

/// What a client of Socket.IO keeps: the `pid`, and the last argument of the last event.
struct Kept {
    pid: Value,
    offset: Value,
}

impl Kept {
    fn auth(&self) -> Value {
        json!({ "version": 1, "recover": true, "pid": self.pid, "offset": self.offset })
    }
}

fn fresh(name: &str) -> Value {
    json!({ "version": 1, "recover": true, "name": name })
}

/// The next entry: its body, and the offset with it.
async fn entry(socket: &mut Socket) -> (String, Value) {
    let mut event = socket.event("entry").await;
    assert_eq!(event.len(), 2, "{event:?}");
    let offset = event.pop().unwrap();
    assert!(offset.is_string());
    (event[0]["body"].as_str().unwrap().to_owned(), offset)
}

/// Somebody in the lobby, and what a client keeps that was there and went.
async fn away(server: &Server) -> (Client, Kept) {
    let mut ada = server.guest("Ada").await;
    ada.create("lobby").await;
    ada.join("lobby", None).await;
    let (mut ben, answer) = Socket::enter(server.http, Transport::Polling, fresh("Ben")).await;
    ben.ask("join", json!("lobby")).await;
    // Nothing was said: the position of the join is all that the client has.
    let offset = ben.event("position").await.remove(0);
    (ada, Kept { pid: answer["pid"].clone(), offset })
}

/// A text of which 150 are more than is read ahead, and than two polls take along.
fn long(n: i32) -> String {
    format!("{n:04000}")
}

#[tokio::test]
async fn who_comes_back_gets_what_they_missed_in_each_room_once() {
    let server = Server::start(&WIDE);
    let mut ada = server.guest("Ada").await;
    for room in ["lobby", "dev", "old"] {
        ada.create(room).await;
        ada.join(room, None).await;
        ada.say(room, "from before").await;
    }
    for (n, transport) in TRANSPORTS.into_iter().enumerate() {
        let (mut ben, answer) =
            Socket::enter(server.http, transport, fresh(&format!("Ben {n}"))).await;
        let pid = answer["pid"].clone();
        for room in ["lobby", "dev", "old"] {
            ben.ask("join", json!(room)).await;
        }
        ben.ask("leave", json!("old")).await;
        ada.say("lobby", "heard").await;
        let (body, offset) = entry(&mut ben).await;
        assert_eq!(body, "heard");
        // The server does not know yet that this connection is of no use any more.
        for n in 0..3 {
            ada.say("dev", &format!("dev {n}")).await;
            ada.say("lobby", &format!("lobby {n}")).await;
            ada.say("old", "not for Ben").await;
        }
        let kept = Kept { pid: pid.clone(), offset };
        let (mut back, answer) = Socket::enter(server.http, transport, kept.auth()).await;
        assert_eq!(answer["pid"], pid, "by which a client knows that it is back");
        let mut missed = Vec::new();
        for _ in 0..6 {
            missed.push(entry(&mut back).await.0);
        }
        missed.sort();
        assert_eq!(missed, ["dev 0", "dev 1", "dev 2", "lobby 0", "lobby 1", "lobby 2"]);
        for _ in 0..2 {
            let joined = back.event("joined").await;
            assert_eq!((&joined[0]["reset"], &joined[0]["entries"]), (&json!(false), &json!([])));
        }
        ada.say("dev", "live").await;
        assert_eq!(entry(&mut back).await.0, "live", "nothing comes twice");
        drop(ben);
    }
}

#[tokio::test]
async fn recovery_outlives_the_server_and_any_gap() {
    for transport in TRANSPORTS {
        let server = Server::start(&WIDE);
        let mut ada = server.guest("Ada").await;
        ada.create("lobby").await;
        ada.join("lobby", None).await;
        let (mut ben, answer) = Socket::enter(server.http, transport, fresh("Ben")).await;
        ben.ask("join", json!("lobby")).await;
        // Nothing was said: the position of the join is all that the client has.
        let offset = ben.event("position").await.remove(0);
        let kept = Kept { pid: answer["pid"].clone(), offset };
        // More than a join replays.
        for n in 0..700 {
            ada.say("lobby", &n.to_string()).await;
        }
        drop(ben);
        let server = server.crash_and_restart();
        let (mut back, _) = Socket::enter(server.http, transport, kept.auth()).await;
        let mut offset = Value::Null;
        // Away again in the middle of it.
        for n in 0..350 {
            let (body, at) = entry(&mut back).await;
            assert_eq!(body, n.to_string());
            offset = at;
        }
        drop(back);
        let kept = Kept { offset, ..kept };
        let (mut back, _) = Socket::enter(server.http, transport, kept.auth()).await;
        for n in 350..700 {
            assert_eq!(entry(&mut back).await.0, n.to_string());
        }
    }
}

/// What a browser does: it goes over to its WebSocket when it can, whatever it is being given, and polls no
/// more. Nothing that it missed is left for a poll.
#[tokio::test]
async fn a_client_may_go_over_to_a_websocket_while_it_is_given_what_it_missed() {
    let server = Server::start(&WIDE);
    let (mut ada, kept) = away(&server).await;
    for n in 0..150 {
        ada.say("lobby", &long(n)).await;
    }
    let (mut back, _) = Socket::enter(server.http, Transport::Polling, kept.auth()).await;
    back.upgrade().await;
    for n in 0..150 {
        assert_eq!(entry(&mut back).await.0, long(n));
    }
    assert_eq!(back.ask("ping", json!({})).await["type"], "ok");
}

#[tokio::test]
async fn who_takes_long_for_what_they_missed_is_not_given_up() {
    let server = Server::start(&[WIDE[0], WIDE[1], ("MARU_CONNECTION__HEARTBEAT", "2s")]);
    let (mut ada, kept) = away(&server).await;
    for n in 0..150 {
        ada.say("lobby", &long(n)).await;
    }
    let (back, _) = Socket::enter(server.http, Transport::Polling, kept.auth()).await;
    // Nothing but polls, for longer than two heartbeats.
    let (started, mut polls) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(5) {
        let answer = get(server.http, &back.polls()).await;
        assert_eq!(answer.status, 200, "after {polls} polls");
        polls += 1;
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

#[tokio::test]
async fn a_lost_history_is_said_and_not_waited_for() {
    let (one, other) = (Server::start(&WIDE), Server::start(&WIDE));
    let mut offsets = Vec::new();
    for server in [&one, &other] {
        let mut ada = server.guest("Ada").await;
        ada.create("lobby").await;
        ada.join("lobby", None).await;
        ada.say("lobby", "first").await;
        let transport = TRANSPORTS[0];
        let (mut ben, answer) = Socket::enter(server.http, transport, fresh("Ben")).await;
        ben.ask("join", json!("lobby")).await;
        offsets.push((answer["pid"].clone(), ben.event("position").await.remove(0)));
    }
    // Who they are is known here, where they were is of another journal.
    let kept = Kept { pid: offsets[0].0.clone(), offset: offsets[1].1.clone() };
    let (mut back, _) = Socket::enter(one.http, TRANSPORTS[0], kept.auth()).await;
    let joined = back.event("joined").await;
    assert_eq!(joined[0]["reset"], true);
    assert_eq!(joined[0]["entries"][0]["body"], "first");
}

/// What no server made begins anew, and tells the client so by another `pid`.
#[tokio::test]
async fn a_forged_offset_or_pid_begins_anew() {
    let server = Server::start(&WIDE);
    for (pid, offset) in [
        (json!("x"), json!("x")),
        (json!(""), json!("AQAA")),
        (Value::Null, json!("A".repeat(9_000))),
    ] {
        let auth =
            json!({ "version": 1, "recover": true, "name": "Ben", "pid": pid, "offset": offset });
        let (_, answer) = Socket::enter(server.http, TRANSPORTS[1], auth).await;
        assert!(answer["pid"].is_string() && answer["pid"] != pid, "{answer}");
    }
}

/// A client that knows only `chat message` can have it, too.
#[tokio::test]
async fn the_client_of_the_article_can_ask_for_it() {
    let server = Server::start(&WIDE);
    for transport in TRANSPORTS {
        let (mut article, answer) =
            Socket::enter(server.http, transport, json!({ "recover": true })).await;
        article.emit("chat message", json!("one")).await;
        let mut said = article.event("chat message").await;
        let offset = said.remove(1);
        drop(article);
        let mut ada = server.guest(&format!("Ada {transport:?}")).await;
        ada.join("lobby", None).await;
        ada.say("lobby", "two").await;
        let auth = json!({ "recover": true, "pid": answer["pid"], "offset": offset });
        let (mut back, _) = Socket::enter(server.http, transport, auth).await;
        assert_eq!(back.event("chat message").await[0], "two");
    }
}

/// A network changes in the middle of a poll. The server, or a proxy before it, may not notice, and
/// answers to nobody: only the client knows what it got.
#[tokio::test]
async fn an_answer_that_nobody_got_comes_again() {
    let server = Server::start(&WIDE);
    let mut ada = ada_in_the_lobby(&server).await;
    let (mut ben, answer) = Socket::enter(server.http, Transport::Polling, fresh("Ben")).await;
    ben.ask("join", json!("lobby")).await;
    let offset = ben.event("position").await.remove(0);
    let mut kept = Kept { pid: answer["pid"].clone(), offset };
    for n in 0..5 {
        let mut gone = Line::open(server.http).await;
        let head = gone.head("GET", &ben.polls(), &[]);
        gone.send(head.as_bytes()).await;
        drop(gone);
        ada.say("lobby", &n.to_string()).await;
        ben = Socket::enter(server.http, Transport::Polling, kept.auth()).await.0;
        let (body, offset) = entry(&mut ben).await;
        assert_eq!(body, n.to_string());
        kept.offset = offset;
    }
}
