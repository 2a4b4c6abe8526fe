//! Holes in a room's order, and the pages of the journal that close them.

use std::time::Duration;

use maru_protocol::Seq;

use super::{
    Finding, Follower, Output, PageRequest, ReadFailed, Request, order::Hole, room::Repair,
};
use crate::{
    Instant,
    defects::{Defect, on},
    log::{Page, RoomId},
};

impl Follower {
    /// When the next hole is to be read, if one may.
    pub(super) fn next_read(&self) -> Option<Instant> {
        self.holes.next().filter(|_| self.reading < self.options.page_reads)
    }

    pub(super) fn read_holes(&mut self, now: Instant, out: &mut Output) {
        while self.reading < self.options.page_reads
            && let Some(room) = self.holes.take(now)
        {
            self.read(room, out);
        }
    }

    fn read(&mut self, id: RoomId, out: &mut Output) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let Some(hole) = room.order.hole() else {
            room.repair = Repair::None;
            return;
        };
        room.repair = Repair::Reading;
        self.reading += 1;
        let most = self.options.page_entries.max(1);
        let limit = u32::try_from(hole.missing).unwrap_or(u32::MAX).min(most);
        let (after, claimed) = (hole.after, room.order.known());
        out.requests.push(Request::Page(PageRequest { room: id, after, limit, claimed }));
    }

    /// A page came, or did not.
    pub(super) fn page(
        &mut self,
        now: Instant,
        request: PageRequest,
        result: Result<Page, ReadFailed>,
        out: &mut Output,
    ) {
        let PageRequest { room: id, after, claimed, .. } = request;
        self.reading = self.reading.saturating_sub(1);
        let Some(room) = self.rooms.get_mut(&id) else { return };
        // Of an earlier time that the room was followed, its page is as good.
        room.repair = Repair::None;
        if on(Defect::ForgetFailedPage) && result.is_err() {
            room.repair = Repair::Reading;
            return;
        }
        let before = room.order.last();
        if let Ok(Page { entries, head, .. }) = result {
            self.offer_foreign(id, entries, out);
            self.learn_head(now, (id, head), claimed, out);
        }
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let brought = room.order.last() > before;
        if brought {
            out.counters.holes_healed += 1;
        }
        match room.order.hole() {
            // More is missing than a page has: on at once.
            Some(hole) if brought => {
                room.backoff_until = None;
                room.failures = 0;
                room.repair = Repair::Scheduled(hole.after);
                self.holes.set(id, now);
            }
            // The journal failed, or has not what it should: later.
            Some(hole) if hole.after == after => self.back_off(now, id),
            _ => {
                room.backoff_until = None;
                room.failures = 0;
                self.schedule_repair(now, id);
            }
        }
    }

    /// The journal's head as of a page.
    fn learn_head(
        &mut self,
        now: Instant,
        (id, head): (RoomId, Seq),
        claimed: Seq,
        out: &mut Output,
    ) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        room.order.know(head);
        if self.held.doubt(&mut room.order, head, claimed) {
            out.findings.push(Finding::UnknownClaim { room: id, head, claimed });
            self.checks.due.hurry(id, now);
        }
    }

    fn back_off(&mut self, now: Instant, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let failures = room.failures;
        room.failures = failures.saturating_add(1);
        let until = now + self.backoff(failures);
        if let Some(room) = self.rooms.get_mut(&id) {
            room.backoff_until = Some(until);
        }
        self.schedule_repair(now, id);
    }

    /// Something about the room changed: its first hole is to be read, or there is none any more.
    pub(super) fn schedule_repair(&mut self, now: Instant, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        match (room.order.hole(), room.repair) {
            (_, Repair::Reading) | (None, Repair::None) => {}
            (None, Repair::Scheduled(_)) => {
                room.repair = Repair::None;
                self.holes.remove(id);
            }
            (Some(Hole { after, .. }), Repair::Scheduled(before)) if after == before => {}
            (Some(hole), _) => {
                room.repair = Repair::Scheduled(hole.after);
                let grace = match self.bus_connected {
                    true => {
                        let grace = self.options.hint_grace;
                        self.jitter.between(grace, grace * 5 / 4)
                    }
                    // No hint will come.
                    false => Duration::ZERO,
                };
                let at = now + grace;
                self.holes.set(id, room.backoff_until.map_or(at, |until| until.max(at)));
            }
        }
    }
}
