//! What the writers of the stores are asked for, and what becomes of it.

use maru_engine::log::fold::Rejection;
use maru_protocol::{Quote, RoomName, Seq, User};
use tokio::sync::oneshot;

use crate::journal::{
    Append, Created, JournalError, Mark, MemberPlace, Outcome, Refused, RoomId, SignOut, Swept,
    projections::files::FileWork, writer::queue::Queue,
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
    Swept(Result<Swept, JournalError>),
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
        match (self, verdict) {
            (Self::Append(append), verdict) => Some(verdict.outcome(append)),
            (Self::Create { answer, .. }, Verdict::Made(made)) => {
                // Whoever asked may be gone; the room is there all the same.
                let _ = answer.send(made);
                None
            }
            (Self::Mark { answer, .. }, Verdict::Marked(changed)) => {
                let _ = answer.send(changed);
                None
            }
            (Self::Hold { answer, .. }, Verdict::Held(held)) => {
                let _ = answer.send(held);
                None
            }
            (Self::Sweep { answer, .. }, Verdict::Swept(swept)) => {
                let _ = answer.send(swept);
                None
            }
            (Self::File { answer, .. }, Verdict::Filed(count)) => {
                let _ = answer.send(Ok(count));
                None
            }
            (Self::SignOut { answer, .. }, Verdict::SignedOut) => {
                let _ = answer.send(Ok(()));
                None
            }
            _ => None,
        }
    }

    /// Says that nothing of it was kept.
    pub(crate) fn refuse(self, why: &str) -> Option<Outcome> {
        match self {
            Self::Append(append) => Some(append.refused(Refused::Store(why.to_owned()))),
            Self::Create { answer, .. } => {
                let _ = answer.send(Err(JournalError::Store(why.to_owned())));
                None
            }
            Self::Mark { answer, .. } | Self::File { answer, .. } => {
                let _ = answer.send(Err(JournalError::Store(why.to_owned())));
                None
            }
            Self::Hold { answer, .. } => {
                let _ = answer.send(Err(JournalError::Store(why.to_owned())));
                None
            }
            Self::Sweep { answer, .. } => {
                let _ = answer.send(Err(JournalError::Store(why.to_owned())));
                None
            }
            Self::SignOut { answer, .. } => {
                let _ = answer.send(Err(JournalError::Store(why.to_owned())));
                None
            }
            #[cfg(test)]
            Self::Inject(_) => None,
        }
    }
}
