//! What a store promises of files.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use maru_protocol::{Entry, FileId, FileInfo, FileName, UserId};
use maru_server::{
    clock::ManualClock,
    files::{BlobStore, Sweeper, SweeperOptions, UploadError, UploadOptions, UploadService},
    journal::{Append, Change, FileFacts, NewFile, NewMessage, Outcome, Refused, RoomId},
    limits::{self, Limits},
    metrics::Metrics,
};
use uuid::Uuid;

use crate::kit::*;

const HOUR: u64 = 60 * 60 * 1_000;

fn id(number: u128) -> FileId {
    FileId(Uuid::from_u128(number))
}

fn owner() -> UserId {
    UserId("u1".to_owned())
}

fn new(number: u128, at: u64) -> NewFile {
    let name = FileName::of("바다 사진.png");
    NewFile { id: id(number), room: RoomId(1), owner: owner(), name, at, size: 1_000 }
}

fn facts() -> FileFacts {
    let media_type = "image/png".to_owned();
    FileFacts { media_type, size: 900, picture: Some((640, u32::MAX)) }
}

/// A store with the room 1.
async fn open<S: StoreUnderTest>(place: &S) -> Files {
    let store = S::open_files(&place.address()).await;
    soon(store.journal.create(room_name("lobby"), 1)).await.unwrap();
    store
}

async fn close(mut store: Files) {
    let closing = store.journal.close();
    while soon(store.outcomes.recv()).await.is_some() {}
    soon(closing).await.unwrap();
}

pub async fn a_file_is_found_once_it_is_whole<S: StoreUnderTest>(place: S) {
    let store = open(&place).await;
    let files = store.files.clone();
    let find = async || soon(files.files(vec![id(1), id(2)])).await.unwrap();
    assert!(find().await.is_empty());
    assert!(!soon(files.finish(id(1), facts())).await.unwrap(), "nothing was begun");
    soon(files.begin(new(1, 5))).await.unwrap();
    // A retry, and whoever has an id that is taken: the first one stays.
    soon(files.begin(NewFile { owner: UserId("u2".to_owned()), ..new(1, 9) })).await.unwrap();
    assert!(find().await.is_empty(), "its bytes are on their way");
    assert!(soon(files.finish(id(1), facts())).await.unwrap());
    assert!(soon(files.finish(id(1), facts())).await.unwrap(), "a retry");
    let found = find().await;
    let [file] = &found[..] else { panic!("{found:?}") };
    assert_eq!((file.info.id, file.room, &file.owner), (id(1), RoomId(1), &owner()));
    assert_eq!((file.info.name.as_str(), file.info.size), ("바다 사진.png", 900));
    assert_eq!((file.info.width, file.info.height), (Some(640), Some(u32::MAX)));
    assert_eq!((file.info.media_type.as_str(), file.sent), ("image/png", None));
    drop(files);
    close(store).await;
    let store = open(&place).await;
    assert_eq!(soon(store.files.files(vec![id(1)])).await.unwrap(), found);
    close(store).await;
}

pub async fn what_is_uploaded_is_counted<S: StoreUnderTest>(place: S) {
    let store = open(&place).await;
    let since = async |who: UserId, at| soon(store.files.uploaded_since(who, at)).await.unwrap();
    assert_eq!(since(owner(), 0).await, 0);
    for (number, at) in [(1, 5), (2, 6), (3, 7)] {
        soon(store.files.begin(new(number, at))).await.unwrap();
    }
    assert_eq!(since(owner(), 6).await, 2_000, "as announced");
    soon(store.files.finish(id(3), facts())).await.unwrap();
    assert_eq!(since(owner(), 6).await, 1_900);
    assert_eq!(since(owner(), u64::MAX).await, 0);
    assert_eq!(since(UserId("u2".to_owned()), 0).await, 0);
    soon(store.files.forget(vec![id(2), id(9)])).await.unwrap();
    assert_eq!(since(owner(), 6).await, 900);
    close(store).await;
}

