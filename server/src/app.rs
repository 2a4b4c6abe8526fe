//! The only place that builds the parts and wires them, and the order in which they start and
//! stop.

mod error;
mod files;
mod lost;
mod nodes;
mod search;
mod sockets;
mod stop;
mod store;
#[cfg(test)]
mod tests;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use actix::{Actor, Addr, Arbiter, System};
use actix_server::ServerHandle;
use actix_web::web;
use maru_protocol::{RoomName, ServerInfo};
use tokio::sync::oneshot;

pub use error::AppError;
use nodes::Nodes;
use search::Searching;

use crate::{
    auth::{Identities, SignOuts},
    clock::{Clock, SystemClock},
    journal::{FreeSpace, Journal, Names, Removals, Renames, free_bytes},
    limits::{self, Limits},
    metrics::Metrics,
    runtime::{OpenCount, Options, chat_server::ChatServer, overhear, relay},
    services::{
        self, EmptyRooms, EndedNames, ReadMarkers, RoomRemover, RoomRenamer, Services, SignOutSync,
        SilentGuests,
        access::{OpenRooms, Policy},
    },
    settings::{AllowedOrigins, Frontend, Origin, Settings},
    transport::{
        engineio::Homes,
        http,
        intake::{Intake, IntakeOptions},
        listener, page,
    },
};

/// Where a running server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP and the WebSocket.
    pub http: SocketAddr,
    /// The frontend's files, if this server serves them.
    pub frontend: Option<SocketAddr>,
    /// `/metrics`, if on.
    pub metrics: Option<SocketAddr>,
}

/// Runs a server until SIGTERM or SIGINT, then stops it cleanly.
///
/// # Errors
/// [`AppError`]: one sentence for the operator. Once `announce` was called only
/// [`AppError::JournalGone`], after a stop as clean as it can be then.
pub fn run(settings: Settings, announce: impl FnOnce(Addresses)) -> Result<(), AppError> {
    System::new().block_on(async move {
        let signals = stop::Signals::listen()?;
        let policy = OpenRooms { anonymous_reading: settings.http.anonymous_reading };
        let running = start(settings, Arc::new(policy)).await?;
        announce(running.addresses);
        running.until(signals).await
    })
}

/// A server that runs.
struct Running {
    addresses: Addresses,
    grace: std::time::Duration,
    engine: Addr<ChatServer>,
    arbiter: Arbiter,
    journal: Arc<dyn Journal>,
    markers: Arc<ReadMarkers>,
    searching: Option<Searching>,
    /// Resolves when the journal's outcomes end, which is after its close or because it is broken.
    outcomes_end: oneshot::Receiver<()>,
    state: web::Data<http::State>,
    listener: ServerHandle,
    side: Vec<ServerHandle>,
}

