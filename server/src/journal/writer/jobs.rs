//! What the writers of the stores are asked for, and what becomes of it.

use maru_engine::log::fold::Rejection;
use maru_protocol::{Quote, RoomName, Seq, User};
use tokio::sync::oneshot;

use crate::journal::{
    Append, Created, JournalError, Mark, MemberPlace, NamePlace, Outcome, Refused, RemoveWhen,
    Renamed, RoomId, RoomRecord, SignOut, Swept, projections::files::FileWork,
    writer::queue::Queue,
};

/// What a writer is asked for.
pub(crate) enum Job {
    Append(Append),
    Create {
        name: RoomName,
        at: u64,
        answer: oneshot::Sender<Result<Created, JournalError>>,
    },
    /// Where the log's writer is the only one.
    Mark {
        marks: Vec<Mark>,
        answer: oneshot::Sender<Result<u64, JournalError>>,
    },
    /// Somebody is about to speak. Where the log's writer is the only one.
    Hold {
        room: RoomId,
        user: User,
        answer: oneshot::Sender<Result<bool, JournalError>>,
    },
    /// Members who never spoke are to be forgotten. Where the log's writer is the only one.
    Sweep {
        from: MemberPlace,
        before: u64,
        answer: oneshot::Sender<Result<Swept, JournalError>>,
    },
    /// Names of people who can't come back are to be freed. Where the log's writer is the only one.
    ReleaseEnded {
        from: NamePlace,
        before: u64,
        answer: oneshot::Sender<Result<Swept<NamePlace>, JournalError>>,
    },
    /// A room goes. Where the log's writer is the only one.
    Remove {
        room: RoomRecord,
        when: RemoveWhen,
        answer: oneshot::Sender<Result<bool, JournalError>>,
    },
    /// A part of what removed rooms left goes. Where the log's writer is the only one.
    Erase {
        answer: oneshot::Sender<Result<bool, JournalError>>,
    },
    /// A room gets another name. Where the log's writer is the only one.
    Rename {
        room: RoomRecord,
        name: RoomName,
        answer: oneshot::Sender<Result<Renamed, JournalError>>,
    },
    /// A change of what is known of files, by a store that writes them here.
    File {
        work: FileWork,
        answer: oneshot::Sender<Result<u64, JournalError>>,
    },
    /// By a store that writes it here.
    SignOut {
        sign_out: SignOut,
        answer: oneshot::Sender<Result<(), JournalError>>,
    },
    /// A test's hand inside the transaction; each store knows its own.
    #[cfg(test)]
    Inject(Box<dyn std::any::Any + Send + Sync>),
}

/// What becomes of a job if the transaction commits.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Committed {
        seq: Seq,
        /// The message that it answers.
        quote: Option<Quote>,
    },
    Known {
        seq: Seq,
        at: u64,
    },
    Refused(Refused),
    Made(Result<Created, JournalError>),
    Marked(Result<u64, JournalError>),
    Held(Result<bool, JournalError>),
    Removed(Result<bool, JournalError>),
    Renamed(Result<Renamed, JournalError>),
    Swept(Result<Swept, JournalError>),
    Released(Result<Swept<NamePlace>, JournalError>),
    Filed(u64),
    SignedOut,
    #[cfg(test)]
    Injected,
}

impl Verdict {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(Refused::Store(why.into()))
    }

    /// The outcome of the append that it is about.
    pub(crate) fn outcome(self, append: Append) -> Outcome {
        match self {
            Self::Committed { seq, quote } => append.committed(seq, quote),
            Self::Known { seq, at } => append.rejected(Rejection::Known { seq, at }),
            Self::Refused(why) => append.refused(why),
            _ => append.refused(Refused::Store("a bug: a wrong verdict".to_owned())),
        }
    }
}

impl From<Rejection> for Verdict {
    fn from(why: Rejection) -> Self {
        match why {
            Rejection::Refused(why) => Self::Refused(why),
            Rejection::Known { seq, at } => Self::Known { seq, at },
        }
    }
}

impl Queue<Job> {
    /// Takes in as many as there is room for, in their order; gives back the others.
    pub(crate) fn append_all(&self, appends: Vec<Append>) -> Vec<Append> {
        let append = |job| match job {
            Job::Append(append) => Some(append),
            _ => None,
        };
        let left = self.push_all(appends.into_iter().map(Job::Append).collect());
        left.into_iter().filter_map(append).collect()
    }
}

impl Job {
    /// Answers whoever waits for it; an append's outcome goes into the batch.
    pub(crate) fn tell(self, verdict: Verdict) -> Option<Outcome> {
        // Whoever asked may be gone; what was done is done all the same.
        match (self, verdict) {
            (Self::Append(append), verdict) => return Some(verdict.outcome(append)),
            (Self::Create { answer, .. }, Verdict::Made(made)) => drop(answer.send(made)),
            (Self::Mark { answer, .. }, Verdict::Marked(changed)) => drop(answer.send(changed)),
            (Self::Hold { answer, .. }, Verdict::Held(held)) => drop(answer.send(held)),
            (Self::Remove { answer, .. } | Self::Erase { answer }, Verdict::Removed(gone)) => {
                drop(answer.send(gone));
            }
            (Self::Rename { answer, .. }, Verdict::Renamed(renamed)) => drop(answer.send(renamed)),
            (Self::Sweep { answer, .. }, Verdict::Swept(swept)) => drop(answer.send(swept)),
            (Self::ReleaseEnded { answer, .. }, Verdict::Released(freed)) => {
                drop(answer.send(freed));
            }
            (Self::File { answer, .. }, Verdict::Filed(count)) => drop(answer.send(Ok(count))),
            (Self::SignOut { answer, .. }, Verdict::SignedOut) => drop(answer.send(Ok(()))),
            _ => {}
        }
        None
    }

    /// Says that nothing of it was kept.
    pub(crate) fn refuse(self, why: &str) -> Option<Outcome> {
        let error = JournalError::Store(why.to_owned());
        match self {
            Self::Append(append) => return Some(append.refused(Refused::Store(why.to_owned()))),
            Self::Create { answer, .. } => drop(answer.send(Err(error))),
            Self::Mark { answer, .. } | Self::File { answer, .. } => drop(answer.send(Err(error))),
            Self::Hold { answer, .. } | Self::Remove { answer, .. } | Self::Erase { answer } => {
                drop(answer.send(Err(error)));
            }
            Self::Sweep { answer, .. } => drop(answer.send(Err(error))),
            Self::ReleaseEnded { answer, .. } => drop(answer.send(Err(error))),
            Self::Rename { answer, .. } => drop(answer.send(Err(error))),
            Self::SignOut { answer, .. } => drop(answer.send(Err(error))),
            #[cfg(test)]
            Self::Inject(_) => {}
        }
        None
    }
}
