//! Who is in a room, and who belongs to it.

use std::{collections::HashSet, sync::Arc};

use maru_engine::{
    Actor, Entered,
    rooms::recent::{FIRST_PAGE, PageRead, Replay},
};
use maru_protocol::{
    Beginning, ErrorCode, Position, Presence, RoomKey, RoomName, SessionId, User, UserId,
};
use tokio::sync::oneshot;

use super::{
    Commands, RoomNames, RoomRef, ServiceError, Services,
    access::{Action, RoomPermit},
    names::NameStanding,
    pages::{fits, trim},
    rooms::session_of,
};
use crate::{
    journal::{Full, MOST_MEMBERS, Marked, Page, PageRange, RoomId, RoomRecord},
    runtime::messages::Enter,
};

/// A room that a session is in, before its client knows.
pub(crate) struct RoomEntered {
    /// The room's name, as its maker spelled it.
    pub(crate) name: RoomName,
    pub(crate) members: Presence,
    pub(crate) replay: Replay,
    /// Its person has spoken there by the name that they have.
    pub(crate) spoke: bool,
}

/// Somebody may be a member of a room: what needs a member takes this.
pub(super) struct Member(RoomPermit);

impl Member {
    /// The room that they may be a member of.
    pub(super) fn room(&self) -> RoomId {
        self.0.room()
    }
}

/// Joining.
impl Services {
    /// The room of that name, for who may join it; with its record when that had to be read.
    pub(crate) async fn may_join(
        &self,
        names: &RoomNames,
        actor: &Actor,
        name: &RoomName,
    ) -> Result<(RoomPermit, Option<RoomRecord>), ServiceError> {
        self.room_by(names, actor, Action::Join, name).await
    }

    /// Enters the room. From then on the session gets what comes there.
    pub(crate) async fn enter(
        &self,
        commands: &Commands,
        permit: &RoomPermit,
        actor: &Actor,
        (name, mut record): (&RoomName, Option<RoomRecord>),
        after: Option<Position>,
    ) -> Result<RoomEntered, ServiceError> {
        let (session, visitor) = session_of(actor)?;
        let (room, epoch) = (permit.room(), self.guarded.epoch());
        let standing = self.name_standing(permit, visitor).await?;
        let holds_name = standing != NameStanding::Free;
        loop {
            let (visitor, record_given) = (Arc::clone(visitor), record.is_some());
            let (answer, entered) = oneshot::channel();
            let given = record.take();
            let enter =
                Enter { session, visitor, room, record: given, after, epoch, holds_name, answer };
            commands.enter(permit, enter).await?;
            match entered.await.map_err(|_| ErrorCode::ShuttingDown)?? {
                Entered::In { name: entered, members, replay } => {
                    self.is_called(permit, name, &entered).await?;
                    let name = entered;
                    let spoke = standing == NameStanding::Own { spoke: true };
                    return Ok(RoomEntered { name, members, replay, spoke });
                }
                // Once: with the record there is nothing more to ask for.
                Entered::RecordNeeded if record_given => return Err(ErrorCode::Internal.into()),
                Entered::RecordNeeded => {
                    // There may be another room of that name by now.
                    let found = self.find(name).await?;
                    if found.id != room {
                        return Err(ServiceError::RoomNotFound(name.clone()));
                    }
                    record = Some(found);
                }
            }
        }
    }

    /// Whether the room that was entered is the one that was asked for: it may have got another name just
    /// now, which the client or the engine has not heard of. The store knows.
    async fn is_called(
        &self,
        permit: &RoomPermit,
        asked: &RoomName,
        entered: &RoomName,
    ) -> Result<(), ServiceError> {
        if asked.key() == entered.key() {
            return Ok(());
        }
        let found = self.find(asked).await?;
        let now = found.name.clone();
        self.guarded.name_is(permit, found, entered.clone()).await;
        // By the name that it asked for: it enters again.
        Err(ServiceError::RoomRenamed { asked: entered.clone(), now })
    }

