//! Who somebody is, over the changes of keys and until they are signed out.

use std::{fs, time::Duration};

use maru_protocol::{ByeCode, ClientFrame, ErrorCode, ServerFrame, VERSION};
use serde_json::json;

use crate::{
    client::{Client, Ended},
    operators::{start, tell},
    process::Server,
    web::{Answer, Line, bearer, get, room_path},
};

const OLD: &str = "the key from before of 32 bytes and more";
const NEW: &str = "the key of today that has 32 bytes and more";

/// The same server, with these settings in place of its own.
fn restart(server: Server, settings: &[(&str, &str)]) -> Server {
    let (folder, mut kept) = server.kill();
    kept.retain(|(key, _)| !key.starts_with("MARU_AUTH__"));
    kept.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Server::start_in(folder, kept)
}

async fn is_refused(server: &Server, token: &str) {
    let mut client = server.connect().await;
    let token = Some(token.to_owned());
    client.send(&ClientFrame::Hello { version: VERSION, token, name: None }).await;
    assert_eq!(client.refusal().await.code, ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_change_of_the_key_makes_nobody_a_stranger() {
    let server = Server::start(&[("MARU_AUTH__SECRET", OLD)]);
    let ada = server.guest("Ada").await;
    let (old, id) = (ada.token.clone().unwrap(), ada.user.clone().unwrap().id);
    let both = [("MARU_AUTH__SECRET", NEW), ("MARU_AUTH__VERIFY_SECRETS", OLD)];
    let server = restart(server, &both);
    let mut again = server.connect().await;
    again.hello_again(&old).await;
    assert_eq!(again.user.as_ref().unwrap().id, id);
    let ticket = ada.ticket.unwrap();
    let file = format!("/api/v1/files/{}?ticket={ticket}", uuid::Uuid::nil());
    get(server.http, &file).await.is_problem(404, "file_not_found");
    // Those who came are renewed by then; who did not come is somebody new.
    let server = restart(server, &[("MARU_AUTH__SECRET", NEW)]);
    let mut renewed = server.connect().await;
    renewed.hello_again(&again.token.unwrap()).await;
    assert_eq!(renewed.user.unwrap().id, id);
    is_refused(&server, &old).await;
    get(server.http, &file).await.is_problem(401, "invalid_ticket");
}

#[tokio::test]
async fn secrets_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        path.display().to_string()
    };
    // A key from before may have a comma, which parts the items of a variable.
    let old = "the key from before, which had 32 bytes and a comma";
    let (old, new) = (file("old", old), file("new", NEW));
    let server = Server::start_on_a_file(&[("MARU_AUTH__SECRET_FILE", &old)]);
    assert!(!server.folder().join("data/secret.key").exists(), "none is made");
    let token = server.guest("Ada").await.token.unwrap();
    let files =
        [("MARU_AUTH__SECRET_FILE", new.as_str()), ("MARU_AUTH__VERIFY_SECRETS_FILE", &old)];
    let server = restart(server, &files);
    server.connect().await.hello_again(&token).await;
}

async fn read(server: &Server, token: &str) -> Answer {
    let mut line = Line::open(server.http).await;
    line.get(&room_path("lobby"), &[("Authorization", &bearer(token))]).await
}

/// Ends as one who was signed out.
pub(super) async fn is_sent_away(client: Client) {
    let (frames, ended) = client.ended().await;
    let bye = frames.into_iter().find_map(|frame| match frame {
        ServerFrame::Bye { code, retry_after, .. } => Some((code, retry_after)),
        _ => None,
    });
    assert_eq!(bye, Some((ByeCode::SignedOut, Some(1_000))));
    assert!(matches!(ended, Ended::Closed(1008, _)), "{ended:?}");
}

#[tokio::test]
async fn who_is_signed_out_is_so_at_once_and_after_a_restart() {
    let (server, listener) = start(&[]);
    let ada = server.guest("Ada").await;
    let (token, ticket) = (ada.token.clone().unwrap(), ada.ticket.clone().unwrap());
    let id = ada.user.clone().unwrap().id;
    let mut second = server.connect().await;
    second.hello_again(&token).await;
    second.join("lobby", None).await;
    let mut ben = server.guest("Ben").await;
    ben.join("lobby", None).await;
    let file = format!("/api/v1/files/{}?ticket={ticket}", uuid::Uuid::nil());
    get(server.http, &file).await.is_problem(404, "file_not_found");
    assert_eq!(read(&server, &token).await.status, 200);

    let answer = tell(listener, &format!("/admin/sign-out?user={id}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let renewed = second.token.clone().unwrap();
    is_sent_away(ada).await;
    is_sent_away(second).await;
    read(&server, &token).await.is_problem(401, "invalid_token");
    get(server.http, &file).await.is_problem(401, "invalid_ticket");
    for token in [&token, &renewed] {
        is_refused(&server, token).await;
    }
    // Nobody else notices, and the name is free for who says hello anew.
    ben.say("lobby", "undisturbed").await;
    let mut anew = server.guest("Ada").await;
    anew.join("lobby", None).await;
    assert_ne!(anew.user.clone().unwrap().id, id);
    let anew = anew.token.unwrap();
    server.logs(&["signed out everywhere", &id.to_string()]).await;

    let server = server.crash_and_restart();
    is_refused(&server, &token).await;
    server.connect().await.hello_again(&anew).await;

    for (query, code) in [
        ("", 400),
        ("?user=", 400),
        ("?user=a%0Ab", 400),
        (&*format!("?user={}", "x".repeat(129)), 400),
        ("?person=x", 400),
        ("?user=nobody-knows", 200),
    ] {
        let answer = tell(listener, &format!("/admin/sign-out{query}")).await;
        assert_eq!(answer.status, code, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn clients_of_socketio_are_signed_out_as_well() {
    let (server, listener) = start(&[]);
    let mut line = Line::open(server.http).await;
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = line.get(path, &[]).await.body;
    let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
    let polls = format!("{path}&sid={}", opened["sid"].as_str().unwrap());
    let hello = format!("40{}", json!({"version": 1, "name": "Ada"}));
    let head = line.head("POST", &polls, &[("Content-Length", &hello.len().to_string())]);
    assert_eq!(line.ask(&(head + &hello)).await.body, "ok");
    let mut heard = String::new();
    while !heard.contains("guest-") {
        heard = line.get(&polls, &[]).await.body;
    }
    let id = &heard[heard.find("guest-").unwrap()..][..42];
    assert_eq!(tell(listener, &format!("/admin/sign-out?user={id}")).await.status, 200);
    let mut last = String::new();
    let ended = async {
        loop {
            let answer = line.get(&polls, &[]).await;
            if answer.status != 200 {
                return;
            }
            last.push_str(&answer.body);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap();
    assert!(last.contains("signed_out"), "{last}");
}
