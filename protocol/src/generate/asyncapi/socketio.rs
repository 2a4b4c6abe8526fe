//! Socket.IO: the events of the namespace `/`, whose arguments are the frames of the native protocol.
//! docs/socketio.md tells it to people.

use serde_json::{Map, Value, json};

use super::{ANSWERS, Frame, is_unasked};

/// A part of the document, to be put beside that of the native protocol.
pub(super) struct Part {
    pub(super) channel: Value,
    pub(super) messages: Map<String, Value>,
    pub(super) operations: Map<String, Value>,
}

/// The name of the channel.
pub(super) const CHANNEL: &str = "socketio";

/// Describes the events that these frames are. Schemas that only they have are added to `schemas`.
pub(super) fn describe(
    client: &[Frame],
    server: &[Frame],
    schemas: &mut Map<String, Value>,
) -> Part {
    let mut part = Part { channel: Value::Null, messages: Map::new(), operations: Map::new() };
    part.connect(schemas);
    for frame in client.iter().filter(|frame| frame.kind != "hello") {
        let name = format!("event.{}", frame.kind);
        schemas.insert(name.clone(), argument(&frame.kind, &schemas[&frame.name()]));
        part.say(&name, &frame.kind, &frame.summary, of_schema(&name));
        let answer = ANSWERS.iter().find(|(request, _)| *request == frame.kind);
        let answer = answer.map_or("ok", |(_, answer)| answer);
        let operation = format!("{CHANNEL}.{}", frame.kind);
        let acks = [format!("ack.{answer}"), "ack.error".to_owned()];
        part.receive(&operation, &name, &frame.summary, &acks);
    }
    for frame in server {
        let is_answer = ANSWERS.iter().any(|(_, answer)| *answer == frame.kind);
        if (is_answer && frame.kind != "welcome") || frame.kind == "error" {
            let name = format!("ack.{}", frame.kind);
            part.say(&name, &frame.kind, "The argument of an ack.", of_schema(&frame.name()));
        }
    }
    part.chat_message();
    part.unasked(server, schemas);
    let references = part.messages.keys().map(|name| (name.clone(), of_message(name)));
    let messages: Map<String, Value> = references.collect();
    part.channel = json!({
        "address": "/socket.io/",
        "title": "Socket.IO, the namespace /",
        "description": "Socket.IO 5 on Engine.IO 4: long-polling, WebSocket and the upgrade. A message \
                        here is an event or an ack; its payload is the only argument.",
        "servers": [{ "$ref": "#/servers/socketio" }],
        "messages": messages,
    });
    part
}

impl Part {
    fn say(&mut self, name: &str, event: &str, summary: &str, payload: Value) {
        let message = json!({ "name": event, "summary": summary, "payload": payload });
        self.messages.insert(name.to_owned(), message);
    }

    /// What a client may say, and what answers it.
    fn receive(&mut self, operation: &str, message: &str, summary: &str, answers: &[String]) {
        let answers: Vec<Value> = answers.iter().map(|answer| in_channel(answer)).collect();
        let channel = channel();
        let operation_of = json!({
            "action": "receive",
            "channel": channel,
            "summary": summary,
            "messages": [in_channel(message)],
            "reply": { "channel": channel, "messages": answers },
        });
        self.operations.insert(operation.to_owned(), operation_of);
    }

    /// The packets before all events.
    fn connect(&mut self, schemas: &mut Map<String, Value>) {
        schemas.insert("event.connect".to_owned(), auth());
        let why = json!({
            "type": "object",
            "properties": {
                "message": { "type": "string", "description": "For a person." },
                "data": {
                    "type": "object",
                    "properties": {
                        "code": { "$ref": "#/components/schemas/ErrorCode" },
                        "retry_after": { "type": "integer", "minimum": 0,
                            "description": "Milliseconds to wait before a retry." },
                    },
                    "required": ["code"],
                },
            },
            "required": ["message"],
        });
        let connected = json!({
            "type": "object",
            "properties": {
                "sid": { "$ref": "#/components/schemas/SessionId" },
                "pid": { "type": "string",
                    "description": "Proves who the client is when it comes back, with recovery." },
            },
            "required": ["sid"],
        });
        let summary = "A `CONNECT` of the namespace, with the auth payload.";
        self.say("event.connect", "connect", summary, of_schema("event.connect"));
        self.say("ack.connect", "connect", "The client is let in.", connected);
        self.say("ack.connect_error", "connect_error", "Why the client is not let in.", why);
        let answers = ["ack.connect".to_owned(), "ack.connect_error".to_owned()];
        self.receive(&format!("{CHANNEL}.connect"), "event.connect", summary, &answers);
    }

