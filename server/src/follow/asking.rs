//! What the follower asks the journal, and when: pages for holes, heads for what was never heard.

use std::{collections::HashMap, time::Duration};

use maru_protocol::Seq;
use tokio::time::Instant;

use super::{
    follower::{Answer, Follower},
    room::Heal,
};
use crate::journal::{JournalError, MOST_HEADS, Page, PageRange, RoomId};

impl Follower {
    /// When there is something to ask, unless something happens before.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let hole = self.holes.next().filter(|_| self.reading < self.pace.reads);
        let check = self.checks.next().filter(|_| !self.checking);
        let check = check.map(|due| due.max(self.check_from));
        hole.into_iter().chain(check).min()
    }

    /// How often a room's head is looked at.
    pub(super) fn check_interval(&self) -> Duration {
        if self.here { self.pace.check } else { self.pace.check_alone }
    }

    /// The bus is away: from now on heads are all there is.
    pub(super) fn check_all_soon(&mut self) {
        let now = Instant::now();
        for id in self.rooms.keys() {
            let soon = self.jitter.between(Duration::ZERO, self.pace.check_alone);
            self.checks.hurry(*id, now + soon);
        }
    }

    /// Asks what is due, within the bounds.
    pub(super) fn ask(&mut self) {
        let now = Instant::now();
        while self.reading < self.pace.reads
            && let Some(room) = self.holes.take(now)
        {
            self.read(room);
        }
        let due = self.checks.next().is_some_and(|due| due <= now);
        if due && !self.checking && now >= self.check_from {
            self.check(now);
        }
    }

    fn read(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let Some(hole) = room.order.hole() else {
            room.heal = Heal::Whole;
            return;
        };
        room.heal = Heal::Reading;
        self.reading += 1;
        let (after, claimed) = (hole.after, room.order.known());
        let limit = u32::try_from(hole.missing).unwrap_or(u32::MAX).min(self.pace.page.max(1));
        let page = self.parts.journal.page(id, PageRange::After { after, limit });
        self.asked.push(Box::pin(async move {
            Answer::Page { room: id, after, claimed, page: page.await }
        }));
    }

    /// A page came, or did not.
    pub(super) fn page(
        &mut self,
        id: RoomId,
        after: Seq,
        claimed: Seq,
        page: Result<Page, JournalError>,
    ) {
        self.reading = self.reading.saturating_sub(1);
        self.note(page.as_ref().err());
        let Some(room) = self.rooms.get_mut(&id) else { return };
        // Of an earlier time that the room was followed, its page is as good.
        room.heal = Heal::Whole;
        let before = room.order.last();
        let read = page.map(|Page { entries, head, .. }| {
            self.offer_read(id, entries);
            head
        });
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if let Ok(head) = read {
            room.order.know(head);
            if self.sink.doubt(&mut room.order, head, claimed) {
                let (head, claimed) = (head.get(), claimed.get());
                log::warn!(room = id.0, head, claimed; "a node spoke of what the journal has not");
                self.checks.hurry(id, Instant::now());
            }
        }
        let brought = room.order.last() > before;
        if brought {
            self.parts.metrics.holes_healed.inc();
        }
        match room.order.hole() {
            // More is missing than a page has: on at once.
            Some(hole) if brought => {
                room.rest = None;
                room.failures = 0;
                room.heal = Heal::Due(hole.after);
                self.holes.set(id, Instant::now());
            }
            // The journal failed, or has not what it should: later.
            Some(hole) if hole.after == after => {
                let rest = Instant::now() + self.backoff(id);
                let Some(room) = self.rooms.get_mut(&id) else { return };
                room.rest = Some(rest);
                self.mend(id);
            }
            _ => {
                room.rest = None;
                room.failures = 0;
                self.mend(id);
            }
        }
    }

    fn backoff(&mut self, id: RoomId) -> Duration {
        let Some(room) = self.rooms.get_mut(&id) else { return Duration::ZERO };
        let failures = room.failures;
        room.failures = room.failures.saturating_add(1);
        self.pause_after(failures)
    }

    fn pause_after(&mut self, failures: u32) -> Duration {
        let doubled = self.pace.backoff.saturating_mul(1 << failures.min(16));
        let most = doubled.min(self.pace.most_backoff);
        self.jitter.between(most * 3 / 4, most)
    }

    /// Looks at the heads of all rooms that are due, or soon would be: one statement for many.
    fn check(&mut self, now: Instant) {
        let interval = self.check_interval();
        let mut asked = Vec::new();
        while asked.len() < MOST_HEADS
            && let Some(id) = self.checks.take(now + interval / 8)
        {
            if let Some(room) = self.rooms.get(&id) {
                asked.push((id, room.order.last()));
            }
        }
        for (id, _) in &asked {
            self.checks.set(*id, now + self.jitter.between(interval * 3 / 4, interval));
        }
        self.checking = true;
        self.check_from = now + self.pace.pause;
        let heads = self.parts.journal.heads(asked.iter().map(|(id, _)| *id).collect());
        self.asked.push(Box::pin(async move { Answer::Heads { asked, heads: heads.await } }));
    }

    /// Heads came, or did not.
    pub(super) fn heads(
        &mut self,
        asked: &[(RoomId, Seq)],
        heads: Result<Vec<(RoomId, Seq)>, JournalError>,
    ) {
        self.checking = false;
        self.note(heads.as_ref().err());
        let Ok(heads) = heads else {
            let pause = self.pause_after(self.failed_checks);
            self.failed_checks = self.failed_checks.saturating_add(1);
            self.check_from = Instant::now() + pause;
            for (id, _) in asked {
                if self.rooms.contains_key(id) {
                    self.checks.hurry(*id, self.check_from);
                }
            }
            self.count_checks("failed", asked.len());
            return;
        };
        self.failed_checks = 0;
        let heads: HashMap<RoomId, Seq> = heads.into_iter().collect();
        let (mut same, mut behind, mut failed) = (0, 0, 0);
        for (id, out) in asked {
            let Some(room) = self.rooms.get_mut(id) else { continue };
            // A room that is gone has no entries.
            let head = heads.get(id).copied().unwrap_or_default();
            if head < *out {
                failed += 1;
                if !std::mem::replace(&mut room.astray, true) {
                    let (head, out) = (head.get(), out.get());
                    log::error!(room = id.0, head, out; "the journal lost entries that were \
                        delivered: was a backup restored while this server ran? Restart it");
                }
                continue;
            }
            room.astray = false;
            if head > room.order.known() {
                behind += 1;
                room.order.know(head);
                self.mend(*id);
            } else {
                same += 1;
            }
        }
        self.count_checks("same", same);
        self.count_checks("behind", behind);
        self.count_checks("failed", failed);
    }

    fn count_checks(&self, result: &str, rooms: usize) {
        let rooms = u64::try_from(rooms).unwrap_or(u64::MAX);
        self.parts.metrics.head_checks.with_label_values(&[result]).inc_by(rooms);
    }

    /// Says once that the journal can't be read, and once that it can again.
    fn note(&mut self, error: Option<&JournalError>) {
        match error {
            Some(error) if !self.trouble => {
                log::warn!(error:% = error; "what other nodes wrote can't be read; trying on");
            }
            None if self.trouble => log::info!("what other nodes wrote can be read again"),
            _ => {}
        }
        self.trouble = error.is_some();
    }
}
