//! What the routes share, across worker threads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{dev::RequestHead, http::header};
use tokio::sync::Notify;

use super::ApiError;
use crate::{
    runtime::OpenCount,
    services::Services,
    settings::{AllowedOrigins, Hosts},
    transport::{engineio::Homes, intake::Intake},
};

/// What the routes share.
pub struct State {
    /// What can be asked of the server.
    pub services: Arc<Services>,
    /// Which pages may open connections.
    pub origins: AllowedOrigins,
    /// Reading without an identity token is for whoever asks by one of these names; none where it is for
    /// nobody.
    pub anonymous_reading: Option<Hosts>,
    /// Who is let in.
    pub intake: Arc<Intake>,
    /// Connections open now.
    pub connections: Arc<OpenCount>,
    /// Most connections of this process.
    pub max_connections: usize,
    /// There are, or may be, other nodes.
    pub clustered: bool,
    /// The door for clients of Socket.IO; none where the operator closed it.
    pub socketio: Option<SocketIoDoor>,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
}

/// The door for clients of Socket.IO.
pub struct SocketIoDoor {
    /// The threads that sessions live on.
    pub homes: Homes,
    /// Most bytes of a message with its attachments.
    pub max_payload: usize,
}

/// Whether a server is welcoming, leaving or asked to leave.
#[derive(Debug, Default)]
pub struct Lifecycle {
    stopping: AtomicBool,
    drain: Notify,
}

impl State {
    /// Whether the page that asks, if it is a page, is one of those that may.
    ///
    /// # Errors
    /// [`ApiError::Origin`].
    pub fn check_origin(&self, head: &RequestHead) -> Result<(), ApiError> {
        match head.headers.get(header::ORIGIN) {
            Some(origin) if !origin.to_str().is_ok_and(|it| self.origins.allows(it)) => {
                Err(ApiError::Origin)
            }
            _ => Ok(()),
        }
    }

    /// Whether a stop has begun.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.lifecycle.stopping.load(Ordering::Acquire)
    }

    /// Whether there is no room for another connection.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.connections.open() >= self.max_connections
    }
}

impl Lifecycle {
    /// Not ready from now on: gateways send nobody here any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Somebody wants everybody to go to other nodes.
    pub fn ask_to_drain(&self) {
        self.drain.notify_one();
    }

    /// Waits until somebody does.
    pub async fn asked_to_drain(&self) {
        self.drain.notified().await;
    }
}
