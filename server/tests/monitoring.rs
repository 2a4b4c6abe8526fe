//! What operators look at names only figures that there are: config/grafana's dashboard,
//! config/alerts.yml and its page in docs/operations.md.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use maru_protocol::{ByeCode, ErrorCode};
use maru_server::{
    fanout::{Broken, DisconnectReason},
    metrics::Metrics,
};
use serde_json::Value;

/// Every figure that the server exports, without what Prometheus adds to a histogram's name.
const EXPORTED: &[&str] = &[
    "maru_auth_failures_total",
    "maru_build_info",
    "maru_bus_connected",
    "maru_bus_dropped_total",
    "maru_commit_batch_appends",
    "maru_commit_seconds",
    "maru_connections",
    "maru_connections_ended_total",
    "maru_connections_limit",
    "maru_deliveries_total",
    "maru_download_bytes_total",
    "maru_downloads_total",
    "maru_files_removed_total",
    "maru_frames_in_total",
    "maru_frames_out_total",
    "maru_guests_forgotten_total",
    "maru_head_checks_total",
    "maru_hint_lag_seconds",
    "maru_holes_healed_total",
    "maru_http_request_seconds",
    "maru_journal_available",
    "maru_journal_free_bytes",
    "maru_journal_keep_free_bytes",
    "maru_limited_total",
    "maru_marks_retried_total",
    "maru_marks_total",
    "maru_marks_waiting",
    "maru_messages_total",
    "maru_outbox_bytes",
    "maru_outbox_limit_bytes",
    "maru_peers",
    "maru_refusals_total",
    "maru_resumes_total",
    "maru_rooms",
    "maru_search_indexed_total",
    "maru_search_lag_seconds",
    "maru_search_seconds",
    "maru_sessions",
    "maru_sockets",
    "maru_sockets_limit",
    "maru_sockets_shed_total",
    "maru_upload_bytes_total",
    "maru_uploads_total",
];

/// What the server exports of its process, by the names that all programs have for them (Linux).
const PROCESS: &[&str] = &[
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "process_virtual_memory_bytes",
];

/// What HAProxy says of itself, as far as it is used.
const GATEWAY: &[&str] = &[
    "haproxy_backend_active_servers",
    "haproxy_backend_http_responses_total",
    "haproxy_backend_redispatch_warnings_total",
    "haproxy_backend_retry_warnings_total",
    "haproxy_server_current_sessions",
];

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|error| unreachable!("{path}: {error}"))
}

fn dashboard() -> Value {
    serde_json::from_str(&read("config/grafana/dashboards/maru.json")).unwrap()
}

/// Every expression of the dashboard's panels, with its panel's title.
fn panel_expressions(dashboard: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        for target in panel["targets"].as_array().into_iter().flatten() {
            found.push((title.to_owned(), target["expr"].as_str().unwrap().to_owned()));
        }
    }
    found
}

/// The alerts' names and expressions. Knows as much of YAML as our own file uses: one line each.
fn alerts() -> Vec<(String, String)> {
    let text = read("config/alerts.yml");
    let values = |key: &str| -> Vec<String> {
        let of =
            |line: &str| line.trim_start_matches([' ', '-']).strip_prefix(key).map(str::to_owned);
        text.lines().filter_map(of).collect()
    };
    let (names, expressions) = (values("alert: "), values("expr: "));
    assert_eq!(names.len(), expressions.len());
    names.into_iter().zip(expressions).collect()
}

/// The words of an expression that are figures of ours or of the gateway.
fn figures(expression: &str) -> BTreeSet<String> {
    expression
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| {
            ["maru_", "haproxy_", "process_"].iter().any(|begin| word.starts_with(begin))
        })
        .map(|word| {
            let plain = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end));
            plain.unwrap_or(word).to_owned()
        })
        .collect()
}

