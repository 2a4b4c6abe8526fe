//! A message carries what its sender brought there, once; everybody in the room can fetch it, until
//! the message is deleted.

use maru_protocol::{
    Body, ClientFrame, Entry, ErrorCode, FileId, MessageId, Ref, Seq, ServerFrame,
};
use uuid::Uuid;

use super::*;
use crate::{
    client::{Joined, room},
    cluster::Cluster,
    services::Database,
};

async fn post(by: &mut Client, name: &str, id: MessageId, body: &str, files: &[FileId]) -> Ref {
    let reference = by.fresh_ref();
    let frame = ClientFrame::Send {
        reference,
        room: room(name),
        id,
        body: (!body.is_empty()).then(|| Body::parse(body.to_owned()).unwrap()),
        reply_to: None,
        mentions: Vec::new(),
        files: files.to_vec(),
    };
    by.send(&frame).await;
    reference
}

async fn send(
    by: &mut Client,
    name: &str,
    id: MessageId,
    body: &str,
    files: &[FileId],
) -> Result<Seq, ErrorCode> {
    let reference = post(by, name, id, body, files).await;
    match by.answer(reference).await {
        ServerFrame::Sent { seq, .. } => Ok(seq),
        ServerFrame::Error { code, .. } => Err(code),
        other => panic!("no answer: {other:?}"),
    }
}

fn fresh() -> MessageId {
    MessageId(Uuid::now_v7())
}

async fn delete(by: &mut Client, name: &str, target: Seq) {
    let reference = by.fresh_ref();
    by.send(&ClientFrame::Delete { reference, room: room(name), id: fresh(), target }).await;
    let answer = by.answer(reference).await;
    assert!(matches!(answer, ServerFrame::Sent { .. }), "{answer:?}");
}

fn carried(joined: &Joined) -> Vec<Vec<FileInfo>> {
    let files = |entry: &Entry| match entry {
        Entry::Message(message) => Some(message.files.clone()),
        _ => None,
    };
    joined.entries.iter().filter_map(files).collect()
}

#[tokio::test]
async fn everybody_in_the_room_gets_what_a_message_carries() {
    let server = Server::start(&[]);
    let (mut ada, mut bob) = (server.guest("Ada").await, server.guest("Bob").await);
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    let image = uploaded(&server, &ada, "바다.png", &png(640, 480)).await;
    let notes = uploaded(&server, &ada, "notes", b"hello").await;
    // Without a text, and in the order of the frame.
    let seq = send(&mut ada, "lobby", fresh(), "", &[notes.id, image.id]).await.unwrap();
    for client in [&mut ada, &mut bob] {
        let said = client.entry("lobby").await;
        assert_eq!(
            (said.seq, said.body, &said.files),
            (seq, None, &vec![notes.clone(), image.clone()])
        );
    }
    let fetched = fetch(&server, &bob, &image, &[]).await;
    assert_eq!((fetched.status, fetched.bytes), (200, png(640, 480)));
    // It is in the log as it was said, also after a crash.
    let token = bob.token.clone().unwrap();
    drop((ada, bob));
    let server = server.crash_and_restart();
    let mut bob = server.connect().await;
    bob.hello_again(&token).await;
    assert_eq!(carried(&bob.join("lobby", None).await), [vec![notes.clone(), image]]);
    assert_eq!(fetch(&server, &bob, &notes, &[]).await.bytes, b"hello");
}

