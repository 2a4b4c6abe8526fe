//! Binary values of a `send`: each becomes a file of the message.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use maru_engine::Actor;
use maru_protocol::{ErrorCode, FileId, FileName, RoomName};
use serde_json::{Map, Value};

use super::SocketIo;
use crate::{
    session::refusal::Refusal,
    wire::socketio::{Kind, Packet},
};

/// What a binary value without a name is called.
const UNNAMED: &str = "file";

impl SocketIo {
    /// Stores the attachments of a `send`, and puts the ids of the files where its `files` had binary
    /// values: the value alone, or `{"name": …, "data": …}`.
    pub(super) async fn store_files(&self, packet: &mut Packet) -> Result<(), Refusal> {
        if packet.attachments.is_empty() {
            return Ok(());
        }
        debug_assert_eq!(packet.kind, Kind::Event);
        let attachments = std::mem::take(&mut packet.attachments);
        let mut event: Value = serde_json::from_str(&packet.data).map_err(|_| misplaced())?;
        let Some([Value::String(name), Value::Object(send)]) =
            event.as_array_mut().map(Vec::as_mut_slice)
        else {
            return Err(misplaced());
        };
        if name != "send" {
            return Err(misplaced());
        }
        let room = send.get("room").and_then(Value::as_str).unwrap_or_default();
        let room = RoomName::parse(room)
            .map_err(|error| Refusal::new(ErrorCode::InvalidRoom, format!("the room: {error}")))?;
        let Some(Value::Array(files)) = send.get_mut("files") else { return Err(misplaced()) };
        // All are looked at before the first is stored.
        let found = files.iter().map(binary).collect::<Vec<_>>();
        if found.iter().flatten().count() != attachments.len() {
            return Err(misplaced());
        }
        for (file, found) in files.iter_mut().zip(found) {
            let Some((at, name)) = found else { continue };
            let bytes = attachments.get(at).ok_or_else(misplaced)?;
            let id = self.store(&room, name, bytes.clone()).await?;
            *file = Value::String(id.to_string());
        }
        packet.data = event.to_string();
        Ok(())
    }

    async fn store(&self, room: &RoomName, name: String, bytes: Bytes) -> Result<FileId, Refusal> {
        let session = self.conversation.session().ok_or(ErrorCode::HelloRequired)?;
        let services = &self.worker.services;
        services.takes_files()?;
        let actor = Actor::User(session.user().id.clone());
        let allowed = services.may_upload(&actor, room).await?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let upload = services.begin_upload(allowed, session.caller(), Some(length)).await?;
        let bytes = stream::iter([Ok::<_, Infallible>(bytes)]);
        Ok(services.receive(upload, FileName::of(&name), bytes).await?.id)
    }
}

/// The place of a binary value among the attachments, and what it is called.
fn binary(file: &Value) -> Option<(usize, String)> {
    let file = file.as_object()?;
    if let Some(at) = placeholder(file) {
        return Some((at, UNNAMED.to_owned()));
    }
    let at = placeholder(file.get("data")?.as_object()?)?;
    let name = file.get("name").and_then(Value::as_str).unwrap_or(UNNAMED);
    Some((at, name.to_owned()))
}

fn placeholder(value: &Map<String, Value>) -> Option<usize> {
    let is_one = value.get("_placeholder").and_then(Value::as_bool) == Some(true);
    let at = value.get("num").and_then(Value::as_u64).filter(|_| is_one)?;
    usize::try_from(at).ok()
}

fn misplaced() -> Refusal {
    let message = "binary values belong into the `files` of a `send`";
    Refusal::new(ErrorCode::BinaryFrame, message)
}
