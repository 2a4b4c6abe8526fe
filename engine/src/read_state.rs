//! Who reads where: for their other sessions, and for those who look for them.

use std::collections::BTreeMap;

use maru_protocol::{SessionId, UserId};

use crate::{
    Effects, ReadMarker, Reader,
    cluster::{Gossip, ReadElsewhere, Topic},
    effect::{Delivery, Ephemeral, Item},
    event::{Event, SharedEvent},
    log::RoomId,
    state::Engine,
};

impl Engine {
    /// These people read on in a room, each by a session: what the room knows of those who are in it.
    #[must_use]
    pub fn readers(&self, who: Vec<(RoomId, UserId, SessionId)>) -> Vec<Option<Reader>> {
        let reader = |(id, user, by): (RoomId, UserId, SessionId)| {
            let room = self.rooms.get(&id)?;
            let name = room.person(&user)?.name.clone();
            let here = room.sessions_of(&user);
            let others = here > u32::from(room.holds(by)) || room.is_elsewhere(&user);
            Some(Reader { room: room.record().name.key(), name, others })
        };
        who.into_iter().map(reader).collect()
    }

    /// People's markers, for their other sessions on whichever node.
    pub(crate) fn read_markers(&mut self, markers: Vec<ReadMarker>, effects: &mut Effects) {
        let mut rooms: BTreeMap<RoomId, Vec<ReadMarker>> = BTreeMap::new();
        for marker in markers {
            rooms.entry(marker.room).or_default().push(marker);
        }
        for (id, markers) in rooms {
            self.tell_readers_elsewhere(id, &markers, effects);
            self.tell_readers(id, &markers, effects);
        }
    }

    /// One walk over the room's sessions, however many people are told of.
    fn tell_readers(&self, id: RoomId, markers: &[ReadMarker], effects: &mut Effects) {
        let Some(room) = self.rooms.get(&id) else { return };
        let of: BTreeMap<&UserId, &ReadMarker> =
            markers.iter().map(|marker| (&marker.user, marker)).collect();
        let mut out: BTreeMap<usize, Delivery> = BTreeMap::new();
        let mut events: BTreeMap<&UserId, SharedEvent> = BTreeMap::new();
        for (session, visitor) in room.sessions() {
            let marker = of.get(&visitor.user.id).filter(|marker| marker.by != Some(session));
            let Some(marker) = marker else { continue };
            let event = events
                .entry(&marker.user)
                .or_insert_with(|| SharedEvent::new(Event::Read(marker.state.clone())));
            let item = Item::Own { session, event: event.clone() };
            out.entry(visitor.worker).or_default().push(item);
        }
        let ephemeral = |(worker, items)| Ephemeral { worker, items, presence: None };
        effects.ephemeral.extend(out.into_iter().map(ephemeral));
    }

    fn tell_readers_elsewhere(&self, id: RoomId, markers: &[ReadMarker], effects: &mut Effects) {
        if self.cluster.is_none() {
            return;
        }
        let Some(room) = self.rooms.get(&id) else { return };
        let elsewhere = markers.iter().filter(|marker| room.is_elsewhere(&marker.user));
        let reads: Vec<ReadElsewhere> = elsewhere
            .map(|marker| ReadElsewhere { user: marker.user.clone(), state: marker.state.clone() })
            .collect();
        if !reads.is_empty() {
            effects.gossip(Topic::Room(id), Gossip::Read { reads });
        }
    }

    /// Somebody read on, on another node.
    pub(crate) fn show_readers(
        &self,
        id: RoomId,
        reads: Vec<ReadElsewhere>,
        effects: &mut Effects,
    ) {
        let Some(room) = self.rooms.get(&id) else { return };
        let here = reads.into_iter().filter(|read| room.here(&read.user).is_some());
        let markers: Vec<ReadMarker> = here
            .map(|ReadElsewhere { user, state }| ReadMarker { room: id, user, by: None, state })
            .collect();
        if !markers.is_empty() {
            self.tell_readers(id, &markers, effects);
        }
    }
}
