//! `hello`: who is there.

use maru_engine::Visitor;
use maru_protocol::{DisplayName, ErrorCode, Heartbeat, ServerFrame, VERSION};

use crate::{
    auth::Admitted,
    fanout::Holder,
    limits::Rate,
    session::{connection::Connection, greeting::Greeting, identified::Session, refusal::Refusal},
};

/// Makes a session of a greeting, and answers it.
pub(in crate::session) fn run(
    greeting: &Greeting,
    version: u32,
    token: Option<&str>,
    name: Option<DisplayName>,
) -> Result<Session, Refusal> {
    speaks(version)?;
    let (session, welcome) = identify(greeting, token, name)?;
    session.answer(&welcome);
    Ok(session)
}

/// Makes a session of a greeting, and what is to be answered.
pub(in crate::session) fn identify(
    greeting: &Greeting,
    token: Option<&str>,
    name: Option<DisplayName>,
) -> Result<(Session, ServerFrame), Refusal> {
    let connection = &greeting.connection;
    let services = connection.services();
    if let Some(name) = &name {
        name.check_new()
            .map_err(|why| Refusal::new(ErrorCode::InvalidName, format!("your name: {why}")))?;
    }
    let renamed = token.is_some() && name.is_some();
    if token.is_none() {
        connection.caller.take(Rate::Guests)?;
    }
    let Admitted { user, token, ticket, generation } =
        services.admit.admit(token, name).map_err(|error| {
            services.metrics.auth_failures.inc();
            Refusal::new(error.code(), error.to_string())
        })?;
    let caller = connection.caller.known_as(&user.id)?;
    let connection = &Connection { caller, ..connection.clone() };
    let (session, worker) = (connection.id, connection.worker.number);
    let skeletons = user.name.skeletons();
    // It is introduced to the ChatServer by its first `join`, which alone needs that.
    let visitor = Visitor { worker, user: user.clone(), skeletons };
    let begun = Session::begin(connection.clone(), visitor, renamed);
    connection.peer.belongs_to(Holder { visitor: begun.visitor.clone(), generation });
    connection.peer.greet();
    let address = connection.caller.shown();
    log::debug!(session:% = session, user:% = user.id, address:%; "connected");
    let options = &services.options;
    let interval = u32::try_from(options.heartbeat.as_millis()).unwrap_or(u32::MAX);
    let welcome = ServerFrame::Welcome {
        session,
        user,
        token,
        limits: options.limits,
        heartbeat: Heartbeat { interval, timeout: interval.saturating_mul(2) },
        server: options.server.clone(),
        ticket,
    };
    Ok((begun, welcome))
}

/// In a session: it comes once.
pub(in crate::session) fn again(version: u32) -> Result<(), Refusal> {
    speaks(version)?;
    let message = "hello comes once: open a new connection to be somebody else";
    Err(Refusal::new(ErrorCode::AlreadyGreeted, message))
}

fn speaks(version: u32) -> Result<(), Refusal> {
    if version == VERSION {
        return Ok(());
    }
    let message = format!("this server speaks version {VERSION}, not {version}");
    Err(Refusal::new(ErrorCode::UnsupportedVersion, message))
}
