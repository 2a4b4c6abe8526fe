//! A connection before its `hello`.

use maru_protocol::{ClientFrame, ErrorCode};

use super::{
    commands::{hello, ping},
    connection::Connection,
    identified::Session,
    refusal::Refusal,
};

/// Nobody said who they are.
pub(super) struct Greeting {
    pub(super) connection: Connection,
}

impl Greeting {
    /// Acts on a frame; a session when it said who is there.
    pub(super) fn act(&self, frame: ClientFrame) -> Result<Option<Session>, Refusal> {
        match frame {
            ClientFrame::Hello { version, token, name } => {
                hello::run(self, version, token.as_deref(), name).map(Some)
            }
            ClientFrame::Ping => {
                ping::run(&self.connection);
                Ok(None)
            }
            // All that there is for who said hello, also what is added to it.
            _ => Err(ErrorCode::HelloRequired.into()),
        }
    }
}