#[tokio::test]
async fn a_file_is_sent_by_who_brought_it_where_it_was_brought_and_once() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,attic")]);
    let (mut ada, mut bob) = (server.guest("Ada").await, server.guest("Bob").await);
    for client in [&mut ada, &mut bob] {
        client.join("lobby", None).await;
        client.join("attic", None).await;
    }
    let a = uploaded(&server, &ada, "a", b"hello").await.id;
    let b = uploaded(&server, &ada, "b", b"hello").await.id;
    let nothing = FileId(Uuid::new_v4());
    let gone = Err(ErrorCode::FileNotFound);
    assert_eq!(send(&mut bob, "lobby", fresh(), "mine now", &[a]).await, gone);
    assert_eq!(send(&mut ada, "attic", fresh(), "elsewhere", &[a]).await, gone);
    assert_eq!(send(&mut ada, "lobby", fresh(), "", &[nothing]).await, gone);
    assert_eq!(send(&mut ada, "lobby", fresh(), "one of them", &[a, nothing]).await, gone);
    let twice = send(&mut ada, "lobby", fresh(), "", &[a, a]).await;
    assert_eq!(twice, Err(ErrorCode::Malformed));
    let many: Vec<FileId> = (0..11).map(|_| FileId(Uuid::new_v4())).collect();
    assert_eq!(send(&mut ada, "lobby", fresh(), "", &many).await, Err(ErrorCode::Malformed));
    assert_eq!(send(&mut ada, "lobby", fresh(), "", &[]).await, Err(ErrorCode::InvalidBody));
    // None of that took anything of it.
    let id = fresh();
    let seq = send(&mut ada, "lobby", id, "here", &[a]).await.unwrap();
    assert_eq!(seq.get(), 1);
    assert_eq!(send(&mut ada, "lobby", id, "here", &[a]).await, Ok(seq), "a retry");
    assert_eq!(send(&mut ada, "lobby", fresh(), "again", &[a]).await, gone);
    assert_eq!(send(&mut ada, "lobby", fresh(), "again", &[b, a]).await, gone);
    // Two at once: one of them has it.
    let mut refs = Vec::new();
    for _ in 0..5 {
        refs.push(post(&mut ada, "lobby", fresh(), "race", &[b]).await);
    }
    let mut sent = 0;
    for reference in refs {
        match ada.answer(reference).await {
            ServerFrame::Sent { .. } => sent += 1,
            ServerFrame::Error { code: ErrorCode::FileNotFound, .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn what_a_deleted_message_carried_is_gone() {
    let server = Server::start(&[]);
    let (mut ada, bob) = (server.guest("Ada").await, server.guest("Bob").await);
    ada.join("lobby", None).await;
    let folder = server.folder().join("data/files");
    let a = uploaded(&server, &ada, "a", &noise(600_000)).await;
    let b = uploaded(&server, &ada, "b", b"stays").await;
    let id = fresh();
    let first = send(&mut ada, "lobby", id, "", &[a.id]).await.unwrap();
    send(&mut ada, "lobby", fresh(), "", &[b.id]).await.unwrap();
    assert_eq!(fetch(&server, &bob, &a, &[]).await.status, 200);
    delete(&mut ada, "lobby", first).await;
    // At once for everybody, and then from the disk; the other one stays.
    is_problem(&fetch(&server, &bob, &a, &[]).await, 404, "file_not_found");
    is_problem(&fetch(&server, &ada, &a, &[]).await, 404, "file_not_found");
    becomes(&folder, 1).await;
    assert_eq!(fetch(&server, &bob, &b, &[]).await.bytes, b"stays");
    // A retry of what was sent and deleted is still a retry.
    assert_eq!(send(&mut ada, "lobby", id, "", &[a.id]).await, Ok(first));
    assert_eq!(send(&mut ada, "lobby", fresh(), "", &[a.id]).await, Err(ErrorCode::FileNotFound));
}

#[tokio::test]
async fn what_was_deleted_before_a_crash_goes_after_it() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let folder = server.folder().join("data/files");
    let info = uploaded(&server, &ada, "a", b"hello").await;
    let seq = send(&mut ada, "lobby", fresh(), "", &[info.id]).await.unwrap();
    delete(&mut ada, "lobby", seq).await;
    let server = server.crash_and_restart();
    becomes(&folder, 0).await;
    drop(server);
}

#[tokio::test]
async fn what_was_sent_is_never_swept() {
    let server =
        Server::start(&[("MARU_FILES__UPLOAD_TIMEOUT", "1s"), ("MARU_FILES__UNSENT_TTL", "1s")]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let info = uploaded(&server, &ada, "kept", b"hello").await;
    send(&mut ada, "lobby", fresh(), "", &[info.id]).await.unwrap();
    // When this one is gone, the other one's time was over long ago.
    uploaded(&server, &ada, "goes", b"hello").await;
    becomes(&server.folder().join("data/files"), 1).await;
    assert_eq!(fetch(&server, &ada, &info, &[]).await.status, 200);
}

#[tokio::test]
async fn on_another_node_it_is_the_same() {
    let database = Database::make();
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path().to_str().unwrap();
    let url = database.url();
    let cluster = Cluster::over(2, &url, Some(database), &[("MARU_FILES__PATH", shared)]);
    let (here, there) = (&cluster.nodes[0], &cluster.nodes[1]);
    let (mut ada, mut bob) = (here.guest("Ada").await, there.guest("Bob").await);
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    // Brought at one, sent at the other, deleted at the first.
    let info = uploaded(there, &ada, "a", &noise(700_000)).await;
    let seq = send(&mut ada, "lobby", fresh(), "", &[info.id]).await.unwrap();
    assert_eq!(bob.entry("lobby").await.files, vec![info.clone()]);
    assert!(fetch(there, &bob, &info, &[]).await.bytes == noise(700_000));
    delete(&mut ada, "lobby", seq).await;
    is_problem(&fetch(there, &bob, &info, &[]).await, 404, "file_not_found");
    becomes(folder.path(), 0).await;
    // Two tabs at two nodes send one file at the same time.
    let mut twin = there.connect().await;
    twin.hello_again(ada.token.as_deref().unwrap()).await;
    twin.join("lobby", None).await;
    for _ in 0..10 {
        let info = uploaded(here, &ada, "a", b"hello").await;
        let files = [info.id];
        let (one, other) = tokio::join!(
            send(&mut ada, "lobby", fresh(), "", &files),
            send(&mut twin, "lobby", fresh(), "", &files),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
}
