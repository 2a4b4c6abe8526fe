//! The table, and the line of JSON.

use std::fmt::{self, Write};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::{args::Plan, drive::Findings};

/// What a run found, as it is told. Times are microseconds, sizes bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The subcommand.
    pub mode: &'static str,
    /// Rooms.
    pub rooms: usize,
    /// Connections in each.
    pub members: usize,
    /// What names and chance came from.
    pub seed: u64,
    /// How long was measured.
    pub seconds: f64,
    /// Messages acknowledged a second.
    pub messages_per_s: f64,
    /// Entries that reached a connection, a second.
    pub deliveries_per_s: f64,
    /// Entries that reached a connection live while measuring.
    pub deliveries: u64,
    /// From the sending to the members that are looked at.
    pub latency: Percentiles,
    /// From the sending to `sent`.
    pub answers: Percentiles,
    /// Entries that never came, over all members. Each must be 0, up to `unanswered`.
    pub lost: u64,
    /// Entries that came again.
    pub duplicated: u64,
    /// Entries that came after a higher one.
    pub reordered: u64,
    /// Whether an order was promised: where the server numbers nothing, each sender's alone is.
    pub ordered: bool,
    /// Entries of a room that the member is not in.
    pub strays: u64,
    /// Messages whose answer never came.
    pub unanswered: u64,
    /// Messages that were refused.
    pub refused: u64,
    /// Connections that the server ended.
    pub ended: u64,
    /// Why, the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_end: Option<String>,
    /// Entries that came in the answer to a `join`.
    pub replayed: u64,
    /// Attempts to come back that the server refused or cut off, and that were repeated.
    pub retried: u64,
    /// Members told to start anew instead of catching up.
    pub resets: u64,
    /// Milliseconds from the storm's drop until the last one had caught up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storm_ms: Option<u64>,
    /// This tool's own CPU per delivery; below the server's, or the figures mean little.
    pub own_cpu_per_delivery: Option<f64>,
    /// With `--server-pid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Costs>,
}

/// What the server's process cost.
#[derive(Clone, Debug, Serialize)]
pub struct Costs {
    /// CPU per delivery, commits and all.
    pub cpu_per_delivery: Option<f64>,
    /// CPU per acknowledged message.
    pub cpu_per_message: Option<f64>,
    /// Percent of one core while measuring.
    pub cpu_percent: f64,
    /// CPU per connection: handshake, hello, join, and what others are told of it.
    pub cpu_per_connect: f64,
    /// Memory per connection, above the server before the first one.
    pub rss_per_connection: u64,
    /// Memory when everybody was in.
    pub rss_connected: u64,
    /// Memory at the end.
    pub rss_end: u64,
}

/// A distribution of times.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Percentiles {
    /// How many were looked at.
    pub count: u64,
    /// Half are below.
    pub p50: u64,
    /// 99 of 100 are below.
    pub p99: u64,
    /// 999 of 1,000 are below.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

impl From<&Histogram<u64>> for Percentiles {
    fn from(times: &Histogram<u64>) -> Self {
        let at = |quantile| times.value_at_quantile(quantile);
        let (p50, p99, p999) = (at(0.5), at(0.99), at(0.999));
        Self { count: times.len(), p50, p99, p999, max: times.max() }
    }
}

