//! What the stranger does: everything at once, as fast as it is let, from one address.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use maru_protocol::{ClientFrame, DisplayName, ServerFrame, VERSION};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    client::Client,
    dial::{dial, from},
    people::{PEOPLE, ROOMS, name_of, room_of},
    random::Random,
    raw,
};

/// The variable that names the server to the stranger's process.
pub const TARGET: &str = "MARU_ABUSE_TARGET";
/// How many the stranger claims to be.
const IDENTITIES: usize = 10_000;
/// Where it comes from.
const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// After a refusal it waits for as long, as otherwise its own machine is what it exhausts.
const BREATH: Duration = Duration::from_millis(20);
/// How long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What it has, and what it did.
struct Stranger {
    target: SocketAddr,
    /// Identities that it was given.
    tokens: Mutex<Vec<String>>,
    claimed: AtomicUsize,
    done: Mutex<BTreeMap<&'static str, (u64, u64)>>,
}

/// Does its worst until it is killed. Says now and then what it did.
pub async fn run(target: SocketAddr) {
    let stranger = Arc::new(Stranger {
        target,
        tokens: Mutex::default(),
        claimed: AtomicUsize::new(0),
        done: Mutex::default(),
    });
    macro_rules! many {
        ($count:expr, $job:ident) => {
            for number in 0..$count {
                let stranger = stranger.clone();
                tokio::spawn(from(SOURCE, async move {
                    let mut random = Random::new(number as u64);
                    loop {
                        stranger.$job(&mut random).await;
                        sleep(BREATH).await;
                    }
                }));
            }
        };
    }
    many!(20, be_somebody_new);
    many!(5, be_one_of_them);
    many!(30, shout);
    many!(10, change);
    many!(5, make_rooms);
    many!(20, search);
    many!(20, ask_by_http);
    many!(300, hold_half_a_request);
    many!(100, hold_half_a_frame);
    many!(20, drip);
    many!(50, stop_reading);
    many!(10, poll);
    many!(10, break_rules);
    loop {
        sleep(Duration::from_secs(1)).await;
        println!("{}", json!(*stranger.done.lock().unwrap()));
    }
}

impl Stranger {
    /// Counts something that was tried, and whether the server did it.
    fn note(&self, what: &'static str, was_done: bool) {
        let mut done = self.done.lock().unwrap();
        let (tried, succeeded) = done.entry(what).or_default();
        *tried += 1;
        *succeeded += u64::from(was_done);
    }

    fn token(&self, random: &mut Random) -> Option<String> {
        let tokens = self.tokens.lock().unwrap();
        let at = random.below(tokens.len().max(1));
        tokens.get(at).cloned()
    }

    async fn connect(&self, token: Option<String>, name: &str) -> Option<Client> {
        let connected = timeout(PATIENCE, Client::try_connect(self.target)).await;
        let mut client = connected.ok()?.ok()?;
        let name = DisplayName::parse(name).ok().filter(|_| token.is_none());
        let hello = ClientFrame::Hello { version: VERSION, token, name };
        client.try_send(&hello).await.ok()?;
        match hear(&mut client).await? {
            ServerFrame::Welcome { token, .. } => {
                client.token = Some(token);
                Some(client)
            }
            _ => None,
        }
    }

    /// Somebody that it is already, connected.
    async fn again(&self, random: &mut Random) -> Option<Client> {
        let token = self.token(random)?;
        let client = self.connect(Some(token), "").await;
        self.note("connections", client.is_some());
        client
    }

    async fn be_somebody_new(&self, _: &mut Random) {
        let number = self.claimed.fetch_add(1, Ordering::Relaxed);
        if number >= IDENTITIES {
            sleep(PATIENCE).await;
            return;
        }
        let client = self.connect(None, &format!("Stranger {number}")).await;
        self.note("identities", client.is_some());
        self.tokens.lock().unwrap().extend(client.and_then(|client| client.token));
    }

