//! What was said is found again.

use std::time::{Duration, Instant};

use maru_protocol::{Body, ClientFrame, ErrorCode, Hit, Query, ServerFrame};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    client::{Client, PATIENCE, room},
    process::Server,
    web::get,
};

type Answer = Result<(Vec<Hit>, Option<String>), ErrorCode>;

async fn search(
    client: &mut Client,
    query: &str,
    within: Option<&str>,
    more: Option<String>,
) -> Answer {
    let reference = client.fresh_ref();
    let (query, room) = (Query::parse(query).unwrap(), within.map(room));
    client.send(&ClientFrame::Search { reference, query, room, more }).await;
    match client.answer(reference).await {
        ServerFrame::Results { hits, more, .. } => Ok((hits, more)),
        ServerFrame::Error { code, .. } => Err(code),
        other => panic!("no results: {other:?}"),
    }
}

/// Asks until as many are found: a message is found a moment after it was said.
async fn until_found(
    client: &mut Client,
    query: &str,
    within: Option<&str>,
    count: usize,
) -> Vec<Hit> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = search(client, query, within, None).await;
        if let Ok((hits, _)) = &answer
            && hits.len() == count
        {
            return hits.clone();
        }
        assert!(Instant::now() < until, "{query} finds {answer:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn texts(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.message.text()).collect()
}

/// With what matched in brackets.
fn shown(hit: &Hit) -> String {
    let runs = hit.excerpt.iter();
    runs.map(|run| if run.hit { format!("[{}]", run.text) } else { run.text.clone() }).collect()
}

#[tokio::test]
async fn words_are_found_wherever_they_stand() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    for said in [
        "오늘 회의자료를 올렸어요",
        "자료는 회의에서 봐요",
        "The Café is in Große Straße",
        "会議は明日",
    ] {
        ada.say("lobby", said).await;
    }
    // The last one: a room is read in order.
    until_found(&mut ada, "会議", None, 1).await;
    let hits = until_found(&mut ada, "회의 자료", None, 2).await;
    let mut all: Vec<String> = hits.iter().map(shown).collect();
    all.sort();
    assert_eq!(all, ["[자료]는 [회의]에서 봐요", "오늘 [회의자료]를 올렸어요"]);
    for (query, expected) in [
        ("\"회의 자료\"", 0),
        ("회의자료", 1),
        ("cafe STRASSE", 1),
        ("会議", 1),
        ("明日 会", 1),
        ("는", 1),
        ("rose", 0),
        ("ro", 1),
    ] {
        let (hits, more) = search(&mut ada, query, Some("LOBBY"), None).await.unwrap();
        assert_eq!((hits.len(), more), (expected, None), "{query}: {:?}", texts(&hits));
    }
}

#[tokio::test]
async fn all_rooms_that_one_is_in_or_one_that_one_is_not_in() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,정원,attic")]);
    let mut ada = server.guest("Ada").await;
    for name in ["lobby", "정원", "attic"] {
        ada.join(name, None).await;
        ada.say(name, &format!("a needle in the {name}")).await;
    }
    until_found(&mut ada, "needle", None, 3).await;
    let mut bob = server.guest("Bob").await;
    assert_eq!(search(&mut bob, "needle", None, None).await, Ok((Vec::new(), None)));
    bob.join("정원", None).await;
    let (hits, _) = search(&mut bob, "needle", None, None).await.unwrap();
    assert_eq!(texts(&hits), ["a needle in the 정원"]);
    let (hits, _) = search(&mut bob, "needle", Some("attic"), None).await.unwrap();
    assert_eq!(texts(&hits), ["a needle in the attic"], "its history is open as well");
    let nowhere = search(&mut bob, "needle", Some("nowhere"), None).await;
    assert_eq!(nowhere, Err(ErrorCode::RoomNotFound));
}

#[tokio::test]
async fn many_come_in_pages_and_the_last_one_says_so() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    for n in 1..=45 {
        ada.say("lobby", &format!("건초 {n:02}")).await;
    }
    let until = Instant::now() + PATIENCE;
    let seqs = loop {
        let (mut seqs, mut more) = (Vec::new(), None);
        loop {
            let (hits, next) = search(&mut ada, "건초", None, more).await.unwrap();
            assert!(hits.len() == 20 || next.is_none());
            seqs.extend(hits.iter().map(|hit| hit.message.seq.get()));
            more = next;
            if more.is_none() {
                break;
            }
        }
        if seqs.len() == 45 {
            break seqs;
        }
        assert!(Instant::now() < until, "{seqs:?}");
        sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(seqs, (1..=45).rev().collect::<Vec<_>>(), "of equal ones the newest first");
    let garbage = search(&mut ada, "건초", None, Some("20".to_owned())).await;
    assert_eq!(garbage, Err(ErrorCode::Malformed));
}

