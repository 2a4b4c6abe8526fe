//! Why a journal in Postgres could not be opened, in sentences for the person who runs the server.
//! No password is in any of them.

use sqlx::Error;

/// Why the store did not open. No entry was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none.
    #[error(
        "the journal's address can't be read: {why}; it is like postgres://user:password@host/database"
    )]
    Url {
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers there.
    #[error("Postgres does not answer at {at}: {why}; start it, or correct journal.url")]
    Away {
        /// The address, without the password.
        at: String,
        /// What the system or Postgres says.
        why: String,
    },
    /// The user, the password or the database is wrong.
    #[error(
        "Postgres at {at} refuses: {why}; correct the user, password and database of journal.url"
    )]
    Denied {
        /// The address, without the password.
        at: String,
        /// What Postgres says.
        why: String,
    },
    /// The database has a schema `maru` of some other program.
    #[error(
        "the schema `maru` at {at} is not a journal of Maru: give the server a database of its own"
    )]
    Foreign {
        /// The address, without the password.
        at: String,
    },
    /// `verify` or `renew` was asked for a database without a journal.
    #[error("there is no journal at {at}")]
    Missing {
        /// The address, without the password.
        at: String,
    },
    /// Written by a newer Maru.
    #[error(
        "the journal at {at} has version {found}, and this server knows versions up to {known}: \
         run the newer server that wrote it"
    )]
    Newer {
        /// The address, without the password.
        at: String,
        /// The version of the journal that was found.
        found: i32,
        /// The newest version this server knows.
        known: i32,
    },
    /// `verify` was asked for a journal that an older Maru wrote and no server has brought up to
    /// date.
    #[error(
        "the journal at {at} has version {found} and this server reads version {known}: \
         start the server once, it brings the journal up to date"
    )]
    Older {
        /// The address, without the password.
        at: String,
        /// The version of the journal that was found.
        found: i32,
        /// The version this server reads.
        known: i32,
    },
    /// `migrate` has not come to its end.
    #[error(
        "the journal at {at} is a copy that was not finished: run `maru-server migrate` again, it \
         goes on where it stopped"
    )]
    Unfinished {
        /// The address, without the password.
        at: String,
    },
    /// `renew` was asked for a journal that servers use.
    #[error(
        "servers use the journal at {at}: stop all of them, then run `maru-server renew` again"
    )]
    Held {
        /// The address, without the password.
        at: String,
    },
    /// Names and messages would not fit.
    #[error("the database at {at} is encoded in {found}: make one with ENCODING 'UTF8'")]
    Encoding {
        /// The address, without the password.
        at: String,
        /// The database's encoding; Maru needs UTF8.
        found: String,
    },
    /// A standby takes no writes.
    #[error(
        "Postgres at {at} is a standby, which takes no writes: name the primary in journal.url"
    )]
    Standby {
        /// The address, without the password.
        at: String,
    },
    /// Anything else that Postgres or the system said.
    #[error("the journal at {at} can't be opened: {why}")]
    Store {
        /// The address, without the password.
        at: String,
        /// What Postgres or the system says.
        why: String,
    },
}

impl OpenError {
    /// Sorts what was said while connecting and opening.
    pub(super) fn of(at: &str, error: &Error) -> Self {
        let (at, why) = (at.to_owned(), said(error));
        match code(error).as_deref() {
            Some(code) if code.starts_with("28") || code == "3D000" => Self::Denied { at, why },
            Some(code) if starting(code) => Self::Away { at, why },
            Some(_) => Self::Store { at, why },
            None if is_lost(error) => Self::Away { at, why },
            None => Self::Store { at, why },
        }
    }

    /// A moment later it may be well: Postgres starts, or another node holds the lock of the
    /// schema's steps.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Away { .. })
    }
}

/// What Postgres or the system said, without sqlx's introduction.
pub(crate) fn said(error: &Error) -> String {
    match error {
        Error::Database(error) => error.message().to_owned(),
        Error::Io(error) => error.to_string(),
        Error::Protocol(why) => why.clone(),
        other => other.to_string(),
    }
}

/// The five characters that Postgres names its errors by; none when it was not Postgres that spoke.
pub(super) fn code(error: &Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(Into::into)
}

/// Postgres starts, stops, has no connection left, or does not get a lock.
fn starting(code: &str) -> bool {
    code.starts_with("57P") || code == "53300" || code == LOCK_NOT_AVAILABLE
}

/// A lock was waited for as long as `lock_timeout` allows.
pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Two transactions waited for each other.
pub(super) const DEADLOCK: &str = "40P01";

/// The connection is of no use any more.
pub(super) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Protocol(_) | Error::Tls(_) | Error::WorkerCrashed => true,
        _ => code(error).is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
    }
}
