//! Checks of rooms' heads, for entries that nobody spoke of.

use std::{collections::BTreeMap, time::Duration};

use maru_protocol::Seq;

use super::{Finding, Follower, HeadsRequest, Output, ReadFailed, Request, schedule::Schedule};
use crate::{
    Instant,
    defects::{Defect, on},
    log::RoomId,
};

/// When heads are checked.
#[derive(Debug, Default)]
pub(super) struct HeadChecks {
    /// Each followed room's turn.
    pub(super) due: Schedule,
    /// One is under way, of one at a time.
    running: bool,
    /// None before.
    not_before: Instant,
    /// In a row.
    failures: u32,
}

impl HeadChecks {
    /// When the next one may begin.
    pub(super) fn next(&self) -> Option<Instant> {
        let due = self.due.next().filter(|_| !self.running);
        due.map(|due| due.max(self.not_before))
    }
}

impl Follower {
    /// How often a room's head is checked.
    pub(super) fn check_interval(&self) -> Duration {
        match self.bus_connected {
            true => self.options.check_interval,
            false => self.options.check_interval_without_bus,
        }
    }

    /// The bus is away: from now on heads are all there is.
    pub(super) fn check_all_soon(&mut self, now: Instant) {
        let rooms: Vec<RoomId> = self.checks.due.rooms().collect();
        for room in rooms {
            let most = self.options.check_interval_without_bus;
            self.checks.due.hurry(room, now + self.jitter.between(Duration::ZERO, most));
        }
    }

    /// Asks for the heads of all rooms that are due, or soon would be: one statement for many.
    pub(super) fn check_heads(&mut self, now: Instant, out: &mut Output) {
        if self.checks.next().is_none_or(|due| due > now) {
            return;
        }
        let interval = self.check_interval();
        let mut rooms = Vec::new();
        while rooms.len() < self.options.heads_per_check.max(1)
            && let Some(id) = self.checks.due.take(now + interval / 8)
        {
            if let Some(room) = self.rooms.get(&id) {
                rooms.push((id, room.order.last()));
            }
        }
        for (id, _) in &rooms {
            let next = now + self.jitter.between(interval * 3 / 4, interval);
            self.checks.due.set(*id, next);
        }
        self.checks.running = true;
        self.checks.not_before = now + self.options.check_pause;
        out.requests.push(Request::Heads(HeadsRequest { rooms }));
    }

    /// Heads came, or did not.
    pub(super) fn heads(
        &mut self,
        now: Instant,
        request: &HeadsRequest,
        result: Result<Vec<(RoomId, Seq)>, ReadFailed>,
        out: &mut Output,
    ) {
        self.checks.running = on(Defect::ForgetFailedCheck) && result.is_err();
        let Ok(heads) = result else {
            let failures = self.checks.failures;
            self.checks.failures = failures.saturating_add(1);
            let again = now + self.backoff(failures);
            self.checks.not_before = again;
            for (id, _) in &request.rooms {
                if self.follows(*id) {
                    self.checks.due.hurry(*id, again);
                }
            }
            out.counters.heads_failed += count(request.rooms.len());
            return;
        };
        self.checks.failures = 0;
        let heads: BTreeMap<RoomId, Seq> = heads.into_iter().collect();
        for (id, delivered) in &request.rooms {
            // A room that is gone has no entries.
            let head = heads.get(id).copied().unwrap_or_default();
            self.head(now, *id, head, *delivered, out);
        }
    }

    /// One room's head; `delivered` was out when it was asked.
    fn head(&mut self, now: Instant, id: RoomId, head: Seq, delivered: Seq, out: &mut Output) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if head < delivered {
            out.counters.heads_failed += 1;
            if !std::mem::replace(&mut room.head_regressed, true) {
                out.findings.push(Finding::LostEntries { room: id, head, delivered });
            }
            return;
        }
        room.head_regressed = false;
        if head > room.order.known() {
            out.counters.heads_behind += 1;
            room.order.know(head);
            self.schedule_repair(now, id);
        } else {
            out.counters.heads_same += 1;
        }
    }
}

fn count(rooms: usize) -> u64 {
    u64::try_from(rooms).unwrap_or(u64::MAX)
}
