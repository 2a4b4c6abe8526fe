//! What only the inside can test: a disk that fills up and empties again, a bug in the writer, a
//! row that contradicts the file.

use std::{path::PathBuf, sync::Arc};

use maru_protocol::{Body, DisplayName, MessageId, Ref, RoomName, SessionId, User, UserId};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{transaction::InjectedFn, *};
use crate::journal::{Batch, Change, JournalError, Outcome, Refused, ReplyTo, SessionRef};

struct Place {
    _folder: TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    Place { _folder: folder, path }
}

fn open(place: &Place) -> (Arc<Sqlite>, mpsc::Receiver<Batch>) {
    Sqlite::open(&place.path, SqliteOptions::default()).unwrap()
}

fn append(room: RoomId, id: u128, body: &str) -> Append {
    Append {
        room,
        room_name: RoomName::parse("lobby").unwrap(),
        id: MessageId(Uuid::from_u128(id)),
        sender: User { id: UserId("u".into()), name: DisplayName::parse("민지").unwrap() },
        at: 1_700_000_000_000,
        what: Change::say(Body::parse(body.to_owned()).unwrap()),
        reply: ReplyTo::Session(SessionRef {
            session: SessionId(Uuid::nil()),
            worker: 0,
            room,
            reference: Ref(1),
        }),
    }
}

async fn lobby(journal: &Sqlite) -> RoomId {
    journal.create(RoomName::parse("lobby").unwrap(), 1).await.unwrap().into_room().id
}

fn inject(journal: &Sqlite, hand: impl Fn(&rusqlite::Connection) + Send + Sync + 'static) {
    journal.jobs.push(Job::Inject(Box::new(Box::new(hand) as InjectedFn))).unwrap();
}

async fn one(outcomes: &mut mpsc::Receiver<Batch>) -> Outcome {
    let mut batch = outcomes.recv().await.unwrap();
    assert_eq!(batch.len(), 1);
    batch.remove(0)
}

fn seq(outcome: &Outcome) -> Option<u64> {
    match outcome {
        Outcome::Committed { entry, .. } => Some(entry.seq().get()),
        _ => None,
    }
}

/// Limits the file to its size of now and a few pages, or to nothing at all.
fn limit(journal: &Sqlite, more: Option<i64>) {
    inject(journal, move |conn| {
        let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let most = more.map_or(1 << 30, |more| pages + more);
        conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).unwrap();
    });
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let place = place();
    let (journal, mut outcomes) = open(&place);
    let room = lobby(&journal).await;
    limit(&journal, Some(9));
    let long = "x".repeat(4_000);
    let (mut last, mut refused) = (0, Vec::new());
    for round in 0..6 {
        // Five in one transaction: the first of them fit, and must not stay.
        let wake = sleeping_writer(&journal).await;
        for id in round * 5..round * 5 + 5 {
            journal.append(append(room, id, &long)).unwrap();
        }
        wake.send(()).unwrap();
        let batch = outcomes.recv().await.unwrap();
        assert_eq!(batch.len(), 5);
        if batch.iter().all(|outcome| seq(outcome).is_some()) {
            assert!(refused.is_empty(), "a full file took more");
            last += 5;
            continue;
        }
        for outcome in batch {
            let Outcome::Refused { why: Refused::Store(why), .. } = outcome else {
                panic!("part of a failed transaction was kept: {outcome:?}")
            };
            assert!(why.contains("full"), "{why}");
        }
        refused.extend(round * 5..round * 5 + 5);
    }
    assert!(last >= 5 && refused.len() >= 10, "{last} taken, {} refused", refused.len());
    // Reads go on.
    let page = journal.page(room, PageRange::Newest { limit: 50 }).await.unwrap();
    assert_eq!((page.head.get(), page.entries.len() as u64), (last, last));
    // Space returns: the same messages get the seqs that follow, without a hole.
    limit(&journal, None);
    for (id, expected) in refused.into_iter().zip(last + 1..) {
        journal.append(append(room, id, &long)).unwrap();
        assert_eq!(seq(&one(&mut outcomes).await), Some(expected));
    }
    journal.close().await.unwrap();
    assert!(verify(&place.path, |_| ()).unwrap().is_sound());
}

