//! The bounds of the store, each with its reason.

use std::time::Duration;

/// How much may wait where, and for how long. The defaults suit one node of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Appends and creates waiting for the writer, at most 16 MiB of bodies. More waiting would only
    /// be answered later than a sender waits.
    pub queue: usize,
    /// Most of them in one transaction: more make the first of them wait for the last, and hold
    /// the rooms' rows for longer against the other nodes.
    pub batch: usize,
    /// Batches that nobody has taken yet: enough that the writer works on while the engine takes
    /// one. Beyond it the writer waits.
    pub outcomes: usize,
    /// Connections of this node beside the one for the directory, at least 2: one writes, the others read. All nodes together must
    /// stay below the server's `max_connections`.
    pub pool: usize,
    /// Reads waiting for a connection. Each gives up after `timeout`, so what waits never grows old.
    pub reads: usize,
    /// How long a commit or a read may take in all, waiting for a connection included, before it is
    /// refused. Postgres is told the same, so that what was given up on ends there too.
    pub timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            queue: 1_024,
            batch: 100,
            outcomes: 4,
            pool: 8,
            reads: 512,
            timeout: Duration::from_secs(5),
        }
    }
}
