//! Admits people: reads the token they bring, or makes a guest, and signs a fresh one.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use maru_protocol::{DisplayName, ErrorCode, User, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Secret, SecretError, hs256};
use crate::clock::Clock;

/// Who signs; a token of another issuer is none of ours, whatever its key.
const ISSUER: &str = "maru";

/// A longer token is refused unread. Ours have some 400 bytes; the widest name and id, escaped,
/// make 1.5 KiB.
const MAX_TOKEN_BYTES: usize = 4 * 1024;

/// Whom a ticket is for: it fetches files and proves nothing else. An identity token names no
/// audience, so neither passes for the other.
const FILES: &str = "files";

/// Tickets end at the turns of such spans, the next one but one: after 12 to 24 hours. Within a span
/// somebody's tickets are all the same, on every node, so that the addresses they stand in stay, and
/// browsers keep what they have fetched. Longer would be longer than need be for what lands in logs.
const TICKET_SPAN: u64 = 12 * 60 * 60;

/// As [`UserId`] documents it.
const MAX_USER_ID_BYTES: usize = 128;

/// Somebody who may come in.
#[derive(Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Who it is, by the name they have now.
    pub user: User,
    /// The token to bring next time; good for the guest's time to live from now.
    pub token: String,
    /// Lets its holder fetch files for 12 to 24 hours.
    pub ticket: String,
}

/// Without the token: it is worth as much as a password.
impl std::fmt::Debug for Admitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admitted").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why somebody can't come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The token is damaged, expired or not from here. Not said which: it helps only a forger.
    #[error("the identity token is not from this server, damaged or expired: say hello without it")]
    InvalidToken,
    /// The ticket is damaged, expired or not from here.
    #[error(
        "the ticket is not from this server, damaged or expired: use the one of the latest welcome"
    )]
    InvalidTicket,
    /// Neither a token nor a name.
    #[error("say hello with a name, or with the token of an earlier visit")]
    NameRequired,
    /// The new token can't be signed: a bug.
    #[error("the identity token could not be signed")]
    Unsigned,
}

impl AuthError {
    /// As the wire says it.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::InvalidToken | Self::InvalidTicket => ErrorCode::InvalidToken,
            Self::NameRequired => ErrorCode::InvalidName,
            Self::Unsigned => ErrorCode::Internal,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    name: DisplayName,
    /// Seconds since 1970, UTC, as RFC 7519 has it; `exp` too.
    iat: u64,
    exp: u64,
}

#[derive(Serialize, Deserialize)]
struct TicketClaims {
    iss: String,
    aud: String,
    sub: UserId,
    exp: u64,
}

/// Signs and reads identity tokens. Share one among all workers.
pub struct Identities {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    of_tickets: Validation,
    guest_ttl: Duration,
    clock: Arc<dyn Clock>,
}

impl Identities {
    /// Tokens are signed by `secret` and hold for `guest_ttl` (whole seconds) from each admission.
    ///
    /// # Errors
    /// [`SecretError::NoKey`].
    pub fn new(
        secret: &Secret,
        guest_ttl: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretError> {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // By our own clock, without the library's minute of leeway.
        validation.validate_exp = false;
        let mut of_tickets = validation.clone();
        of_tickets.set_audience(&[FILES]);
        of_tickets.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
        Ok(Self {
            encoding: EncodingKey::from_secret(secret.bytes())?,
            decoding: DecodingKey::from_secret(secret.bytes())?,
            validation,
            of_tickets,
            guest_ttl,
            clock,
        })
    }

    /// Lets somebody in: the person of the token, renamed when a name comes with it; without a
    /// token a new guest of that name.
    ///
    /// # Errors
    /// [`AuthError::InvalidToken`] when there is a token but not a good one, even with a name
    /// beside it: to become somebody else must be the client's choice. [`AuthError::NameRequired`]
    /// when there is neither.
    pub fn admit(
        &self,
        token: Option<&str>,
        name: Option<DisplayName>,
    ) -> Result<Admitted, AuthError> {
        let user = match (token, name) {
            (Some(token), name) => {
                let user = self.identify(token)?;
                User { name: name.unwrap_or(user.name), ..user }
            }
            (None, Some(name)) => {
                User { id: UserId(format!("{}{}", UserId::GUEST, Uuid::now_v7())), name }
            }
            (None, None) => return Err(AuthError::NameRequired),
        };
        let (token, ticket) = (self.sign(&user)?, self.ticket(&user)?);
        Ok(Admitted { user, token, ticket })
    }

    /// Who a ticket for files was made for.
    ///
    /// # Errors
    /// [`AuthError::InvalidTicket`] when it is damaged, expired or none of ours.
    pub fn ticket_holder(&self, ticket: &str) -> Result<UserId, AuthError> {
        if ticket.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::InvalidTicket);
        }
        let ticket = decode::<TicketClaims>(ticket, &self.decoding, &self.of_tickets)
            .map_err(|_| AuthError::InvalidTicket)?;
        let TicketClaims { sub, exp, .. } = ticket.claims;
        if ticket.header.crit.is_none() && is_user_id(&sub) && self.now() < exp {
            Ok(sub)
        } else {
            Err(AuthError::InvalidTicket)
        }
    }

    fn ticket(&self, user: &User) -> Result<String, AuthError> {
        let claims = TicketClaims {
            iss: ISSUER.to_owned(),
            aud: FILES.to_owned(),
            sub: user.id.clone(),
            exp: (self.now() / TICKET_SPAN).saturating_add(2).saturating_mul(TICKET_SPAN),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|_| AuthError::Unsigned)
    }

    fn now(&self) -> u64 {
        self.clock.now_ms() / 1_000
    }

    fn sign(&self, user: &User) -> Result<String, AuthError> {
        let now = self.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: user.id.clone(),
            name: user.name.clone(),
            iat: now,
            exp: now.saturating_add(self.guest_ttl.as_secs()),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|_| AuthError::Unsigned)
    }

    /// Who an identity token is of.
    ///
    /// # Errors
    /// [`AuthError::InvalidToken`] when it is damaged, expired or none of ours.
    pub fn identify(&self, token: &str) -> Result<User, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::InvalidToken);
        }
        let token = decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| AuthError::InvalidToken)?;
        let Claims { sub, name, exp, .. } = token.claims;
        // A `crit` header names rules that a reader must know (RFC 7515, 4.1.11); we know none.
        let plain = token.header.crit.is_none();
        if plain && is_user_id(&sub) && self.now() < exp {
            Ok(User { id: sub, name })
        } else {
            Err(AuthError::InvalidToken)
        }
    }
}

fn is_user_id(id: &UserId) -> bool {
    (1..=MAX_USER_ID_BYTES).contains(&id.0.len()) && !id.0.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
