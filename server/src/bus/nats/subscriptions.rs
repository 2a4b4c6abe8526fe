//! Which rooms are heard.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_nats::{Client, Request, RequestErrorKind, SubscribeError, Subscriber};
use futures_util::StreamExt;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep,
};

use super::{connection::ConnectionState, shared::Shared};
use crate::{
    bus::{BusEvent, Topic},
    journal::RoomId,
};

/// How long the server may take to say that it heard; then it is asked again.
const ECHO: Duration = Duration::from_secs(1);
/// Between two such questions when something is wrong with them.
const AGAIN: Duration = Duration::from_millis(250);

/// Makes what is heard what is wished, and says when it is.
///
/// The client subscribes anew by itself whenever it connects. What this adds is to *know* that the
/// server has taken the subscriptions: it handles what a connection says in order, so a question
/// behind them is answered after them.
pub(super) struct Subscriptions {
    client: Client,
    shared: Arc<Shared>,
    ears: mpsc::Sender<BusEvent>,
    link: watch::Receiver<ConnectionState>,
    /// The connection's state that was last reported as a [`BusEvent`].
    told: ConnectionState,
    nodes: Option<Subscription>,
    rooms: HashMap<RoomId, Subscription>,
    /// Wishes that were taken and not fulfilled.
    wishes: VecDeque<(RoomId, bool)>,
    /// Rooms that are subscribed to and not known to be heard.
    unsure: VecDeque<RoomId>,
}

/// There is no client, or nobody listens, any more.
struct Gone;

impl Subscriptions {
    pub(super) fn new(
        client: Client,
        shared: Arc<Shared>,
        ears: mpsc::Sender<BusEvent>,
        link: watch::Receiver<ConnectionState>,
    ) -> Self {
        Self {
            client,
            shared,
            ears,
            link,
            told: ConnectionState::default(),
            nodes: None,
            rooms: HashMap::new(),
            wishes: VecDeque::new(),
            unsure: VecDeque::new(),
        }
    }

    /// Runs until the client or the listener is gone.
    pub(super) async fn run(mut self) {
        while self.step().await.is_ok() {}
    }

    /// One state of the connection, up to the next one. Whatever is cut short by a change is taken
    /// up again: nothing is taken off its list before it is done.
    async fn step(&mut self) -> Result<(), Gone> {
        let link = *self.link.borrow_and_update();
        let mut changes = self.link.clone();
        self.tell(link).await?;
        loop {
            tokio::select! {
                biased;
                changed = changes.changed() => return changed.map_err(|_| Gone),
                // Wishes wait while the bus is away.
                done = self.catch_up(), if link.up => done?,
            }
            let shared = self.shared.clone();
            tokio::select! {
                changed = changes.changed() => return changed.map_err(|_| Gone),
                () = shared.wished() => {}
            }
        }
    }

    /// A connection that is lost, or was and came anew, is told of at once; one that came when it
    /// is known to be heard on.
    async fn tell(&mut self, link: ConnectionState) -> Result<(), Gone> {
        if self.told.up && link != self.told {
            self.told.up = false;
            self.hear(BusEvent::Disconnected).await?;
        }
        if link.times != self.told.times {
            // The client has all subscriptions, and tells the server before anything else.
            self.unsure = self.rooms.keys().copied().collect();
            self.told.times = link.times;
        }
        Ok(())
    }

    async fn hear(&self, heard: BusEvent) -> Result<(), Gone> {
        self.ears.send(heard).await.map_err(|_| Gone)
    }

    /// Fulfils every wish, and says so.
    async fn catch_up(&mut self) -> Result<(), Gone> {
        if self.nodes.is_none() {
            self.nodes = Some(self.read(Topic::Nodes).await.map_err(|_| Gone)?);
        }
        loop {
            self.wishes.extend(self.shared.take_wishes());
            while let Some((room, follow)) = self.wishes.front().copied() {
                if !follow {
                    self.rooms.remove(&room);
                } else if !self.rooms.contains_key(&room) {
                    let reader = self.read(Topic::Room(room)).await.map_err(|_| Gone)?;
                    self.rooms.insert(room, reader);
                    self.unsure.push_back(room);
                }
                self.wishes.pop_front();
            }
            if self.told.up && self.unsure.is_empty() {
                return Ok(());
            }
            self.be_sure().await;
            if !self.told.up {
                self.hear(BusEvent::Connected).await?;
                self.told.up = true;
            }
            while let Some(room) = self.unsure.front().copied() {
                if self.rooms.contains_key(&room) {
                    self.hear(BusEvent::Following(room)).await?;
                }
                self.unsure.pop_front();
            }
        }
    }

    /// Returns when the server has handled what was said before: it answers that nobody is there.
    async fn be_sure(&self) {
        let subject = format!("{}.nobody", self.shared.prefix);
        loop {
            let inbox = self.client.new_inbox();
            let question = Request::new().inbox(inbox).timeout(Some(ECHO));
            match self.client.send_request(subject.clone(), question).await {
                Ok(_) => return,
                Err(error) if error.kind() == RequestErrorKind::NoResponders => return,
                Err(error) => {
                    log::debug!(error:% = error; "NATS does not answer; asking again");
                    sleep(AGAIN).await;
                }
            }
        }
    }

    async fn read(&self, topic: Topic) -> Result<Subscription, SubscribeError> {
        let subscriber = self.client.subscribe(self.shared.subject(topic)).await?;
        let (shared, ears) = (self.shared.clone(), self.ears.clone());
        Ok(Subscription(tokio::spawn(read(subscriber, topic, shared, ears))))
    }
}

async fn read(
    mut subscriber: Subscriber,
    topic: Topic,
    shared: Arc<Shared>,
    ears: mpsc::Sender<BusEvent>,
) {
    while let Some(message) = subscriber.next().await {
        shared.hear(topic, message.payload, &ears);
    }
}

/// A task that reads one subscription. Dropped, both end.
struct Subscription(JoinHandle<()>);

impl Drop for Subscription {
    fn drop(&mut self) {
        self.0.abort();
    }
}