    /// Takes somebody's name, in whose room it then speaks.
    async fn be_one_of_them(&self, random: &mut Random) {
        let victim = random.below(PEOPLE);
        let Some(mut client) = self.connect(None, &name_of(victim)).await else { return };
        let joined = ask(&mut client, json!({ "type": "join", "room": room_of(victim) })).await;
        let is_in = joined.is_some_and(|it| it["type"] == "joined");
        self.note("names of others", is_in);
        if is_in {
            let said = say(&room_of(victim), "it is me");
            self.note("words of others", is(&ask(&mut client, said).await, "sent"));
        }
    }

    /// Says long things in all their rooms, and never waits.
    async fn shout(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        for room in 0..ROOMS {
            let _ = ask(&mut client, json!({ "type": "join", "room": room_of(room) })).await;
        }
        for n in 0..200 {
            let body = "shout ".repeat(600);
            let said = ask(&mut client, say(&room_of(n % ROOMS), &body)).await;
            self.note("messages", is(&said, "sent"));
            if said.is_none() {
                return;
            }
        }
    }

    /// Flips reactions, edits, types.
    async fn change(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        let room = room_of(random.below(ROOMS));
        let _ = ask(&mut client, json!({ "type": "join", "room": room })).await;
        for n in 0..200 {
            let flip = json!({
                "type": "react", "room": room, "id": Uuid::now_v7(), "target": 1, "emoji": "👍",
                "on": n % 2 == 0,
            });
            let flipped = ask(&mut client, flip).await;
            self.note("changes", is(&flipped, "sent"));
            let typing = ask(&mut client, json!({ "type": "typing", "room": room })).await;
            self.note("typing", typing.is_some());
            if flipped.is_none() {
                return;
            }
        }
    }

    /// Makes rooms, says something in each, and reads the whole directory.
    async fn make_rooms(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        for _ in 0..50 {
            let room = format!("room {:x}", random.next());
            let made = ask(&mut client, json!({ "type": "create", "room": room })).await;
            self.note("rooms", is(&made, "ok"));
            if made.is_none() {
                return;
            }
            if is(&made, "ok") {
                let _ = ask(&mut client, json!({ "type": "join", "room": room })).await;
                self.note("messages", is(&ask(&mut client, say(&room, "here")).await, "sent"));
            }
        }
    }

    /// Looks for what is not there.
    async fn search(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        let room = room_of(random.below(ROOMS));
        let _ = ask(&mut client, json!({ "type": "join", "room": room })).await;
        for _ in 0..100 {
            let word = format!("{:x}", random.next());
            for what in [
                json!({ "type": "rooms", "query": word }),
                json!({ "type": "search", "query": word, "room": room }),
                json!({ "type": "members", "room": room, "query": &word[..1] }),
                json!({ "type": "history", "room": room, "before": 2 }),
            ] {
                let found = ask(&mut client, what).await;
                self.note(
                    "searches and reads",
                    found.as_ref().is_some_and(|it| it["type"] != "error"),
                );
                if found.is_none() {
                    return;
                }
            }
        }
    }

