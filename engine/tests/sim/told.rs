//! What reaches a client. It looks at everything that it is told: against the log, and against what
//! it was told before.

use std::collections::{BTreeMap, BTreeSet};

use maru_engine::{
    Answer, Event as Told, SharedEvent,
    log::{Change, RoomId, SessionRef},
    rooms::recent::FIRST_PAGE,
};
use maru_protocol::{Entry, ErrorCode, Presence, PresenceChange, RoomInfo, Seq};

use crate::{
    session::Joined,
    store::{hear, live, seq},
    world::World,
};

impl World {
    pub fn joined(&mut self, client: usize, room: RoomId, joined: Joined) {
        self.stats.joined += 1;
        let Some(connection) = &mut self.clients[client].connection else { return };
        let Some((_, position)) = connection.joining.take() else { return };
        connection.joined.insert(room);
        let (place, worker, session) = (connection.place, connection.worker, connection.session);
        let head = joined.head;
        self.note(|| {
            let (count, reset) = (joined.entries.len(), joined.reset);
            format!("client {client}: is in {} at {head} with {count}, reset {reset}", room.0)
        });
        self.told(head.get());
        self.check_joined(client, room, position, &joined);
        let view = self.clients[client].views.entry(room).or_default();
        view.last = Some(head);
        if position.is_none() || joined.reset {
            (view.from, view.held) = (joined.covers.from, BTreeMap::new());
        }
        joined.entries.iter().chain(&joined.updated).for_each(|entry| hear(&mut view.held, entry));
        self.check_held(client, room);
        for event in self.node(place).workers[worker].go_live(room, session, head) {
            self.event_told(client, room, &event);
        }
    }

    fn check_joined(
        &mut self,
        client: usize,
        room: RoomId,
        position: Option<Seq>,
        joined: &Joined,
    ) {
        let Joined { head, about, entries, covers, updated, reset } = joined;
        let log = self.store.room(room);
        let (now, wanted) = (log.head(), log.about(*head));
        let told: BTreeSet<Seq> = entries.iter().map(Entry::seq).collect();
        let in_order = entries.is_sorted_by_key(Entry::seq) && told.len() == entries.len();
        let within = told.iter().all(|seq| covers.contains(*seq));
        let ends = covers.to == *head && covers.from <= head.next();
        let hole = log.said(*covers, *head).find(|seq| !told.contains(seq));
        let all = || entries.iter().chain(updated);
        let right = all().all(|entry| same(log.entry(entry.seq()), entry));
        let silent = all().all(|entry| !log.speaks_of_deleted(entry, *head));
        let who = format!("client {client} in {}", room.0);
        let one_by_one = (0..head.get()).take_while(|n| told.contains(&seq(head.get() - n)));
        let one_by_one = one_by_one.count() as u64;
        let said = log.said(*covers, *head).count() as u64;
        let (messages, changed) = log.weight(position.unwrap_or_default(), *head);
        self.ensure(*head <= now, || format!("{who}: head {head} is above the log's {now}"));
        self.ensure(in_order && within && ends, || format!("{who}: {told:?} is not in {covers:?}"));
        self.ensure(hole.is_none(), || format!("{who}: a replay lacks {hole:?}, to {head}"));
        self.ensure(right, || format!("{who}: a replay is not what is in the log"));
        self.ensure(silent, || format!("{who}: a replay to {head} has a deleted text"));
        self.ensure(*about == wanted, || {
            format!("{who}: the room is about {about:?} at {head}, not {wanted:?}")
        });
        match position {
            Some(position) if !reset => self.ensure(covers.from == position.next(), || {
                format!("{who}: was at {position} and resumed at {}", covers.from)
            }),
            Some(position) => {
                let most = self.plan.max_replay;
                self.ensure(messages > most || changed > most, || {
                    format!("{who}: was at {position}, head {head}, and was reset")
                });
            }
            None => self.ensure(!reset, || format!("{who}: a reset without a position")),
        }
        if position.is_none() || *reset {
            let least = head.get().min(FIRST_PAGE.into());
            let enough = said >= FIRST_PAGE.into() || covers.from == seq(1);
            self.ensure(enough && one_by_one >= least, || {
                format!("{who}: a first page of {said} messages, {one_by_one} one by one")
            });
        }
    }

    /// Who has heard everything holds each message as it is.
    pub fn check_held(&mut self, client: usize, room: RoomId) {
        let log = self.store.room(room);
        let Some(view) = self.clients[client].views.get(&room) else { return };
        if view.last != Some(log.head()) {
            return;
        }
        let (held, there) = (live(&view.held, view.from), live(&log.heard, view.from));
        let wrong = held.iter().zip(&there).find(|(held, there)| held != there);
        let right = wrong.is_none() && held.len() == there.len();
        let wrong = format!("{wrong:?}, {} of {}", held.len(), there.len());
        self.ensure(right, || format!("client {client} in {} holds {wrong}", room.0));
    }

