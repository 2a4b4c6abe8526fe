//! The writer thread: takes what is waiting, commits it, tells what became of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use maru_protocol::{Entry, Message};
use tokio::sync::{mpsc, watch};

use super::{
    commit::{Job, Log, Verdict},
    files::Lock,
    queue::Queue,
    reader::Read,
};
use crate::journal::{Append, Batch, JournalError, Outcome, Refused};

/// Everything that ends when the journal does, in the order in which it ends.
pub(super) struct Writer {
    pub(super) log: Log,
    pub(super) jobs: Arc<Queue<Job>>,
    pub(super) commits: mpsc::Sender<Batch>,
    /// Most jobs in a transaction.
    pub(super) most: usize,
    pub(super) reads: Arc<Queue<Read>>,
    pub(super) readers: Vec<JoinHandle<()>>,
    pub(super) alive: Alive,
}

/// Dropped as the writer's last act: the lock first, then the sign that all is over.
pub(super) struct Alive {
    pub(super) _lock: Lock,
    pub(super) _ended: watch::Receiver<()>,
}

impl Writer {
    /// Runs until the queue is closed and empty.
    pub(super) fn run(self) {
        let Self { mut log, jobs, commits, most, reads, readers, alive } = self;
        // Whatever ends this thread, nobody is left waiting for it.
        let _queues = Abandon(Arc::clone(&jobs), Arc::clone(&reads));
        let mut taken = Vec::with_capacity(most.min(1_024));
        while jobs.take(&mut taken, most) {
            let verdicts = decide(&mut log, &taken);
            let batch = answer(&mut taken, verdicts);
            if !batch.is_empty() && commits.blocking_send(batch).is_err() && !jobs.is_closed() {
                log::warn!(
                    "nobody takes the journal's outcomes any more: it takes no more appends"
                );
                jobs.close();
            }
        }
        drop(commits);
        finish(log, &reads, readers);
        drop(alive);
    }
}

/// Decides and commits; after a failure or a panic nothing is committed and everything is refused.
fn decide(log: &mut Log, jobs: &[Job]) -> Result<Vec<Verdict>, String> {
    match catch_unwind(AssertUnwindSafe(|| log.commit(jobs))) {
        Ok(Ok(verdicts)) => Ok(verdicts),
        Ok(Err(error)) => {
            log::error!(jobs = jobs.len(), error:%; "the journal could not commit");
            Err(format!("the journal could not commit: {error}"))
        }
        Err(_) => {
            // The unwinding transaction rolled itself back.
            log.forget();
            log::error!(jobs = jobs.len(); "a bug: the journal's writer panicked, and goes on");
            Err("the journal's writer panicked".to_owned())
        }
    }
}

/// Answers what has someone waiting, and gathers the appends' outcomes in their order.
fn answer(jobs: &mut Vec<Job>, verdicts: Result<Vec<Verdict>, String>) -> Batch {
    match verdicts {
        Ok(verdicts) => {
            jobs.drain(..).zip(verdicts).filter_map(|(job, verdict)| tell(job, verdict)).collect()
        }
        Err(why) => jobs.drain(..).filter_map(|job| refuse(job, &why)).collect(),
    }
}

fn tell(job: Job, verdict: Verdict) -> Option<Outcome> {
    match (job, verdict) {
        (Job::Append(append), verdict) => Some(outcome(append, verdict)),
        (Job::Create { answer, .. }, Verdict::Made(made)) => {
            // Whoever asked may be gone; the room is there all the same.
            let _ = answer.send(made);
            None
        }
        _ => None,
    }
}

fn outcome(append: Append, verdict: Verdict) -> Outcome {
    let ticket = append.ticket;
    match verdict {
        Verdict::Committed(seq) => Outcome::Committed {
            room: append.room,
            entry: Entry::Message(Message {
                room: append.room_name,
                seq,
                id: append.id,
                sender: append.sender,
                at: append.at,
                body: append.body,
            }),
            ticket: Some(ticket),
        },
        Verdict::Known { seq, at } => {
            Outcome::Known { seq, at, room: append.room_name, id: append.id, ticket }
        }
        Verdict::Refused(why) => Outcome::Refused { why, ticket },
        _ => Outcome::Refused { why: Refused::Store("a bug: a wrong verdict".to_owned()), ticket },
    }
}

fn refuse(job: Job, why: &str) -> Option<Outcome> {
    match job {
        Job::Append(append) => {
            let why = Refused::Store(why.to_owned());
            Some(Outcome::Refused { why, ticket: append.ticket })
        }
        Job::Create { answer, .. } => {
            let _ = answer.send(Err(JournalError::Store(why.to_owned())));
            None
        }
        #[cfg(test)]
        Job::Inject(_) => None,
    }
}

/// Ends the readers, so that nothing holds the write-ahead log, and empties it.
fn finish(log: Log, reads: &Queue<Read>, readers: Vec<JoinHandle<()>>) {
    reads.close();
    for reader in readers {
        if reader.join().is_err() {
            log::error!("a bug: a reader of the journal panicked");
        }
    }
    if let Err(error) = log.checkpoint() {
        // Nothing is lost: the next start reads the log.
        log::warn!(error:%; "the journal's write-ahead log could not be emptied");
    }
}

/// Closes the queues when the thread unwinds: `append` then answers `Full`, reads err, and the
/// outcomes' channel ends, which tells the engine that the journal is gone.
pub(super) struct Abandon(pub(super) Arc<Queue<Job>>, pub(super) Arc<Queue<Read>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
        self.1.abandon();
    }
}