    async fn ask_by_http(&self, random: &mut Random) {
        let token = self.token(random).unwrap_or_default();
        let word = random.next();
        let path = format!("/api/v1/rooms?query={word:x}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: maru\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        let answer = self.request(request.as_bytes()).await;
        self.note("requests", answer.is_some_and(|answer| answer.contains(" 200 ")));
    }

    /// Sends it, and reads up to the end of the answer's head.
    async fn request(&self, request: &[u8]) -> Option<String> {
        let mut line = timeout(PATIENCE, dial(self.target)).await.ok()?.ok()?;
        line.write_all(request).await.ok()?;
        let mut answer = vec![0; 512];
        let read = timeout(PATIENCE, line.read(&mut answer)).await.ok()?.ok()?;
        Some(String::from_utf8_lossy(&answer[..read]).into_owned())
    }

    /// A connection, until the server ends it.
    async fn held(&self, what: &'static str, begin: &[u8]) {
        let Ok(Ok(mut line)) = timeout(PATIENCE, dial(self.target)).await else {
            self.note(what, false);
            return;
        };
        let begun = line.write_all(begin).await.is_ok();
        self.note(what, begun);
        until_its_end(&mut line).await;
    }

    async fn hold_half_a_request(&self, _: &mut Random) {
        let begin = format!("GET /ws HTTP/1.1\r\nHost: maru\r\nX: {}", "x".repeat(4_000));
        self.held("half requests", begin.as_bytes()).await;
    }

    async fn hold_half_a_frame(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        let mut begin = raw::header(raw::TEXT, 60_000);
        begin.extend([0; 4]);
        begin.extend(vec![b'x'; 59_000]);
        self.note("half frames", client.raw().write_all(&begin).await.is_ok());
        until_its_end(client.raw()).await;
    }

    /// An upload that brings a byte now and then.
    async fn drip(&self, random: &mut Random) {
        let Some(token) = self.token(random) else { return };
        let Ok(Ok(mut line)) = timeout(PATIENCE, dial(self.target)).await else { return };
        let head = format!(
            "POST /api/v1/rooms/team%200/files?name=x HTTP/1.1\r\nHost: maru\r\n\
             Authorization: Bearer {token}\r\nContent-Length: 20000000\r\n\r\n"
        );
        let mut goes_on = line.write_all(head.as_bytes()).await.is_ok();
        self.note("dripping uploads", goes_on);
        while goes_on {
            sleep(Duration::from_secs(1)).await;
            goes_on = line.write_all(b"x").await.is_ok();
        }
    }

    /// Joins all rooms and reads nothing.
    async fn stop_reading(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        for room in 0..ROOMS {
            let _ = ask(&mut client, json!({ "type": "join", "room": room_of(room) })).await;
        }
        self.note("silent readers", true);
        sleep(Duration::from_secs(60)).await;
    }

    async fn poll(&self, _: &mut Random) {
        let request =
            b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: maru\r\nConnection: close\r\n\r\n";
        let answer = self.request(request).await;
        self.note("polling sessions", answer.is_some_and(|answer| answer.contains(" 200 ")));
    }

    /// Frames that are none.
    async fn break_rules(&self, random: &mut Random) {
        let Some(mut client) = self.again(random).await else { return };
        let bytes: Vec<u8> = (0..200).flat_map(|_| random.next().to_le_bytes()).collect();
        self.note("broken frames", client.raw().write_all(&bytes).await.is_ok());
        let _ = timeout(PATIENCE, until_its_end(client.raw())).await;
    }
}

async fn until_its_end(line: &mut TcpStream) {
    let mut bytes = [0; 4_096];
    while line.read(&mut bytes).await.is_ok_and(|n| n > 0) {}
}

async fn hear(client: &mut Client) -> Option<ServerFrame> {
    timeout(PATIENCE, client.receive()).await.ok()?.ok()
}

/// Asks, and waits for the answer; none when the connection ended, or there was none in time.
async fn ask(client: &mut Client, mut what: Value) -> Option<Value> {
    let reference = client.fresh_ref();
    what["ref"] = json!(reference);
    let frame: ClientFrame = serde_json::from_value(what).ok()?;
    client.try_send(&frame).await.ok()?;
    loop {
        let frame = hear(client).await?;
        let is_refused = matches!(frame, ServerFrame::Error { .. });
        if frame.reference() == Some(reference) {
            if is_refused {
                sleep(BREATH).await;
            }
            return serde_json::to_value(frame).ok();
        }
        if matches!(frame, ServerFrame::Bye { .. }) {
            return None;
        }
    }
}

fn say(room: &str, body: &str) -> Value {
    json!({ "type": "send", "room": room, "id": Uuid::now_v7(), "body": body })
}

fn is(answer: &Option<Value>, kind: &str) -> bool {
    answer.as_ref().is_some_and(|it| it["type"] == kind)
}
