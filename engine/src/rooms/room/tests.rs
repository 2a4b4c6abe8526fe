use maru_protocol::Seq;

use super::*;
use crate::log::RoomId;
use maru_protocol::{DisplayName, RoomName};
use uuid::Uuid;

fn room() -> Room {
    let record = RoomRecord {
        id: RoomId(1),
        name: RoomName::parse("lobby").unwrap(),
        head: Seq::ZERO,
        active_at: 0,
    };
    Room::new(record, Seed::default())
}

fn user(id: &str, name: &str) -> User {
    User { id: UserId(id.into()), name: DisplayName::parse(name).unwrap() }
}

fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

fn enter(room: &mut Room, n: u128, worker: usize, user: &User) -> Result<(), NameTaken> {
    let (user, skeletons) = (user.clone(), user.name.skeletons());
    room.enter(session(n), &Arc::new(Visitor { worker, user, skeletons }), false)
}

#[test]
fn who_holds_a_name_comes_in_whoever_has_taken_it() {
    let mut room = room();
    enter(&mut room, 1, 0, &user("stranger", "Ada")).unwrap();
    let ada = user("member", "Ada");
    assert_eq!(enter(&mut room, 2, 0, &ada), Err(NameTaken));
    let skeletons = ada.name.skeletons();
    let visitor = Arc::new(Visitor { worker: 0, user: ada, skeletons });
    assert_eq!(room.enter(session(2), &visitor, true), Ok(()));
    assert_eq!(room.count(), 2);
    // The name is still taken, for others, once either of them is gone.
    room.exit(session(2));
    assert_eq!(enter(&mut room, 3, 0, &user("other", "Ada")), Err(NameTaken));
}

#[test]
fn a_person_with_two_sessions_counts_once_and_leaves_with_the_last() {
    let mut room = room();
    let ada = user("a", "Ada");
    enter(&mut room, 1, 0, &ada).unwrap();
    enter(&mut room, 2, 1, &ada).unwrap();
    enter(&mut room, 2, 1, &ada).unwrap();
    assert_eq!((room.count(), room.workers().collect::<Vec<_>>()), (1, vec![0, 1]));
    room.exit(session(1));
    assert_eq!((room.count(), room.workers().collect::<Vec<_>>()), (1, vec![1]));
    room.exit(session(2));
    room.exit(session(2));
    assert!(room.is_empty());
    assert_eq!(room.count(), 0);
}

#[test]
fn nobody_wears_a_name_that_looks_like_anothers() {
    let mut room = room();
    enter(&mut room, 1, 0, &user("a", "Alice")).unwrap();
    assert_eq!(enter(&mut room, 2, 0, &user("b", "Αlice")), Err(NameTaken));
    assert_eq!(enter(&mut room, 2, 0, &user("b", "ALICE")), Err(NameTaken));
    assert_eq!(room.count(), 1);
    // The same person may, in another tab; and a name is free once its wearer changed it.
    enter(&mut room, 3, 0, &user("a", "Bea")).unwrap();
    enter(&mut room, 2, 0, &user("b", "Alice")).unwrap();
    room.exit(session(2));
    enter(&mut room, 4, 0, &user("c", "alice")).unwrap();
}

#[test]
fn an_older_tab_coming_back_does_not_undo_a_rename() {
    let mut room = room();
    let (ada, bea) = (user("a", "Ada"), user("a", "Bea"));
    enter(&mut room, 1, 0, &ada).unwrap();
    enter(&mut room, 2, 0, &bea).unwrap();
    enter(&mut room, 3, 0, &user("b", "Ada")).unwrap();
    room.exit(session(1));
    enter(&mut room, 1, 0, &ada).unwrap();
    assert_eq!(room.person(&ada.id), Some(&bea));
    assert_eq!(room.count(), 2);
    room.exit(session(1));
    room.exit(session(2));
    assert_eq!(room.person(&ada.id), None);
}

#[test]
fn changes_come_together_and_cancel_out_into_the_last_state() {
    let mut room = room();
    let (ada, bob) = (user("a", "Ada"), user("b", "Bob"));
    enter(&mut room, 1, 0, &ada).unwrap();
    enter(&mut room, 2, 0, &bob).unwrap();
    room.exit(session(2));
    let change = room.take_change(200, 0);
    let left = vec![bob.id.clone()];
    assert_eq!(change, Some(PresenceChange::Delta { joined: vec![ada], left }));
    assert_eq!(room.take_change(200, 1), None);
}