    /// Something of a room's stream reaches a client.
    pub fn event_told(&mut self, client: usize, room: RoomId, event: &SharedEvent) {
        if self.clients[client].connection.is_none() {
            return;
        }
        match &**event {
            Told::Entry(entry) => self.entry_told(client, room, entry),
            Told::Presence { count, change, .. } => {
                self.note(|| format!("client {client}: in {} {count}: {change:?}", room.0));
                self.told(u64::from(*count));
                self.presence_told(client, room, *count, change);
            }
            Told::Typing { user, .. } => {
                let there = self.clients[client].connection.as_ref().unwrap();
                let in_room = there.joined.contains(&room);
                let name = user.name.clone();
                self.ensure(in_room, || format!("client {client}: sees {name} type elsewhere"));
            }
            Told::Directory { .. } | Told::Removed { .. } | Told::Read(_) => {}
        }
    }

    fn entry_told(&mut self, client: usize, room: RoomId, entry: &Entry) {
        self.stats.delivered += 1;
        let seq = entry.seq();
        self.told(seq.get());
        let right = same(self.store.room(room).entry(seq), entry);
        self.ensure(right, || {
            format!("client {client} in {}: entry {seq} is not in the log (yet)", room.0)
        });
        let view = self.clients[client].views.entry(room).or_default();
        let last = view.last.replace(seq).unwrap_or_default();
        hear(&mut view.held, entry);
        self.ensure(seq == last.next(), || {
            format!("client {client} in {}: entry {seq} after {last}", room.0)
        });
    }

    pub fn told_presence(&mut self, client: usize, room: RoomId, presence: Presence) {
        self.note(|| format!("client {client}: enters {} with {presence:?}", room.0));
        let Presence { count, users, complete } = presence;
        let view = self.clients[client].views.entry(room).or_default();
        view.people = users.into_iter().map(|user| user.id).collect();
        (view.count, view.complete) = (count, complete);
        let fits = !complete || view.people.len() == usize::try_from(count).unwrap();
        self.ensure(fits, || format!("client {client} in {}: a roster of another size", room.0));
    }

    /// What was told before it came in reaches it too: only once it is quiet all of it fits.
    fn presence_told(&mut self, client: usize, room: RoomId, count: u32, change: &PresenceChange) {
        let view = self.clients[client].views.entry(room).or_default();
        view.count = count;
        match change {
            PresenceChange::Roster { users, complete } => {
                view.people = users.iter().map(|user| user.id.clone()).collect();
                view.complete = *complete;
            }
            PresenceChange::Delta { joined, left } => {
                for id in left {
                    view.people.remove(id);
                }
                view.people.extend(joined.iter().map(|user| user.id.clone()));
            }
        }
    }

    pub fn answered(&mut self, client: usize, to: SessionRef, answer: Answer) {
        let Some(connection) = &mut self.clients[client].connection else { return };
        let reference = to.reference.0;
        let Some(request) = connection.requests.remove(&reference) else {
            return self.fail(|| format!("client {client}: request {reference} is answered again"));
        };
        self.note(|| format!("client {client}: {reference} is answered: {answer:?}"));
        match answer {
            Answer::Sent { id, seq, .. } => {
                self.told(seq.get());
                let log = self.store.room(request.room);
                // What makes no difference is acknowledged as the newest change.
                let no_change = matches!(request.what, Change::Pin { .. } | Change::React { .. });
                let kept = log.seq_of(id) == Some(seq) || no_change;
                let there = seq <= log.head() && id == request.id && kept;
                self.ensure(there, || {
                    format!("client {client}: {reference} is acknowledged as {seq}, not there")
                });
            }
            Answer::Refused(refusal) => match refusal.code {
                ErrorCode::Overloaded | ErrorCode::Unavailable | ErrorCode::ShuttingDown => {
                    self.ask_later(client, request);
                }
                // Not asked again: whoever flips goes on flipping.
                ErrorCode::RateLimited if is_counted(&request.what) => {}
                // Somebody else deleted it meanwhile.
                ErrorCode::MessageNotFound if request.what.target().is_some() => {}
                ErrorCode::TooManyPins if matches!(request.what, Change::Pin { .. }) => {}
                code => self.fail(|| format!("client {client}: {reference} is refused: {code:?}")),
            },
        }
    }

    pub fn directory_told(&mut self, client: usize, rooms: &[RoomInfo]) {
        for info in rooms {
            let id = self.store.rooms.iter().find(|log| log.name == info.room).unwrap().id;
            self.clients[client].directory.insert(id, info.clone());
        }
    }
}

/// An entry as it was committed, or as it is read since.
fn same(log: Option<&Entry>, entry: &Entry) -> bool {
    let Some(log) = log else { return false };
    let (a, b) = (log.head(), entry.head());
    let kind = std::mem::discriminant(log) == std::mem::discriminant(entry)
        || (matches!(log, Entry::Message(_)) && matches!(entry, Entry::Tombstone(_)));
    a.id == b.id && a.seq == b.seq && a.sender.id == b.sender.id && kind
}

/// What one person may do only so often.
fn is_counted(what: &Change) -> bool {
    matches!(what, Change::React { .. } | Change::Pin { .. } | Change::Topic { .. })
}
