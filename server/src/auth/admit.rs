//! What the engine asks of identities.

use maru_protocol::DisplayName;

use super::{Admitted, AuthError, Identities};

/// Decides who a `hello` comes from.
pub trait Admit: Send + Sync + 'static {
    /// Lets somebody in: the person of the token, renamed when a name comes with it; without a
    /// token a new guest of that name.
    ///
    /// # Errors
    /// [`AuthError`] says why not, and in its code what the client is to do.
    fn admit(&self, token: Option<&str>, name: Option<DisplayName>) -> Result<Admitted, AuthError>;
}

impl Admit for Identities {
    fn admit(&self, token: Option<&str>, name: Option<DisplayName>) -> Result<Admitted, AuthError> {
        Self::admit(self, token, name)
    }
}