#[test]
fn who_was_not_told_of_a_change_is_told_everything() {
    let mut room = room();
    let ada = user("a", "Ada");
    enter(&mut room, 1, 0, &ada).unwrap();
    assert!(room.take_change(200, 0).is_some());
    let everything = PresenceChange::Roster { users: vec![ada], complete: true };
    assert_eq!(room.take_change(200, u32::MAX), Some(everything));
}

#[test]
fn a_large_room_tells_a_count_and_a_sample_and_its_roster_when_it_shrinks() {
    let mut room = room();
    for n in 0..=200_u32 {
        let person = user(&n.to_string(), &format!("person {n} x"));
        enter(&mut room, n.into(), 0, &person).unwrap();
    }
    let presence = room.presence(200);
    assert_eq!((presence.count, presence.complete, presence.users.len()), (201, false, SAMPLE));
    let Some(PresenceChange::Roster { complete: false, .. }) = room.take_change(200, 199) else {
        unreachable!("above the bound a sample is told")
    };
    room.exit(session(7));
    let Some(PresenceChange::Roster { users, complete: true }) = room.take_change(200, 201) else {
        unreachable!("back at the bound the roster is told whole")
    };
    assert_eq!(users.len(), 200);
}

fn elsewhere(room: &mut Room, n: u128, user: &User) {
    let (user, skeletons) = (user.clone(), user.name.skeletons());
    let visitor = Arc::new(Visitor { worker: 0, user, skeletons });
    room.elsewhere(&visitor.user.id, Some((session(n), &visitor)));
}

fn names(room: &Room) -> Vec<String> {
    let users = room.presence(100).users;
    users.into_iter().map(|user| format!("{}={}", user.id, user.name)).collect()
}

#[test]
fn a_person_is_in_a_room_as_long_as_on_some_node() {
    let mut room = room();
    let (ada, ben) = (user("a", "Ada"), user("b", "Ben"));
    enter(&mut room, 1, 0, &ada).unwrap();
    elsewhere(&mut room, 2, &ada);
    elsewhere(&mut room, 3, &ben);
    assert_eq!((room.count(), room.size()), (2, 1));
    assert_eq!(room.all_here().count(), 1);
    room.exit(session(1));
    assert_eq!((room.count(), room.here(&ada.id)), (2, None));
    assert!(room.is_empty(), "nobody of this node is in it");
    room.elsewhere(&ada.id, None);
    room.elsewhere(&ada.id, None);
    assert_eq!(names(&room), ["b=Ben"]);
    // Told: who is gone, and who is there.
    let Some(PresenceChange::Delta { joined, left }) = room.take_change(100, 2) else { panic!() };
    assert_eq!((joined, left), (vec![ben], vec![ada.id]));
}

#[test]
fn the_latest_name_counts_on_whichever_node() {
    let mut room = room();
    enter(&mut room, 5, 0, &user("a", "Ada")).unwrap();
    elsewhere(&mut room, 4, &user("a", "Old"));
    assert_eq!(names(&room), ["a=Ada"]);
    elsewhere(&mut room, 6, &user("a", "New"));
    assert_eq!(names(&room), ["a=New"]);
    assert_eq!(enter(&mut room, 7, 0, &user("b", "new")), Err(NameTaken));
    enter(&mut room, 7, 0, &user("b", "Ada")).unwrap();
}

#[test]
fn two_who_came_to_two_nodes_with_one_name_are_both_in() {
    let mut room = room();
    enter(&mut room, 1, 0, &user("a", "Kim")).unwrap();
    elsewhere(&mut room, 2, &user("b", "KIM"));
    assert_eq!(names(&room), ["b=KIM", "a=Kim"]);
    // The name stays taken until the one who has it goes.
    room.elsewhere(&UserId("b".into()), None);
    assert_eq!(enter(&mut room, 3, 0, &user("c", "kim")), Err(NameTaken));
    room.exit(session(1));
    enter(&mut room, 3, 0, &user("c", "kim")).unwrap();
}
