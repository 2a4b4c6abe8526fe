//! `rooms`: the directory, and whether to be told of what becomes of it.

use maru_protocol::{MAX_ROOM_NAME_CHARS, Ref, ServerFrame};

use crate::{
    services::{DirectoryPage, DirectoryQuery},
    session::{identified::Session, refusal::Refusal},
};

pub(in crate::session) async fn run(
    session: &mut Session,
    reference: Ref,
    ask: DirectoryQuery,
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
    let query = ask.query.map(|query| query.chars().take(MAX_ROOM_NAME_CHARS + 1).collect());
    let ask = DirectoryQuery { query, ..ask };
    let DirectoryPage { rooms, more } = services.list_rooms(&permit, ask).await?;
    session.answer(&ServerFrame::Rooms { reference, rooms, more });
    Ok(())
}
