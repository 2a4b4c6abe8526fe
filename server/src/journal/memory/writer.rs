//! The writer's thread: commits what waits, each batch under one lock.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{super::writer, Storage};
use crate::journal::{
    Batch,
    writer::{
        Failure,
        jobs::{Job, Verdict},
        queue::Queue,
    },
};

pub(super) struct StorageLog(pub(super) Storage);

impl writer::Committer for StorageLog {
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Verdict>, Failure> {
        let mut tables = self.0.lock();
        let tables = &mut *tables;
        let decide = |job: &Job| match job {
            Job::Append(append) => tables.append(append),
            Job::Create { name, at, .. } => Verdict::Made(Ok(tables.log.create(name.clone(), *at))),
            Job::Mark { marks, .. } => Verdict::Marked(Ok(tables.marks.mark(&tables.log, marks))),
            Job::Hold { room, user, .. } => Verdict::Held(Ok(tables.marks.hold(*room, user))),
            Job::Sweep { from, before, .. } => {
                Verdict::Swept(Ok(tables.marks.sweep(from, *before)))
            }
            Job::ReleaseEnded { from, before, .. } => {
                Verdict::Released(Ok(tables.release_ended(from, *before)))
            }
            Job::Remove { room, when, .. } => Verdict::Removed(Ok(tables.remove(room.id, *when))),
            Job::Rename { room, name, .. } => {
                Verdict::Renamed(Ok(tables.log.rename(room, name.clone())))
            }
            // A removal left nothing.
            Job::Erase { .. } => Verdict::Removed(Ok(false)),
            Job::File { work, .. } => Verdict::Filed(tables.files.change(work)),
            Job::SignOut { sign_out, .. } => {
                tables.sign_out(sign_out);
                Verdict::SignedOut
            }
            #[cfg(test)]
            Job::Inject(_) => Verdict::Injected,
        };
        Ok(jobs.iter().map(decide).collect())
    }

    fn forget(&mut self) {}
}

/// Runs until the queue is closed and empty.
pub(super) fn run(
    mut log: StorageLog,
    jobs: &Arc<Queue<Job>>,
    commits: mpsc::Sender<Batch>,
    most: usize,
) {
    // Whatever ends this thread, nobody is left waiting for it.
    let _abandon = Abandon(Arc::clone(jobs));
    writer::serve(&mut log, jobs, &commits, most);
    drop(commits);
}

struct Abandon(Arc<Queue<Job>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
