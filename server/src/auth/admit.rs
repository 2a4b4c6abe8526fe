//! What the engine asks of identities.

use maru_protocol::{DisplayName, User, UserId};

use super::{Admitted, AuthError, Identities, SignOuts};

/// Decides who a `hello` comes from.
pub trait Admit: Send + Sync + 'static {
    /// Lets somebody in: the person of the token, renamed when a name comes with it; without a
    /// token a new guest of that name.
    ///
    /// # Errors
    /// [`AuthError`] says why not, and in its code what the client is to do.
    fn admit(&self, token: Option<&str>, name: Option<DisplayName>) -> Result<Admitted, AuthError>;

    /// Who an identity token is of.
    ///
    /// # Errors
    /// [`AuthError::InvalidToken`].
    fn identify(&self, token: &str) -> Result<User, AuthError>;

    /// Who a ticket for files was made for.
    ///
    /// # Errors
    /// [`AuthError::InvalidTicket`].
    fn ticket_holder(&self, ticket: &str) -> Result<UserId, AuthError>;

    /// Who was signed out.
    fn sign_outs(&self) -> &SignOuts;
}

impl Admit for Identities {
    fn admit(&self, token: Option<&str>, name: Option<DisplayName>) -> Result<Admitted, AuthError> {
        Self::admit(self, token, name)
    }

    fn identify(&self, token: &str) -> Result<User, AuthError> {
        Self::identify(self, token)
    }

    fn ticket_holder(&self, ticket: &str) -> Result<UserId, AuthError> {
        Self::ticket_holder(self, ticket)
    }

    fn sign_outs(&self) -> &SignOuts {
        Self::sign_outs(self)
    }
}
