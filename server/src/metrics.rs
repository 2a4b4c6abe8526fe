//! What operators can see of a running server, in Prometheus' terms.

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Every figure of the process. Counters only ever grow; gauges are what is now.
pub struct Metrics {
    registry: Registry,
    /// Those of the process, which every program names alike.
    process: Registry,
    /// Connections upgraded to a WebSocket and not yet ended.
    pub connections: IntGauge,
    /// Most of them, of this process.
    pub connections_limit: IntGauge,
    /// Sessions that said hello and have not ended.
    pub sessions: IntGauge,
    /// Rooms with at least one session in them.
    pub rooms: IntGauge,
    /// Frames read from clients.
    pub frames_in: IntCounter,
    /// Frames given to connections.
    pub frames_out: IntCounter,
    /// Bytes that wait for clients to read.
    pub outbox_bytes: IntGauge,
    /// Bytes at which the slowest readers are ended.
    pub outbox_limit_bytes: IntGauge,
    /// Whether the journal's store answers and can be written.
    pub journal_available: IntGauge,
    /// Bytes that are free on the disk of the SQLite file; 0 where the journal is a Postgres.
    pub journal_free_bytes: IntGauge,
    /// Bytes below which nothing new is kept there.
    pub journal_keep_free_bytes: IntGauge,
    /// Joins, by what the client was given.
    pub resumes: IntCounterVec,
    /// Sign-ins (`hello`) that were refused.
    pub auth_failures: IntCounter,
    /// Entries given to connections.
    pub deliveries: IntCounter,
    /// Entries committed for clients of this node: messages and what changes them.
    pub messages: IntCounter,
    /// Read markers by what became of them, each once: `kept`, `same` (nothing changed) or `merged` (a
    /// later one of the same person came before it was kept). With `marks_waiting` they are all that came.
    pub marks: IntCounterVec,
    /// Attempts to keep read markers that failed, in markers; each is tried again.
    pub marks_retried: IntCounter,
    /// Guests that were forgotten, as they never spoke.
    pub guests_forgotten: IntCounter,
    /// Read markers that are not kept yet.
    pub marks_waiting: IntGauge,
    /// Requests refused, by code.
    pub refusals: IntCounterVec,
    /// Requests refused for a limit by person or address, by the setting that limits them.
    pub limited: IntCounterVec,
    /// Connections that are no WebSocket: requests, kept alive, not complete.
    pub sockets: IntGauge,
    /// Most of them, of this process.
    pub sockets_limit: IntGauge,
    /// Seconds from a request to the beginning of its answer, by route and class of status. Without polls,
    /// which wait for news.
    pub http_seconds: HistogramVec,
    /// Such connections that the server closed: `full`, `unfinished` or `slow`.
    pub sockets_shed: IntCounterVec,
    /// Connections ended, by reason.
    pub ended: IntCounterVec,
    /// Appends per commit.
    pub batch: Histogram,
    /// Seconds from taking a message to handing it to the workers.
    pub commit: Histogram,
    /// Seconds from taking a message at another node to handing it to the engine of this one.
    pub hint_lag: Histogram,
    /// Gaps in a room's sequence of entries that were filled from the journal.
    pub holes_healed: IntCounter,
    /// Comparisons of a followed room's newest seq with the journal, by result: `same`, `behind`,
    /// `failed`.
    pub head_checks: IntCounterVec,
    /// 1 while the bus is connected, else 0.
    pub bus_connected: IntGauge,
    /// Other nodes of the cluster that are alive.
    pub peers: IntGauge,
    /// Messages between nodes that were dropped, by kind or reason.
    pub bus_dropped: IntCounterVec,
    /// Uploads, by what became of them.
    pub uploads: IntCounterVec,
    /// Bytes of the files that were stored.
    pub upload_bytes: IntCounter,
    /// Requests for files, by what became of them.
    pub downloads: IntCounterVec,
    /// Bytes of files that were sent out.
    pub download_bytes: IntCounter,
    /// Unsent or deleted files, by whether they could be removed.
    pub files_removed: IntCounterVec,
    /// Entries that the search index has processed.
    pub search_indexed: IntCounter,
    /// Seconds from receiving an entry until a search can find it.
    pub search_lag: Histogram,
    /// Seconds that a search took.
    pub search: Histogram,
}