async fn start(mut settings: Settings, policy: Arc<dyn Policy>) -> Result<Running, AppError> {
    let most_files = sockets::raise_file_limit();
    let bound = Bound::bind(&settings)?;
    let addresses = bound.addresses;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = settings.auth.keys()?;
    let signed_out = Arc::new(SignOuts::default());
    let lifetimes = settings.auth.lifetimes;
    let identities = Identities::new(&keys, lifetimes, signed_out.clone(), clock.clone())?;
    let store::Opened { store, files, sign_outs, commits } =
        store::open(&settings, clock.as_ref()).await?;
    if settings.journal.url.is_none() {
        lost::look(&*store, &settings.journal.search_path()).await?;
    }
    // Nothing is in the way of the start any more: whoever reads its one line on why not has no other.
    if let Some(most) = most_files {
        sockets::fit(&mut settings, most);
    }
    let journal: Arc<dyn Journal> = store.clone();
    let sign_outs = SignOutSync::load(sign_outs, signed_out, clock.clone()).await?;
    if settings.journal.url.is_some() {
        // Other servers sign people out as well.
        actix_rt::spawn(SignOutSync::run(Arc::downgrade(&sign_outs)));
    }
    let metrics = Arc::new(Metrics::new()?);
    show_bounds(&settings, &metrics);
    let names: Arc<dyn Names> = store.clone();
    let removals: Arc<dyn Removals> = store.clone();
    let renames: Arc<dyn Renames> = store.clone();
    let markers = ReadMarkers::new(store, metrics.clone());
    let ttl = settings.chat.silent_guests_ttl;
    let silent = SilentGuests::new(names.clone(), clock.clone(), metrics.clone(), ttl);
    actix_rt::spawn(silent.run());
    actix_rt::spawn(EndedNames::new(names.clone(), clock.clone(), lifetimes.family).run());
    let files::Parts { blobs, uploads } = files::open(&settings, &files, &metrics, &clock)?;
    let options = Arc::new(options(&settings));
    let arbiter = Arbiter::new();
    let nodes = Nodes::join(&settings, &arbiter, (&journal, commits), &clock, &metrics)?;
    let Nodes { outcomes, cluster, cluster_events } = nodes;
    let in_flight = Arc::new(OpenCount::default());
    let engine = ChatServer::new(
        &options,
        journal.clone(),
        clock.clone(),
        metrics.clone(),
        in_flight.clone(),
        cluster,
    );
    // The engine has a thread of its own: a busy worker never delays what everybody waits for.
    let engine = ChatServer::start_in_arbiter(&arbiter.handle(), |_| engine);
    if let Some(cluster_events) = cluster_events {
        arbiter.spawn(overhear(cluster_events, engine.clone()));
    }
    actix_rt::spawn(markers.clone().run(engine.clone()));
    let (ended, outcomes_end) = oneshot::channel();
    let searching = Searching::start(&settings, &journal, &clock, &metrics)?;
    let search = searching.as_ref().map(|searching| searching.search.clone());
    let dirty = searching.as_ref().map(|searching| searching.dirty.clone());
    let remover = RoomRemover::new(removals, engine.clone(), dirty.clone());
    let renamer = RoomRenamer::new(renames, engine.clone());
    actix_rt::spawn(renamer.clone().run());
    let kept = settings.chat.first_rooms.iter().map(RoomName::key).collect();
    let ttl = settings.chat.empty_rooms_ttl;
    actix_rt::spawn(EmptyRooms::new(remover.clone(), clock.clone(), ttl, kept).run());
    let relayed = relay(outcomes, engine.clone(), in_flight, dirty);
    arbiter.spawn(async move {
        relayed.await;
        let _ = ended.send(());
    });
    let intake = intake(&settings, &clock, &metrics);
    let services = Services::new(services::Parts {
        space: free_space(&settings, &clock),
        engine: engine.clone(),
        journal: journal.clone(),
        markers: markers.clone(),
        names,
        remover,
        renamer,
        sign_outs,
        files,
        blobs,
        uploads,
        search,
        policy,
        admit: Arc::new(identities),
        options,
        metrics,
        clock,
    });
    let state = web::Data::new(http::State {
        services,
        origins: with_own_page(&settings, addresses.frontend),
        anonymous_reading: settings
            .http
            .anonymous_reading
            .then(|| settings.http.allowed_hosts.clone()),
        intake,
        connections: Arc::new(OpenCount::default()),
        max_connections: settings.http.max_connections,
        clustered: settings.bus.url.is_some(),
        socketio: settings.socketio.enabled.then(|| http::SocketIoDoor {
            homes: Homes::of(&settings.socketio.node),
            max_payload: settings.socketio.max_payload,
        }),
        lifecycle: http::Lifecycle::default(),
    });
    let server = listener::listen(bound.http, settings.server.workers.get(), state.clone())?;
    let listener = server.handle();
    actix_rt::spawn(server);
    let mut side = Vec::new();
    if let (Some(bound), Some(operators)) = (bound.metrics, &settings.metrics) {
        let server = http::listen_operators(bound, operators.allowed_hosts.clone(), state.clone())?;
        side.push(server.handle());
        actix_rt::spawn(server);
    }
    if let (Some(bound), Some(frontend)) = (bound.frontend, &settings.frontend) {
        let server = page::listen(bound, frontend.dir.clone(), addresses.http.port())?;
        side.push(server.handle());
        actix_rt::spawn(server);
    }
    let grace = settings.shutdown.grace;
    Ok(Running {
        addresses,
        grace,
        engine,
        arbiter,
        journal,
        markers,
        searching,
        outcomes_end,
        state,
        listener,
        side,
    })
}

/// Says in the figures what the others are to be compared with.
fn show_bounds(settings: &Settings, metrics: &Metrics) {
    let shown = |bound: usize| i64::try_from(bound).unwrap_or(i64::MAX);
    metrics.connections_limit.set(shown(settings.http.max_connections));
    metrics.sockets_limit.set(shown(settings.limits.sockets));
    metrics.outbox_limit_bytes.set(shown(settings.limits.outboxes));
}

