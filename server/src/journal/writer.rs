//! The loop of a store's writer thread: takes what is waiting (`queue`), commits it, tells what became
//! of it (`jobs`).

pub(crate) mod jobs;
pub(crate) mod queue;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use tokio::sync::mpsc;

use self::{
    jobs::{Job, Verdict},
    queue::Queue,
};
use crate::journal::Batch;

/// Where a writer commits to.
pub(crate) trait Committer {
    /// Decides every job and commits what is to be kept; as many verdicts as jobs, in their order.
    /// After an error nothing was kept that is known to be kept, and everything is refused.
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Verdict>, Failure>;

    /// A commit unwound: what was remembered may be wrong.
    fn forget(&mut self);

    /// When there is something to tidy up, if there is.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// That time came.
    fn tidy(&mut self) {}
}

/// Why nothing of a batch was kept.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: String,
    /// The store is away, so that what is waiting would only wait to be refused as well.
    pub(crate) away: bool,
    /// The store said it itself, once, however often it fails so.
    pub(crate) told: bool,
}

/// Runs until the queue is closed and empty.
pub(crate) fn serve(
    log: &mut impl Committer,
    jobs: &Queue<Job>,
    commits: &mpsc::Sender<Batch>,
    most: usize,
) {
    let mut taken = Vec::with_capacity(most.min(1_024));
    while jobs.take_until(&mut taken, most, log.due()) {
        if log.due().is_some_and(|due| due <= Instant::now()) {
            log.tidy();
        }
        if taken.is_empty() {
            continue;
        }
        let batch: Batch = match decide(log, &taken) {
            Ok(verdicts) => {
                taken.drain(..).zip(verdicts).filter_map(|(job, it)| job.tell(it)).collect()
            }
            Err(Failure { why, away, .. }) => {
                if away {
                    jobs.take_waiting(&mut taken);
                }
                taken.drain(..).filter_map(|job| job.refuse(&why)).collect()
            }
        };
        if !batch.is_empty() && commits.blocking_send(batch).is_err() && !jobs.is_closed() {
            log::warn!("nobody takes the journal's outcomes any more: it takes no more appends");
            jobs.close();
        }
    }
}

/// Decides and commits; after a failure or a panic nothing is committed and everything is refused.
fn decide(log: &mut impl Committer, jobs: &[Job]) -> Result<Vec<Verdict>, Failure> {
    match catch_unwind(AssertUnwindSafe(|| log.commit(jobs))) {
        Ok(decided) => decided.map_err(|Failure { why, away, told }| {
            if !told {
                log::error!(jobs = jobs.len(), error:% = why; "the journal could not commit");
            }
            Failure { why: format!("the journal could not commit: {why}"), away, told }
        }),
        Err(_) => {
            // The unwinding transaction rolls itself back.
            log.forget();
            log::error!(jobs = jobs.len(); "a bug: the journal's writer panicked, and goes on");
            Err(Failure {
                why: "the journal's writer panicked".to_owned(),
                away: false,
                told: true,
            })
        }
    }
}
