//! What operators can see of a running server, in Prometheus' terms.

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

/// Every figure of the process. Counters only ever grow; gauges are what is now.
pub struct Metrics {
    registry: Registry,
    /// Connections upgraded to a WebSocket and not yet ended.
    pub connections: IntGauge,
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
    /// Whether the journal's store answers.
    pub journal_available: IntGauge,
    /// Joins, by what the client was given.
    pub resumes: IntCounterVec,
    /// Introductions that were refused.
    pub auth_failures: IntCounter,
    /// Entries given to connections.
    pub deliveries: IntCounter,
    /// Messages committed.
    pub messages: IntCounter,
    /// Read markers by what became of them: `taken`, and then, of those gathered, `kept`, `same`
    /// (nothing changed) or `failed` (tried again).
    pub marks: IntCounterVec,
    /// Read markers that are not kept yet.
    pub marks_waiting: IntGauge,
    /// Requests refused, by code.
    pub refusals: IntCounterVec,
    /// Connections ended, by reason.
    pub ended: IntCounterVec,
    /// Appends per commit.
    pub batch: Histogram,
    /// Seconds from taking a message to handing it to the workers.
    pub commit: Histogram,
    /// Seconds from taking a message at another node to handing it to the engine of this one.
    pub hint_lag: Histogram,
    /// Holes in a room's order that the journal had to close.
    pub holes_healed: IntCounter,
    /// Looks at a followed room's head, by result: `same`, `behind`, `failed`.
    pub head_checks: IntCounterVec,
    /// 1 while the bus is there.
    pub bus_connected: IntGauge,
    /// Other nodes that live.
    pub peers: IntGauge,
    /// Messages between nodes that were dropped, by what or why.
    pub bus_dropped: IntCounterVec,
    /// Uploads, by what became of them.
    pub uploads: IntCounterVec,
    /// Bytes of the files that were stored.
    pub upload_bytes: IntCounter,
    /// Requests for files, by what became of them.
    pub downloads: IntCounterVec,
    /// Bytes of files that were sent out.
    pub download_bytes: IntCounter,
    /// Files that nobody is to have any more, by whether they could be removed.
    pub files_removed: IntCounterVec,
    /// Entries that went into the search index.
    pub search_indexed: IntCounter,
    /// Seconds from taking an entry to its being found.
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
            connections: gauge("connections", "WebSocket connections open now.")?,
            sessions: gauge("sessions", "Sessions that said hello, now.")?,
            rooms: gauge("rooms", "Rooms with somebody in them, now.")?,
            frames_in: counter("frames_in_total", "Frames read from clients.")?,
            frames_out: counter("frames_out_total", "Frames given to connections.")?,
            outbox_bytes: gauge("outbox_bytes", "Bytes that wait for clients to read, now.")?,
            journal_available: gauge("journal_available", "1 while the store answers, else 0.")?,
            resumes: by(
                "resumes_total",
                "Joins: the newest page (fresh), what was missed (replay), or the newest page in \
                 place of what is held (reset).",
                "outcome",
            )?,
            auth_failures: counter("auth_failures_total", "Introductions that were refused.")?,
            deliveries: counter("deliveries_total", "Entries given to connections.")?,
            messages: counter("messages_total", "Messages committed.")?,
            marks: by(
                "marks_total",
                "Read markers: taken; and of those gathered, kept, the same as before, or failed.",
                "outcome",
            )?,
            marks_waiting: gauge("marks_waiting", "Read markers that are not kept yet, now.")?,
            refusals: by("refusals_total", "Requests refused, by error code.", "code")?,
            ended: by("connections_ended_total", "Connections ended, by reason.", "reason")?,
            batch: histogram(
                "commit_batch_appends",
                "Appends in one commit.",
                &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0],
            )?,
            commit: histogram(
                "commit_seconds",
                "From taking a message to handing it to the workers.",
                &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0],
            )?,
            hint_lag: histogram(
                "hint_lag_seconds",
                "From taking a message at another node to handing it to this one's engine.",
                &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0],
            )?,
            holes_healed: counter(
                "holes_healed_total",
                "Holes in a room's order that the journal had to close.",
            )?,
            head_checks: by(
                "head_checks_total",
                "Looks at a followed room's head, by result.",
                "result",
            )?,
            peers: gauge("peers", "Other nodes of the cluster that live, now.")?,
            bus_connected: gauge("bus_connected", "1 while the bus is there.")?,
            bus_dropped: by(
                "bus_dropped_total",
                "Messages between nodes that were dropped, by what or why.",
                "what",
            )?,
            uploads: by(
                "uploads_total",
                "Uploads: stored, refused for a rule, broken off or too slow, failed by the store.",
                "outcome",
            )?,
            upload_bytes: counter("upload_bytes_total", "Bytes of the files that were stored.")?,
            downloads: by(
                "downloads_total",
                "Requests for files: sent, refused, or failed by the store.",
                "outcome",
            )?,
            download_bytes: counter("download_bytes_total", "Bytes of files sent out.")?,
            files_removed: by(
                "files_removed_total",
                "Files that nobody is to have any more: removed, or failed and tried again.",
                "outcome",
            )?,
            search_indexed: counter(
                "search_indexed_total",
                "Entries of the log that went into the search index.",
            )?,
            search_lag: histogram(
                "search_lag_seconds",
                "From taking an entry to its being found, for the latest of a step.",
                &[0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 60.0],
            )?,
            search: histogram(
                "search_seconds",
                "From a search to its answer.",
                &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0],
            )?,
            registry,
        })
    }

    /// The figures in the text format (version 0.0.4).
    ///
    /// # Errors
    /// When a figure can't be written, which is a bug.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(out)
    }
}
