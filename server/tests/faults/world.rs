//! What everybody shares, is told to do, and notes.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use maru_protocol::MessageId;
use tokio::{sync::watch, time::Instant};

use crate::{gateway::Doors, history::Recorder};

/// What everybody is told to do.
#[derive(Clone)]
pub enum Phase {
    /// Come in, and be silent.
    Gather,
    Talk,
    /// Say nothing new.
    Finish,
    /// Go home, once these are seen; or, at that time, without.
    Leave(Arc<BTreeMap<String, u64>>, Instant),
}

/// What all of them share.
pub struct World {
    pub doors: Doors,
    pub recorder: Recorder,
    /// The zero of all times that are noted.
    pub start: Instant,
    pub phase: watch::Sender<Phase>,
    /// Between two messages of one person, on average.
    pub gap: Duration,
    /// Messages that are not acknowledged.
    pub waiting: AtomicUsize,
    /// How many were in all of their rooms once.
    pub gathered: AtomicUsize,
}

impl World {
    /// Microseconds since the start.
    pub fn micros(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap()
    }
}

/// From when to when, in microseconds since the start.
pub type Span = (u64, u64);

/// From the loss of a connection until in every room again.
#[derive(Clone)]
pub struct Absence {
    /// Where the connection was.
    pub node: usize,
    pub span: Span,
    /// What happened meanwhile, and when.
    pub story: Vec<(u64, String)>,
}

/// What somebody noted beside the history.
#[derive(Default)]
pub struct Notes {
    pub said: u64,
    pub retries: u64,
    /// Entries that came by themselves, and with a join.
    pub delivered: u64,
    pub replayed: u64,
    pub reconnects: u64,
    pub resumes: u64,
    /// From a message's first sending to its acknowledgement.
    pub acks: Vec<(MessageId, Span)>,
    /// From a message's first sending to its coming to somebody on another node.
    pub crossings: Vec<(MessageId, Span)>,
    pub absences: Vec<Absence>,
    /// What should not have been said to a client.
    pub troubles: Vec<String>,
    pub converged: bool,
}