    /// What a client missed, or the newest page when that can't be told or is too much; and whether
    /// it is the latter although the client has something.
    pub(crate) async fn missed(
        &self,
        permit: &RoomPermit,
        after: Option<Position>,
    ) -> Result<(Page, bool), ServiceError> {
        let limits = &self.options.limits;
        if let Some(Position { epoch, seq }) = after
            && epoch == self.guarded.epoch()
        {
            let limit = limits.max_replay;
            let page = self.guarded.missed(permit, seq, limit).await?;
            let fits = |page: &Page| fits(page, limit, self.options.page_bytes);
            if let Some(page) = page.filter(|page| seq <= page.head && fits(page)) {
                return Ok((page, false));
            }
        }
        let newest = PageRange::Newest { limit: FIRST_PAGE.min(limits.max_page) };
        let page = self.guarded.history(permit, newest).await?;
        Ok((trim(page, newest, self.options.page_bytes), after.is_some()))
    }

    /// Hands over what a session read, for those who join next.
    pub(crate) fn offer(&self, permit: &RoomPermit, session: SessionId, read: PageRead) {
        self.guarded.offer(permit, session, read);
    }

    /// The room learns the name that they go by now, where they are a member.
    pub(crate) fn rename_member(
        &self,
        permit: &RoomPermit,
        actor: &Actor,
        key: RoomKey,
    ) -> Result<(), ServiceError> {
        self.mark(permit, actor, key, Marked::Named)
    }
}

/// Leaving.
impl Services {
    /// The room to leave, for who may: `inside` where the session is in it, otherwise the one of that
    /// name. None where there is none, which is no error.
    pub(crate) async fn may_leave(
        &self,
        names: &RoomNames,
        actor: &Actor,
        name: &RoomName,
        inside: Option<RoomId>,
    ) -> Result<Option<RoomPermit>, ServiceError> {
        let key = name.key();
        let room = match inside.or_else(|| names.id(&key)) {
            Some(room) => room,
            None => match self.find(name).await {
                Ok(record) => record.id,
                Err(ServiceError::RoomNotFound(_)) => return Ok(None),
                Err(other) => return Err(other),
            },
        };
        Ok(Some(self.access.ask_in(actor, Action::Leave, room)?))
    }

    /// Waits until the session is out of the room.
    pub(crate) async fn exit(
        &self,
        commands: &Commands,
        permit: &RoomPermit,
        session: SessionId,
    ) -> Result<(), ServiceError> {
        let (done, gone) = oneshot::channel();
        commands.exit(session, permit.room(), Some(done));
        Ok(gone.await.map_err(|_| ErrorCode::ShuttingDown)?)
    }

    /// They are no member any more of a room that they went out of, or were not in.
    pub(crate) fn end_membership(
        &self,
        permit: &RoomPermit,
        actor: &Actor,
        key: RoomKey,
    ) -> Result<(), ServiceError> {
        self.mark(permit, actor, key, Marked::Left)
    }
}

/// Members.
impl Services {
    /// They belong to the room from now on, present or not, until they leave it.
    ///
    /// Today the store has one row for this and for how far they have read: it is made with the first
    /// read position, so nothing is written here.
    pub(super) fn become_member(
        &self,
        actor: &Actor,
        room: RoomId,
    ) -> Result<Member, ServiceError> {
        Ok(Member(self.access.ask_in(actor, Action::BecomeMember, room)?))
    }

