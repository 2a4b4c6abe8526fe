//! What a session read of a room is taken in, beside what came meanwhile.

use maru_protocol::{About, Seq};

use super::{
    MAX_BYTES, MAX_ENTRIES, PageRead, RecentEntries, RecentEntry, about_bytes, seq_before,
};
use crate::defects::{Defect, on};

impl RecentEntries {
    /// What was read of the room *after* it came into use.
    pub(crate) fn offer(&mut self, PageRead { head, about, from, entries }: PageRead) {
        if head < self.erased && !on(Defect::OfferErasedText) {
            // It may have a text that is gone since.
            self.asked = 0;
            return;
        }
        let mut read: Vec<RecentEntry> = entries.into_iter().filter_map(RecentEntry::new).collect();
        let run = read.split_off(read.len() - run_to(head, &read));
        let begins = seq_before(head, run.len());
        if self.head.is_none_or(|known| begins > known) {
            // Nothing is known, or not what lies between.
            self.begin_after(begins);
            self.head = Some(begins);
        }
        let first = self.first();
        if head >= first.previous() && from < self.older.from() {
            read.retain(|entry| entry.seq < first);
            let below = run.iter().filter(|entry| entry.seq < first).cloned();
            self.put_before(from, read, below.collect());
        }
        for entry in run {
            if Some(entry.seq) > self.head {
                self.keep(entry);
            }
        }
        // Neither older than what changed it since, nor newer than what the room was told of.
        if head >= self.news && Some(head) <= self.head {
            self.learn(about);
        }
        self.shrink();
    }

    /// What adjoins the oldest entry that is kept: one by one as far as there is room, and folded.
    fn put_before(&mut self, from: Seq, read: Vec<RecentEntry>, mut run: Vec<RecentEntry>) {
        self.older.begin_at(self.first());
        while let Some(entry) = run.pop() {
            let fits = self.bytes() + entry.cost() <= MAX_BYTES;
            if self.kept.len() >= MAX_ENTRIES || !fits {
                run.push(entry);
                break;
            }
            self.bytes += entry.cost();
            self.said += usize::from(entry.is_said);
            self.kept.push_front(entry);
        }
        self.older.set(from, read.into_iter().chain(run));
    }

    fn learn(&mut self, about: About) {
        let before = self.about.take();
        self.bytes -= before.as_ref().map_or(0, about_bytes);
        self.bytes += about_bytes(&about);
        self.about = Some(about);
    }
}

/// How many of the newest have no hole between them up to the head.
fn run_to(head: Seq, read: &[RecentEntry]) -> usize {
    let newest = read.iter().rev().zip(0..);
    newest.take_while(|(entry, n)| entry.seq == seq_before(head, *n)).count()
}
