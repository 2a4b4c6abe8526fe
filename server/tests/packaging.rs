//! What docker-compose.yml, the Dockerfiles and .env.example promise, as far as it can be read off
//! them. `make test-compose` runs them.

#![allow(clippy::unwrap_used)] // a test may

use std::{collections::BTreeSet, fs, path::PathBuf};

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
}

/// The value behind `key` on the one line of `text` that has it.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let mut found = text.lines().filter_map(|line| line.trim_start().strip_prefix(key));
    let value = found.next().unwrap_or_else(|| unreachable!("no {key}"));
    assert_eq!(found.next(), None, "{key} stands there twice");
    value.trim()
}

fn seconds(text: &str) -> u64 {
    text.trim_matches('"').strip_suffix('s').unwrap().parse().unwrap()
}

/// The part of the compose file that describes one service.
fn service(name: &str) -> String {
    let text = read("docker-compose.yml");
    let (_, rest) = text.split_once(&format!("\n  {name}:\n")).unwrap();
    rest.lines()
        .take_while(|line| line.starts_with("    ") || line.is_empty())
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn every_base_image_has_a_version() {
    let mut images = Vec::new();
    for line in read("docker-compose.yml").lines() {
        images.extend(line.trim().strip_prefix("image: ").map(str::to_owned));
    }
    for file in ["server/Dockerfile", "frontend/Dockerfile"] {
        for line in read(file).lines().filter_map(|line| line.strip_prefix("ARG ")) {
            images.extend(line.split_once('=').map(|(_, image)| image.to_owned()));
        }
    }
    assert!(images.len() > 8, "{images:?}");
    for image in images.iter().filter(|image| !image.starts_with("maru-")) {
        let (_, tag) = image.rsplit_once(':').unwrap_or((image, ""));
        // The runtime has no versions: server/Dockerfile says how it is pinned.
        let pinned = tag.matches('.').count() >= 2
            || tag.matches('.').count() == 1 && image.starts_with("postgres:");
        assert!(pinned || image.ends_with("distroless/cc-debian13:nonroot"), "{image} can change");
    }
}

#[test]
fn a_secret_that_is_missing_stops_the_start_with_a_sentence() {
    let compose = read("docker-compose.yml");
    let example = read(".env.example");
    let mut secrets = BTreeSet::new();
    for (at, _) in compose.match_indices(":?") {
        let name = compose[..at].rsplit("${").next().unwrap();
        let sentence = compose[at + 2..].split('}').next().unwrap();
        assert!(sentence.starts_with(&format!("{name} is missing (run scripts/env")), "{sentence}");
        assert!(example.contains(&format!("\n{name}=\n")), "{name} has no empty place");
        secrets.insert(name);
    }
    assert_eq!(secrets.into_iter().collect::<Vec<_>>(), ["MARU_AUTH_SECRET", "POSTGRES_PASSWORD"]);
    assert!(read(".gitignore").lines().any(|line| line == ".env"), "git would take the secrets");
    assert!(read(".dockerignore").starts_with('#') && read(".dockerignore").contains("\n*\n"));
}

#[test]
fn defaults_are_the_same_in_both_files() {
    let compose = read("docker-compose.yml");
    let example = read(".env.example");
    for line in example.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
        let (name, default) = line.split_once('=').unwrap();
        if !default.is_empty() {
            assert!(compose.contains(&format!("${{{name}:-{default}}}")), "{name} differs");
        }
    }
}

#[test]
fn a_server_has_the_time_to_say_goodbye_before_it_is_killed() {
    let grace = seconds(value(&read("config/default.toml"), "grace ="));
    let patience = seconds(value(&service("server"), "stop_grace_period:"));
    assert!(patience >= grace + 5, "{patience} s for a stop that may take {grace} s");
}

