//! `join`: entering a room, and the seam between what was missed and what comes.

use std::cell::Cell;

use maru_engine::{
    SharedEvent,
    rooms::recent::{PageRead, Replay},
};
use maru_protocol::{Covers, ErrorCode, Position, Ref, RoomKey, RoomName, Seq};

use crate::{
    fanout::{RoomEnd, Subscription},
    journal::{Page, RoomRecord},
    services::{RoomEntered, access::RoomPermit},
    session::{
        identified::{JoinedRoom, Session},
        refusal::Refusal,
    },
    wire::{self, Entries},
};

/// Subscribe, enter, answer, go live: in this order no entry can be missed. What the ChatServer
/// knew at the entering, or the journal at a read after it, is in the answer; what the ChatServer
/// hands over after the entering reaches the subscription; what is in both is told apart by its
/// seq.
pub(in crate::session) async fn run(
    session: &mut Session,
    reference: Ref,
    name: &RoomName,
    after: Option<Position>,
) -> Result<(), Refusal> {
    let key = name.key();
    session.forget_removed();
    has_room_for(session, &key)?;
    for _ in 1..TRIES {
        match attempt(session, reference, name, after).await {
            Err(refusal) if refusal.renamed_to.as_ref().is_some_and(|now| now.key() == key) => {}
            done => return done,
        }
    }
    attempt(session, reference, name, after).await
}

/// As often the room is entered while it gets the name that it is asked for by: everybody who is in it is
/// put out then, the one who comes in at this moment too. Its client is told after that.
const TRIES: u32 = 3;

async fn attempt(
    session: &mut Session,
    reference: Ref,
    name: &RoomName,
    after: Option<Position>,
) -> Result<(), Refusal> {
    let key = name.key();
    let actor = session.actor();
    let worker = session.connection.worker.clone();
    let services = &worker.services;
    let (permit, record) = services.may_join(&worker.names, &actor, name).await?;
    let id = permit.room();
    session.drop_room(&key);
    let subscription = worker.hub.subscribe(id, &session.connection.peer);
    let joined = JoinedRoom {
        key: key.clone(),
        id,
        subscription: subscription.clone(),
        holds_name: Cell::new(false),
    };
    // Most are in one room.
    if session.rooms.is_empty() {
        session.rooms.reserve_exact(1);
    }
    session.rooms.push(joined);
    session.known = true;
    match enter(session, &permit, reference, (name, record), (after, &subscription)).await {
        Ok(Inside { name, head, spoke }) => {
            if let Some(joined) = session.rooms.last() {
                joined.holds_name.set(spoke);
            }
            session.connection.entered(id, &name, head);
            worker.hub.go_live(id, &subscription, head);
            if session.renamed {
                // Without it the next `read` tells: nothing is owed.
                let _ = services.rename_member(&permit, &actor, key);
            }
            Ok(())
        }
        Err(refusal) => {
            session.drop_room(&key);
            worker.commands.exit(session.connection.id, id, None);
            if matches!(refusal.code, ErrorCode::RoomNotFound | ErrorCode::RoomRenamed) {
                // What the name stands for is to be read anew.
                worker.names.forget(id);
            }
            Err(refusal)
        }
    }
}

fn has_room_for(session: &Session, key: &RoomKey) -> Result<(), Refusal> {
    let again = session.rooms.iter().any(|joined| joined.key == *key);
    let most = session.services().options.limits.max_rooms;
    if !again && session.rooms.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
        let message = format!("you are in {most} rooms, the most there can be: leave one");
        return Err(Refusal::new(ErrorCode::TooManyRooms, message));
    }
    Ok(())
}

/// A session is in a room.
struct Inside {
    /// The room's name, as its maker spelled it.
    name: RoomName,
    /// Up to where its client was told.
    head: Seq,
    /// Its person has spoken there by the name that they have.
    spoke: bool,
}

/// Enters the room and answers with what the client missed.
async fn enter(
    session: &Session,
    permit: &RoomPermit,
    reference: Ref,
    room: (&RoomName, Option<RoomRecord>),
    (after, subscription): (Option<Position>, &Subscription),
) -> Result<Inside, Refusal> {
    let (services, commands) = (session.services(), &session.connection.worker.commands);
    let entered = services.enter(commands, permit, &session.actor(), room, after).await?;
    let (name, spoke) = (entered.name.clone(), entered.spoke);
    let (head, reset) = answer(session, permit, reference, entered, (after, subscription)).await?;
    let outcome = match after {
        None => "fresh",
        Some(_) if reset => "reset",
        Some(_) => "replay",
    };
    services.metrics.resumes.with_label_values(&[outcome]).inc();
    Ok(Inside { name, head, spoke })
}

/// Answers with what the client missed, as the engine knows it or as the journal has it.
async fn answer(
    session: &Session,
    permit: &RoomPermit,
    reference: Ref,
    RoomEntered { name: room, members, replay, .. }: RoomEntered,
    (after, subscription): (Option<Position>, &Subscription),
) -> Result<(Seq, bool), Refusal> {
    let services = session.services();
    let epoch = services.epoch();
    let asked = room.clone();
    let joined = move |head, about, entries, covers, updated, reset| wire::Joined {
        reference,
        room,
        epoch,
        head,
        members,
        about,
        entries,
        covers,
        updated,
        reset,
    };
    let connection = &session.connection;
    match replay {
        Replay::Known { head, about, from, entries, reset } => {
            is_in(subscription, &asked)?;
            let (entries, covers) = (Entries::Shared(entries), Covers { from, to: head });
            connection.send_joined(joined(head, about, entries, covers, Vec::new(), reset));
            Ok((head, reset))
        }
        Replay::Journal { offer } => {
            let (page, reset) = services.missed(permit, after).await?;
            is_in(subscription, &asked)?;
            let Page { entries, covers, updated, head, about } = page;
            if !offer {
                let entries = Entries::Read(entries);
                connection.send_joined(joined(head, about, entries, covers, updated, reset));
                return Ok((head, reset));
            }
            let entries: Vec<SharedEvent> = entries.into_iter().map(SharedEvent::from).collect();
            let read = PageRead::newest(head, about.clone(), covers.from, &entries);
            services.offer(permit, connection.id, read);
            let entries = Entries::Shared(entries);
            connection.send_joined(joined(head, about, entries, covers, updated, reset));
            Ok((head, reset))
        }
    }
}

/// Whether the session is still in the room that it entered: nobody is told that they are in one after they
/// were told that they are not.
fn is_in(subscription: &Subscription, asked: &RoomName) -> Result<(), Refusal> {
    match subscription.ended() {
        None => Ok(()),
        Some(RoomEnd { renamed_to: Some(now) }) => Err(Refusal::renamed(asked, (**now).clone())),
        Some(RoomEnd { renamed_to: None }) => {
            Err(Refusal::new(ErrorCode::RoomNotFound, "there is no such room any more"))
        }
    }
}