    /// Who is there, by the name they have now, and who belongs there: those whose name begins so,
    /// at most [`MOST_MEMBERS`]. First those who spoke lately, the latest first; then who is there,
    /// then the others, both by name. Of names that look alike the first one.
    pub(crate) async fn members(
        &self,
        actor: &Actor,
        room: RoomRef<'_>,
        query: Option<&str>,
    ) -> Result<Vec<User>, ServiceError> {
        let permit = self.access.ask_in(actor, Action::ReadMembers, room.id)?;
        let Some(beginning) = Beginning::of(query.unwrap_or_default()) else {
            return Ok(Vec::new());
        };
        let mut present = self.guarded.present(&permit, None).await?;
        let mut kept = self.guarded.members(&permit, beginning.clone()).await?;
        kept.retain(|user| !self.has_left(&permit, &user.id, room.key));
        let by_name = |a: &User, b: &User| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id));
        present.sort_by(by_name);
        kept.sort_by(by_name);
        let mut users = self.speakers(&permit, room.key, &present).await?;
        users.extend(present);
        users.extend(kept);
        users.retain(|user| user.name.begins_with(&beginning));
        Ok(one_by_look(users))
    }

    /// Who spoke lately and is there or belongs there, by the name they have now, the latest first.
    async fn speakers(
        &self,
        permit: &RoomPermit,
        key: &RoomKey,
        present: &[User],
    ) -> Result<Vec<User>, ServiceError> {
        let lately = self.guarded.speakers(permit).await?;
        let is_there = |id: &UserId| present.iter().find(|user| user.id == *id).cloned();
        let away: Vec<UserId> =
            lately.iter().map(|user| user.id.clone()).filter(|id| is_there(id).is_none()).collect();
        let mut members = match away.is_empty() {
            true => Vec::new(),
            false => self.guarded.known(permit, away).await?,
        };
        members.retain(|user| !self.has_left(permit, &user.id, key));
        let now = |id: &UserId| {
            is_there(id).or_else(|| members.iter().find(|user| user.id == *id).cloned())
        };
        Ok(lately.iter().filter_map(|user| now(&user.id)).collect())
    }

    /// Those of these people who are in the room or belong there: each by the name they have now
    /// and, where it is another one, by the one they last read by.
    pub(super) async fn present_or_members(
        &self,
        permit: &RoomPermit,
        key: &RoomKey,
        ids: Vec<UserId>,
    ) -> Result<Vec<User>, ServiceError> {
        let mut users = self.guarded.present(permit, Some(ids.clone())).await?;
        let waiting = ids.iter().filter_map(|id| self.guarded.waiting(permit, id, key));
        let reads = |what| matches!(what, Marked::Read { .. });
        users.extend(waiting.filter(|(what, _)| reads(*what)).map(|(_, user)| user));
        let kept = self.guarded.known(permit, ids).await?;
        users.extend(kept.into_iter().filter(|user| !self.has_left(permit, &user.id, key)));
        Ok(users)
    }

    fn has_left(&self, permit: &RoomPermit, person: &UserId, key: &RoomKey) -> bool {
        matches!(self.guarded.waiting(permit, person, key), Some((Marked::Left, _)))
    }

    /// Takes in what becomes of somebody's row in a room, to be kept with others.
    pub(super) fn mark(
        &self,
        permit: &RoomPermit,
        actor: &Actor,
        key: RoomKey,
        what: Marked,
    ) -> Result<(), ServiceError> {
        let (session, visitor) = session_of(actor)?;
        let by = (visitor.user.clone(), session);
        self.guarded.mark(permit, key, by, what, self.clock.now_ms()).map_err(|Full| {
            let why = "the server has more read markers to store than it can queue";
            ServiceError::Rejected(ErrorCode::Overloaded, why.to_owned())
        })
    }
}

/// The first of each person and of each look, at most [`MOST_MEMBERS`].
fn one_by_look(users: Vec<User>) -> Vec<User> {
    let (mut ids, mut looks) = (HashSet::new(), HashSet::new());
    let mut shown = Vec::new();
    for user in users {
        let keys = user.name.skeletons().keys();
        let known = ids.contains(&user.id) || keys.iter().any(|key| looks.contains(key));
        if known {
            continue;
        }
        ids.insert(user.id.clone());
        looks.extend(keys);
        shown.push(user);
        if shown.len() == MOST_MEMBERS {
            break;
        }
    }
    shown
}
