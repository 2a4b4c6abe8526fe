//! A client: it joins, talks, leaves, loses its connection and comes back where it was.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use maru_engine::{
    Command, Visitor,
    log::{Change, RoomId},
};
use maru_protocol::{DisplayName, Entry, MessageId, RoomInfo, Seq, SessionId, User, UserId};
use uuid::Uuid;

use crate::{
    node::Mail,
    plan::{MS, Plan},
    rng::Rng,
    world::{Event, Life, Place, SessionEvent, World},
};

/// What a client knows of a room; it keeps it while it is away.
#[derive(Default)]
pub struct View {
    /// The newest entry that it has.
    pub last: Option<Seq>,
    /// The oldest seq that it knows of, and the messages since.
    pub from: Seq,
    pub held: BTreeMap<Seq, Entry>,
    pub people: BTreeSet<UserId>,
    pub complete: bool,
    pub count: u32,
}

/// Something to be kept, until it is acknowledged.
#[derive(Clone, Debug)]
pub struct Request {
    pub room: RoomId,
    pub id: MessageId,
    pub what: Change,
}

pub struct Connection {
    pub place: Place,
    pub worker: usize,
    pub session: SessionId,
    pub visitor: Arc<Visitor>,
    /// The room that it is coming into, and the position that it has there.
    pub joining: Option<(RoomId, Option<Seq>)>,
    pub leaving: Option<RoomId>,
    pub joined: BTreeSet<RoomId>,
    /// Asked, and not answered.
    pub requests: BTreeMap<u32, Request>,
    pub next_reference: u32,
}

pub struct Client {
    pub user: UserId,
    names: [DisplayName; 2],
    pub life: Life,
    pub connection: Option<Connection>,
    /// The rooms that it wants to be in.
    wants: BTreeSet<RoomId>,
    pub views: BTreeMap<RoomId, View>,
    /// To be asked (again).
    pub unsent: VecDeque<Request>,
    watches: bool,
    pub directory: BTreeMap<RoomId, RoomInfo>,
}

impl Client {
    pub fn new(number: usize, plan: &Plan, rng: &mut Rng) -> Self {
        let user = number % plan.users;
        // Some have a name that looks like somebody else's.
        let named = if user > 0 && user.is_multiple_of(9) { user - 1 } else { user };
        let name = |text: String| DisplayName::parse(&text).unwrap();
        let wants = (1..=plan.rooms).filter(|_| rng.chance(600));
        Self {
            user: UserId(format!("u{user}")),
            names: [name(format!("Person {named}")), name(format!("Other {user}"))],
            life: 0,
            connection: None,
            wants: wants.map(|room| RoomId(i64::try_from(room).unwrap())).collect(),
            views: BTreeMap::new(),
            unsent: VecDeque::new(),
            watches: rng.chance(200),
            directory: BTreeMap::new(),
        }
    }

    /// The connection is gone: what has no answer is asked again on the next one.
    fn drop_connection(&mut self) -> Option<Connection> {
        self.life += 1;
        self.directory.clear();
        let mut connection = self.connection.take()?;
        let unanswered = std::mem::take(&mut connection.requests);
        self.unsent.extend(unanswered.into_values());
        Some(connection)
    }
}

impl World {
    /// A client's turn.
    pub fn client(&mut self, number: usize) {
        if self.silent {
            return;
        }
        // Before it is quiet all come back.
        let hurry = self.calm && !self.settled;
        let pause = if hurry { self.plan.pause.min(150 * MS) } else { self.plan.pause };
        let pause = self.about(pause);
        self.after(pause, Event::Client(number));
        let Some(connection) = &self.clients[number].connection else {
            if !self.settled {
                self.connect(number);
            }
            return;
        };
        if connection.joining.is_some() || connection.leaving.is_some() {
            // It may end in the middle of anything.
            if !self.settled && self.rng.chance(15) {
                self.disconnect(number);
            }
            return;
        }
        let missing = self.clients[number].wants.difference(&connection.joined);
        let missing: Vec<RoomId> = missing.copied().filter(|_| !self.settled).collect();
        if let Some(room) = self.rng.clone().pick(&missing).copied() {
            self.rng.next();
            return self.join(number, room);
        }
        self.act(number);
    }

    fn act(&mut self, number: usize) {
        if self.calm && self.plan.mute {
            return;
        }
        let joined: Vec<RoomId> =
            self.clients[number].connection.iter().flat_map(|one| one.joined.clone()).collect();
        if let Some(request) = self.clients[number].unsent.pop_front() {
            if joined.contains(&request.room) {
                return self.ask(number, request);
            }
            self.clients[number].wants.insert(request.room);
            return self.clients[number].unsent.push_back(request);
        }
        let Some(room) = self.rng.clone().pick(&joined).copied() else {
            if self.rng.chance(100) {
                self.want(number);
            }
            return;
        };
        if !self.settled && self.rng.chance(self.plan.churn) {
            match self.rng.index(4) {
                0 => self.leave(number, room),
                1 => self.want(number),
                _ => self.disconnect(number),
            }
        } else if self.rng.chance(150) {
            self.type_in(number, room);
        } else {
            self.say(number, room);
        }
    }

