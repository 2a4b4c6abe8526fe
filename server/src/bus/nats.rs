//! The bus of a cluster: core NATS, without streams or stores.
//!
//! ```text
//! send ─▶ queue ─▶ outgoing ──▶ client ──▶ {prefix}.room.{id}, {prefix}.nodes
//! follow ─▶ wishes ─▶ subscriptions ─▶ client: SUB, one per room
//! BusEvents ◀─ one small task per room ◀─── client
//! ```
//!
//! Everything runs on one thread of its own with a runtime of its own, so that neither a busy bus
//! disturbs the engine nor the other way round. A connection that is lost, or that says nothing for
//! some two seconds, is made anew for ever; meanwhile what is sent is dropped and counted.
//!
//! An account that is restricted needs to publish and to subscribe to `{prefix}.>`.

mod budget;
mod connection;
mod frame;
mod outgoing;
mod shared;
mod subscriptions;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::mpsc;
use uuid::Uuid;

use self::{outgoing::Outgoing, shared::Shared};
use super::{Bus, BusEvents, NodeId, Topic};
use crate::{journal::RoomId, metrics::Metrics};

/// How to reach NATS, and how much may wait.
#[derive(Clone)]
pub struct NatsOptions {
    /// `nats://` or `tls://` with host and port, user and password or a token where they are asked
    /// for; several servers of one cluster separated by commas.
    pub url: String,
    /// What subjects begin with: one word.
    pub prefix: String,
    /// Which nodes belong together: those of one journal, by its epoch. What others say under the
    /// same prefix is ignored.
    pub cluster: Uuid,
    /// Messages heard that nobody took yet: a tenth of a second at 40,000 a second, more than a node
    /// takes in. Beyond it they are dropped.
    pub ears: usize,
    /// Bytes of these.
    pub ears_bytes: usize,
    /// Messages to be sent: as long. Beyond it they are dropped.
    pub sends: usize,
    /// Bytes of these.
    pub sends_bytes: usize,
    /// How often the server is asked whether it is there; two questions without an answer and the
    /// time for a third end the connection.
    pub ping: Duration,
    /// How long a handshake may take.
    pub handshake: Duration,
}

impl NatsOptions {
    /// The usual bounds.
    #[must_use]
    pub fn new(url: &str, prefix: &str, cluster: Uuid) -> Self {
        Self {
            url: url.to_owned(),
            prefix: prefix.to_owned(),
            cluster,
            ears: 4_096,
            ears_bytes: 16 << 20,
            sends: 4_096,
            sends_bytes: 16 << 20,
            ping: Duration::from_millis(700),
            handshake: Duration::from_secs(1),
        }
    }
}

/// The URL may hold a password.
impl fmt::Debug for NatsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsOptions").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Not an address of NATS.
    #[error("bus.url is no address of NATS, such as nats://127.0.0.1:4222")]
    Url,
    /// No thread could be started.
    #[error("the bus can't start: {0}")]
    Thread(#[from] std::io::Error),
}

/// A connection to NATS, made anew whenever it is lost. Dropping it sends what waits, for half a
/// second at most, and ends it.
pub struct Nats {
    shared: Arc<Shared>,
    sends: mpsc::Sender<(Topic, Bytes)>,
}

impl Nats {
    /// A bus, and what is heard on it. NATS need not be there yet: the bus is away until it is.
    ///
    /// # Errors
    /// [`BusError`]: the address can't be one, or the thread could not be started.
    pub fn connect(
        options: NatsOptions,
        metrics: Arc<Metrics>,
    ) -> Result<(Arc<dyn Bus>, BusEvents), BusError> {
        let servers = connection::servers(&options.url)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sends, queue) = mpsc::channel(options.sends.max(1));
        let (ears, heard) = mpsc::channel(options.ears.max(1));
        let node = NodeId(Uuid::now_v7());
        let shared = Arc::new(Shared::new(node, &options, metrics));
        let inner = shared.clone();
        std::thread::Builder::new().name("maru-bus".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Some((client, link)) = connection::connect(servers, &options, &inner).await
                else {
                    return;
                };
                let subscriptions = subscriptions::Subscriptions::new(
                    client.clone(),
                    inner.clone(),
                    ears,
                    link.clone(),
                );
                tokio::spawn(subscriptions.run());
                Outgoing { client, shared: inner, queue, link }.run().await;
            });
            // A name that is being looked up is not waited for.
            runtime.shutdown_background();
        })?;
        Ok((Arc::new(Self { shared, sends }), heard))
    }
}

impl Bus for Nats {
    fn node(&self) -> NodeId {
        self.shared.node
    }

    fn follow(&self, room: RoomId) {
        self.shared.wish(room, true);
    }

    fn unfollow(&self, room: RoomId) {
        self.shared.wish(room, false);
    }

    fn send(&self, to: Topic, message: Bytes) {
        let shared = &self.shared;
        if !shared.is_up() {
            return shared.dropped("away");
        }
        let framed = shared.frame(&message);
        let size = framed.len();
        if !shared.sending.take(size) {
            return shared.dropped("sends_full");
        }
        if self.sends.try_send((to, framed)).is_err() {
            shared.sending.give(size);
            shared.dropped("sends_full");
        }
    }
}
