//! A conversation by Socket.IO: what its packets mean, and their answers.
//!
//! A `CONNECT` to the namespace `/` is the `hello`, an event is a frame of its name, an ack is the answer.
//! So everything that a frame can ask for can be asked for by an event, and is handled by the same
//! [`Conversation`].

mod auth;
mod files;
mod recovery;

use std::rc::Rc;

use bytes::Bytes;
use maru_protocol::{
    ClientFrame, ErrorCode, Position, Ref, RoomName, ServerFrame, SessionId, User,
};
use serde::Serialize;
use uuid::Uuid;

use self::auth::Auth;
use super::{AdmissionQueue, Conversation, Worker, refusal::Refusal};
use crate::{
    fanout::{DisconnectReason, Format, Outbox},
    limits::Caller,
    wire::socketio::{
        DecodeError, Decoder, Kind, Packet,
        chat::{LOBBY, NO_ACK, decode},
    },
};

/// How the two kinds of clients are answered.
#[derive(Clone, Copy)]
pub struct Formats {
    /// All of the vocabulary.
    pub vocabulary: &'static Format,
    /// `chat message` for what is said in the lobby.
    pub article: &'static Format,
}

/// One connection's conversation by Socket.IO.
pub struct SocketIo {
    worker: Rc<Worker>,
    outbox: Rc<Outbox>,
    formats: Formats,
    conversation: Conversation,
    /// Who it is before a `CONNECT`, and after a `DISCONNECT`.
    caller: Caller,
    decoder: Decoder,
    /// Most bytes of a packet with its attachments.
    max_payload: usize,
}

/// What a client that broke the protocol is closed with.
const BROKEN: DisconnectReason =
    DisconnectReason::Close(1002, "a packet breaks the rules of Socket.IO");
const OUT_OF_PLACE: DisconnectReason =
    DisconnectReason::Close(1002, "an event came before its namespace was connected");
const TOO_LARGE: DisconnectReason =
    DisconnectReason::Close(1009, "a packet is longer than the server takes");

/// Who a `CONNECT` turned out to be of.
struct Known {
    welcome: ServerFrame,
    /// What the client gives back when it comes again.
    pid: String,
    /// It comes again.
    is_back: bool,
}

/// That a client is let into the namespace.
#[derive(Serialize)]
struct Connected<'a> {
    sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<&'a str>,
}

/// Why a client is not let into a namespace.
#[derive(Serialize)]
struct ConnectError {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<ErrorData>,
}

#[derive(Serialize)]
struct ErrorData {
    code: ErrorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl SocketIo {
    /// A conversation about to begin.
    #[must_use]
    pub fn new(
        worker: Rc<Worker>,
        outbox: Rc<Outbox>,
        formats: Formats,
        max_payload: usize,
        caller: Caller,
    ) -> Self {
        let conversation = greet(&worker, &outbox, &caller);
        let decoder = Decoder::default();
        Self { worker, outbox, formats, conversation, caller, decoder, max_payload }
    }

    /// Who is on the other end, once it is connected.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.conversation.user()
    }

