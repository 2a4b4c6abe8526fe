//! What was said in a room.

use maru_engine::Actor;
use maru_protocol::{Epoch, ErrorCode, Message, OwnReactions, RoomName, Seq};

use super::{
    PageQuery, ServiceError, Services,
    access::Action,
    pages::{self, PageTarget},
};
use crate::journal::{Page, RoomId};

/// Entries of a room, and of which log.
#[derive(Debug)]
pub(crate) struct History {
    /// The room's name, as its maker spelled it.
    pub(crate) room: RoomName,
    pub(crate) epoch: Epoch,
    pub(crate) page: Page,
}

/// Somebody's own reactions on messages of a room.
#[derive(Debug)]
pub(crate) struct Reactions {
    /// The room's name, as its maker spelled it.
    pub(crate) room: RoomName,
    pub(crate) head: Seq,
    pub(crate) messages: Vec<OwnReactions>,
}

impl Services {
    /// Entries of a room that need not be joined.
    pub(crate) async fn history(
        &self,
        actor: &Actor,
        name: &RoomName,
        query: PageQuery,
    ) -> Result<History, ServiceError> {
        let target: PageTarget =
            query.target(self.options.limits.max_page).map_err(ServiceError::malformed)?;
        let (permit, record) = self.room(actor, Action::ReadHistory, name).await?;
        let read = pages::read(&self.guarded, &permit, target, self.options.page_bytes).await?;
        let page = read.ok_or(ServiceError::MessageNotFound)?;
        Ok(History { room: record.name, epoch: self.guarded.epoch(), page })
    }

    /// What a room holds up, the latest pinned first.
    pub(crate) async fn pinned(
        &self,
        actor: &Actor,
        room: RoomId,
    ) -> Result<Vec<Message>, ServiceError> {
        let permit = self.access.ask_in(actor, Action::ReadPinned, room)?;
        let mut messages = self.guarded.pinned(&permit).await?;
        // As much as a page has; what is left out can be read by its seq.
        let mut left = self.options.page_bytes;
        messages.retain(|message| {
            let fits = message.text_bytes() <= left;
            left = if fits { left - message.text_bytes() } else { 0 };
            fits
        });
        Ok(messages)
    }

    /// In a room that need not be joined, as its history can be read as well.
    pub(crate) async fn own_reactions(
        &self,
        actor: &Actor,
        name: &RoomName,
        targets: Vec<Seq>,
    ) -> Result<Reactions, ServiceError> {
        let most = self.options.limits.max_page;
        if targets.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let why = format!("ask for at most {most} messages at once, not {}", targets.len());
            return Err(ServiceError::malformed(why));
        }
        let person = actor.user_id().ok_or(ErrorCode::HelloRequired)?.clone();
        let (permit, record) = self.room(actor, Action::ReadOwnReactions, name).await?;
        let (head, messages) = self.guarded.own_reactions(&permit, person, targets).await?;
        Ok(Reactions { room: record.name, head, messages })
    }
}
