//! Builds the parts and wires them. (A stub: the real one comes from another branch.)

use std::net::SocketAddr;

use crate::settings::Settings;

/// Where a running server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP and the WebSocket.
    pub http: SocketAddr,
    /// The frontend's files, if this server serves them.
    pub frontend: Option<SocketAddr>,
    /// `/metrics`, if on.
    pub metrics: Option<SocketAddr>,
}

/// Why the server could not run, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing to run yet.
    #[error("this build has no server yet")]
    Nothing,
}

/// Runs until it is told to stop; `announce` is told where.
///
/// # Errors
/// [`StartError`].
pub fn run(settings: Settings, announce: impl FnOnce(Addresses)) -> Result<(), StartError> {
    drop((settings, announce));
    Err(StartError::Nothing)
}
