//! Several servers behind the gateway that operators get: a session stays on its node, and when the node
//! dies its clients lose nothing.

use serde_json::{Value, json};

use crate::{
    cluster::Cluster,
    random::Random,
    support::{
        gateway::{Doors, Gateway},
        socketio::{Over, Socket, TRANSPORTS, Transport, get, path},
    },
};

/// Somebody with recovery, who comes back by whichever door there is.
struct Person {
    doors: Doors,
    random: Random,
    transport: Transport,
    socket: Socket,
    pid: Value,
    offset: Value,
    heard: Vec<String>,
}

impl Person {
    async fn come(number: u64, doors: Doors, transport: Transport) -> Self {
        let mut random = Random::new(number);
        let door = doors.pick(&mut random);
        let auth = json!({ "version": 1, "recover": true, "name": format!("Ben {number}") });
        let (mut socket, answer) = Socket::enter(door, transport, auth).await;
        socket.ask("join", json!("lobby")).await;
        let offset = socket.event("position").await.remove(0);
        let pid = answer["pid"].clone();
        Self { doors, random, transport, socket, pid, offset, heard: Vec::new() }
    }

    /// Listens until so many messages came, however often the connection ends meanwhile.
    async fn listen(&mut self, count: usize) {
        while self.heard.len() < count {
            match self.socket.packet().await {
                Ok(packet) => self.take(&packet),
                Err(over) => self.come_back(&over).await,
            }
        }
    }

    fn take(&mut self, packet: &str) {
        let Some(event) = packet.strip_prefix("42") else { return };
        let mut parts: Vec<Value> = serde_json::from_str(event).unwrap();
        if parts[0] == "entry" || parts[0] == "position" {
            self.offset = parts.pop().unwrap();
        }
        if parts[0] == "entry" {
            self.heard.push(parts[1]["body"].as_str().unwrap().to_owned());
        }
    }

    async fn come_back(&mut self, over: &Over) {
        println!("{:?}: {over:?}", self.transport);
        loop {
            let door = self.doors.pick(&mut self.random);
            // A node that is gone is found out about, by the gateway or by the next attempt.
            if tokio::net::TcpStream::connect(door).await.is_err()
                || get(door, &path("polling")).await.status != 200
            {
                continue;
            }
            let auth =
                json!({ "version": 1, "recover": true, "pid": self.pid, "offset": self.offset });
            self.socket = Socket::enter(door, self.transport, auth).await.0;
            return;
        }
    }
}

#[tokio::test]
async fn the_clients_of_a_node_that_dies_go_on_at_another_and_lose_nothing() {
    let mut cluster = Cluster::start(2);
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.http).collect();
    let gateway = Gateway::start(&addresses);
    let mut ada = cluster.nodes[1].guest("Ada").await;
    ada.join("lobby", None).await;
    let mut people = Vec::new();
    for number in 0..9 {
        let transport = TRANSPORTS[number % TRANSPORTS.len()];
        people.push(Person::come(number as u64, gateway.doors(), transport).await);
    }
    for n in 0..10 {
        ada.say("lobby", &n.to_string()).await;
    }
    // Polls and posts come over connections of their own: each finds its session.
    for person in &mut people {
        person.listen(10).await;
        assert_eq!(person.socket.ask("ping", json!({})).await["type"], "ok");
    }
    cluster.kill(0);
    for n in 10..30 {
        ada.say("lobby", &n.to_string()).await;
    }
    let all: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    for person in &mut people {
        person.listen(30).await;
        assert_eq!(person.heard, all, "{:?}", person.transport);
    }
}
