//! A room that is deleted at one server is deleted at all.

use maru_protocol::{ErrorCode, ServerFrame};

use super::Cluster;
use crate::{
    operators::{started, tell},
    removed_rooms::is_told,
};

#[tokio::test]
async fn a_room_that_is_deleted_at_one_server_is_gone_at_all() {
    let mut cluster = Cluster::start(1);
    let ((), operators) = started(|settings| cluster.add_with(settings), &[]);
    let mut there = cluster.nodes[0].guest("Ada").await;
    let mut here = cluster.nodes[1].guest("Bob").await;
    assert!(matches!(there.create("garden").await, ServerFrame::Ok { .. }));
    for client in [&mut there, &mut here] {
        client.join("garden", None).await;
    }
    there.say("garden", "strawberries").await;
    here.entry("garden").await;
    let answer = tell(operators, "/admin/rooms/delete?room=garden").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    is_told(&mut here, "garden").await;
    is_told(&mut there, "garden").await;
    for client in [&mut there, &mut here] {
        let answer = client.try_join("garden", None).await;
        let ServerFrame::Error { code, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(code, ErrorCode::RoomNotFound);
    }
    // A new one of that name is the same room at both.
    assert!(matches!(here.create("garden").await, ServerFrame::Ok { .. }));
    for client in [&mut there, &mut here] {
        assert_eq!(client.join("garden", None).await.position.seq.get(), 0);
    }
    there.say("garden", "anew").await;
    assert_eq!(here.entry("garden").await.seq.get(), 1);
}
