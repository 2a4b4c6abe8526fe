//! What each alert is about, brought about.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use maru_protocol::{Epoch, ErrorCode, MessageId, Position, Seq, ServerFrame};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::evaluate::{Scrape, Seen, scrape};
use crate::{
    client::{Client, PATIENCE},
    cluster::Cluster,
    deaf,
    disk::{Failing, SmallDisk},
    operators::{start, started},
    process::Server,
    support::{gateway::Gateway, services::Database},
};

/// Looks at a server until something is so.
async fn until(server: SocketAddr, is_so: impl Fn(&Scrape) -> bool) -> Scrape {
    until_all(&[server], is_so).await
}

async fn until_all(servers: &[SocketAddr], is_so: impl Fn(&Scrape) -> bool) -> Scrape {
    let seen = async {
        loop {
            let scrape = scrape(servers, &[]).await;
            if is_so(&scrape) {
                return scrape;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, seen).await.expect("it was never so")
}

pub(super) async fn no_server_answers() -> Option<Seen> {
    let (server, operator) = start(&[]);
    let before = scrape(&[operator], &[]).await;
    server.kill();
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

pub(super) async fn the_gateway_has_no_server() -> Option<Seen> {
    let (server, operator) = start(&[]);
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let figures = free.local_addr().unwrap();
    drop(free);
    // As in config/haproxy.cfg, on a port that is free here.
    let public = "frontend public\n";
    let with_figures = format!(
        "frontend metrics\n    bind {figures}\n    http-request use-service prometheus-exporter if \
         {{ path /metrics }}\n\n{public}"
    );
    let gateway = Gateway::start_with(&[server.http], &[(public, &with_figures)]);
    if matches!(gateway, Gateway::Missing(_)) {
        return None;
    }
    let active =
        |scrape: &Scrape| scrape.sum("haproxy_backend_active_servers", &["proxy=\"servers\""]);
    let look = async |wanted: f64| loop {
        let scrape = scrape(&[operator], &[figures]).await;
        if active(&scrape) == wanted {
            return scrape;
        }
        sleep(Duration::from_millis(50)).await;
    };
    let before = timeout(PATIENCE, look(1.0)).await.unwrap();
    server.kill();
    Some(Seen { before, after: timeout(PATIENCE, look(0.0)).await.unwrap() })
}

pub(super) async fn the_disk_fails() -> Option<Seen> {
    let failing = Failing::start();
    let mut ada = failing.server.guest("Ada").await;
    ada.join("lobby", None).await;
    let before = scrape(&[failing.operator], &[]).await;
    failing.stop();
    crate::disk::until_refused(&mut ada).await;
    Some(Seen { before, after: scrape(&[failing.operator], &[]).await })
}

/// A disk of 32 MiB of which 4 stay free, and then so many.
async fn filled(left: usize) -> Option<Seen> {
    let small = SmallDisk::start(32, &[("MARU_JOURNAL__KEEP_FREE", "4 MiB")])?;
    let before = scrape(&[small.operator], &[]).await;
    small.fill(left);
    // The disk is asked once a second.
    let free = |scrape: &Scrape| scrape.sum("maru_journal_free_bytes", &[]);
    let was = free(&before);
    Some(Seen { before, after: until(small.operator, |scrape| free(scrape) < was / 1.5).await })
}

pub(super) async fn the_disk_has_less_than_it_should() -> Option<Seen> {
    filled(3 << 20).await
}

pub(super) async fn the_disk_gets_full() -> Option<Seen> {
    filled(10 << 20).await
}

pub(super) async fn what_people_send_is_refused() -> Option<Seen> {
    let failing = Failing::start();
    let mut ada = failing.server.guest("Ada").await;
    ada.join("lobby", None).await;
    failing.stop();
    crate::disk::until_refused(&mut ada).await;
    let before = scrape(&[failing.operator], &[]).await;
    for _ in 0..30 {
        let id = MessageId(Uuid::now_v7());
        ada.try_say("lobby", id, &"x".repeat(4_000)).await;
    }
    Some(Seen { before, after: scrape(&[failing.operator], &[]).await })
}

pub(super) async fn commits_are_slow() -> Option<Seen> {
    let (server, operator) = start_on_a_file();
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    let before = scrape(&[operator], &[]).await;
    for _ in 0..3 {
        // As a backup that copies the file does.
        let other = rusqlite::Connection::open(server.folder().join("data/maru.db")).unwrap();
        other.busy_timeout(PATIENCE).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let id = MessageId(Uuid::now_v7());
        let reference = ada.post("lobby", id, "slow").await;
        sleep(Duration::from_millis(400)).await;
        other.execute_batch("ROLLBACK").unwrap();
        assert!(matches!(ada.answer(reference).await, ServerFrame::Sent { .. }));
    }
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

fn start_on_a_file() -> (crate::process::Server, SocketAddr) {
    started(Server::start_on_a_file, &[])
}

pub(super) async fn there_are_nearly_as_many_as_there_may_be() -> Option<Seen> {
    let (server, operator) = start(&[("MARU_HTTP__MAX_CONNECTIONS", "10")]);
    let before = scrape(&[operator], &[]).await;
    let mut people = Vec::new();
    for n in 0..9 {
        people.push(server.guest(&format!("Person {n}")).await);
    }
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

/// So many in the lobby whose machines take in little.
async fn narrow(server: &Server, count: usize) -> Vec<Client> {
    let mut all = Vec::new();
    for n in 0..count {
        let mut reader = Client::connect_narrow(server.http).await;
        reader.hello(&format!("Slow {n}")).await;
        reader.join("lobby", None).await;
        all.push(reader);
    }
    all
}

pub(super) async fn many_read_too_slowly() -> Option<Seen> {
    let (server, operator) = start(&[
        ("MARU_CONNECTION__OUTBOX", "128 KiB"),
        ("MARU_CHAT__MAX_REPLAY_BYTES", "64 KiB"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let slow = narrow(&server, 24).await;
    let mut speaker = server.guest("Speaker").await;
    speaker.join("lobby", None).await;
    let (ended, all) = (
        |scrape: &Scrape| scrape.sum("maru_connections_ended_total", &["reason=\"slow reader\""]),
        slow.len() as f64,
    );
    let mut before = scrape(&[operator], &[]).await;
    let body = deaf::wide();
    for _ in 0..4_000 {
        let id = MessageId(Uuid::now_v7());
        let answer = speaker.try_say("lobby", id, &body).await;
        assert!(matches!(answer, ServerFrame::Sent { .. }), "{answer:?}");
        speaker.entry("lobby").await;
        let now = scrape(&[operator], &[]).await;
        if ended(&now) >= all {
            return Some(Seen { before, after: now });
        }
        if ended(&now) == 0.0 {
            before = now;
        }
    }
    panic!("they are still there");
}

pub(super) async fn many_fall_silent() -> Option<Seen> {
    let (server, operator) = start(&[("MARU_CONNECTION__HEARTBEAT", "200ms")]);
    let before = scrape(&[operator], &[]).await;
    let mut people = Vec::new();
    for n in 0..20 {
        // A client answers what asks whether it is there when it reads, and these never do.
        people.push(server.guest(&format!("Person {n}")).await);
    }
    let gone = |scrape: &Scrape| {
        scrape.sum("maru_connections_ended_total", &["reason=\"heartbeat timeout\""])
    };
    let all = people.len() as f64;
    Some(Seen { before, after: until(operator, |scrape| gone(scrape) >= all).await })
}

pub(super) async fn much_waits_for_clients() -> Option<Seen> {
    let (server, operator) = start(&[
        ("MARU_SERVER__WORKERS", "1"),
        // What waits is counted in each of its ticks.
        ("MARU_CONNECTION__HELLO_TIMEOUT", "400ms"),
        ("MARU_CONNECTION__OUTBOX", "8 MiB"),
        ("MARU_LIMITS__OUTBOXES", "4 MiB"),
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "10000"),
    ]);
    let before = scrape(&[operator], &[]).await;
    let mut slow = narrow(&server, 4).await;
    let mut speaker = server.guest("Speaker").await;
    speaker.join("lobby", None).await;
    let waits = |scrape: &Scrape| scrape.sum("maru_outbox_bytes", &[]);
    let body = deaf::wide();
    for _ in 0..200 {
        // Four times 256 KiB more at once: what is looked for is not passed by.
        for _ in 0..16 {
            speaker.post("lobby", MessageId(Uuid::now_v7()), &body).await;
        }
        for _ in 0..16 {
            speaker.entry("lobby").await;
        }
        // They take one now and then: who takes nothing for 8 s is gone.
        for reader in &mut slow {
            reader.receive().await.unwrap();
        }
        sleep(Duration::from_millis(120)).await;
        let after = scrape(&[operator], &[]).await;
        if waits(&after) > f64::from(2_u32 << 20) {
            return Some(Seen { before, after });
        }
    }
    panic!("too little waits");
}

pub(super) async fn many_come_back_to_another_history() -> Option<Seen> {
    let (server, operator) = start(&[]);
    let mut ada = server.guest("Ada").await;
    let before = scrape(&[operator], &[]).await;
    let after = Position { epoch: Epoch(Uuid::now_v7()), seq: Seq::new(7).unwrap() };
    for _ in 0..40 {
        assert!(ada.join("lobby", Some(after)).await.reset);
        ada.leave("lobby").await;
    }
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

pub(super) async fn somebody_guesses_tokens() -> Option<Seen> {
    let (server, operator) = start(&[]);
    let before = scrape(&[operator], &[]).await;
    let mut eve = server.connect().await;
    for n in 0..40 {
        eve.send_text(format!(r#"{{"type":"hello","version":1,"token":"guess {n}"}}"#)).await;
        match eve.receive().await {
            Ok(ServerFrame::Error { .. }) => {}
            _ => eve = server.connect().await,
        }
    }
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

pub(super) async fn somebody_floods() -> Option<Seen> {
    let (server, operator) =
        start(&[("MARU_CONNECTION__RATE", "1"), ("MARU_CONNECTION__BURST", "2")]);
    let mut eve = server.guest("Eve").await;
    let before = scrape(&[operator], &[]).await;
    let mut refused = 0;
    while refused < 100 {
        eve.send_text(r#"{"type":"rooms","ref":1}"#).await;
        let answer = eve.receive().await.unwrap();
        let limited = matches!(answer, ServerFrame::Error { code: ErrorCode::RateLimited, .. });
        refused += u32::from(limited);
    }
    Some(Seen { before, after: scrape(&[operator], &[]).await })
}

/// Servers of one chat, and where their figures are; none where this run has no Postgres and NATS.
struct Watched {
    cluster: Cluster,
    operators: Vec<SocketAddr>,
}

impl Watched {
    fn start(count: usize) -> Option<Self> {
        if std::env::var_os("MARU_TEST_POSTGRES").is_none() {
            eprintln!("left out: scripts/with-services starts what it needs");
            return None;
        }
        let database = Database::make();
        let url = database.url();
        let cluster = Cluster::over(0, &url, Some(database), &[]);
        let mut watched = Self { cluster, operators: Vec::new() };
        (0..count).for_each(|_| watched.add(&[]));
        Some(watched)
    }

    fn add(&mut self, more: &[(&str, &str)]) {
        let ((), operator) = started(|settings| self.cluster.add_with(settings), more);
        self.operators.push(operator);
    }

    /// Once all of them know each other.
    async fn together(&self) -> Scrape {
        let others = (self.operators.len() * (self.operators.len() - 1)) as f64;
        until_all(&self.operators, |scrape| scrape.sum("maru_peers", &[]) == others).await
    }

    /// Somebody on each of two servers.
    async fn people(&self) -> (Client, Client) {
        let mut ada = self.cluster.nodes[0].guest("Ada").await;
        ada.join("lobby", None).await;
        let mut ben = self.cluster.nodes[1].guest("Ben").await;
        ben.join("lobby", None).await;
        ada.say("lobby", "here").await;
        ben.entry("lobby").await;
        (ada, ben)
    }
}

pub(super) async fn the_bus_goes_away() -> Option<Seen> {
    let mut watched = Watched::start(2)?;
    let before = watched.together().await;
    watched.cluster.nats.kill();
    let away = |scrape: &Scrape| scrape.sum("maru_bus_connected", &[]) == 0.0;
    Some(Seen { before, after: until_all(&watched.operators, away).await })
}

pub(super) async fn the_bus_takes_too_little() -> Option<Seen> {
    let mut watched = Watched::start(2)?;
    watched.together().await;
    let (mut ada, _ben) = watched.people().await;
    watched.cluster.nats.kill();
    let away = |scrape: &Scrape| scrape.sum("maru_bus_connected", &[]) == 0.0;
    let before = until_all(&watched.operators, away).await;
    for _ in 0..60 {
        ada.say("lobby", "anybody?").await;
    }
    Some(Seen { before, after: scrape(&watched.operators, &[]).await })
}

pub(super) async fn the_bus_is_slow() -> Option<Seen> {
    let watched = Watched::start(2)?;
    watched.together().await;
    let (mut ada, mut ben) = watched.people().await;
    let before = scrape(&watched.operators, &[]).await;
    watched.cluster.nats.freeze();
    ada.say("lobby", "late").await;
    sleep(Duration::from_millis(900)).await;
    watched.cluster.nats.thaw();
    ben.entry("lobby").await;
    let after = scrape(&watched.operators, &[]).await;
    Some(Seen { before, after })
}

pub(super) async fn hints_get_lost() -> Option<Seen> {
    let mut watched = Watched::start(2)?;
    watched.together().await;
    let (mut ada, mut ben) = watched.people().await;
    let before = scrape(&watched.operators, &[]).await;
    let healed = |scrape: &Scrape| scrape.sum("maru_holes_healed_total", &[]);
    let mut holes = 0.0;
    // Each time the hints of what is said meanwhile are lost, and the next one shows that.
    for _ in 0..3 {
        watched.cluster.nats.kill();
        let away = |scrape: &Scrape| scrape.sum("maru_bus_connected", &[]) == 0.0;
        until_all(&watched.operators, away).await;
        ada.say("lobby", "lost").await;
        watched.cluster.nats.launch();
        ben.entry("lobby").await;
        holes += 1.0;
    }
    let after = until_all(&watched.operators, |scrape| healed(scrape) >= holes).await;
    Some(Seen { before, after })
}

pub(super) async fn two_do_not_see_each_other() -> Option<Seen> {
    let mut watched = Watched::start(1)?;
    let before = watched.together().await;
    watched.add(&[("MARU_BUS__PREFIX", "other")]);
    Some(Seen { before, after: scrape(&watched.operators, &[]).await })
}
