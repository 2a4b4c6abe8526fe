//! What `verify` found, and how far it is.

use crate::journal::integrity::fault::Fault;

/// Faults listed in a report. Beyond it they are only counted.
pub const MOST_FAULTS: usize = 1_000;

/// What a walk over the whole journal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rooms checked, damaged ones among them.
    pub rooms: u64,
    /// Entries found whole.
    pub entries: u64,
    /// The first fault of each damaged room's log and the first of what is kept beside it, then those
    /// of the file; at most [`MOST_FAULTS`].
    pub faults: Vec<Fault>,
    /// Faults beyond those listed.
    pub more: u64,
}

/// What a walk along one room found.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Entries found whole.
    pub(crate) entries: u64,
    /// The first fault of the log; the walk ended there.
    pub(crate) log: Option<Fault>,
    /// The first of what is kept beside it.
    pub(crate) beside: Option<Fault>,
}

impl Walked {
    /// The log has a fault there: those before it are whole.
    pub(crate) fn up_to(mut self, fault: Fault) -> Self {
        let whole = fault.location.as_ref().map_or(0, |place| place.seq.get());
        self.entries = whole.saturating_sub(1).max(self.entries);
        self.log = Some(fault);
        self
    }
}

impl Report {
    /// Nothing was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.more == 0
    }

    pub(crate) fn walked(&mut self, room: Walked) {
        self.rooms += 1;
        self.entries += room.entries;
        room.log.into_iter().chain(room.beside).for_each(|fault| self.add(fault));
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }
}

/// How far a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Along the rooms.
    Walking {
        /// Rooms checked so far.
        rooms: u64,
        /// Rooms that the journal has.
        of: u64,
        /// Entries found whole.
        entries: u64,
    },
    /// In the store's own check, if it has one, which takes about as long and says nothing on its way.
    Integrity,
}