/// The disk of the SQLite file. Postgres' own is Postgres' to watch.
fn free_space(settings: &Settings, clock: &Arc<dyn Clock>) -> Option<FreeSpace> {
    let of = &settings.journal;
    let folder = of.data_folder().to_owned();
    let free = move || free_bytes(&folder);
    of.url.is_none().then(|| FreeSpace::new(of.keep_free, clock.clone(), free))
}

fn intake(settings: &Settings, clock: &Arc<dyn Clock>, metrics: &Arc<Metrics>) -> Arc<Intake> {
    let of = &settings.limits;
    let accounts = limits::Options { show: settings.log.addresses, ..of.accounts.clone() };
    let limits = Limits::new(accounts, clock.clone(), metrics.clone());
    let options = IntakeOptions {
        sockets: of.sockets,
        unfinished: of_worker(settings, of.unfinished),
        least_rate: of.least_rate,
        span: settings.files.idle_timeout,
    };
    Intake::new(limits, settings.proxies.clone(), metrics.clone(), options)
}

/// The listeners, bound before anything else is touched: a taken port costs nothing.
struct Bound {
    http: std::net::TcpListener,
    metrics: Option<std::net::TcpListener>,
    frontend: Option<std::net::TcpListener>,
    addresses: Addresses,
}

impl Bound {
    fn bind(settings: &Settings) -> Result<Self, AppError> {
        if let Some(Frontend { dir, .. }) = &settings.frontend
            && !dir.join("index.html").is_file()
        {
            return Err(AppError::NoFrontend { dir: dir.clone() });
        }
        let http = sockets::bind("http", settings.http.listen)?;
        let metrics = match &settings.metrics {
            Some(metrics) => Some(sockets::bind("metrics", metrics.listen)?),
            None => None,
        };
        let frontend = match &settings.frontend {
            Some(frontend) => Some(sockets::bind("frontend", frontend.listen)?),
            None => None,
        };
        let address = |bound: &Option<std::net::TcpListener>| {
            bound.as_ref().map(std::net::TcpListener::local_addr).transpose()
        };
        let addresses = Addresses {
            http: http.local_addr()?,
            frontend: address(&frontend)?,
            metrics: address(&metrics)?,
        };
        Ok(Self { http, metrics, frontend, addresses })
    }
}

/// One worker thread's part of a bound of all.
fn of_worker(settings: &Settings, all: usize) -> usize {
    all.div_ceil(settings.server.workers.get())
}

fn options(settings: &Settings) -> Options {
    Options {
        limits: settings.limits(),
        server: ServerInfo {
            name: settings.server.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        heartbeat: settings.connection.heartbeat,
        hello_timeout: settings.connection.hello_timeout,
        outbox_bytes: settings.connection.outbox,
        all_outboxes_bytes: of_worker(settings, settings.limits.outboxes),
        // One message always fits.
        unfinished_bytes: of_worker(settings, settings.limits.unfinished_bytes)
            .max(settings.socketio.max_payload),
        frames_per_second: settings.connection.rate,
        burst: settings.connection.burst,
        downloads: settings.limits.downloads,
        page_bytes: settings.chat.max_replay_bytes,
        flips: settings.chat.flips,
        flip_interval: settings.chat.flip_interval,
        presence_interval: settings.chat.presence_interval,
        directory_interval: settings.chat.directory_interval,
    }
}

/// The page that this server serves itself may connect, whatever port it got.
fn with_own_page(settings: &Settings, page: Option<SocketAddr>) -> AllowedOrigins {
    let mut origins = match (&settings.http.allowed_origins, page) {
        (AllowedOrigins::Only(origins), Some(_)) => origins.clone(),
        (as_set, _) => return as_set.clone(),
    };
    if let Some(page) = page {
        let mut hosts = vec![page.ip().to_string()];
        if page.ip().is_loopback() || page.ip().is_unspecified() {
            hosts = vec![
                Ipv4Addr::LOCALHOST.to_string(),
                format!("[{}]", Ipv6Addr::LOCALHOST),
                "localhost".to_owned(),
            ];
        }
        let of = |host: String| Origin::parse(&format!("http://{host}:{}", page.port()));
        origins.extend(hosts.into_iter().filter_map(of));
    }
    AllowedOrigins::Only(origins)
}
