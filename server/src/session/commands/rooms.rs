//! `rooms`: the directory, and whether to be told of what becomes of it.

use maru_protocol::{MAX_ROOM_NAME_CHARS, Ref, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &mut Session,
    reference: Ref,
    query: Option<String>,
    watch: Option<bool>,
) -> Result<(), Refusal> {
    let actor = session.actor();
    let worker = session.connection.worker.clone();
    let services = &worker.services;
    let permit = services.may_list_rooms(&actor, watch == Some(true))?;
    if let Some(on) = watch {
        worker.hub.watch(&session.connection.peer, on);
        // Before the rooms are described: what changes after that is told.
        session.known |= on;
        services.watch_rooms(&permit, &actor, on).await?;
    }
    // A query longer than any name finds nothing; it need not be looked for.
    let query = query.map(|query| query.chars().take(MAX_ROOM_NAME_CHARS).collect());
    let rooms = services.list_rooms(&permit, query).await?;
    session.answer(&ServerFrame::Rooms { reference, rooms });
    Ok(())
}