/// `name="a"` and `name=~"a|b"` of an expression: the values.
fn label_values(expression: &str, label: &str) -> Vec<String> {
    let mut found = Vec::new();
    for operator in ["=\"", "=~\""] {
        for (at, matched) in expression.match_indices(&format!("{label}{operator}")) {
            let values = expression[at + matched.len()..].split('"').next().unwrap();
            found.extend(values.split('|').map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_list_of_figures_is_what_the_server_exports() {
    let metrics = Metrics::new().unwrap();
    // A figure with labels shows once it has counted.
    metrics.refusals.with_label_values(&["internal"]).inc();
    metrics.ended.with_label_values(&["shutdown"]).inc();
    metrics.limited.with_label_values(&["person_messages"]).inc();
    metrics.sockets_shed.with_label_values(&["full"]).inc();
    metrics.head_checks.with_label_values(&["same"]).inc();
    metrics.bus_dropped.with_label_values(&["hint"]).inc();
    metrics.resumes.with_label_values(&["replay"]).inc();
    metrics.marks.with_label_values(&["kept"]).inc();
    metrics.uploads.with_label_values(&["stored"]).inc();
    metrics.http_seconds.with_label_values(&["/healthz", "2xx"]).observe(0.1);
    metrics.downloads.with_label_values(&["sent"]).inc();
    metrics.files_removed.with_label_values(&["removed"]).inc();
    let text = String::from_utf8(metrics.render().unwrap()).unwrap();
    let rendered: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let of_process: &[&str] = if cfg!(target_os = "linux") { PROCESS } else { &[] };
    assert_eq!(rendered, [EXPORTED, of_process].concat(), "what came or went changes the lists");
}

#[test]
fn the_dashboard_and_the_alerts_name_only_figures_that_there_are() {
    let known: BTreeSet<&str> = [EXPORTED, PROCESS, GATEWAY].concat().into_iter().collect();
    let mut used = BTreeSet::new();
    for (what, expression) in panel_expressions(&dashboard()).into_iter().chain(alerts()) {
        for figure in figures(&expression) {
            assert!(known.contains(figure.as_str()), "{what}: nobody exports {figure}");
            used.insert(figure);
        }
    }
    let unused: Vec<_> = known.iter().filter(|name| !used.contains(**name)).collect();
    assert!(unused.is_empty(), "nobody can see {unused:?}");
}

#[test]
fn labels_have_values_that_there_are() {
    let codes: BTreeSet<String> = ErrorCode::ALL
        .iter()
        .map(|code| serde_json::to_value(code).unwrap().as_str().unwrap().to_owned())
        .collect();
    let byes = ByeCode::ALL.iter().map(|code| DisconnectReason::Bye(*code, ""));
    let broken = [Broken::Reset, Broken::TimedOut, Broken::Behind].map(DisconnectReason::Broken);
    let reasons: BTreeSet<&str> = byes.chain(broken).map(|end| end.reason()).collect();
    for (what, expression) in panel_expressions(&dashboard()).into_iter().chain(alerts()) {
        if expression.contains("maru_refusals_total") {
            for code in label_values(&expression, "code") {
                assert!(codes.contains(&code), "{what}: there is no code {code}");
            }
        }
        for reason in label_values(&expression, "reason") {
            assert!(reasons.contains(reason.as_str()), "{what}: nothing ends by {reason}");
        }
        for outcome in label_values(&expression, "outcome") {
            assert!(["replay", "reset", "fresh"].contains(&outcome.as_str()), "{what}: {outcome}");
        }
    }
}

#[test]
fn every_alert_has_a_paragraph_that_says_what_to_do() {
    let page = read("docs/operations.md");
    let rules = read("config/alerts.yml");
    for (name, _) in alerts() {
        assert!(page.contains(&format!("\n### {name}\n")), "{name} has no paragraph");
        let runbook = format!("runbook: docs/operations.md#{}\n", name.to_lowercase());
        assert!(rules.contains(&runbook), "{name} doesn't say where its paragraph is");
    }
    let paragraphs = page.lines().filter(|line| line.starts_with("### Maru")).count();
    assert_eq!(paragraphs, alerts().len(), "a paragraph has no alert any more");
}

#[test]
fn the_dashboard_is_one_that_grafana_can_show() {
    let dashboard = dashboard();
    assert_eq!(dashboard["uid"], "maru");
    let source = read("config/grafana/provisioning/datasources/prometheus.yml");
    let mut ids = BTreeSet::new();
    let mut taken: BTreeMap<(u64, u64), String> = BTreeMap::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: two panels have its id");
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{title} reaches over the edge");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                let other = taken.insert((x, y), title.to_owned());
                assert_eq!(other, None, "{title} lies on another panel");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title} says nothing");
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{title} shows nothing");
        let uid = panel["datasource"]["uid"].as_str().unwrap();
        assert!(source.contains(&format!("uid: {uid}\n")), "{title}: there is no source {uid}");
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let (open, close) = (expression.matches('(').count(), expression.matches(')').count());
            assert_eq!(open, close, "{title}: {expression}");
        }
    }
}

#[test]
fn figures_are_found_in_expressions() {
    let expression =
        "sum by (le) (rate(maru_commit_seconds_bucket{code=~\"a|b\"}[5m])) > up{code=\"c\"}";
    assert_eq!(figures(expression).into_iter().collect::<Vec<_>>(), ["maru_commit_seconds"]);
    let mut values = label_values(expression, "code");
    values.sort();
    assert_eq!(values, ["a", "b", "c"]);
}
