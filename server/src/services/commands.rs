//! A worker thread's way to the engine, for what was asked for.

use std::rc::Rc;

use maru_engine::Publish;
use maru_protocol::{ErrorCode, SessionId};
use tokio::sync::oneshot;

use super::{Services, access::RoomPermit};
use crate::{
    journal::RoomId,
    runtime::{
        CommandBatcher,
        messages::{Enter, SessionCommand},
    },
};

/// The commands of one worker thread, in the order in which they were given.
pub struct Commands(Rc<CommandBatcher>);

impl Commands {
    /// Carries commands from now on, on the present thread.
    #[must_use]
    pub fn start(services: &Services) -> Self {
        let batcher = services.guarded.batcher();
        actix_rt::spawn(batcher.clone().run());
        Self(batcher)
    }

    /// Waits only where too many wait. The command is for the permit's room.
    pub(super) async fn enter(&self, _: &RoomPermit, enter: Enter) -> Result<(), ErrorCode> {
        self.0.post(SessionCommand::Enter(enter)).await
    }

    /// Waits only where too many wait. The command is for the permit's room.
    pub(super) async fn publish(&self, _: &RoomPermit, publish: Publish) -> Result<(), ErrorCode> {
        self.0.post(SessionCommand::Publish(publish)).await
    }

    /// A session goes out of a room: nobody needs to be allowed to.
    pub(crate) fn exit(&self, session: SessionId, room: RoomId, done: Option<oneshot::Sender<()>>) {
        self.0.put(SessionCommand::Exit { session, room, done });
    }

    /// A session ended, however it did.
    pub(crate) fn disconnect(&self, session: SessionId) {
        self.0.put(SessionCommand::Disconnect(session));
    }
}
