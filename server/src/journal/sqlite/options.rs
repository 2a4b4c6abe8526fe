//! The bounds of the store, each with its reason.

use std::time::Duration;

/// How much may wait where. The defaults suit one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Appends and creates waiting for the writer: 50 ms of its work at 20,000 a second, at most
    /// 16 MiB of bodies. More waiting would only be answered later than a sender waits.
    pub queue: usize,
    /// Most of them in one transaction: at 100 the fsync is a few per cent of the whole, and more
    /// make the first of them wait for the last.
    pub batch: usize,
    /// Batches that nobody has taken yet: enough that the writer works on while the engine takes
    /// one, and at most 6 MiB of bodies. Beyond it the writer waits.
    pub outcomes: usize,
    /// Reader threads, beside the one for the directory: two, so that a long page does not hold up a
    /// short one.
    pub readers: usize,
    /// Looks at the directory that wait for its reader: those of an office that comes in at once, twice over, at a
    /// millisecond each as a rule.
    pub directory_reads: usize,
    /// Reads waiting for them: at 40 us a page, 10 ms of work of two threads.
    pub reads: usize,
    /// Most rows that the check at the start reads, of the rooms that were active last: a few
    /// milliseconds, and the place where a crash or a torn copy leaves its damage.
    pub check: u32,
    /// How long a text that was deleted may still lie in the write-ahead log: emptying it costs what
    /// a few commits do, so that many deletions share one.
    pub erase_within: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            queue: 1_024,
            batch: 100,
            outcomes: 4,
            readers: 2,
            directory_reads: 1_024,
            reads: 512,
            check: 1_000,
            erase_within: Duration::from_secs(10),
        }
    }
}
