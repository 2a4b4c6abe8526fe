//! `leave`: going out of a room, and being no member of it any more.

use maru_protocol::{Ref, RoomName, ServerFrame};

use crate::session::{identified::Session, refusal::Refusal};

pub(in crate::session) async fn run(
    session: &mut Session,
    reference: Ref,
    name: &RoomName,
) -> Result<(), Refusal> {
    let (actor, key) = (session.actor(), name.key());
    let worker = session.connection.worker.clone();
    let services = &worker.services;
    let inside = session.joined(name).ok().map(|room| room.id);
    let may = services.may_leave(&worker.names, &actor, name, inside).await?;
    if let Some(permit) = may {
        if inside.is_some() {
            session.drop_room(&key);
            session.connection.left(permit.room());
            services.exit(&worker.commands, &permit, session.connection.id).await?;
        }
        services.end_membership(&permit, &actor, key)?;
    }
    session.answer(&ServerFrame::Ok { reference });
    Ok(())
}