#[tokio::test]
async fn a_panic_in_the_writer_refuses_its_batch_and_goes_on() {
    let place = place();
    let (journal, mut outcomes) = open(&place);
    let room = lobby(&journal).await;
    // What is pushed while the writer sleeps in the first job is one batch with what panics.
    let wake = sleeping_writer(&journal).await;
    journal.append(append(room, 1, "one")).unwrap();
    inject(&journal, |_| panic!("a test's own panic"));
    let other = journal.create(RoomName::parse("other").unwrap(), 1);
    journal.append(append(room, 2, "two")).unwrap();
    wake.send(()).unwrap();

    let batch = outcomes.recv().await.unwrap();
    assert_eq!(batch.len(), 2);
    for outcome in batch {
        assert!(matches!(outcome, Outcome::Refused { why: Refused::Store(_), .. }), "{outcome:?}");
    }
    assert!(other.await.is_err());
    journal.append(append(room, 2, "two")).unwrap();
    assert_eq!(seq(&one(&mut outcomes).await), Some(1));
    journal.close().await.unwrap();
    assert!(verify(&place.path, |_| ()).unwrap().is_sound());
}

/// Puts the writer to sleep inside a transaction until something is sent.
async fn sleeping_writer(journal: &Sqlite) -> std::sync::mpsc::Sender<()> {
    let (wake, sleep) = std::sync::mpsc::channel();
    let sleep = std::sync::Mutex::new(sleep);
    inject(journal, move |_| sleep.lock().unwrap().recv().unwrap());
    while journal.jobs.len() > 0 {
        tokio::task::yield_now().await;
    }
    wake
}

#[tokio::test]
async fn what_is_beyond_a_bound_is_refused_at_once() {
    let place = place();
    let options = SqliteOptions { queue: 2, reads: 2, readers: 1, ..SqliteOptions::default() };
    let (journal, mut outcomes) = Sqlite::open(&place.path, options).unwrap();
    let room = lobby(&journal).await;
    let wake = sleeping_writer(&journal).await;
    let waiting = journal.create(RoomName::parse("first").unwrap(), 1);
    journal.append(append(room, 1, "one")).unwrap();
    assert_eq!(journal.append(append(room, 2, "two")), Err(Full));
    let second = journal.create(RoomName::parse("second").unwrap(), 1).await;
    assert_eq!(second, Err(JournalError::Busy));
    wake.send(()).unwrap();
    assert!(waiting.await.is_ok());
    assert_eq!(seq(&one(&mut outcomes).await), Some(1));

    let (wake, sleep) = std::sync::mpsc::channel();
    let asleep = reader::ask(&journal.reads, move |_| {
        sleep.recv().unwrap();
        Ok(())
    });
    while journal.reads.len() > 0 {
        tokio::task::yield_now().await;
    }
    let (first, second) = (journal.probe(), journal.probe());
    assert_eq!(journal.probe().await, Err(JournalError::Busy));
    wake.send(()).unwrap();
    assert_eq!((asleep.await, first.await, second.await), (Ok(()), Ok(()), Ok(())));
}

/// Without anyone to tell, nothing more is taken; what was taken is kept all the same.
#[tokio::test]
async fn without_a_consumer_it_takes_no_more() {
    let place = place();
    let (journal, outcomes) = open(&place);
    let room = lobby(&journal).await;
    drop(outcomes);
    let mut taken = 0;
    // Until it is closed, not merely full: the writer notices at its first commit.
    while !journal.jobs.is_closed() {
        taken += u128::from(journal.append(append(room, taken + 1, "x")).is_ok());
        tokio::task::yield_now().await;
    }
    assert!(taken >= 1);
    assert!(journal.probe().await.is_err(), "not ready any more");
    journal.close().await.unwrap();
    let (journal, _outcomes) = open(&place);
    let head = journal.page(room, PageRange::Newest { limit: 0 }).await.unwrap().head;
    assert_eq!(u128::from(head.get()), taken);
}