impl Report {
    /// What is told of the findings.
    #[must_use]
    pub fn new(plan: &Plan, seed: u64, found: &Findings) -> Self {
        let seconds = found.measured.as_secs_f64();
        let deliveries = found.counts.deliveries;
        // Who only repeats acknowledges nothing.
        let repeats = plan.options.dialect.repeat();
        let messages = if repeats { found.counts.sent } else { found.counts.acknowledged };
        let each = |nanos: u64, of: u64| (of > 0).then(|| nanos as f64 / 1_000.0 / of as f64);
        Self {
            mode: plan.mode,
            rooms: plan.rooms,
            members: plan.members,
            seed,
            seconds,
            messages_per_s: messages as f64 / seconds,
            deliveries_per_s: deliveries as f64 / seconds,
            deliveries,
            latency: (&found.latency).into(),
            answers: (&found.answers).into(),
            lost: found.lost,
            duplicated: found.duplicated,
            ordered: !repeats || plan.options.senders == 1,
            reordered: found.reordered,
            strays: found.whole.strays,
            unanswered: found.unanswered,
            refused: found.whole.refused,
            ended: found.whole.ended,
            last_end: found.last_end.clone(),
            replayed: found.whole.replayed,
            retried: found.whole.retried,
            resets: found.whole.resets,
            storm_ms: found.storm.map(|took| took.as_millis().try_into().unwrap_or(u64::MAX)),
            own_cpu_per_delivery: each(found.own_cpu, deliveries),
            server: found.server.map(|server| Costs {
                cpu_per_delivery: each(server.cpu, deliveries),
                cpu_per_message: each(server.cpu, messages),
                cpu_percent: server.cpu as f64 / 1e7 / seconds,
                cpu_per_connect: server.connect as f64 / 1_000.0,
                rss_per_connection: server.per_connection,
                rss_connected: server.resident_before,
                rss_end: server.resident,
            }),
        }
    }

    /// Whether every promise held.
    #[must_use]
    pub fn kept(&self) -> bool {
        let broken = [
            self.lost,
            self.duplicated,
            if self.ordered { self.reordered } else { 0 },
            self.strays,
            self.unanswered,
            self.refused,
            self.ended,
        ];
        broken.iter().all(|count| *count == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, rooms, members, seconds, .. } = self;
        let mut line = |name: &str, value: String| writeln!(f, "{name:<28}{value}");
        line("load", format!("{mode}, {rooms} × {members}, {seconds:.1} s, seed {}", self.seed))?;
        line("messages a second", format!("{:.0}", self.messages_per_s))?;
        line("deliveries a second", format!("{:.0}", self.deliveries_per_s))?;
        line("sent to delivered", self.latency.to_string())?;
        line("sent to acknowledged", self.answers.to_string())?;
        line("lost", self.lost.to_string())?;
        line("duplicated", self.duplicated.to_string())?;
        line("reordered", self.reordered.to_string())?;
        for (name, count) in [
            ("of a wrong room", self.strays),
            ("unanswered", self.unanswered),
            ("refused", self.refused),
            ("connections ended", self.ended),
            ("caught up by join", self.replayed),
            ("reset instead", self.resets),
            ("attempts repeated", self.retried),
        ] {
            if count > 0 {
                line(name, count.to_string())?;
            }
        }
        if let Some(why) = self.last_end.as_ref().filter(|_| self.ended > 0) {
            line("the last one", why.clone())?;
        }
        if let Some(took) = self.storm_ms {
            line("all back after", format!("{took} ms"))?;
        }
        if let Some(server) = &self.server {
            if let Some(micros) = server.cpu_per_delivery {
                line("server: CPU per delivery", format!("{micros:.3} µs"))?;
            }
            if let Some(micros) = server.cpu_per_message {
                line("server: CPU per message", format!("{micros:.1} µs"))?;
            }
            line("server: CPU", format!("{:.1} % of a core", server.cpu_percent))?;
            line("server: CPU per connection", format!("{:.1} µs", server.cpu_per_connect))?;
            line("server: RSS per connection", format!("{} B", server.rss_per_connection))?;
            line("server: RSS", format!("{:.1} MiB", server.rss_end as f64 / 1_048_576.0))?;
        }
        if let Some(micros) = self.own_cpu_per_delivery {
            line("this tool per delivery", format!("{micros:.3} µs"))?;
        }
        let verdict = if self.kept() { "every promise held" } else { "A PROMISE WAS BROKEN" };
        line("verdict", verdict.to_owned())
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none seen");
        }
        let mut text = String::new();
        for (name, micros) in
            [("p50", self.p50), ("p99", self.p99), ("p99.9", self.p999), ("max", self.max)]
        {
            let ms = micros as f64 / 1_000.0;
            write!(text, "{name} {ms:.2} ms  ")?;
        }
        f.write_str(text.trim_end())
    }
}
