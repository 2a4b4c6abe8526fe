//! Where the writer commits to: one connection, one time limit a batch.

use std::collections::HashSet;

use sqlx::Error;
use tokio::{runtime::Runtime, time::timeout};

use super::{
    connection::silent,
    create::{self, NewRoom},
    error,
    link::Link,
    transaction::{self, Stop, Stuck},
};
use crate::journal::{
    Append, Refused, RoomId,
    integrity::chain::Root,
    writer::{
        self, Failure,
        jobs::{Job, Verdict},
    },
};

/// The writer's connection and the runtime that drives it, both of the writer's thread.
pub(super) struct PostgresLog {
    runtime: Runtime,
    table: Table,
}

impl PostgresLog {
    pub(super) fn new(runtime: Runtime, link: Link, root: Root) -> Self {
        Self { runtime, table: Table { link, root, stuck: HashSet::new() } }
    }

    pub(super) fn close(self) {
        self.runtime.block_on(self.table.link.close());
    }
}

impl writer::Committer for PostgresLog {
    /// Appends in one transaction, then creates in another. A room whose rows contradict the
    /// database is refused alone.
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Verdict>, Failure> {
        let mut verdicts: Vec<Option<Verdict>> = jobs.iter().map(|_| None).collect();
        let Self { runtime, table } = self;
        let limit = table.link.limit();
        let done = runtime.block_on(async {
            timeout(limit, table.decide(jobs, &mut verdicts)).await.unwrap_or_else(|_| {
                let error = silent(limit);
                table.link.health().away(&error);
                Err(error)
            })
        });
        let failure = match done {
            Ok(()) => {
                table.link.rest();
                None
            }
            Err(error) => {
                table.link.lose();
                let away = error::is_lost(&error);
                // `link` says, once, that Postgres is away.
                Some(Failure { why: error::said(&error), away, told: away })
            }
        };
        match failure {
            Some(failure) if verdicts.iter().all(Option::is_none) => Err(failure),
            failure => {
                let why = failure.map_or_else(|| "a bug: undecided".to_owned(), |it| it.why);
                if verdicts.iter().any(Option::is_none) {
                    log::error!(error = why.as_str(); "the journal could not commit a part");
                }
                let rest = |verdict: Option<Verdict>| {
                    verdict.unwrap_or_else(|| Verdict::refused(why.clone()))
                };
                Ok(verdicts.into_iter().map(rest).collect())
            }
        }
    }

    fn forget(&mut self) {
        self.table.link.lose();
    }
}

/// What a batch is decided with.
struct Table {
    link: Link,
    root: Root,
    /// Rooms that somebody else keeps locked: they are asked for without waiting until they are
    /// free, so that they cost the others no time.
    stuck: HashSet<RoomId>,
}

impl Table {
    async fn decide(
        &mut self,
        jobs: &[Job],
        verdicts: &mut [Option<Verdict>],
    ) -> Result<(), Error> {
        let (mut appends, mut creates) = (Vec::new(), Vec::new());
        for (place, job) in jobs.iter().enumerate() {
            match job {
                Job::Append(append) => appends.push((place, append)),
                Job::Create { name, at, .. } => creates.push((place, NewRoom { name, at: *at })),
                // ReadMarkers don't come this way: the messages of a batch are not to wait for them.
                Job::Mark { .. } => {}
                // Written by the readers' connections: no message waits for it.
                Job::File { .. }
                | Job::Hold { .. }
                | Job::Sweep { .. }
                | Job::ReleaseEnded { .. }
                | Job::Remove { .. }
                | Job::Erase { .. }
                | Job::Rename { .. }
                | Job::SignOut { .. } => {
                    let bug = Verdict::refused("a bug: not for this writer");
                    set(verdicts, std::iter::once((place, bug)));
                }
                #[cfg(test)]
                Job::Inject(_) => {}
            }
        }
        if !appends.is_empty() {
            self.append(&appends, verdicts).await?;
        }
        if creates.is_empty() {
            return Ok(());
        }
        let (places, wanted): (Vec<usize>, Vec<NewRoom<'_>>) = creates.into_iter().unzip();
        let made = create::rooms(self.link.ready().await?, self.root, &wanted).await?;
        set(verdicts, places.into_iter().zip(made.into_iter().map(Verdict::Made)));
        Ok(())
    }

    /// All together; where that fails for what is in the database, in a way that spares the others.
    async fn append(
        &mut self,
        appends: &[(usize, &Append)],
        verdicts: &mut [Option<Verdict>],
    ) -> Result<(), Error> {
        match self.together(appends, false, verdicts).await {
            Err(Stop::Locked) => match self.together(appends, true, verdicts).await {
                Err(Stop::Rejected(_)) => self.room_by_room(appends, verdicts).await,
                done => settle(done),
            },
            Err(Stop::Rejected(_)) => self.room_by_room(appends, verdicts).await,
            done => settle(done),
        }
    }

    async fn room_by_room(
        &mut self,
        appends: &[(usize, &Append)],
        verdicts: &mut [Option<Verdict>],
    ) -> Result<(), Error> {
        let mut done = HashSet::new();
        for room in appends.iter().map(|(_, append)| append.room) {
            if !done.insert(room) {
                continue;
            }
            let own: Vec<_> = appends.iter().filter(|(_, it)| it.room == room).copied().collect();
            let places = own.iter().map(|(place, _)| *place);
            let refused = |why: &str| {
                log::error!(room = room.0, error = why; "the journal could not commit");
                Verdict::Refused(Refused::Store(format!("room {}: {why}", room.0)))
            };
            match self.together(&own, false, verdicts).await {
                Ok(()) => {}
                Err(Stop::Lost(error)) => return Err(error),
                Err(Stop::Rejected(why)) => {
                    let refused = refused(&why);
                    set(verdicts, places.map(|place| (place, refused.clone())));
                }
                Err(Stop::Locked) => {
                    let refused = refused("it is locked by somebody else");
                    set(verdicts, places.map(|place| (place, refused.clone())));
                }
            }
        }
        Ok(())
    }

    /// One transaction; `patience` is over when no lock is to be waited for.
    async fn together(
        &mut self,
        appends: &[(usize, &Append)],
        impatient: bool,
        verdicts: &mut [Option<Verdict>],
    ) -> Result<(), Stop> {
        let conn = self.link.ready().await.map_err(Stop::Lost)?;
        let stuck = if impatient { Stuck::All } else { Stuck::These(&self.stuck) };
        let them: Vec<&Append> = appends.iter().map(|(_, append)| *append).collect();
        let (decided, locked) = transaction::transact(conn, &them, stuck).await?;
        for room in them.iter().map(|append| &append.room) {
            self.stuck.remove(room);
        }
        if !locked.is_empty() {
            log::warn!(rooms = locked.len(); "rooms are locked by somebody else");
        }
        self.stuck.extend(locked);
        set(verdicts, appends.iter().map(|(place, _)| *place).zip(decided));
        Ok(())
    }
}

fn settle(done: Result<(), Stop>) -> Result<(), Error> {
    match done {
        Ok(()) => Ok(()),
        Err(Stop::Lost(error)) => Err(error),
        Err(Stop::Rejected(why)) => Err(Error::Protocol(why)),
        Err(Stop::Locked) => Err(Error::Protocol("the rooms' rows are locked".to_owned())),
    }
}

fn set(verdicts: &mut [Option<Verdict>], them: impl Iterator<Item = (usize, Verdict)>) {
    for (place, verdict) in them {
        if let Some(empty) = verdicts.get_mut(place) {
            *empty = Some(verdict);
        }
    }
}