    fn want(&mut self, number: usize) {
        let room = 1 + self.rng.index(self.plan.rooms);
        self.clients[number].wants.insert(RoomId(i64::try_from(room).unwrap()));
    }

    fn connect(&mut self, number: usize) {
        let open = |place: &Place| {
            self.nodes[*place]
                .as_ref()
                .is_some_and(|node| !node.draining && node.frozen_until <= self.now)
        };
        let open: Vec<Place> = (0..self.nodes.len()).filter(open).collect();
        let Some(place) = self.rng.pick(&open).copied() else { return };
        let worker = self.rng.index(self.plan.workers);
        let session = SessionId(Uuid::from_u128(self.id()));
        let renamed = usize::from(self.rng.chance(150));
        let client = &mut self.clients[number];
        let name = client.names[renamed].clone();
        let skeletons = name.skeletons();
        let user = User { id: client.user.clone(), name };
        let visitor = Arc::new(Visitor { worker, user, skeletons });
        client.life += 1;
        client.connection = Some(Connection {
            place,
            worker,
            session,
            visitor,
            joining: None,
            leaving: None,
            joined: BTreeSet::new(),
            requests: BTreeMap::new(),
            next_reference: 1,
        });
        let watches = client.watches;
        let on = &mut self.node(place).workers[worker];
        on.sessions.insert(session, number);
        if watches {
            on.watchers.insert(session, number);
            self.post(place, Mail::Command(Command::Watch { session, on: true }));
        }
        self.note(|| format!("client {number}: connects to node {place}, {session}"));
    }

    /// A client goes, without a word.
    pub fn disconnect(&mut self, number: usize) {
        let Some(connection) = self.clients[number].drop_connection() else { return };
        let Connection { place, worker, session, .. } = connection;
        self.note(|| format!("client {number}: is gone from node {place}"));
        self.node(place).workers[worker].remove(session);
        self.post(place, Mail::Command(Command::Disconnect(session)));
    }

    /// A client's node is gone.
    pub fn cut_off(&mut self, place: Place) {
        for client in &mut self.clients {
            if client.connection.as_ref().is_some_and(|one| one.place == place) {
                client.drop_connection();
            }
        }
    }

    /// Subscribe, enter, answer, go live.
    fn join(&mut self, number: usize, room: RoomId) {
        let position = self.clients[number].views.get(&room).and_then(|view| view.last);
        let Some(connection) = &mut self.clients[number].connection else { return };
        connection.joining = Some((room, position));
        let (place, worker, session) = (connection.place, connection.worker, connection.session);
        self.note(|| format!("client {number}: joins {} after {position:?}", room.0));
        self.node(place).workers[worker].subscribe(room, session, number);
        // Its worker may know the room's number, or not.
        if self.rng.chance(600) {
            self.enter(number, room, None);
        } else {
            let later = self.about(self.plan.read_time / 2);
            self.session_after(number, later, SessionEvent::Find(room));
        }
    }

    fn leave(&mut self, number: usize, room: RoomId) {
        let client = &mut self.clients[number];
        let life = client.life;
        client.wants.remove(&room);
        let Some(connection) = &mut client.connection else { return };
        connection.joined.remove(&room);
        connection.leaving = Some(room);
        let (place, worker, session) = (connection.place, connection.worker, connection.session);
        self.note(|| format!("client {number}: leaves {}", room.0));
        self.node(place).workers[worker].unsubscribe(room, session);
        self.post(place, Mail::Exit(Command::Exit { session, room }, number, life));
    }

    fn type_in(&mut self, number: usize, room: RoomId) {
        let on = self.rng.chance(500);
        if let Some(connection) = &self.clients[number].connection {
            let (place, session) = (connection.place, connection.session);
            self.post(place, Mail::Command(Command::Typing { session, room, on }));
        }
    }

    pub fn enter(
        &mut self,
        number: usize,
        room: RoomId,
        record: Option<maru_engine::log::RoomRecord>,
    ) {
        let client = &self.clients[number];
        let Some(connection) = &client.connection else { return };
        let Some((_, position)) = connection.joining else { return };
        let (session, visitor) = (connection.session, connection.visitor.clone());
        let epoch = crate::session::EPOCH;
        let after = position.map(|seq| maru_protocol::Position { epoch, seq });
        let enter =
            maru_engine::Enter { session, visitor, room, record, after, epoch, holds_name: false };
        let (place, life) = (connection.place, client.life);
        self.post(place, Mail::Enter(Command::Enter(enter), number, life));
    }

    /// Who has to come back comes soon.
    pub fn hurry_clients(&mut self) {
        for number in 0..self.clients.len() {
            let later = self.rng.range(0, 500 * MS);
            self.after(later, Event::Client(number));
        }
    }
}
