//! How far somebody has read, and who else reads there.

use std::collections::HashSet;

use maru_protocol::{Beginning, ErrorCode, Ref, RoomKey, RoomName, Seq, ServerFrame, User, UserId};

use crate::{
    journal::{Full, MOST_MEMBERS, Mark, Marked, ReadQuery, RoomId},
    runtime::messages::Present,
    services::MarkerUpdate,
    session::{Session, refusal::Refusal},
};

/// Rooms in one question to the store: what others ask has its turn between two.
const ROOMS_AT_ONCE: usize = 50;

impl Session {
    pub(crate) fn read_on(&self, name: &RoomName, seq: Seq) -> Result<(), Refusal> {
        let room = self.joined(name).map_err(|refusal| Refusal {
            message: "join the room before you read in it".to_owned(),
            ..refusal
        })?;
        self.mark(room, name.key(), Marked::Read { seq, anew: false })
    }

    /// Takes a step in, to be kept with others.
    pub(crate) fn mark(&self, room: RoomId, key: RoomKey, what: Marked) -> Result<(), Refusal> {
        let user = self.user().ok_or(ErrorCode::HelloRequired)?.clone();
        let mark = Mark { room, user, what, at: self.worker.clock.now_ms() };
        self.worker.markers.put(key, MarkerUpdate { mark, by: self.id }).map_err(|Full| {
            let message = "the server has more read markers to store than it can queue";
            Refusal::new(ErrorCode::Overloaded, message)
        })
    }

    /// They are no member any more of a room that they went out of, or were not in.
    pub(crate) async fn forget(
        &self,
        name: &RoomName,
        left: Option<RoomId>,
    ) -> Result<(), Refusal> {
        let key = name.key();
        let room = match left.or_else(|| self.worker.names.id(&key)) {
            Some(room) => room,
            None => match self.worker.journal.room(key.clone()).await? {
                Some(record) => record.id,
                None => return Ok(()),
            },
        };
        self.mark(room, key, Marked::Left)
    }

    pub(crate) async fn unread(&self, reference: Ref, rooms: Vec<RoomName>) -> Result<(), Refusal> {
        let most = self.worker.options.limits.max_rooms;
        if rooms.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let message = format!("ask for at most {most} rooms at once, not {}", rooms.len());
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        let person = &self.user().ok_or(ErrorCode::HelloRequired)?.id;
        let mut once = HashSet::new();
        let keys: Vec<RoomKey> =
            rooms.iter().map(RoomName::key).filter(|key| once.insert(key.clone())).collect();
        let mut states = Vec::with_capacity(keys.len());
        for keys in keys.chunks(ROOMS_AT_ONCE) {
            let asked = keys.iter().map(|key| ReadQuery {
                person: person.clone(),
                room: key.clone(),
                waiting: self.worker.markers.waiting(person, key).map(|(what, _)| what),
            });
            let of_these = self.worker.markers.store().unread(asked.collect()).await?;
            states.extend(of_these.into_iter().flatten());
        }
        self.answer(&ServerFrame::Unread { reference, rooms: states });
        Ok(())
    }

    pub(crate) async fn members(
        &self,
        reference: Ref,
        name: RoomName,
        query: Option<String>,
    ) -> Result<(), Refusal> {
        let room = self.joined(&name).map_err(|refusal| Refusal {
            message: "join the room before you look for its members".to_owned(),
            ..refusal
        })?;
        let users = match Beginning::of(query.as_deref().unwrap_or_default()) {
            Some(beginning) => self.who(room, &name.key(), beginning).await?,
            None => Vec::new(),
        };
        self.answer(&ServerFrame::Members { reference, room: name, users });
        Ok(())
    }

    /// Who is there, by the name they have now, and who has read there.
    async fn who(
        &self,
        room: RoomId,
        key: &RoomKey,
        beginning: Beginning,
    ) -> Result<Vec<User>, Refusal> {
        let present = self.worker.server.send(Present { room, of: None }).await?;
        let known = self.worker.markers.store().members(room, beginning.clone()).await?;
        let mut users: Vec<User> = known
            .into_iter()
            .filter(|user| present.iter().all(|other| other.id != user.id))
            .filter(|user| !self.has_left(&user.id, key))
            .collect();
        users.extend(present.into_iter().filter(|user| user.name.begins_with(&beginning)));
        users.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        users.truncate(MOST_MEMBERS);
        Ok(users)
    }

    fn has_left(&self, person: &UserId, key: &RoomKey) -> bool {
        matches!(self.worker.markers.waiting(person, key), Some((Marked::Left, _)))
    }

    /// Those of these people who are in the room or have read there: each by the name they have now
    /// and, where it is another one, by the one they last read by.
    pub(crate) async fn known(
        &self,
        room: RoomId,
        key: &RoomKey,
        ids: Vec<UserId>,
    ) -> Result<Vec<User>, Refusal> {
        let of = Some(ids.clone());
        let mut users = self.worker.server.send(Present { room, of }).await?;
        let waiting = ids.iter().filter_map(|id| self.worker.markers.waiting(id, key));
        let reads = |what| matches!(what, Marked::Read { .. });
        users.extend(waiting.filter(|(what, _)| reads(*what)).map(|(_, user)| user));
        let kept = self.worker.markers.store().known(room, ids).await?;
        users.extend(kept.into_iter().filter(|user| !self.has_left(&user.id, key)));
        Ok(users)
    }
}