#[test]
fn only_the_page_and_the_gateway_are_published_beyond_this_machine() {
    for line in read("docker-compose.yml").lines().filter(|line| line.contains("ports: [")) {
        let local = line.contains("[\"127.0.0.1:");
        let public = line.contains("MARU_FRONTEND_PORT") || line.contains("MARU_GATEWAY_PORT");
        assert!(local || public && line.contains("${MARU_BIND:-127.0.0.1}"), "{line}");
    }
    for inside in ["server", "postgres", "nats"] {
        assert!(!service(inside).contains("ports:"), "{inside} is published");
    }
}

#[test]
fn all_servers_share_the_files_of_people() {
    let server = service("server");
    assert_eq!(
        value(&server, "volumes:"),
        "[\"files:/data\"]",
        "the data folder, where files.path is by default"
    );
    let compose = read("docker-compose.yml");
    let (_, named) = compose.split_once("\nvolumes:\n").unwrap();
    assert!(named.lines().any(|line| line.trim() == "files:"), "{named}");
    assert!(read("server/Dockerfile").contains("MARU_JOURNAL__PATH=/data/"));
    // The gateway waits for an upload that says nothing for longer than the server does.
    let idle = seconds(value(&read("config/default.toml"), "idle_timeout ="));
    let gateway = read("config/haproxy.cfg");
    for wait in ["timeout client ", "timeout server "] {
        assert!(seconds(value(&gateway, wait)) > idle, "{wait}");
    }
}

#[test]
fn the_servers_know_the_gateway_and_what_is_in_front_of_it() {
    let compose = read("docker-compose.yml");
    let trusted = value(&compose, "MARU_PROXIES__TRUSTED:").to_owned();
    let (_, networks) = compose.split_once("\nnetworks:\n").unwrap();
    let subnet = |name: &str| {
        let line = networks.lines().find(|line| line.trim().starts_with(&format!("{name}: {{")));
        let (_, subnet) = line.unwrap().split_once("subnet: \"").unwrap();
        subnet.split('"').next().unwrap().to_owned()
    };
    let front = value(&compose, "MARU_PROXY_IN_FRONT:");
    assert_eq!(trusted, format!("{},{front}", subnet("inside")));
    // Docker's own end of the gateway's network, by which what runs on this machine comes in.
    let default = |text: &str| text.split_once(":-").unwrap().1.trim_end_matches('}').to_owned();
    let edge = default(&subnet("edge"));
    assert_eq!(default(front), edge.replace(".0/24", ".1"));
    assert!(read("config/haproxy.cfg").contains("src \"${MARU_PROXY_IN_FRONT-"));
}

#[test]
fn nginx_waits_for_heartbeats_and_uploads_and_takes_the_largest_file() {
    let (nginx, settings) = (read("config/nginx.conf"), read("config/default.toml"));
    let of = |key| value(&nginx, key).trim_end_matches(';');
    let heartbeat = seconds(value(&settings, "heartbeat ="));
    let idle = seconds(value(&settings, "idle_timeout ="));
    for wait in ["client_body_timeout ", "proxy_read_timeout ", "proxy_send_timeout "] {
        assert!(seconds(of(wait)) > heartbeat.max(idle), "{wait}");
    }
    let megabytes = |text: &str| text.trim_matches('"').trim_end_matches(" MiB").parse().unwrap();
    let largest: u64 = megabytes(value(&settings, "max_size ="));
    assert!(of("client_max_body_size ").trim_end_matches('m').parse::<u64>().unwrap() > largest);
}

#[test]
fn our_containers_are_confined() {
    let compose = read("docker-compose.yml");
    for rule in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"] {
        let (_, confined) = compose.split_once("x-confined:").unwrap();
        assert!(confined.split("\nservices:").next().unwrap().contains(rule), "{rule}");
    }
    for name in ["frontend", "gateway", "server", "nats", "prometheus", "grafana"] {
        assert!(service(name).contains("<<: *confined"), "{name}");
    }
    for (file, user) in [("server/Dockerfile", "65532:65532"), ("frontend/Dockerfile", "101:101")] {
        assert_eq!(value(&read(file), "USER "), user, "{file}");
    }
}
