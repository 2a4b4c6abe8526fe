//! What a session does for its client: the steps of a join.

use maru_engine::{
    Command, Entered, SharedEvent,
    log::{Page, RoomId},
    rooms::recent::{FIRST_PAGE, PageRead, Replay},
};
use maru_protocol::{About, Covers, Entry, Epoch, ErrorCode, Seq};
use uuid::Uuid;

use crate::{
    node::Mail,
    world::{Life, SessionEvent, Wanted, World},
};

/// The log's, as nothing is ever restored.
pub const EPOCH: Epoch = Epoch(Uuid::from_u128(7));

/// What a client is given when it joins.
pub struct Joined {
    pub head: Seq,
    pub about: About,
    pub entries: Vec<Entry>,
    pub covers: Covers,
    pub updated: Vec<Entry>,
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
            SessionEvent::Read(room, wanted, offer) => {
                let page = (!self.read_fails()).then(|| match wanted {
                    Wanted::After(after) => self.store.missed(room, after, self.plan.max_replay),
                    Wanted::Newest => Some(self.store.newest(room, FIRST_PAGE)),
                });
                let later = self.about(self.plan.read_time / 2);
                self.session_after(client, later, SessionEvent::Page(room, wanted, offer, page));
            }
            SessionEvent::Page(room, wanted, offer, page) => match page {
                Some(Some(page)) => self.page_read(client, room, wanted, offer, page),
                Some(None) => self.read_page(client, room, Wanted::Newest, offer),
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
                    Replay::Known { head, about, from, entries, reset } => {
                        let entry = |event: &SharedEvent| event.entry().unwrap().clone();
                        let entries = entries.iter().map(entry).collect();
                        let (covers, updated) = (Covers { from, to: head }, Vec::new());
                        let joined = Joined { head, about, entries, covers, updated, reset };
                        self.joined(client, room, joined);
                    }
                    Replay::Journal { offer } => {
                        let wanted = self.missed(client);
                        self.read_page(client, room, wanted, offer);
                    }
                }
            }
            Err(ErrorCode::NameTaken) => self.give_up(client, room),
            Err(code) => self.fail(|| format!("client {client}: a join was refused: {code:?}")),
        }
    }

    fn missed(&self, client: usize) -> Wanted {
        let joining = self.clients[client].connection.as_ref().and_then(|one| one.joining);
        let position = joining.and_then(|(_, position)| position);
        position.map_or(Wanted::Newest, Wanted::After)
    }

    fn read_page(&mut self, client: usize, room: RoomId, wanted: Wanted, offer: bool) {
        let later = self.about(self.plan.read_time / 2);
        self.session_after(client, later, SessionEvent::Read(room, wanted, offer));
    }

    fn page_read(&mut self, client: usize, room: RoomId, wanted: Wanted, offer: bool, page: Page) {
        let Some(connection) = &self.clients[client].connection else { return };
        let (place, session) = (connection.place, connection.session);
        let position = connection.joining.and_then(|(_, position)| position);
        let reset = position.is_some() && matches!(wanted, Wanted::Newest);
        let Page { entries, covers, updated, head, about } = page;
        if offer {
            let events: Vec<_> = entries.iter().cloned().map(SharedEvent::from).collect();
            let read = PageRead::newest(head, about.clone(), covers.from, &events);
            self.post(place, Mail::Command(Command::Offer { session, room, read }));
        }
        self.joined(client, room, Joined { head, about, entries, covers, updated, reset });
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
