//! How far somebody has read. Not who belongs to a room: that is `membership`.

use std::collections::HashSet;

use maru_engine::Actor;
use maru_protocol::{ErrorCode, ReadState, RoomKey, RoomName, Seq};

use super::{RoomRef, ServiceError, Services, access::Action, membership::Member};
use crate::journal::Marked;

/// Rooms in one question to the store: what others ask has its turn between two.
const ROOMS_AT_ONCE: usize = 50;

impl Services {
    /// Somebody in a room read up to there. Who reads in a room that is open to everybody belongs to
    /// it from then on: two things, of which each is asked for.
    pub(crate) fn read(
        &self,
        actor: &Actor,
        room: RoomRef<'_>,
        seq: Seq,
    ) -> Result<(), ServiceError> {
        let member = self.become_member(actor, room.id)?;
        self.has_space()?;
        self.move_read_position(actor, &member, room.key.clone(), seq)
    }

    /// A member read up to there.
    fn move_read_position(
        &self,
        actor: &Actor,
        member: &Member,
        key: RoomKey,
        seq: Seq,
    ) -> Result<(), ServiceError> {
        let permit = self.access.ask_in(actor, Action::MoveReadPosition, member.room())?;
        self.mark(&permit, actor, key, Marked::Read { seq, anew: false })
    }

    /// How far the actor has read in these rooms; what is not there is left out.
    pub(crate) async fn read_positions(
        &self,
        actor: &Actor,
        rooms: &[RoomName],
    ) -> Result<Vec<ReadState>, ServiceError> {
        let most = self.options.limits.max_rooms;
        if rooms.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let why = format!("ask for at most {most} rooms at once, not {}", rooms.len());
            return Err(ServiceError::malformed(why));
        }
        let person = actor.user_id().ok_or(ErrorCode::HelloRequired)?;
        let permit = self.access.ask(actor, Action::ReadPositions)?;
        let mut once = HashSet::new();
        let keys: Vec<RoomKey> =
            rooms.iter().map(RoomName::key).filter(|key| once.insert(key.clone())).collect();
        let mut states = Vec::with_capacity(keys.len());
        for keys in keys.chunks(ROOMS_AT_ONCE) {
            states.extend(self.guarded.unread(&permit, person, keys).await?);
        }
        Ok(states)
    }
}
