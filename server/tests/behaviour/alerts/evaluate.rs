//! What was seen of servers, and what Prometheus makes of it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::web::Line;

/// The figures of several servers at one moment, by instance and series. A server that did not answer has
/// only its `up`.
pub(super) struct Scrape {
    series: BTreeMap<String, f64>,
    at: Instant,
}

/// Before something happened, and while it does.
pub(super) struct Seen {
    pub(super) before: Scrape,
    pub(super) after: Scrape,
}

/// Reads the figures of these servers, whose job is `maru`, and of gateways.
pub(super) async fn scrape(servers: &[SocketAddr], gateways: &[SocketAddr]) -> Scrape {
    let mut series = BTreeMap::new();
    let all =
        servers.iter().map(|it| ("maru", it)).chain(gateways.iter().map(|it| ("gateway", it)));
    for (job, address) in all {
        let instance = format!("job=\"{job}\",instance=\"{address}\"");
        let text = match Line::try_open(*address).await {
            Ok(mut line) => line.get("/metrics", &[]).await.body,
            Err(_) => String::new(),
        };
        series.insert(format!("up{{{instance}}}"), f64::from(u8::from(!text.is_empty())));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse() else { continue };
            let name = match name.split_once('{') {
                Some((name, labels)) => format!("{name}{{{instance},{labels}"),
                None => format!("{name}{{{instance}}}"),
            };
            series.insert(name, value);
        }
    }
    Scrape { series, at: Instant::now() }
}

impl Scrape {
    /// The sum of all series that begin so and have all of these in their labels.
    pub(super) fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let is_it = |series: &str| {
            series.strip_prefix(name).is_some_and(|rest| rest.starts_with('{'))
                && labels.iter().all(|label| series.contains(label))
        };
        self.series.iter().filter(|(series, _)| is_it(series)).map(|(_, value)| value).sum()
    }
}

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/alerts.yml")
}

/// `key: value` of every rule, in the order of the file, which has one line for each.
fn values(key: &str) -> Vec<String> {
    let text = std::fs::read_to_string(rules()).unwrap();
    let of = |line: &str| line.trim_start_matches([' ', '-']).strip_prefix(key).map(str::to_owned);
    text.lines().filter_map(of).collect()
}

/// All alerts, in the order of the file.
pub(super) fn names() -> Vec<String> {
    values("alert: ")
}

/// The program that evaluates, where there is one.
fn promtool() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MARU_TEST_PROMTOOL") {
        return (!named.is_empty()).then(|| named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("promtool")).find(|it| it.is_file())
}

/// Whether the alert is silent before and fires if what was seen goes on.
pub(super) fn fires(alert: &str, Seen { before, after }: &Seen) {
    let names = names();
    let place = names.iter().position(|name| name == alert).expect("there is no such alert");
    let expression = &values("expr: ")[place];
    let apart = after.at.duration_since(before.at).max(Duration::from_millis(1));
    let words: Vec<&str> =
        expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    let is_read = |series: &&String| words.contains(&series.split('{').next().unwrap());
    let (mut still, mut goes_on) = (Vec::new(), Vec::new());
    for series in after.series.keys().filter(is_read) {
        let now = after.series[series];
        // A counter with a label begins with what it counts; a server may be new.
        let then = before.series.get(series).copied();
        println!("{series}: {then:?} → {now} in {apart:?}");
        if let Some(then) = then {
            still.push(json!({ "series": series, "values": format!("{then}x360") }));
        }
        let values = if is_counter(series) {
            let step = (now - then.unwrap_or(0.0)) / apart.as_secs_f64() * STEP;
            format!("{now}+{step}x360")
        } else {
            format!("{now}x360")
        };
        goes_on.push(json!({ "series": series, "values": values }));
    }
    let Some(promtool) = promtool() else {
        // The figures were seen to move; what they come to only Prometheus can say.
        assert!(still != goes_on, "{alert}: nothing moved that it reads: {expression}");
        eprintln!("without promtool (scripts/ensure-promtool) {alert} is not evaluated");
        return;
    };
    evaluate(&promtool, alert, &still, 0);
    evaluate(&promtool, alert, &goes_on, 1);
}

/// Seconds between two samples.
const STEP: f64 = 10.0;

fn is_counter(series: &str) -> bool {
    let name = series.split('{').next().unwrap();
    ["_total", "_bucket", "_sum", "_count"].iter().any(|end| name.ends_with(end))
}

fn evaluate(promtool: &Path, alert: &str, series: &[serde_json::Value], expected: u8) {
    let firing = format!(
        "clamp_max(count(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}) or vector(0), 1)"
    );
    // What is JSON is YAML.
    let test = json!({
        "rule_files": [rules().canonicalize().unwrap()],
        "evaluation_interval": "10s",
        "tests": [{
            "interval": format!("{STEP}s"),
            "input_series": series,
            "promql_expr_test": [{
                "expr": firing,
                "eval_time": "40m",
                "exp_samples": [{ "labels": "{}", "value": expected }],
            }],
        }],
    });
    let file = tempfile::NamedTempFile::with_suffix(".yml").unwrap();
    std::fs::write(file.path(), test.to_string()).unwrap();
    let output = Command::new(promtool).args(["test", "rules"]).arg(file.path()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{alert}, expected to be {expected}: {said}\n{test}");
}
