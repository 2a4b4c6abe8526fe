//! Admits people: reads the token they bring, or makes a guest, and signs a fresh one.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use maru_protocol::{DisplayName, ErrorCode, User, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Generation, Secret, SecretError, SignOuts, hs256};
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
    /// The token to bring next time; good for as long as [`Lifetimes`] says.
    pub token: String,
    /// Lets its holder fetch files for 12 to 24 hours.
    pub ticket: String,
    /// The generation that the person is in.
    pub generation: Generation,
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
    /// Seconds since 1970, UTC, as RFC 7519 has it; `exp` and `auth_time` too.
    iat: u64,
    exp: u64,
    /// When the first token of the family was made, which this one renews (OpenID Connect Core 1.0,
    /// section 2). Older servers say nothing of it: then the family begins with this token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(default, skip_serializing_if = "is_first")]
    generation: Generation,
}

#[derive(Serialize, Deserialize)]
struct TicketClaims {
    iss: String,
    aud: String,
    sub: UserId,
    exp: u64,
    #[serde(default, skip_serializing_if = "is_first")]
    generation: Generation,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_first(generation: &Generation) -> bool {
    *generation == 0
}

/// What a token that is good says.
struct Known {
    user: User,
    /// When its family began; seconds since 1970, UTC.
    since: u64,
}

/// The keys of identity tokens and tickets.
#[derive(Clone, Debug)]
pub struct Keys {
    /// What is made is signed with it.
    pub sign: Secret,
    /// What is signed with one of these is good as well: keys from before, and the one to come.
    pub verify: Vec<Secret>,
}

/// How long identity tokens hold. Whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// From each admission.
    pub token: Duration,
    /// From the first of a family, which each admission goes on with: a stolen token is renewed for no
    /// longer, however often.
    pub family: Duration,
}

/// Signs and reads identity tokens. Share one among all workers.
pub struct Identities {
    encoding: EncodingKey,
    decoding: Vec<DecodingKey>,
    validation: Validation,
    of_tickets: Validation,
    lifetimes: Lifetimes,
    sign_outs: Arc<SignOuts>,
    clock: Arc<dyn Clock>,
}

impl Identities {
    /// Tokens of these keys, which hold for so long, but not for people who were signed out since.
    ///
    /// # Errors
    /// [`SecretError::NoKey`].
    pub fn new(
        keys: &Keys,
        lifetimes: Lifetimes,
        sign_outs: Arc<SignOuts>,
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
        let all = std::iter::once(&keys.sign).chain(&keys.verify);
        let decoding = all.map(|key| DecodingKey::from_secret(key.bytes()));
        Ok(Self {
            encoding: EncodingKey::from_secret(keys.sign.bytes())?,
            decoding: decoding.collect::<Result<_, _>>()?,
            validation,
            of_tickets,
            lifetimes,
            sign_outs,
            clock,
        })
    }

    /// Who was signed out.
    #[must_use]
    pub fn sign_outs(&self) -> &SignOuts {
        &self.sign_outs
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
        let now = self.now();
        let (user, since) = match (token, name) {
            (Some(token), name) => {
                let Known { user, since } = self.known(token)?;
                (User { name: name.unwrap_or(user.name), ..user }, since)
            }
            (None, Some(name)) => {
                (User { id: UserId(format!("{}{}", UserId::GUEST, Uuid::now_v7())), name }, now)
            }
            (None, None) => return Err(AuthError::NameRequired),
        };
        // Once for both: what is made is of one generation, also when it is over at this moment.
        let generation = self.sign_outs.generation(&user.id);
        let token = self.sign(&user, since, generation)?;
        let ticket = self.ticket(&user, generation)?;
        Ok(Admitted { user, token, ticket, generation })
    }

    /// Who a ticket for files was made for.
    ///
    /// # Errors
    /// [`AuthError::InvalidTicket`] when it is damaged, expired, none of ours, or its person was signed
    /// out since.
    pub fn ticket_holder(&self, ticket: &str) -> Result<UserId, AuthError> {
        let ticket = self.read::<TicketClaims>(ticket, &self.of_tickets);
        let TicketClaims { sub, exp, generation, .. } = ticket.ok_or(AuthError::InvalidTicket)?;
        let good =
            is_user_id(&sub.0) && self.now() < exp && !self.sign_outs.ended(&sub, generation);
        if good { Ok(sub) } else { Err(AuthError::InvalidTicket) }
    }

    fn ticket(&self, user: &User, generation: Generation) -> Result<String, AuthError> {
        let claims = TicketClaims {
            iss: ISSUER.to_owned(),
            aud: FILES.to_owned(),
            sub: user.id.clone(),
            exp: (self.now() / TICKET_SPAN).saturating_add(2).saturating_mul(TICKET_SPAN),
            generation,
        };
        self.encode(&claims)
    }

    fn now(&self) -> u64 {
        self.clock.now_ms() / 1_000
    }

    fn sign(&self, user: &User, since: u64, generation: Generation) -> Result<String, AuthError> {
        let now = self.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: user.id.clone(),
            name: user.name.clone(),
            iat: now,
            exp: now.saturating_add(self.lifetimes.token.as_secs()).min(self.family_ends(since)),
            auth_time: Some(since),
            generation,
        };
        self.encode(&claims)
    }

    fn encode(&self, claims: &impl Serialize) -> Result<String, AuthError> {
        encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .map_err(|_| AuthError::Unsigned)
    }

    /// When a family that began then is over, in seconds since 1970.
    fn family_ends(&self, since: u64) -> u64 {
        since.saturating_add(self.lifetimes.family.as_secs())
    }

    /// Who an identity token is of.
    ///
    /// # Errors
    /// [`AuthError::InvalidToken`] when it is damaged, expired, none of ours, of a family that is too
    /// old, or its person was signed out since.
    pub fn identify(&self, token: &str) -> Result<User, AuthError> {
        self.known(token).map(|known| known.user)
    }

    fn known(&self, token: &str) -> Result<Known, AuthError> {
        let claims = self.read::<Claims>(token, &self.validation).ok_or(AuthError::InvalidToken)?;
        let Claims { sub, name, iat, exp, auth_time, generation, .. } = claims;
        let (now, since) = (self.now(), auth_time.unwrap_or(iat));
        // The setting may be shorter by now than it was when the token was made.
        let holds = now < exp && now < self.family_ends(since);
        if is_user_id(&sub.0) && holds && !self.sign_outs.ended(&sub, generation) {
            Ok(Known { user: User { id: sub, name }, since })
        } else {
            Err(AuthError::InvalidToken)
        }
    }

    /// The claims of what one of our keys has signed. Each key costs some microseconds of whoever
    /// brings nonsense.
    fn read<C: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Option<C> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let read = |key| decode::<C>(token, key, validation).ok();
        let token = self.decoding.iter().find_map(read)?;
        // A `crit` header names rules that a reader must know (RFC 7515, 4.1.11); we know none.
        token.header.crit.is_none().then_some(token.claims)
    }
}

/// Whether a text can be somebody's id: 1 to 128 bytes without control characters.
#[must_use]
pub fn is_user_id(id: &str) -> bool {
    (1..=MAX_USER_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