pub async fn what_is_not_sent_is_doomed<S: StoreUnderTest>(place: S) {
    let store = open(&place).await;
    let files = &store.files;
    for (number, at) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
        soon(files.begin(new(number, at))).await.unwrap();
        if number % 2 == 0 {
            soon(files.finish(id(number), facts())).await.unwrap();
        }
    }
    assert_eq!(soon(files.doom_unsent(10, 100)).await.unwrap(), 0, "none began before then");
    assert_eq!(soon(files.doom_unsent(40, 2)).await.unwrap(), 2, "no more than was asked for");
    assert_eq!(soon(files.doom_unsent(40, 2)).await.unwrap(), 1);
    assert_eq!(soon(files.doom_unsent(40, 2)).await.unwrap(), 0);
    assert_eq!(soon(files.doomed(2)).await.unwrap(), [id(1), id(2)], "the oldest first");
    assert_eq!(soon(files.doomed(9)).await.unwrap(), [id(1), id(2), id(3)]);
    let all = (1..=4).map(id).collect::<Vec<_>>();
    let found = soon(files.files(all)).await.unwrap();
    assert_eq!(found.iter().map(|file| file.info.id).collect::<Vec<_>>(), [id(4)]);
    assert!(!soon(files.finish(id(3), facts())).await.unwrap(), "too late");
    soon(files.forget(vec![id(1), id(2), id(3)])).await.unwrap();
    assert!(soon(files.doomed(9)).await.unwrap().is_empty());
    close(store).await;
}