impl Metrics {
    /// A request was refused with this code.
    pub fn refused(&self, code: maru_protocol::ErrorCode) {
        // A code is a string on the wire, and always has one.
        let label = serde_json::to_value(code).ok();
        let label = label.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        self.refusals.with_label_values(&[label]).inc();
    }

    /// Registers every figure.
    ///
    /// # Errors
    /// When two figures have one name, which is a bug.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some("maru".to_owned()), None)?;
        let process = Registry::new();
        #[cfg(target_os = "linux")]
        process.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        let about = Opts::new("build_info", "1, of the version that runs.");
        let build = IntGaugeVec::new(about, &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(build))?;
        let http_seconds = HistogramVec::new(
            HistogramOpts::new(
                "http_request_seconds",
                "Seconds from a request to the beginning of its answer, by route and class of status. \
                 Without polls, which wait for news.",
            )
            .buckets(vec![0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0]),
            &["route", "status"],
        )?;
        registry.register(Box::new(http_seconds.clone()))?;
        let gauge = |name: &str, help: &str| -> Result<IntGauge, prometheus::Error> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let by =
            |name: &str, help: &str, label: &str| -> Result<IntCounterVec, prometheus::Error> {
                let counters = IntCounterVec::new(Opts::new(name, help), &[label])?;
                registry.register(Box::new(counters.clone()))?;
                Ok(counters)
            };
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            let histogram = Histogram::with_opts(options)?;
            registry.register(Box::new(histogram.clone()))?;
            Ok::<_, prometheus::Error>(histogram)
        };
        Ok(Self {
            connections: gauge(
                "connections",
                "Open connections: WebSockets and sessions of Socket.IO.",
            )?,
            connections_limit: gauge(
                "connections_limit",
                "Most connections: http.max_connections, or less where the process may open fewer files.",
            )?,
            sessions: gauge("sessions", "Sessions that are signed in (after `hello`).")?,
            rooms: gauge("rooms", "Rooms with at least one session in them.")?,
            frames_in: counter("frames_in_total", "Frames read from clients.")?,
            frames_out: counter("frames_out_total", "Frames handed to connections for sending.")?,
            outbox_bytes: gauge(
                "outbox_bytes",
                "Bytes queued for clients that have not read them yet.",
            )?,
            outbox_limit_bytes: gauge(
                "outbox_limit_bytes",
                "limits.outboxes: with more bytes queued, the slowest readers are disconnected.",
            )?,
            journal_available: gauge(
                "journal_available",
                "1 while the journal's store answers and can be written, else 0.",
            )?,
            journal_free_bytes: gauge(
                "journal_free_bytes",
                "Bytes free on the disk of the journal's file. 0 where the journal is in Postgres.",
            )?,
            journal_keep_free_bytes: gauge(
                "journal_keep_free_bytes",
                "journal.keep_free: with fewer bytes free, nothing new is stored. 0 with Postgres.",
            )?,
            resumes: by(
                "resumes_total",
                "Joins, by what the client received: the newest page (fresh), the entries it missed \
                 (replay), or the newest page in place of the entries it holds (reset).",
                "outcome",
            )?,
            auth_failures: counter("auth_failures_total", "Sign-ins (`hello`) that were refused.")?,
            deliveries: counter(
                "deliveries_total",
                "Entries handed to connections for sending: one per entry and recipient.",
            )?,
            messages: counter(
                "messages_total",
                "Entries (messages, edits, reactions and the like) committed for this node's clients.",
            )?,
            marks: by(
                "marks_total",
                "Updates of read markers, each counted once when it is done: stored (kept), without \
                 effect (same), or replaced by a later one before it was stored (merged). The sum, and \
                 maru_marks_waiting, is what was received.",
                "outcome",
            )?,
            marks_retried: counter(
                "marks_retried_total",
                "Updates of read markers that could not be stored and are tried again, per attempt.",
            )?,
            guests_forgotten: counter(
                "guests_forgotten_total",
                "Memberships of guests who never spoke that ended after chat.silent_guests_ttl.",
            )?,
            marks_waiting: gauge(
                "marks_waiting",
                "Updates of read markers that are not stored yet.",
            )?,
            refusals: by("refusals_total", "Requests refused, by error code.", "code")?,
            limited: by(
                "limited_total",
                "Requests refused for a limit by person or address, by setting (of the section limits).",
                "limit",
            )?,
            sockets: gauge(
                "sockets",
                "Open TCP connections that are no WebSocket: requests, kept alive, not complete.",
            )?,
            sockets_limit: gauge(
                "sockets_limit",
                "Most such connections: limits.sockets, or less where the process may open fewer files.",
            )?,
            http_seconds,
            sockets_shed: by(
                "sockets_shed_total",
                "Such connections that the server closed, by reason: full, unfinished, or slow.",
                "reason",
            )?,
            ended: by("connections_ended_total", "Connections ended, by reason.", "reason")?,
            batch: histogram(
                "commit_batch_appends",
                "Appends per commit.",
                &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0],
            )?,
            commit: histogram(
                "commit_seconds",
                "Seconds from receiving a message to handing its entry to the workers.",
                &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0],
            )?,
            hint_lag: histogram(
                "hint_lag_seconds",
                "Seconds from receiving a message at another node to handing its entry to this node's \
                 engine.",
                &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0],
            )?,
            holes_healed: counter(
                "holes_healed_total",
                "Gaps in a room's sequence of entries that were filled from the journal.",
            )?,
            head_checks: by(
                "head_checks_total",
                "Comparisons of a followed room's newest seq with the journal, by result: same, behind, \
                 failed.",
                "result",
            )?,
            peers: gauge("peers", "Other nodes of the cluster that are alive.")?,
            bus_connected: gauge("bus_connected", "1 while the bus is connected, else 0.")?,
            bus_dropped: by(
                "bus_dropped_total",
                "Messages between nodes that were dropped, by kind or reason.",
                "what",
            )?,
            uploads: by(
                "uploads_total",
                "Uploads, by outcome: stored, refused (a limit or rule), broken (interrupted or too \
                 slow), failed (the store).",
                "outcome",
            )?,
            upload_bytes: counter("upload_bytes_total", "Bytes of stored uploads.")?,
            downloads: by(
                "downloads_total",
                "Downloads, by outcome: sent, refused, or failed (the store).",
                "outcome",
            )?,
            download_bytes: counter(
                "download_bytes_total",
                "Bytes of files that were sent to clients.",
            )?,
            files_removed: by(
                "files_removed_total",
                "Unsent or deleted files: removed, or failed and retried.",
                "outcome",
            )?,
            search_indexed: counter(
                "search_indexed_total",
                "Entries that the search index has processed.",
            )?,
            search_lag: histogram(
                "search_lag_seconds",
                "Seconds from receiving an entry until a search can find it, for the oldest entry of a \
                 batch.",
                &[0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 60.0],
            )?,
            search: histogram(
                "search_seconds",
                "Seconds from a search request to its answer.",
                &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0],
            )?,
            registry,
            process,
        })
    }

    /// The figures in the text format (version 0.0.4).
    ///
    /// # Errors
    /// When a figure can't be written, which is a bug.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut out = Vec::new();
        let encoder = TextEncoder::new();
        encoder.encode(&self.registry.gather(), &mut out)?;
        encoder.encode(&self.process.gather(), &mut out)?;
        Ok(out)
    }
}
