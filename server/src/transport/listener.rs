//! The socket server's listener: HTTP and WebSockets on one port, one engine hub per worker.

use std::{
    cell::RefCell,
    io,
    net::TcpListener,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_http::{
    ConnectionType, HttpService, KeepAlive, Protocol, Request, Response, body::EitherBody,
    error::DispatchError,
};
use actix_server::Server;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_factory, fn_service, map_config,
};
use actix_web::{
    App, ResponseError as _,
    body::{BoxBody, MessageBody},
    dev::{AppConfig, Service, ServiceRequest, ServiceResponse},
    web,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{net::TcpStream, sync::mpsc};

use super::{
    accepted::{Accepted, Answering, Line, Underway},
    engineio::{PollBody, Polled, Polls},
    http,
    intake::Intake,
    measured::Measured,
    socketio,
    upgrade::upgrade,
};
use crate::{
    fanout::{Heartbeat, Hub},
    limits::Unfinished,
    runtime::WORKER_QUEUE,
    services::{Commands, RoomNames, Services},
    session::{AdmissionQueue, Worker},
};

thread_local! {
    /// A worker thread's own; both services of the thread share it.
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// Serves the chat until stopped. Signals are the caller's.
///
/// # Errors
/// When the listener can't be used.
pub fn listen(
    listener: TcpListener,
    workers: usize,
    state: web::Data<http::State>,
) -> io::Result<Server> {
    let numbers = Arc::new(AtomicUsize::new(0));
    let intake = state.intake.clone();
    serve(listener, workers, &intake, move || {
        let worker = worker(&state.services, &numbers);
        let turns = worker.turns.clone();
        let state = state.clone();
        let door = state.socketio.as_ref().map(|door| {
            socketio::door(&door.homes, door.max_payload, worker.clone(), state.clone())
        });
        let polls = door.iter().map(socketio::polls).collect();
        let routes = move |config: &mut web::ServiceConfig| {
            config.app_data(state.clone()).app_data(worker.clone());
            if let Some(door) = &door {
                socketio::routes(config, door, &state);
            }
            http::routes(config, &state);
        };
        Site { routes, polls, turns }
    })
}

/// What one worker thread serves.
pub struct Site<C> {
    /// Everything, but for what is found faster.
    pub routes: C,
    /// What is looked for before the routes are.
    pub polls: Rc<[Polls]>,
    /// Those that new connections take.
    pub turns: Rc<AdmissionQueue>,
}

/// Serves HTTP, and what leaves HTTP by an upgrade, until stopped. `make` is called on each worker
/// thread.
///
/// # Errors
/// When the listener can't be used.
pub fn serve<C>(
    listener: TcpListener,
    workers: usize,
    intake: &Arc<Intake>,
    make: impl Fn() -> Site<C> + Clone + Send + 'static,
) -> io::Result<Server>
where
    C: Fn(&mut web::ServiceConfig) + Clone + 'static,
{
    if let Err(error) = harden(&SockRef::from(&listener)) {
        log::warn!(error:% = error; "a socket option could not be set");
    }
    let intake = intake.clone();
    let server =
        Server::build().workers(workers).disable_signals().listen("maru", listener, move || {
            let Site { routes, polls, turns } = make();
            let app = move || App::new().wrap_fn(underway).configure(&routes);
            let upgraded = {
                let app = app.clone();
                fn_factory(move || {
                    let factory = map_config(app().into_factory(), |_| AppConfig::default());
                    async move {
                        let app = factory.new_service(()).await.map_err(|()| {
                            actix_web::error::ErrorInternalServerError("the App did not start")
                        })?;
                        let app = Rc::new(app);
                        Ok::<_, actix_web::Error>(fn_service(move |(request, framed)| {
                            upgrade(app.clone(), request, framed)
                        }))
                    }
                })
            };
            let service = HttpService::build()
                .keep_alive(KeepAlive::Timeout(Duration::from_secs(15)))
                // A storm of connections may keep a request waiting for its turn: a 408 would
                // only bring it back into the storm.
                .client_request_timeout(Duration::from_secs(15))
                .on_connect_ext(|io: &Accepted, extensions| {
                    extensions.insert(io.line().clone());
                })
                .upgrade(upgraded)
                .finish(fn_factory(move || {
                    let factory = map_config(app().into_factory(), |_| AppConfig::default());
                    let polls = polls.clone();
                    async move {
                        let app = Rc::new(factory.new_service(()).await?);
                        Ok::<_, ()>(fn_service(move |request| answer(&polls, &*app, request)))
                    }
                }));
            let (intake, lines) = (intake.clone(), intake.lines());
            // As `HttpService::tcp`, but in turn, and not for everybody.
            fn_service(move |io: TcpStream| {
                let (turns, intake, lines) = (turns.clone(), intake.clone(), lines.clone());
                async move {
                    // It fails for a client that is gone already.
                    if !INHERITED && let Err(error) = harden(&SockRef::from(&io)) {
                        log::debug!(error:% = error; "a socket option could not be set");
                    }
                    // Who is refused is closed: an answer would cost what it is to save.
                    let arrived = intake.accept(io).await.ok_or(DispatchError::InternalError)?;
                    turns.turn().await;
                    let io = intake.admit(arrived, &lines).ok_or(DispatchError::InternalError)?;
                    Ok((io, Protocol::Http1, None))
                }
            })
            .and_then(service)
        })?;
    Ok(server.run())
}

/// What an answer has: packets, or what its route gave it.
type Body = EitherBody<Answering<EitherBody<PollBody>>>;

/// Answers a poll at once, and what is none by its route.
fn answer<S>(
    polls: &[Polls],
    app: &S,
    request: Request,
) -> impl Future<Output = Result<Response<Body>, actix_web::Error>> + use<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let line = request.conn_data::<Rc<Line>>();
    // What a spare place is for, a route says.
    let polls = if line.is_some_and(|line| line.is_spare()) { &[] } else { polls };
    let answer = match polls.iter().find_map(|polls| polls.find(request.head())) {
        Some(polled) => Answer::Polled(polled, line.map(Line::begin)),
        None => Answer::Routed(app.call(request)),
    };
    async move {
        Ok(match answer {
            Answer::Polled(polled, underway) => polled
                .answer()
                .await
                .map_body(|_, body| EitherBody::left(Answering { body, _underway: underway })),
            Answer::Routed(answer) => {
                Response::from(answer.await?).map_body(|_, body| EitherBody::right(body))
            }
        })
    }
}

/// On its way.
enum Answer<F> {
    Polled(Polled, Option<Underway>),
    Routed(F),
}

/// Notes that a request is under way until its answer is written, and how long that took to begin. Who has
/// a spare place is told that there is no room, unless they ask whether the server is well.
fn underway<S>(
    request: ServiceRequest,
    app: &S,
) -> impl Future<Output = Result<ServiceResponse<BoxBody>, actix_web::Error>> + use<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let line = request.conn_data::<Rc<Line>>();
    let is_spare = line.is_some_and(|line| line.is_spare());
    let underway = line.map(|line| {
        line.look_at(request.head());
        line.begin()
    });
    let measured = Measured::begin(&request);
    let answer = if is_spare && !http::is_probe(request.head()) {
        Err(request)
    } else {
        Ok(app.call(request))
    };
    async move {
        let answer = match answer {
            Ok(answer) => answer.await,
            Err(request) => Ok(request.into_response(http::ApiError::Full.error_response())),
        };
        measured.end(&answer);
        let mut answer = answer?;
        if is_spare {
            answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(answer.map_body(|_, body| Answering { body, _underway: underway }.boxed()))
    }
}

/// Whether what is set on the listener holds for every socket that it accepts: six system calls
/// less for each connection. A test looks at one.
const INHERITED: bool = cfg!(target_os = "linux");

/// Frames go out at once. A peer that vanished is noticed by the kernel too, also when nothing is
/// sent: after keepalive 5 s + 2 × 2 s, and unacknowledged bytes for 8 s.
fn harden(socket: &SockRef<'_>) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(5))
        .with_interval(Duration::from_secs(2))
        .with_retries(2);
    let set = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&keepalive));
    #[cfg(target_os = "linux")]
    let set = set.and_then(|()| socket.set_tcp_user_timeout(Some(Duration::from_secs(8))));
    set
}