pub async fn the_sweep_removes_what_nobody_wants<S: StoreUnderTest>(place: S) {
    let store = open(&place).await;
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(100 * HOUR);
    let sweeper = Sweeper {
        blobs: BlobStore::folder(folder.path(), 0).unwrap(),
        files: store.files.clone(),
        clock: Arc::new(clock.clone()),
        metrics: Arc::new(Metrics::new().unwrap()),
        options: SweeperOptions::keeping(Duration::from_millis(24 * HOUR)),
    };
    let put = |number: u128, ending: &str| {
        let name = id(number).to_string();
        let within = folder.path().join(&name[..2]).join(&name[2..4]);
        let path = within.join(format!("{name}{ending}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"bytes").unwrap();
        path
    };
    // More than one step of them, some never finished.
    let paths: Vec<_> = (1..=130_u32)
        .map(|number| put(number.into(), if number % 5 == 0 { "#1" } else { "" }))
        .collect();
    for number in 1..=130 {
        soon(store.files.begin(new(number, 100 * HOUR))).await.unwrap();
        if number % 5 != 0 {
            soon(store.files.finish(id(number), facts())).await.unwrap();
        }
    }
    clock.advance_ms(24 * HOUR);
    assert_eq!(soon(sweeper.sweep()).await.unwrap(), 0, "somebody may still send it");
    assert!(paths.iter().all(|path| path.exists()));
    clock.advance_ms(1);
    assert_eq!(soon(sweeper.sweep()).await.unwrap(), 130);
    assert!(paths.iter().all(|path| !path.exists()));
    assert!(soon(store.files.doomed(9)).await.unwrap().is_empty());
    assert_eq!(soon(store.files.uploaded_since(owner(), 0)).await.unwrap(), 0);
    // What can't be removed stays known, and is tried again.
    let stuck = put(200, "/in the way");
    soon(store.files.begin(new(200, 0))).await.unwrap();
    assert_eq!(soon(sweeper.sweep()).await.unwrap(), 0);
    assert_eq!(soon(store.files.doomed(9)).await.unwrap(), [id(200)]);
    std::fs::remove_dir_all(stuck.parent().unwrap()).unwrap();
    assert_eq!(soon(sweeper.sweep()).await.unwrap(), 1);
    // Once a look, however many they are.
    let failed = sweeper.metrics.files_removed.with_label_values(&["failed"]);
    let before = failed.get();
    for number in 300..400_u32 {
        put(number.into(), "/in the way");
        soon(store.files.begin(new(number.into(), 0))).await.unwrap();
    }
    assert_eq!(soon(sweeper.sweep()).await.unwrap(), 0);
    assert_eq!(failed.get() - before, 100);
    drop(sweeper);
    close(store).await;
}

/// So late that another node's sweep took it for one that nobody wants.
pub async fn an_upload_that_was_given_up_meanwhile_leaves_nothing<S: StoreUnderTest>(place: S) {
    let store = open(&place).await;
    let folder = tempfile::tempdir().unwrap();
    let options = UploadOptions {
        max_size: 1_000,
        allows: Arc::new(|_| true),
        per_day: 1_000,
        at_once: 1,
        idle: Duration::from_millis(HOUR),
        least_rate: 0,
        patience: Duration::from_millis(HOUR),
    };
    let blobs = BlobStore::folder(folder.path(), 0).unwrap();
    let (metrics, clock) = (Arc::new(Metrics::new().unwrap()), Arc::new(ManualClock::at(HOUR)));
    let limits = Limits::new(limits::Options::default(), clock.clone(), metrics.clone());
    let caller = limits.caller([192, 0, 2, 1].into());
    let uploads = UploadService::new(blobs, store.files.clone(), options, metrics, clock);
    let entrance = soon(uploads.enter(&caller, owner(), None)).await.unwrap();
    let files = store.files.clone();
    let bytes = Box::pin(stream::once(async move {
        assert_eq!(files.doom_unsent(2 * HOUR, 9).await.unwrap(), 1);
        Ok::<_, Infallible>(Bytes::from_static(b"late"))
    }));
    let kept = soon(uploads.receive(entrance, RoomId(1), FileName::of("a"), bytes)).await;
    assert!(matches!(kept, Err(UploadError::Slow)), "{kept:?}");
    let mut folders = vec![folder.path().to_owned()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(within).unwrap().map(Result::unwrap) {
            assert!(entry.file_type().unwrap().is_dir(), "{entry:?} is left");
            folders.push(entry.path());
        }
    }
    assert!(soon(store.files.doomed(9)).await.unwrap().is_empty(), "its row is left");
    drop(uploads);
    close(store).await;
}

/// The picture of an append, brought by `u1` into the lobby.
fn picture() -> FileInfo {
    let (name, media_type) = (FileName::of("바다 사진.png"), "image/png".to_owned());
    FileInfo { id: id(7), name, media_type, size: 900, width: Some(640), height: Some(480) }
}

fn with_picture(append: Append) -> Append {
    let said = NewMessage { files: vec![picture()], ..NewMessage::default() };
    Append { what: Change::Message(said), ..append }
}

pub async fn a_message_takes_its_files_once<S: StoreUnderTest>(place: S) {
    bring(&place, "u1", &picture()).await;
    let mut store = Store::open(&place, WIDE).await;
    let (lobby, attic) = (store.make("lobby").await, store.make("attic").await);
    let first = with_picture(message(&lobby, 1));
    let refused = |append: &Append| Outcome::Refused { why: Refused::NoFile, reply: append.reply };
    // Not another person's, not in another room, not beside one that is not there.
    let mut theirs = with_picture(message(&lobby, 2));
    theirs.sender = user("u2");
    assert_eq!(store.say(theirs.clone()).await, refused(&theirs));
    let elsewhere = with_picture(message(&attic, 3));
    assert_eq!(store.say(elsewhere.clone()).await, refused(&elsewhere));
    let mut beside = with_picture(message(&lobby, 4));
    if let Change::Message(said) = &mut beside.what {
        said.files.push(FileInfo { id: id(8), ..picture() });
    }
    assert_eq!(store.say(beside.clone()).await, refused(&beside));
    // In one batch, and one after the other: once. A retry is a retry.
    let second = with_picture(message(&lobby, 5));
    let batch = vec![first.clone(), second.clone(), first.clone()];
    assert!(store.journal.append_all(batch).is_empty());
    let outcome = store.outcome().await.unwrap();
    let Outcome::Committed { entry: Entry::Message(said), .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((said.seq, &said.files[..]), (seq(1), &[picture()][..]));
    assert_eq!(store.outcome().await.unwrap(), refused(&second));
    assert_eq!(store.outcome().await.unwrap(), known(&first, 1, first.at));
    assert_eq!(store.say(second.clone()).await, refused(&second));
    assert_eq!(store.say(first.clone()).await, known(&first, 1, first.at));
    store.close().await;
    let store = open(&place).await;
    let sent = soon(store.files.files(vec![id(7)])).await.unwrap().remove(0).sent;
    assert_eq!(sent, Some(seq(1)));
    assert_eq!(soon(store.files.doom_unsent(u64::MAX, 9)).await.unwrap(), 0, "it is sent");
    soon(store.files.forget(vec![id(7)])).await.unwrap();
    assert_eq!(soon(store.files.files(vec![id(7)])).await.unwrap().len(), 1, "nor is it forgotten");
    close(store).await;
}

pub async fn a_deleted_message_s_files_are_doomed<S: StoreUnderTest>(place: S) {
    bring(&place, "u1", &picture()).await;
    let mut store = Store::open(&place, WIDE).await;
    let lobby = store.make("lobby").await;
    let said = with_picture(message(&lobby, 1));
    let gone = Append { what: Change::Delete { target: seq(1) }, ..message(&lobby, 2) };
    for append in [&said, &gone] {
        let outcome = store.say(append.clone()).await;
        assert!(matches!(outcome, Outcome::Committed { .. }), "{outcome:?}");
    }
    assert_eq!(store.say(said.clone()).await, known(&said, 1, said.at), "a retry for ever");
    let again = with_picture(message(&lobby, 3));
    let refused = Outcome::Refused { why: Refused::NoFile, reply: again.reply };
    assert_eq!(store.say(again).await, refused);
    store.close().await;
    let store = open(&place).await;
    assert!(soon(store.files.files(vec![id(7)])).await.unwrap().is_empty());
    assert_eq!(soon(store.files.doomed(9)).await.unwrap(), [id(7)]);
    close(store).await;
}
