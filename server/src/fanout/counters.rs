//! What a worker's outboxes were given and what waits in them: counted on its own thread, where a
//! count costs nothing, and told to the figures that all threads share once a beat.

use std::cell::Cell;

use crate::metrics::Metrics;

thread_local! {
    static FRAMES: Cell<u64> = const { Cell::new(0) };
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// So many frames were given to an outbox.
#[inline]
pub(crate) fn sent(frames: usize) {
    FRAMES.set(FRAMES.get().wrapping_add(frames as u64));
}

/// The bytes that wait in an outbox changed.
pub(crate) fn waits(before: usize, now: usize) {
    WAITING.set(WAITING.get().wrapping_add(now).wrapping_sub(before));
}

/// Bytes that wait in all outboxes of this thread.
pub(crate) fn waiting() -> usize {
    WAITING.get()
}

/// What this thread told so far.
#[derive(Debug, Default)]
pub(crate) struct CounterSnapshot {
    frames: Cell<u64>,
    waiting: Cell<usize>,
}

impl CounterSnapshot {
    /// Tells what came since.
    pub(crate) fn tell(&self, metrics: &Metrics) {
        let (frames, waiting) = (FRAMES.get(), WAITING.get());
        metrics.frames_out.inc_by(frames.wrapping_sub(self.frames.replace(frames)));
        let more = waiting.wrapping_sub(self.waiting.replace(waiting)).cast_signed();
        metrics.outbox_bytes.add(i64::try_from(more).unwrap_or(0));
    }
}
