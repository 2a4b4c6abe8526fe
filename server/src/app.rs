//! Builds the parts and wires them. (A stub: the real one comes from another branch.)

use crate::settings::Settings;

/// Why the server could not run, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing to run yet.
    #[error("this build has no server yet")]
    Nothing,
}

/// Runs until it is told to stop.
///
/// # Errors
/// [`AppError`].
pub fn run(settings: Settings) -> Result<(), AppError> {
    drop(settings);
    Err(AppError::Nothing)
}