    /// Its number. Each `CONNECT` after a `DISCONNECT` begins another one.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.conversation.id()
    }

    /// Whose turn it is, for who is in no room yet.
    #[must_use]
    pub fn queue(&self) -> Option<Rc<AdmissionQueue>> {
        self.conversation.queue()
    }

    /// Something came from the other end.
    pub fn heard(&self) {
        self.conversation.heard();
    }

    /// Bytes in memory of a packet whose attachments are still coming.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.decoder.kept()
    }

    /// Handles a text message.
    ///
    /// # Errors
    /// When it breaks the protocol: there is no going on.
    pub async fn text(&mut self, text: &str) -> Result<(), DisconnectReason> {
        let packet = self.decoder.text(text);
        self.act(packet).await
    }

    /// Handles a binary message.
    ///
    /// # Errors
    /// As [`SocketIo::text`].
    pub async fn binary(&mut self, bytes: Bytes) -> Result<(), DisconnectReason> {
        let packet = self.decoder.binary(bytes, self.max_payload);
        self.act(packet).await
    }

    async fn act(
        &mut self,
        packet: Result<Option<Packet>, DecodeError>,
    ) -> Result<(), DisconnectReason> {
        let packet = match packet {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(()),
            Err(DecodeError::TooLarge) => return Err(TOO_LARGE),
            Err(_) => return Err(BROKEN),
        };
        match packet.kind {
            Kind::Connect => self.connect(&packet).await,
            Kind::Event if packet.namespace == "/" && self.is_connected() => {
                self.event(packet).await;
            }
            Kind::Event => return Err(OUT_OF_PLACE),
            Kind::Disconnect if packet.namespace == "/" && self.is_connected() => {
                // Its rooms are left here. The connection may go on: there can be a next `CONNECT`.
                let mut next = greet(&self.worker, &self.outbox, &self.caller);
                next.succeed(&mut self.conversation);
                self.conversation = next;
                self.outbox.set_format(self.formats.vocabulary);
                self.outbox.set_positions(None);
            }
            // Out of where it is not; the answer to an event of ours, which asks for none.
            Kind::Disconnect | Kind::Ack => {}
            Kind::ConnectError => return Err(BROKEN),
        }
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.conversation.session().is_some()
    }

    /// Into the namespace `/`. Who is there already is told so once more. Each attempt is a frame of the
    /// client's share.
    async fn connect(&mut self, packet: &Packet) {
        if let Err(refusal) = self.conversation.admit() {
            return self.refuse_connect(&packet.namespace, self.refused(refusal));
        }
        if packet.namespace != "/" {
            let message = "Invalid namespace".to_owned();
            return self.refuse_connect(&packet.namespace, ConnectError { message, data: None });
        }
        if self.is_connected() {
            return self.let_in(None);
        }
        match self.greeted(&packet.data) {
            Ok((auth, known)) => self.begin(&auth, known).await,
            Err(refusal) => self.refuse_connect("/", self.refused(refusal)),
        }
    }

    fn greeted(&mut self, auth: &str) -> Result<(Auth, Known), Refusal> {
        let auth = Auth::parse(auth)?;
        let known = self.identify(&auth)?;
        Ok((auth, known))
    }

    /// Who is there: by the token, by that of the connection before, or a new guest.
    fn identify(&mut self, auth: &Auth) -> Result<Known, Refusal> {
        if auth.token.is_none()
            && auth.recovers()
            && let Some(pid) = auth.pid.as_deref()
            // One that proves nothing any more is no reason to keep a client out: it begins anew.
            && let Ok(welcome) = self.conversation.identify(Some(pid), None)
        {
            return Ok(Known { welcome, pid: pid.to_owned(), is_back: true });
        }
        let name = auth.name_or_made_up(Uuid::new_v4);
        let welcome = self.conversation.identify(auth.token.as_deref(), name)?;
        let token = match &welcome {
            ServerFrame::Welcome { token, .. } => token.clone(),
            _ => String::new(),
        };
        let is_back = auth.token.is_some() && auth.pid.is_some();
        let pid = auth.pid.clone().filter(|_| is_back).unwrap_or(token);
        Ok(Known { welcome, pid, is_back })
    }

    async fn begin(&mut self, auth: &Auth, Known { welcome, pid, is_back }: Known) {
        let Formats { vocabulary, article } = self.formats;
        self.outbox.set_format(if auth.speaks_maru() { vocabulary } else { article });
        let offset = auth.offset().filter(|_| is_back);
        if auth.recovers() {
            self.keep_positions(offset.as_ref());
        }
        self.let_in(auth.recovers().then_some(&pid));
        self.outbox.send(&welcome);
        let was_somewhere = offset.as_ref().is_some_and(|offset| !offset.rooms.is_empty());
        if let Some(offset) = offset {
            self.restore(offset).await;
        }
        if !auth.speaks_maru() && !was_somewhere {
            self.enter_lobby().await;
        }
    }

    /// The answer to a `CONNECT`. A client takes it for one that brings it back when the `pid` is the
    /// one that it had.
    fn let_in(&self, pid: Option<&str>) {
        let sid = self.id();
        // Texts always encode.
        let data = serde_json::to_string(&Connected { sid, pid }).unwrap_or_default();
        self.send(Packet::new(Kind::Connect, "/", None, data));
    }

    /// Counts a refusal; what the client is told of it.
    fn refused(&self, Refusal { code, message, retry_after, .. }: Refusal) -> ConnectError {
        self.worker.services.metrics.refused(code);
        let data = Some(ErrorData { code, retry_after });
        ConnectError { message: message.into_owned(), data }
    }

    fn refuse_connect(&mut self, namespace: &str, why: ConnectError) {
        // Texts and numbers always encode.
        let why = serde_json::to_string(&why).unwrap_or_default();
        self.send(Packet::new(Kind::ConnectError, namespace, None, why));
        self.conversation.strike();
    }

    /// A client that knows no rooms is in the lobby.
    async fn enter_lobby(&mut self) {
        let Ok(room) = RoomName::parse(LOBBY) else { return };
        if let Some(session) = self.conversation.session() {
            // Nearly always it is there; what else is wrong is told by the `join`.
            let _ = session.services().create(&session.actor(), room.clone(), None).await;
        }
        self.join(room, None).await;
    }

    /// Joins a room for the client. What is wrong is told as an `error` event.
    async fn join(&mut self, room: RoomName, after: Option<Position>) {
        let join = ClientFrame::Join { reference: NO_ACK, room, after };
        let read = self.conversation.admit().map(|()| join);
        self.conversation.handle_as(Some(NO_ACK), read).await;
    }

    async fn event(&mut self, mut packet: Packet) {
        // An id at the bound or above it is none that a client's counter comes to.
        let reference = packet.id.and_then(|id| u32::try_from(id).ok()).map_or(NO_ACK, Ref);
        let frame = self.read(&mut packet, reference).await;
        let has_answer = frame.as_ref().is_ok_and(|frame| frame.reference().is_some());
        let done = self.conversation.handle_as(Some(reference), frame).await;
        if done && !has_answer {
            self.outbox.send(&ServerFrame::Ok { reference });
        }
    }

    /// Reads an event as the frame that it is. Its binary values are stored, if it is one that may have
    /// them.
    async fn read(&self, packet: &mut Packet, reference: Ref) -> Result<ClientFrame, Refusal> {
        self.conversation.admit()?;
        self.store_files(packet).await?;
        let Some((name, arguments)) = packet.event() else {
            let message = "an event is an array of its name and its argument";
            return Err(Refusal::new(ErrorCode::Malformed, message));
        };
        Ok(decode(&name, &arguments, reference, Uuid::now_v7)?)
    }

    fn send(&self, packet: Packet) {
        let mut text = String::from("4");
        text.push_str(&packet.encode().text);
        self.outbox.send_text(text.as_bytes());
    }
}

fn greet(worker: &Rc<Worker>, outbox: &Rc<Outbox>, caller: &Caller) -> Conversation {
    let id = SessionId(Uuid::now_v7());
    let peer = worker.hub.add(id, outbox.clone());
    Conversation::new(worker.clone(), id, peer, caller.clone())
}
