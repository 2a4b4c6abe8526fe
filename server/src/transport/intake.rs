//! Who is let in: TCP connections, and what leaves HTTP for longer.

use std::{
    future::{Ready, ready},
    net::IpAddr,
    rc::Rc,
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::{Payload, RequestHead},
    web,
};
use tokio::net::TcpStream;

use super::{
    accepted::{Accepted, Line, Lines, Room},
    client_address,
    http::{ApiError, State},
};
use crate::{
    limits::{Caller, Held, Limited, Limits, Pace, Place, Rate},
    metrics::Metrics,
    settings::{Proxies, ProxySays},
};

/// What decides who is let in. Shared by all threads.
pub struct Intake {
    limits: Arc<Limits>,
    proxies: Proxies,
    metrics: Arc<Metrics>,
    options: IntakeOptions,
    sockets: AtomicUsize,
    warned: Once,
}

/// The bounds of connections that are no WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct IntakeOptions {
    /// Most of all.
    pub sockets: usize,
    /// Most of one worker thread in which no request is under way.
    pub unfinished: usize,
    /// Bytes a second that whoever is answered takes at least.
    pub least_rate: u64,
    /// What that is counted over.
    pub span: Duration,
}

/// A connection that was let in to stay: a WebSocket, or a session of Engine.IO.
pub struct Entry {
    /// Who it is, as far as limits go.
    pub caller: Caller,
    /// Its place among those of its address.
    pub place: Held,
}

impl Intake {
    /// An intake without connections.
    #[must_use]
    pub fn new(
        limits: Arc<Limits>,
        proxies: Proxies,
        metrics: Arc<Metrics>,
        options: IntakeOptions,
    ) -> Arc<Self> {
        let (sockets, warned) = (AtomicUsize::new(0), Once::new());
        Arc::new(Self { limits, proxies, metrics, options, sockets, warned })
    }

    /// One for another application of the transport, as the examples are: behind no proxy, for no more
    /// connections than a machine has without being set up for them.
    #[must_use]
    pub fn simple(limits: Arc<Limits>, metrics: Arc<Metrics>) -> Arc<Self> {
        let options = IntakeOptions {
            sockets: 4_096,
            unfinished: 1_024,
            least_rate: 0,
            span: Duration::from_secs(30),
        };
        Self::new(limits, Proxies::default(), metrics, options)
    }

    /// The connections of one worker thread.
    pub(super) fn lines(&self) -> Rc<Lines> {
        Lines::new(self.options.unfinished)
    }

    /// Who asks.
    #[must_use]
    pub fn caller(&self, request: &HttpRequest) -> Caller {
        let line = request.conn_data::<Rc<Line>>();
        match line.and_then(|line| line.caller()) {
            Some(caller) => caller.clone(),
            None => self.limits.caller(self.address(request)),
        }
    }

    /// Lets somebody in to stay.
    ///
    /// # Errors
    /// [`Limited`] when too many of the address came, or are there.
    pub fn enter(&self, request: &HttpRequest) -> Result<Entry, Limited> {
        let caller = self.caller(request);
        caller.take(Rate::Handshakes)?;
        let place = caller.enter(Place::Connections)?;
        Ok(Entry { caller, place })
    }

    /// Where a request comes from, by what is known of it.
    #[must_use]
    pub fn address(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.conn_data::<Rc<Line>>().map(|line| line.peer());
        // A request without a connection is one of a test.
        let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        client_address::of(peer, &self.proxies, request.headers())
    }

    /// A TCP connection, before a byte of a request is read. None for one that is not let in.
    pub(super) async fn accept(self: &Arc<Self>, mut io: TcpStream) -> Option<Arrived> {
        let mut peer = io.peer_addr().ok()?.ip().to_canonical();
        let mut of_proxy = self.proxies.trusts(peer);
        if of_proxy
            && self.proxies.says == ProxySays::ProxyProtocol
            && let Some(client) = client_address::read_proxy_header(&mut io).await.ok()?
        {
            peer = client.to_canonical();
            of_proxy = false;
        }
        if of_proxy {
            return Some(Arrived { io, peer, caller: None, place: None });
        }
        let caller = self.limits.caller(peer);
        let place = caller.enter(Place::Sockets).ok()?;
        Some(Arrived { io, peer, caller: Some(caller), place: Some(place) })
    }

    /// Takes one into the count. None when there are too many, a request is under way in each, and the spare
    /// places are taken as well.
    pub(super) fn admit(self: &Arc<Self>, arrived: Arrived, lines: &Rc<Lines>) -> Option<Accepted> {
        let mut room = Room::Regular;
        if self.sockets.fetch_add(1, Ordering::AcqRel) >= self.options.sockets {
            self.shed("full");
            let Some(made) = lines.make_room() else {
                self.sockets.fetch_sub(1, Ordering::AcqRel);
                return None;
            };
            room = made;
        }
        self.metrics.sockets.inc();
        let Arrived { io, peer, caller, place } = arrived;
        let line = Line::new(peer, caller, lines.clone(), self.clone(), room);
        Some(Accepted::new(io, line, place))
    }

    /// How fast an answer has to be taken.
    pub(super) fn pace(&self) -> Pace {
        Pace::new(self.options.least_rate, self.options.span)
    }

    /// One of the connections is over, or left HTTP.
    pub(super) fn left(&self) {
        self.sockets.fetch_sub(1, Ordering::AcqRel);
        self.metrics.sockets.dec();
    }

    /// Counts a connection that the server closes for others' sake.
    pub(super) fn shed(&self, reason: &str) {
        self.metrics.sockets_shed.with_label_values(&[reason]).inc();
    }

    /// Tells the operator, once, of a proxy that they may have forgotten: everybody behind it counts as
    /// one address.
    pub(super) fn look_for_proxy(&self, head: &RequestHead, peer: IpAddr) {
        if self.warned.is_completed() {
            return;
        }
        let private = match peer {
            IpAddr::V4(peer) => peer.is_private() || peer.is_loopback(),
            IpAddr::V6(peer) => peer.is_unique_local() || peer.is_loopback(),
        };
        let forwarded = ["x-forwarded-for", "forwarded"];
        if private && forwarded.iter().any(|name| head.headers().contains_key(*name)) {
            self.warned.call_once(|| {
                // Once, although whoever sits in the same network can bring it about. In full, whatever
                // `log.addresses` says: it is what the operator has to write down.
                log::warn!(
                    peer:%;
                    "requests come through a proxy that proxies.trusted does not name: all that come \
                     through it count as one address"
                );
            });
        }
    }
}

/// Whoever sends a request.
impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>();
        ready(state.map(|state| state.intake.caller(request)).ok_or(ApiError::Stopping))
    }
}

/// A TCP connection of which it is known who it comes from.
pub(super) struct Arrived {
    io: TcpStream,
    peer: IpAddr,
    /// None for a proxy's: who calls is in each request.
    caller: Option<Caller>,
    place: Option<Held>,
}
