//! Identities: who somebody is, proved by a token that only this server (or its cluster) signs.
//!
//! A guest gets a [`UserId`](maru_protocol::UserId) and a token at the first `hello`; the browser
//! keeps the token and stays the same person over reloads and restarts.

mod admit;
mod hs256;
mod identities;
mod secret;
mod sign_outs;

pub use admit::Admit;
pub use identities::{Admitted, AuthError, Identities, Keys, Lifetimes, is_user_id};
pub use secret::{Secret, SecretError};
pub use sign_outs::{Generation, SignOuts};
