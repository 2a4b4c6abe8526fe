//! What the drivers of the synchronous interfaces do: see `../../js/support/driver.js`.
//!
//! This interface comes back by itself, but with the auth payload that it was built with: nothing can be
//! added to it. So who wants to lose nothing gets an identity first, and connects with its token; at each
//! `Event::Connect` it joins its rooms again with `after`, and finds in the answer what it missed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

/// Where the client is in its rooms: the epoch and the newest seq of each.
#[derive(Clone, Default)]
pub struct Rooms(Arc<Mutex<BTreeMap<String, (Value, u64)>>>);

impl Rooms {
    /// What is to be said to be in all of them again.
    pub fn joins(&self) -> Vec<Value> {
        let rooms = self.0.lock().unwrap();
        let join = |(room, (epoch, seq)): (&String, &(Value, u64))| {
            json!({ "room": room, "after": { "epoch": epoch, "seq": seq } })
        };
        rooms.iter().map(join).collect()
    }

    /// An entry came.
    pub fn note(&self, name: &str, args: &[Value]) {
        let (true, Some(entry)) = (name == "entry", args.first()) else { return };
        if let Some((_, seq)) = self.0.lock().unwrap().get_mut(entry["room"].as_str().unwrap()) {
            *seq = entry["seq"].as_u64().unwrap();
        }
    }

    /// The room was joined.
    pub fn enter(&self, joined: &Value) {
        if joined["type"] == "joined" {
            let room = joined["room"].as_str().unwrap().to_owned();
            let position = (joined["epoch"].clone(), joined["head"].as_u64().unwrap());
            self.0.lock().unwrap().insert(room, position);
        }
    }
}

/// The client of a crate; `$text` is how its payload of JSON values looks.
macro_rules! sync_driver {
    ($client:ident, $values:ident => $text:pat) => {
        use std::{
            io::BufRead as _,
            sync::mpsc,
            time::Duration,
        };

        use serde_json::{Value, json};
        use $client::{ClientBuilder, Event, Payload, RawClient, TransportType, client::Client};

        use crate::{lines::tell, sync_driver::Rooms};

        const PATIENCE: Duration = Duration::from_secs(60);

        fn values(payload: Payload) -> Vec<Value> {
            match payload {
                $text => $values,
                _ => Vec::new(),
            }
        }

        /// The answer is the array of all arguments.
        fn answer(payload: Payload) -> Value {
            values(payload).pop().and_then(|mut args| args.as_array_mut()?.pop()).unwrap_or_default()
        }

        fn builder(url: &str, transport: TransportType, auth: &Value) -> ClientBuilder {
            ClientBuilder::new(url)
                .auth(auth.clone())
                .transport_type(transport)
                .reconnect_delay(100, 500)
        }

        /// The payload of somebody with an identity: a first connection gets it.
        fn with_token(url: &str, transport: TransportType, auth: &Value) -> Value {
            let (told, hears) = mpsc::channel();
            let mut first = auth.clone();
            first.as_object_mut().unwrap().remove("recover");
            let client = builder(url, transport, &first)
                .on("welcome", move |payload, _| drop(told.send(values(payload))))
                .connect()
                .unwrap();
            let welcome = hears.recv_timeout(PATIENCE).unwrap();
            client.disconnect().unwrap();
            json!({ "version": auth["version"], "token": welcome[0]["token"] })
        }

        /// In its rooms again, with what it missed.
        fn rejoin(rooms: &Rooms, client: &RawClient) {
            for join in rooms.joins() {
                let rooms = rooms.clone();
                let joined = move |payload, _| {
                    let joined = answer(payload);
                    for entry in joined["entries"].as_array().into_iter().flatten() {
                        tell(json!({"is": "event", "name": "entry", "args": [entry]}));
                    }
                    rooms.enter(&joined);
                    tell(json!({"is": "event", "name": "joined", "args": [joined]}));
                };
                let _ = client.emit_with_ack("join", join, PATIENCE, joined);
            }
        }

        fn connect(command: &Value, rooms: &Rooms) -> Option<Client> {
            let url = command["url"].as_str().unwrap();
            let transport = match command["transport"].as_str() {
                Some("polling") => TransportType::Polling,
                Some("websocket") => TransportType::Websocket,
                _ => TransportType::Any,
            };
            let upgrades = transport == TransportType::Any;
            let mut auth = command["auth"].clone();
            if auth["recover"] == true {
                auth = with_token(url, transport.clone(), &auth);
            }
            let (noted, again) = (rooms.clone(), rooms.clone());
            let connected = builder(url, transport, &auth)
                .on(Event::Connect, move |_, client| {
                    tell(json!({"is": "connected"}));
                    if upgrades {
                        // It is done before the namespace is connected.
                        tell(json!({"is": "upgraded"}));
                    }
                    rejoin(&again, &client);
                })
                .on(Event::Close, |payload, _| {
                    tell(json!({"is": "disconnected", "why": values(payload)}));
                })
                .on(Event::Error, |payload, _| {
                    // Its own errors and the server's events of this name come the same way.
                    let args = values(payload);
                    if args.first().is_some_and(Value::is_object) {
                        tell(json!({"is": "event", "name": "error", "args": args}));
                    } else {
                        tell(json!({"is": "refused", "data": args}));
                    }
                })
                .on_any(move |event, payload, _| {
                    let (name, args) = (String::from(event), values(payload));
                    noted.note(&name, &args);
                    tell(json!({"is": "event", "name": name, "args": args}));
                })
                .connect();
            if let Err(error) = &connected {
                tell(json!({"is": "refused", "message": error.to_string()}));
            }
            connected.ok()
        }

        fn emit(client: &Client, one: &Value, rooms: Option<&Rooms>) {
            let name = one["name"].as_str().unwrap();
            let args = one["args"].as_array().unwrap().clone();
            let ack = one["ack"].clone();
            let rooms = rooms.filter(|_| name == "join").cloned();
            let sent = if ack.is_null() {
                client.emit(name, args)
            } else {
                client.emit_with_ack(name, args, PATIENCE, move |payload, _| {
                    let answer = answer(payload);
                    if let Some(rooms) = &rooms {
                        rooms.enter(&answer);
                    }
                    tell(json!({"is": "ack", "ack": ack, "args": [answer]}));
                })
            };
            if let Err(error) = sent {
                eprintln!("{name} was not sent: {error}");
            }
        }

        fn main() {
            let (rooms, mut client, mut recovers) = (Rooms::default(), None, false);
            for line in std::io::stdin().lock().lines() {
                let command: Value = serde_json::from_str(&line.unwrap()).unwrap();
                if command["do"] == "connect" {
                    recovers = command["auth"]["recover"] == true;
                    client = connect(&command, &rooms);
                    continue;
                }
                let Some(client) = &client else { continue };
                for one in command["emits"].as_array().unwrap() {
                    emit(client, one, recovers.then_some(&rooms));
                }
                if command["disconnect"] == true {
                    let _ = client.disconnect();
                }
            }
        }
    };
}
