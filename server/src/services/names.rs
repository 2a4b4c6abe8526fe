//! Whose name is whose in a room: asked before somebody comes in, and before they speak.
//!
//! The store decides (see [`Names`](crate::journal::Names)), so that all nodes say the same, and
//! somebody who is away keeps their name. Who is present, as the engine knows it, only decides
//! between two people of whom neither has read or spoken yet.

use std::cell::Cell;

use maru_engine::{Actor, Visitor};
use maru_protocol::ErrorCode;

use super::{
    ServiceError, Services,
    access::{PublishKind, RoomPermit},
    rooms::session_of,
};
use crate::journal::JournalError;

/// What the store says of a visitor's name in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameStanding {
    /// Nobody holds one that looks like it, as far as is known.
    Free,
    /// It is theirs.
    Own {
        /// They have spoken: it stays theirs, and need not be asked for again.
        spoke: bool,
    },
}

impl Services {
    /// Whether somebody may come in by their name. While the store is away nobody knows, and a room
    /// that can be read is better than none: they come in, and can't speak before the store says that
    /// they may.
    pub(super) async fn name_standing(
        &self,
        permit: &RoomPermit,
        visitor: &Visitor,
    ) -> Result<NameStanding, ServiceError> {
        if !self.guarded.is_available() {
            return Ok(NameStanding::Free);
        }
        let holders = match self.guarded.holders(permit, visitor.skeletons.clone()).await {
            Ok(holders) => holders,
            Err(JournalError::Store(_)) => return Ok(NameStanding::Free),
            Err(busy) => return Err(busy.into()),
        };
        if holders.iter().any(|holder| holder.person != visitor.user.id) {
            return Err(ErrorCode::NameTaken.into());
        }
        if holders.is_empty() {
            return Ok(NameStanding::Free);
        }
        Ok(NameStanding::Own { spoke: holders.iter().any(|holder| holder.spoke) })
    }

    /// Before a session says something in a room: its person holds their name there from then on.
    /// `holds_name` remembers that for the session, so that this is asked once.
    pub(super) async fn speak_by_name(
        &self,
        permit: &RoomPermit,
        actor: &Actor,
        holds_name: &Cell<bool>,
        kind: PublishKind,
    ) -> Result<(), ServiceError> {
        // Who takes something of their own back has spoken before, by whichever name.
        let takes_back = matches!(kind, PublishKind::Edit | PublishKind::Delete);
        if takes_back || holds_name.get() {
            return Ok(());
        }
        let (_, visitor) = session_of(actor)?;
        if !self.guarded.hold(permit, visitor.user.clone()).await? {
            return Err(ErrorCode::NameTaken.into());
        }
        holds_name.set(true);
        Ok(())
    }
}