#[tokio::test]
async fn nothing_that_is_asked_means_anything_but_itself() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let said =
        "100% of \"them\" AND NOT NEAR(this, 2) * -that: {x} ^y 'z' \\ ; DROP TABLE texts --";
    ada.say("lobby", said).await;
    ada.say("lobby", "plain hay").await;
    until_found(&mut ada, "plain", None, 1).await;
    let found = [
        "\"",
        "*",
        "%",
        "NEAR(",
        "NEAR(this, 2)",
        "AND",
        "NOT",
        "-that",
        "that:",
        "{x}",
        "^y",
        "'z'",
        "\\",
        "\"them\"",
        "TABLE texts --",
        "100%",
        "\"them\" AND",
        "; drop",
    ];
    let nothing = [
        "\"\"",
        "_",
        "OR",
        "text:",
        "texts MATCH",
        "tab*",
        "t_ble",
        "\u{301}",
        "(((((((",
        "\u{FDD0}",
        "📎",
        "\"that them\"",
        "AND NAND",
    ];
    let all = found.iter().map(|query| (query, 1)).chain(nothing.iter().map(|query| (query, 0)));
    for (query, expected) in all {
        let (hits, _) = search(&mut ada, query, None, None).await.unwrap();
        assert_eq!(hits.len(), expected, "{query:?}");
    }
    for query in
        ["x".repeat(100), "ㅎ".repeat(100), "a ".repeat(50), "\"".repeat(100), "회의".repeat(50)]
    {
        assert!(search(&mut ada, &query, None, None).await.is_ok(), "{query}");
    }
    for refused in [" ".repeat(100), "x".repeat(101), String::new(), "\u{200B}".to_owned()] {
        let query = serde_json::to_string(&refused).unwrap();
        ada.send_text(format!("{{\"type\":\"search\",\"ref\":9,\"query\":{query}}}")).await;
        assert_eq!(ada.refusal().await.code, ErrorCode::InvalidQuery, "{refused:?}");
    }
}

/// The text as it is now, whatever it was; and nothing of what was deleted, in no file either.
#[tokio::test]
async fn an_edit_and_a_deletion_are_followed() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let (kept, gone) =
        (ada.say("lobby", "점심은 비빔밥").await, ada.say("lobby", "xyzzyplugh 비빔밥").await);
    until_found(&mut ada, "비빔밥", None, 2).await;
    let in_lobby = room("lobby");
    let body = Body::parse("점심은 된장찌개".to_owned()).unwrap();
    let edit = |reference, id| ClientFrame::Edit {
        reference,
        room: in_lobby.clone(),
        id,
        target: kept,
        body,
        mentions: Vec::new(),
    };
    assert!(matches!(ada.ask(edit).await, ServerFrame::Sent { .. }));
    let delete =
        |reference, id| ClientFrame::Delete { reference, room: in_lobby.clone(), id, target: gone };
    assert!(matches!(ada.ask(delete).await, ServerFrame::Sent { .. }));
    // At once, whatever the index knows.
    assert_eq!(search(&mut ada, "비빔밥", None, None).await, Ok((Vec::new(), None)));
    let hits = until_found(&mut ada, "된장 찌개", None, 1).await;
    assert!(hits[0].message.edited.is_some());
    assert_eq!(shown(&hits[0]), "점심은 [된장찌개]");
    let left = || -> Vec<String> {
        let files = std::fs::read_dir(server.folder().join("data")).into_iter().flatten().flatten();
        let files = files.map(|file| file.path());
        let holds = |path: &std::path::PathBuf| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes.windows(10).any(|window| window == b"xyzzyplugh")
        };
        files.filter(holds).map(|path| path.display().to_string()).collect()
    };
    let until = Instant::now() + PATIENCE;
    while !left().is_empty() {
        assert!(Instant::now() < until, "it is left in {:?}", left());
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_found_after_a_crash() {
    let mut server = Server::start(&[]);
    for round in 1..=3 {
        let mut ada = server.guest(&format!("Ada {round}")).await;
        ada.join("lobby", None).await;
        for n in 0..40 {
            ada.say("lobby", &format!("바늘 {round} {n}")).await;
        }
        // The index is somewhere in between.
        server = server.crash_and_restart();
        let mut bob = server.guest("Bob").await;
        for asked in 1..=round {
            until_found(&mut bob, &format!("\"바늘 {asked} 3\" "), Some("lobby"), 11).await;
        }
    }
}

#[tokio::test]
async fn a_room_is_searched_over_http() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "점심 회의").await;
    until_found(&mut ada, "회의", None, 1).await;
    let ask = async |query: &str| {
        let answer = get(server.http, &format!("/api/v1/search?{query}")).await;
        (answer.status, answer.json())
    };
    let (status, found) = ask("room=LOBBY&query=%ED%9A%8C%EC%9D%98").await;
    assert_eq!((status, found["hits"].as_array().unwrap().len()), (200, 1));
    assert_eq!(found["hits"][0]["message"]["body"], "점심 회의");
    let excerpt = json!([{ "text": "점심 " }, { "text": "회의", "hit": true }]);
    assert_eq!(found["hits"][0]["excerpt"], excerpt);
    for (query, status, code) in [
        ("query=x", 400, "malformed"),
        ("room=lobby", 400, "malformed"),
        ("room=lobby&query=", 400, "invalid_query"),
        ("room=lobby&query=x&more=1", 400, "malformed"),
        ("room=nowhere&query=x", 404, "room_not_found"),
    ] {
        let (answered, problem) = ask(query).await;
        assert_eq!((answered, problem["code"].as_str().unwrap()), (status, code), "{query}");
    }
}

#[tokio::test]
async fn where_it_is_switched_off_nothing_is_made() {
    let server = Server::start(&[("MARU_SEARCH__ENABLED", "false")]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "회의").await;
    assert_eq!(search(&mut ada, "회의", None, None).await, Err(ErrorCode::Unavailable));
    let answer = get(server.http, "/api/v1/search?room=lobby&query=x").await;
    assert_eq!(answer.status, 503);
    assert!(!server.folder().join("data/maru.search.db").exists());
}
