//! What a session does for its client: the steps of a join.

use maru_engine::{
    Command, Entered, SharedEvent,
    log::{Page, PageRange, RoomId},
    rooms::recent::{PageRead, Replay},
};
use maru_protocol::{About, Entry, Epoch, ErrorCode, Seq};
use uuid::Uuid;

use crate::{
    node::Mail,
    world::{Life, SessionEvent, World},
};

/// The log's, as nothing is ever restored.
pub const EPOCH: Epoch = Epoch(Uuid::from_u128(7));

/// Entries of a room that a client without a position gets, and that are handed over.
pub const FIRST_PAGE: u32 = 50;
const HANDED_OVER: usize = 64;

/// What a client is given when it joins.
pub struct Joined {
    pub head: Seq,
    pub about: About,
    pub entries: Vec<Entry>,
    pub reset: bool,
}

impl World {
    pub fn session(&mut self, client: usize, life: Life, event: SessionEvent) {
        if self.clients[client].life != life {
            return;
        }
        match event {
            SessionEvent::Find(room) => {
                let record = (!self.read_fails()).then(|| self.store.record(room));
                let later = self.about(self.plan.read_time / 2);
                self.session_after(client, later, SessionEvent::Found(room, record));
            }
            SessionEvent::Found(room, Some(record)) => self.enter(client, room, Some(record)),
            SessionEvent::Found(room, None) => self.give_up(client, room),
            SessionEvent::Entered(room, entered) => self.entered(client, room, entered),
            SessionEvent::Read(room, range, offer) => {
                let page = (!self.read_fails()).then(|| self.store.page(room, range));
                let later = self.about(self.plan.read_time / 2);
                self.session_after(client, later, SessionEvent::Page(room, range, offer, page));
            }
            SessionEvent::Page(room, range, offer, page) => match page {
                Some(page) => self.page_read(client, room, range, offer, page),
                None => self.give_up(client, room),
            },
            SessionEvent::Left(room) => {
                if let Some(connection) = &mut self.clients[client].connection
                    && connection.leaving == Some(room)
                {
                    connection.leaving = None;
                }
            }
        }
    }

    fn read_fails(&mut self) -> bool {
        !self.store.up || (!self.calm && self.rng.chance(self.plan.read_fails))
    }

    fn entered(&mut self, client: usize, room: RoomId, entered: Result<Entered, ErrorCode>) {
        match entered {
            Ok(Entered::RecordNeeded) => {
                let later = self.about(self.plan.read_time / 2);
                self.session_after(client, later, SessionEvent::Find(room));
            }
            Ok(Entered::In { members, replay, .. }) => {
                self.told_presence(client, room, members);
                match replay {
                    Replay::Known { head, about, entries, reset } => {
                        let entry = |event: &SharedEvent| event.entry().unwrap().clone();
                        let entries = entries.iter().map(entry).collect();
                        self.joined(client, room, Joined { head, about, entries, reset });
                    }
                    Replay::Journal { offer } => {
                        let range = self.missed(client);
                        self.read_page(client, room, range, offer);
                    }
                }
            }
            Err(ErrorCode::NameTaken) => self.give_up(client, room),
            Err(code) => self.fail(|| format!("client {client}: a join was refused: {code:?}")),
        }
    }

    fn missed(&self, client: usize) -> PageRange {
        let limit = u32::try_from(self.plan.max_replay).unwrap() + 1;
        let joining = self.clients[client].connection.as_ref().and_then(|one| one.joining);
        match joining.and_then(|(_, position)| position) {
            Some(after) => PageRange::After { after, limit },
            None => PageRange::Newest { limit: FIRST_PAGE },
        }
    }

    fn read_page(&mut self, client: usize, room: RoomId, range: PageRange, offer: bool) {
        let later = self.about(self.plan.read_time / 2);
        self.session_after(client, later, SessionEvent::Read(room, range, offer));
    }

    fn page_read(
        &mut self,
        client: usize,
        room: RoomId,
        range: PageRange,
        offer: bool,
        page: Page,
    ) {
        if let PageRange::After { limit, .. } = range
            && page.entries.len() >= usize::try_from(limit).unwrap()
        {
            return self.read_page(client, room, PageRange::Newest { limit: FIRST_PAGE }, offer);
        }
        let Some(connection) = &self.clients[client].connection else { return };
        let (place, session) = (connection.place, connection.session);
        let position = connection.joining.and_then(|(_, position)| position);
        let reset = position.is_some() && matches!(range, PageRange::Newest { .. });
        let Page { entries, head, about } = page;
        if offer {
            let newest = entries[entries.len().saturating_sub(HANDED_OVER)..].iter();
            let entries = newest.cloned().map(SharedEvent::from).collect();
            let read = PageRead { head, about: about.clone(), entries };
            self.post(place, Mail::Command(Command::Offer { session, room, read }));
        }
        self.joined(client, room, Joined { head, about, entries, reset });
    }

    /// The join failed: it is tried again some other time.
    fn give_up(&mut self, client: usize, room: RoomId) {
        let life = self.clients[client].life;
        let Some(connection) = &mut self.clients[client].connection else { return };
        connection.joining = None;
        connection.leaving = Some(room);
        let (place, worker, session) = (connection.place, connection.worker, connection.session);
        self.node(place).workers[worker].unsubscribe(room, session);
        self.post(place, Mail::Exit(Command::Exit { session, room }, client, life));
    }
}
