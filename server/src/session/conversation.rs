//! What a connection says, one frame at a time, whichever state it is in.

use std::rc::Rc;

use maru_protocol::{
    ByeCode, ClientFrame, DisplayName, ErrorCode, FrameError, Ref, ServerFrame, SessionId, User,
};

use super::{
    AdmissionQueue, Worker, commands::hello, connection::Connection, greeting::Greeting,
    identified::Session, rate_limit::RateLimit, refusal::Refusal,
};
use crate::{fanout::Peer, limits::Caller};

/// Frames that are refused one after another before the connection is ended: a client that learns
/// nothing from that many errors is not going to.
const STRIKES: u32 = 200;

/// One connection's conversation.
pub struct Conversation {
    state: State,
    /// In a box, so that the greeting and the session beside it stay small.
    rate: Box<RateLimit>,
    strikes: u32,
}

/// The way is `Greeting` to `Session`, once.
enum State {
    Greeting(Greeting),
    Session(Session),
}

impl Conversation {
    /// A conversation about to begin, on the peer's worker.
    #[must_use]
    pub fn new(worker: Rc<Worker>, id: SessionId, peer: Rc<Peer>, caller: Caller) -> Self {
        let services = &worker.services;
        let (per_second, burst) = (services.options.frames_per_second, services.options.burst);
        let rate = Box::new(RateLimit::new(per_second, burst, services.clock.clone()));
        let connection = Connection { worker, id, peer, caller };
        Self { state: State::Greeting(Greeting { connection }), rate, strikes: 0 }
    }

    /// Who is on the other end, once it said hello.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match &self.state {
            State::Greeting(_) => None,
            State::Session(session) => Some(session.user()),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.connection().id
    }

    /// Whose turn it is, for who is in no room yet: those who are in go first.
    #[must_use]
    pub fn queue(&self) -> Option<Rc<AdmissionQueue>> {
        match &self.state {
            State::Session(session) if !session.rooms.is_empty() => None,
            _ => Some(self.connection().worker.turns.clone()),
        }
    }

    /// Most bytes that one of its messages may have.
    #[must_use]
    pub fn max_frame(&self) -> usize {
        let most = self.connection().services().options.limits.max_frame_bytes;
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Something came from the other end.
    pub fn heard(&self) {
        let connection = self.connection();
        connection.worker.hub.heard(&connection.peer);
    }

    /// Says who is there, for a wire that does so by other means than a frame. Returns the
    /// `welcome`, which is not sent.
    ///
    /// # Errors
    /// [`Refusal`], which is not sent either.
    pub(super) fn identify(
        &mut self,
        token: Option<&str>,
        name: Option<DisplayName>,
    ) -> Result<ServerFrame, Refusal> {
        let State::Greeting(greeting) = &self.state else {
            return Err(ErrorCode::AlreadyGreeted.into());
        };
        let (session, welcome) = hello::identify(greeting, token, name)?;
        self.state = State::Session(session);
        Ok(welcome)
    }

    /// The session, after a `hello`.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.state {
            State::Greeting(_) => None,
            State::Session(session) => Some(session),
        }
    }

    /// Handles one frame, or what could not be read as one. Answers in order: the next frame waits
    /// until this one is answered, but for what is to be kept, whose answer comes after the commit.
    pub async fn handle(&mut self, frame: Result<ClientFrame, FrameError>) {
        let reference = match &frame {
            Ok(frame) => frame.reference(),
            Err(error) => error.reference,
        };
        let read = self.admit().and_then(|()| frame.map_err(Refusal::from));
        self.handle_as(reference, read).await;
    }

    /// Takes one frame off the client's share, before it is looked at.
    ///
    /// # Errors
    /// When nothing is left of it.
    pub(super) fn admit(&self) -> Result<(), Refusal> {
        self.connection().services().metrics.frames_in.inc();
        self.rate.check()
    }

    /// Handles a frame that was admitted, or says why it is none. A refusal has this `ref`, also where
    /// the type of the frame has none. Whether it was not refused.
    pub(super) async fn handle_as(
        &mut self,
        reference: Option<Ref>,
        read: Result<ClientFrame, Refusal>,
    ) -> bool {
        let handled = match read {
            Err(refusal) => Err(refusal),
            Ok(frame) => {
                self.strikes = 0;
                self.act(frame).await
            }
        };
        match handled {
            Ok(()) => true,
            Err(refusal) => {
                self.refuse(reference, refusal);
                false
            }
        }
    }

    /// Refuses what is not even a frame.
    pub fn refuse_binary(&mut self) {
        let message = "binary messages are not part of this protocol: send text";
        self.refuse(None, Refusal::new(ErrorCode::BinaryFrame, message));
    }

    async fn act(&mut self, frame: ClientFrame) -> Result<(), Refusal> {
        match &mut self.state {
            State::Greeting(greeting) => {
                if let Some(session) = greeting.act(frame)? {
                    self.state = State::Session(session);
                }
                Ok(())
            }
            State::Session(session) => session.act(frame).await,
        }
    }

    pub(super) fn refuse(&mut self, reference: Option<Ref>, refusal: Refusal) {
        let code = refusal.code;
        let is_limited = code == ErrorCode::RateLimited;
        let away = if is_limited { self.connection().caller.refused() } else { None };
        let connection = self.connection();
        connection.services().metrics.refused(code);
        connection.answer(&refusal.answer(reference));
        if code == ErrorCode::UnsupportedVersion {
            let why = "this server speaks version 1 of maru.v1";
            connection.peer.outbox().bye(ByeCode::UnsupportedVersion, why, None);
        } else if let Some(away) = away {
            let why = "you went on after many refusals: stay away for a while";
            let wait = u32::try_from(away.as_millis()).unwrap_or(u32::MAX);
            connection.peer.outbox().bye(ByeCode::RateLimited, why, Some(wait));
        }
        self.strike();
    }

    /// Something was refused: ends the connection of who learns nothing from it.
    pub(super) fn strike(&mut self) {
        self.strikes += 1;
        if self.strikes >= STRIKES {
            let why = "too many frames in a row were refused";
            self.connection().peer.outbox().bye(ByeCode::TooManyErrors, why, None);
        }
    }

    /// Goes on where another one of the same connection ended: a client has one share of frames, however
    /// often it begins anew.
    pub(super) fn succeed(&mut self, before: &mut Self) {
        std::mem::swap(&mut self.rate, &mut before.rate);
        self.strikes = before.strikes;
    }

    fn connection(&self) -> &Connection {
        match &self.state {
            State::Greeting(greeting) => &greeting.connection,
            State::Session(session) => &session.connection,
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let connection = self.connection();
        connection.worker.hub.remove(connection.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is kept for as long as a connection lives, however idle.
    #[test]
    fn a_conversation_is_small() {
        let size = size_of::<Conversation>();
        assert!(size <= 128, "{size} bytes");
    }
}
