//! What the drivers of the asynchronous interfaces do, for a client and its fork: see `../../js/support/driver.js`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::{Map, Value};

/// Who the client is and where it is in its rooms, for the auth payload of its next connection.
#[derive(Clone, Default)]
pub struct Place(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    auth: Map<String, Value>,
    newest: HashMap<String, u64>,
}

impl Place {
    pub fn begin(&self, auth: &Value) {
        self.0.lock().unwrap().auth = auth.as_object().cloned().unwrap_or_default();
    }

    pub fn auth(&self) -> Value {
        Value::Object(self.0.lock().unwrap().auth.clone())
    }

    pub fn note(&self, name: &str, args: &[Value]) {
        let inner = &mut *self.0.lock().unwrap();
        if inner.auth.get("recover") != Some(&Value::Bool(true)) {
            return;
        }
        match (name, args) {
            ("welcome", [welcome, ..]) => {
                inner.auth.entry("pid").or_insert_with(|| welcome["token"].clone());
            }
            ("position", [offset]) => {
                inner.auth.insert("offset".into(), offset.clone());
            }
            ("entry", [entry, offset]) => {
                // Tasks overtake one another: an older offset must not replace a newer one.
                let room = entry["room"].as_str().unwrap_or_default().to_owned();
                let newest = inner.newest.entry(room).or_default();
                let seq = entry["seq"].as_u64().unwrap_or_default();
                if seq > *newest {
                    *newest = seq;
                    inner.auth.insert("offset".into(), offset.clone());
                }
            }
            _ => {}
        }
    }
}

/// The client of a crate; `$text` is how its payload of JSON values looks.
macro_rules! driver {
    ($client:ident, $values:ident => $text:pat) => {
        use std::time::Duration;

        use futures_util::FutureExt as _;
        use serde_json::{Value, json};
        use tokio::io::{AsyncBufReadExt as _, BufReader};
        use $client::{
            Event, Payload, TransportType,
            asynchronous::{Client, ClientBuilder, ReconnectSettings},
        };

        use crate::{driver::Place, lines::tell};

        fn values(payload: Payload) -> Vec<Value> {
            match payload {
                $text => $values,
                _ => Vec::new(),
            }
        }

        async fn connect(command: &Value) -> Option<Client> {
            let place = Place::default();
            place.begin(&command["auth"]);
            let transport = match command["transport"].as_str() {
                Some("polling") => TransportType::Polling,
                Some("websocket") => TransportType::Websocket,
                _ => TransportType::Any,
            };
            let upgrades = transport == TransportType::Any;
            let (noted, again) = (place.clone(), place.clone());
            let connected = ClientBuilder::new(command["url"].as_str().unwrap())
                .auth(place.auth())
                .transport_type(transport)
                .reconnect_delay(100, 500)
                .on_reconnect(move || {
                    let auth = again.auth();
                    async move {
                        let mut settings = ReconnectSettings::new();
                        settings.auth(auth);
                        settings
                    }
                    .boxed()
                })
                .on(Event::Connect, move |_, _| {
                    tell(json!({"is": "connected"}));
                    if upgrades {
                        // It is done before the namespace is connected.
                        tell(json!({"is": "upgraded"}));
                    }
                    async {}.boxed()
                })
                .on(Event::Close, |payload, _| {
                    tell(json!({"is": "disconnected", "why": values(payload)}));
                    async {}.boxed()
                })
                .on(Event::Error, |payload, _| {
                    // Its own errors and the server's events of this name come the same way.
                    let args = values(payload);
                    if args.first().is_some_and(Value::is_object) {
                        tell(json!({"is": "event", "name": "error", "args": args}));
                    } else {
                        tell(json!({"is": "refused", "data": args}));
                    }
                    async {}.boxed()
                })
                .on_any(move |event, payload, _| {
                    let (name, args) = (String::from(event), values(payload));
                    noted.note(&name, &args);
                    tell(json!({"is": "event", "name": name, "args": args}));
                    async {}.boxed()
                })
                .connect()
                .await;
            if let Err(error) = &connected {
                tell(json!({"is": "refused", "message": error.to_string()}));
            }
            connected.ok()
        }

        async fn emit(client: &Client, one: &Value) {
            let name = one["name"].as_str().unwrap();
            let args = one["args"].as_array().unwrap().clone();
            let ack = one["ack"].clone();
            let sent = if ack.is_null() {
                client.emit(name, args).await
            } else {
                let answered = move |payload, _| {
                    // The answer is the array of all arguments.
                    let args = values(payload).pop();
                    tell(json!({"is": "ack", "ack": ack, "args": args}));
                    async {}.boxed()
                };
                client.emit_with_ack(name, args, Duration::from_secs(60), answered).await
            };
            if let Err(error) = sent {
                eprintln!("{name} was not sent: {error}");
            }
        }

        #[tokio::main]
        async fn main() {
            let mut lines = BufReader::new(tokio::io::stdin()).lines();
            let mut client = None;
            while let Ok(Some(line)) = lines.next_line().await {
                let command: Value = serde_json::from_str(&line).unwrap();
                if command["do"] == "connect" {
                    client = connect(&command).await;
                    continue;
                }
                let Some(client) = &client else { continue };
                for one in command["emits"].as_array().unwrap() {
                    emit(client, one).await;
                }
                if command["disconnect"] == true {
                    let _ = client.disconnect().await;
                }
            }
        }
    };
}
