//! The parts of a cluster, and how each is broken and mended.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex as Held},
    time::Duration,
};

use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{Instant, sleep},
};

use crate::{
    gateway::{Doors, Gateway},
    nats::Nats,
    plan::{Fault, Kind, NODES},
    process::{Estate, Server, own_host},
    services,
    web::Line,
};

/// Signals by their numbers on Linux.
const TERM: i32 = 15;
const CONT: i32 = 18;
const STOP: i32 = 19;

/// The port of every node's operators, each on an address of its own.
const METRICS: u16 = 9464;

/// Everything. Ended when dropped, the servers first.
pub struct Cluster {
    gateway: Gateway,
    /// Each behind a lock of its own: what is done to one node is done in turn.
    nodes: Vec<Mutex<Option<Server>>>,
    addresses: Vec<SocketAddr>,
    /// Where operators talk to each.
    operators: Vec<SocketAddr>,
    nats: Mutex<Nats>,
    postgres: Arc<Held<services::Server>>,
    journal: String,
    /// What processes said that have ended.
    past: Held<String>,
}

impl Cluster {
    /// Blocks for some seconds.
    pub fn start(rooms: &[String]) -> Self {
        let postgres = services::Server::start();
        let nats = Nats::start();
        let journal = postgres.url();
        let (bus, rooms) = (nats.url(), rooms.join(","));
        let operators: Vec<SocketAddr> = (0..NODES).map(|_| (own_host(), METRICS).into()).collect();
        let start = |(number, operator): (usize, &SocketAddr)| {
            let mut settings = services::settings(&journal, &bus);
            let more = [
                ("MARU_SERVER__NAME", format!("node {number}")),
                ("MARU_CHAT__FIRST_ROOMS", rooms.clone()),
                // Nobody misses so much here: every `reset` is a fault.
                ("MARU_CHAT__MAX_REPLAY", "10000".to_owned()),
                ("MARU_CONNECTION__HEARTBEAT", "5s".to_owned()),
                ("MARU_METRICS__ENABLED", "true".to_owned()),
                ("MARU_METRICS__HOST", operator.ip().to_string()),
                ("MARU_METRICS__PORT", operator.port().to_string()),
            ];
            settings.extend(more.map(|(key, value)| (key.to_owned(), value)));
            Server::start_in(Arc::new(tempfile::tempdir().unwrap()), settings)
        };
        let servers: Vec<Server> = (1..).zip(&operators).map(start).collect();
        let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.http).collect();
        let gateway = Gateway::start(&addresses);
        let nodes = servers.into_iter().map(|server| Mutex::new(Some(server))).collect();
        let (nats, postgres) = (Mutex::new(nats), Arc::new(Held::new(postgres)));
        Self {
            gateway,
            nodes,
            addresses,
            operators,
            nats,
            postgres,
            journal,
            past: Held::default(),
        }
    }

    /// Where people connect to.
    pub fn doors(&self) -> Doors {
        self.gateway.doors()
    }

    /// One of the nodes, which must be up.
    pub fn node(&self, number: usize) -> SocketAddr {
        self.addresses[number]
    }

    /// The journal's address.
    pub fn journal(&self) -> &str {
        &self.journal
    }

    /// What the nodes have logged that is not everyday.
    pub async fn complaints(&self) -> String {
        for (number, node) in self.nodes.iter().enumerate() {
            if let Some(server) = node.lock().await.as_ref() {
                self.keep(number, server);
            }
        }
        self.past.lock().unwrap().clone()
    }

    fn keep(&self, number: usize, server: &Server) {
        let mut past = self.past.lock().unwrap();
        for line in server.log().lines().filter(|line| !line.contains(" INFO ")) {
            past.push_str(&format!("node {}: {line}\n", number + 1));
        }
    }

    /// Breaks something and mends it. Returns when it broke and when it was whole again.
    pub async fn suffer(&self, fault: Fault) -> (Instant, Instant) {
        let from = match fault.kind {
            Kind::KillNode => self.kill(fault.node, fault.lasts).await,
            Kind::DrainNode => self.drain(fault.node).await,
            Kind::StopNode => self.stop(fault.node).await,
            Kind::FreezeNats => {
                let nats = self.nats.lock().await;
                let from = Instant::now();
                nats.freeze();
                sleep(fault.lasts).await;
                nats.thaw();
                from
            }
            Kind::KillNats => {
                let mut nats = self.nats.lock().await;
                let from = Instant::now();
                nats.kill();
                sleep(fault.lasts).await;
                nats.launch();
                from
            }
            Kind::FreezeNode => {
                let node = self.nodes[fault.node].lock().await;
                let server = node.as_ref().expect("a node that runs");
                let from = Instant::now();
                server.signal(STOP);
                sleep(fault.lasts).await;
                server.signal(CONT);
                from
            }
            Kind::RestartPostgres => {
                let restart = |postgres: &mut services::Server, _| {
                    postgres.stop();
                    postgres.start_again();
                };
                self.on_postgres(restart, fault.lasts).await
            }
            Kind::KillPostgres => {
                let kill = |postgres: &mut services::Server, lasts| {
                    postgres.killer().kill_all();
                    std::thread::sleep(lasts);
                    postgres.start_again();
                };
                self.on_postgres(kill, fault.lasts).await
            }
            Kind::FreezePostgres => {
                let freeze = |postgres: &mut services::Server, lasts| {
                    postgres.killer().freeze();
                    std::thread::sleep(lasts);
                    postgres.killer().thaw();
                };
                self.on_postgres(freeze, fault.lasts).await
            }
        };
        (from, Instant::now())
    }

    async fn kill(&self, number: usize, lasts: Duration) -> Instant {
        let mut node = self.nodes[number].lock().await;
        let server = node.take().expect("a node that runs");
        self.keep(number, &server);
        let from = Instant::now();
        let estate = spawn_blocking(|| server.kill()).await.unwrap();
        sleep(lasts).await;
        *node = Some(start_again(estate).await);
        from
    }

    /// A careful upgrade's step: sent away by its operator, its people go to the others, and once
    /// nobody is there a new one takes its place.
    async fn drain(&self, number: usize) -> Instant {
        let mut node = self.nodes[number].lock().await;
        let server = node.take().expect("a node that runs");
        let (from, operator) = (Instant::now(), self.operators[number]);
        // Also while it hears nothing of the others.
        let request = format!(
            "POST /admin/drain?alone=true HTTP/1.1\r\nHost: {operator}\r\nMaru-Operator: yes\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let answer = Line::open(operator).await.ask(&request).await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
        server.logs(&["drained: nobody is here"]).await;
        *node = Some(self.replace(number, server).await);
        from
    }

    /// An upgrade's step without care, as an orchestrator does it.
    async fn stop(&self, number: usize) -> Instant {
        let mut node = self.nodes[number].lock().await;
        let (server, from) = (node.take().expect("a node that runs"), Instant::now());
        *node = Some(self.replace(number, server).await);
        from
    }

    async fn replace(&self, number: usize, mut server: Server) -> Server {
        server.signal(TERM);
        let status = server.wait().await;
        assert!(status.success(), "node {} was told to end and did with {status}", number + 1);
        self.keep(number, &server);
        let estate = server.estate();
        drop(server);
        start_again(estate).await
    }

    async fn on_postgres(
        &self,
        harm: impl FnOnce(&mut services::Server, Duration) + Send + 'static,
        lasts: Duration,
    ) -> Instant {
        let postgres = self.postgres.clone();
        let harmed = spawn_blocking(move || {
            let mut postgres = postgres.lock().unwrap();
            let from = Instant::now();
            harm(&mut postgres, lasts);
            from
        });
        harmed.await.unwrap()
    }
}

/// As a supervisor does: what can't start, for Postgres is away for longer than that is waited for, is
/// started anew.
async fn start_again((folder, settings): Estate) -> Server {
    for _ in 0..5 {
        let (folder, settings) = (folder.clone(), settings.clone());
        if let Ok(server) = spawn_blocking(|| Server::start_in(folder, settings)).await {
            return server;
        }
    }
    panic!("a node does not start again");
}