/// A writer thread that ends for a bug leaves nobody waiting: appends are refused at once, whoever
/// waits for an answer gets an error, the outcomes end.
#[tokio::test]
async fn a_dead_writer_hangs_nobody() {
    let queues = (Arc::new(Queue::<Job>::new(4)), Arc::new(Queue::<ReadJob>::new(4)));
    let (answer, made) = oneshot::channel();
    let name = RoomName::parse("lobby").unwrap();
    queues.0.push(Job::Create { name, at: 1, answer }).unwrap();
    let asked = reader::ask(&queues.1, query::probe);
    drop(writer::Abandon(Arc::clone(&queues.0), vec![Arc::clone(&queues.1)]));
    assert!(made.await.is_err());
    assert!(asked.await.is_err());
    assert!(queues.0.push(Job::Append(append(RoomId(1), 1, "x"))).is_err());
}

/// A foreign row in the way of the next entry: that room is refused, the others are not.
#[tokio::test]
async fn a_contradicting_row_refuses_its_room_alone() {
    let place = place();
    let (journal, mut outcomes) = open(&place);
    let room = lobby(&journal).await;
    let other = match journal.create(RoomName::parse("other").unwrap(), 1).await.unwrap() {
        Created::New(other) => other.id,
        Created::Existing(_) | Created::LooksLike(_) => panic!(),
    };
    let place_of_first = place::bound(room, maru_protocol::Seq::new(1).unwrap());
    inject(&journal, move |conn| {
        let row = "INSERT INTO entries
             VALUES (?1, 1, 1, zeroblob(16), 0, '', '', 'x', zeroblob(16), NULL, NULL)";
        conn.execute(row, [place_of_first]).unwrap();
    });
    journal.append(append(room, 1, "one")).unwrap();
    journal.append(append(other, 1, "one")).unwrap();
    let mut all = Vec::new();
    while all.len() < 2 {
        all.extend(outcomes.recv().await.unwrap());
    }
    assert!(matches!(all[0], Outcome::Refused { why: Refused::Store(_), .. }), "{:?}", all[0]);
    assert_eq!(seq(&all[1]), Some(1));
}

#[tokio::test]
async fn a_panicking_read_errs_and_the_reader_goes_on() {
    let place = place();
    let (journal, _outcomes) = open(&place);
    for _ in 0..4 {
        let asked = reader::ask::<()>(&journal.reads, |_| panic!("a test's own panic"));
        assert!(asked.await.is_err());
    }
    journal.probe().await.unwrap();
}

/// Dropped without being closed, the threads end: the lock is given back only by the last of them.
#[tokio::test]
async fn dropping_it_ends_its_threads() {
    let place = place();
    let (journal, mut outcomes) = open(&place);
    let room = lobby(&journal).await;
    journal.append(append(room, 1, "one")).unwrap();
    let ended = Arc::clone(&journal.ended);
    drop(journal);
    assert_eq!(outcomes.recv().await.map(|batch| batch.len()), Some(1), "what was taken is kept");
    assert_eq!(outcomes.recv().await, None);
    ended.closed().await;
    let (journal, _outcomes) = open(&place);
    assert_eq!(journal.page(room, PageRange::Newest { limit: 9 }).await.unwrap().head.get(), 1);
}

/// Whoever searches rooms has a reader of their own: no page waits for them, and they wait for none.
#[tokio::test]
async fn the_directory_and_the_history_do_not_wait_for_each_other() {
    let place = place();
    let (journal, _outcomes) = open(&place);
    let room = lobby(&journal).await;
    let read = async |journal: &Sqlite| {
        journal.page(room, PageRange::Newest { limit: 9 }).await.unwrap();
    };
    let search = async |journal: &Sqlite| {
        let query = RoomQuery { contains: Some("lob".to_owned()), ..RoomQuery::first(9) };
        assert_eq!(journal.rooms(query).await.unwrap().rooms.len(), 1);
    };
    // As many as there are readers, each until it is told.
    let hold = |queue: &Arc<Queue<ReadJob>>, readers: usize| {
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let gone = Arc::new(std::sync::Mutex::new(gone));
        for _ in 0..readers {
            let gone = gone.clone();
            queue.push(Box::new(move |_| _ = gone.lock().unwrap().recv())).unwrap();
        }
        go
    };
    let soon = std::time::Duration::from_secs(30);
    let held = hold(&journal.reads, SqliteOptions::default().readers);
    tokio::time::timeout(soon, search(&journal)).await.expect("the directory waits for history");
    drop(held);
    read(&journal).await;
    let held = hold(&journal.directory, 1);
    tokio::time::timeout(soon, read(&journal)).await.expect("history waits for the directory");
    drop(held);
    search(&journal).await;
}