    /// What a client says and hears that knows nothing else.
    fn chat_message(&mut self) {
        let text = json!({ "$ref": "#/components/schemas/Body" });
        let summary = "A text for the room `lobby`. The ack is that of `send`.";
        self.say("event.chat_message", "chat message", summary, text.clone());
        let acks = ["ack.sent".to_owned(), "ack.error".to_owned()];
        let operation = format!("{CHANNEL}.chat_message");
        self.receive(&operation, "event.chat_message", summary, &acks);
        let summary = "A text of the room `lobby`, for clients that connected without `version`.";
        self.say("told.chat_message", "chat message", summary, text);
    }

    fn unasked(&mut self, server: &[Frame], schemas: &mut Map<String, Value>) {
        for frame in server.iter().filter(|frame| is_unasked(frame) || frame.kind == "welcome") {
            let summary = match frame.kind.as_str() {
                "entry" => format!(
                    "{} With recovery there is a second argument, the offset: a text that the client \
                     gives back when it comes again.",
                    frame.summary
                ),
                "welcome" => "Who the client is. The first event after `connect`.".to_owned(),
                "error" => "A refusal of what asked for no ack.".to_owned(),
                _ => frame.summary.clone(),
            };
            let name = format!("told.{}", frame.kind);
            self.say(&name, &frame.kind, &summary, of_schema(&frame.name()));
        }
        schemas.insert("told.joined".to_owned(), without(&schemas["server.joined"], &["ref"], &[]));
        let summary = "The answer to a `join` that asked for no ack, or that recovery made.";
        self.say("told.joined", "joined", summary, of_schema("told.joined"));
        let offset = json!({ "type": "string" });
        let summary = "The offset after a join or a leave, with recovery.";
        self.say("told.position", "position", summary, offset);
        let told = self.messages.keys().filter(|name| name.starts_with("told."));
        let messages: Vec<Value> = told.map(|name| in_channel(name)).collect();
        let operation = json!({
            "action": "send",
            "channel": channel(),
            "summary": "What the server says unasked.",
            "messages": messages,
        });
        self.operations.insert(format!("{CHANNEL}.unasked"), operation);
    }
}

/// The argument of an event: the fields of its frame. One that only needs a room (of `search`: a query)
/// may be that text alone.
fn argument(kind: &str, frame: &Value) -> Value {
    let mut fields = without(frame, &["type", "ref"], &["id"]);
    if kind == "send" {
        let file = &fields["properties"]["files"]["items"];
        let binary = json!({ "type": "object",
            "description": "A binary value, or one with a name, `{\"name\": …, \"data\": …}`: it becomes \
                            a file of the message." });
        fields["properties"]["files"]["items"] = json!({ "anyOf": [file, binary] });
    }
    let required: Vec<&str> = strings(&fields["required"]).collect();
    // A room alone says nothing to be kept.
    let is_kept = fields["properties"].get("id").is_some();
    match required[..] {
        [alone @ ("room" | "query")] if !is_kept => {
            let text = fields["properties"][alone].clone();
            json!({ "oneOf": [text, fields] })
        }
        _ => fields,
    }
}

/// The schema without these fields, and with those of `optional` no longer required.
fn without(schema: &Value, fields: &[&str], optional: &[&str]) -> Value {
    let mut schema = schema.clone();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|name, _| !fields.contains(&name.as_str()));
    }
    let kept = |name: &&str| !fields.contains(name) && !optional.contains(name);
    let required: Vec<Value> = strings(&schema["required"]).filter(kept).map(Value::from).collect();
    match schema.as_object_mut() {
        Some(schema) if required.is_empty() => drop(schema.remove("required")),
        _ => schema["required"] = required.into(),
    }
    schema
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The auth payload, as the server reads it.
fn auth() -> Value {
    json!({
        "type": "object",
        "properties": {
            "version": { "const": crate::VERSION,
                "description": "The client speaks all of the vocabulary. Without it, it is one of \
                                `chat message`, and in the room `lobby` at once." },
            "token": { "type": "string", "description": "The token of an earlier `welcome`." },
            "name": { "allOf": [{ "$ref": "#/components/schemas/DisplayName" }],
                "description": "The name to go by. Without it and `token` the server makes one." },
            "recover": { "type": "boolean", "description": "Asks for recovery." },
            "pid": { "type": "string", "description": "That of the connection before." },
            "offset": { "type": "string",
                "description": "The last offset that came: where the client was in its rooms." },
        },
    })
}

fn channel() -> Value {
    json!({ "$ref": format!("#/channels/{CHANNEL}") })
}

fn in_channel(message: &str) -> Value {
    json!({ "$ref": format!("#/channels/{CHANNEL}/messages/{message}") })
}

fn of_message(name: &str) -> Value {
    json!({ "$ref": format!("#/components/messages/{name}") })
}

fn of_schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