/// This thread's worker, made and introduced to the ChatServer on first use.
fn worker(services: &Arc<Services>, numbers: &AtomicUsize) -> Rc<Worker> {
    WORKER.with_borrow_mut(|known| {
        if let Some(worker) = known {
            return worker.clone();
        }
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let (queue, inbox) = mpsc::channel(WORKER_QUEUE);
        let options = &services.options;
        let hub = Hub::new(
            services.metrics.clone(),
            Heartbeat {
                interval: options.heartbeat,
                timeout: options.heartbeat,
                hello_timeout: options.hello_timeout,
            },
            options.all_outboxes_bytes,
        );
        actix_rt::spawn(hub.clone().run(inbox));
        actix_rt::spawn(hub.clone().beat());
        actix_rt::spawn(sign_out(hub.clone(), services.clone()));
        let commands = Commands::start(services);
        let turns = AdmissionQueue::new();
        actix_rt::spawn(turns.clone().run());
        let register = services.register_worker(number, queue);
        actix_rt::spawn(async move {
            if register.await.is_err() {
                log::error!(number; "a worker could not introduce itself to the ChatServer");
            }
        });
        let (services, names) = (services.clone(), Rc::new(RoomNames::default()));
        let learnt = names.clone();
        hub.when_removed(move |room| learnt.forget(room));
        let unfinished = Unfinished::new(options.unfinished_bytes, services.metrics.clone());
        let worker = Worker { services, number, hub, commands, names, unfinished, turns };
        let worker = Rc::new(worker);
        *known = Some(worker.clone());
        worker
    })
}

/// Ends the connections of who is signed out, on this thread.
async fn sign_out(hub: Rc<Hub>, services: Arc<Services>) {
    let sign_outs = services.admit.sign_outs();
    let mut changes = sign_outs.watch();
    while changes.changed().await.is_ok() {
        hub.sign_out(|holder| sign_outs.ended(&holder.visitor.user.id, holder.generation));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{io, time::Duration};

    use super::*;

    #[test]
    fn an_accepted_socket_has_what_the_listener_was_given() -> io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        harden(&SockRef::from(&listener))?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let (accepted, _) = listener.accept()?;
        let socket = SockRef::from(&accepted);
        assert!(socket.tcp_nodelay()? && socket.keepalive()?);
        assert_eq!(socket.tcp_keepalive_time()?, Duration::from_secs(5));
        assert_eq!(socket.tcp_keepalive_interval()?, Duration::from_secs(2));
        assert_eq!(socket.tcp_keepalive_retries()?, 2);
        assert_eq!(socket.tcp_user_timeout()?, Some(Duration::from_secs(8)));
        Ok(())
    }
}
