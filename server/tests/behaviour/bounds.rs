//! What a client may not have more of: frames a second, rooms, refusals, connections.

use std::time::Duration;

use maru_protocol::{ByeCode, ClientFrame, ErrorCode, Ref, ServerFrame};

use crate::{
    client::{Ended, room},
    process::Server,
};

#[tokio::test]
async fn too_many_frames_at_once_are_refused_with_the_time_to_wait_and_then_taken_again() {
    let server = Server::start(&[("MARU_CONNECTION__RATE", "1"), ("MARU_CONNECTION__BURST", "20")]);
    let mut ada = server.guest("Ada").await;
    let mut refused = 0;
    for n in 0..60 {
        ada.send(&ClientFrame::Leave { reference: Ref(n), room: room("lobby") }).await;
    }
    let mut wait = 0;
    for n in 0..60 {
        // In order, each once, refused or not.
        let answer = ada.next().await;
        assert_eq!(answer.reference(), Some(Ref(n)), "{answer:?}");
        if let ServerFrame::Error { code, retry_after, message, .. } = answer {
            assert_eq!(code, ErrorCode::RateLimited);
            if refused == 0 {
                println!("{code:?}: {message}");
            }
            (refused, wait) = (refused + 1, retry_after.expect("how long to wait"));
        }
    }
    assert!(refused > 20, "{refused} of 60 at once, where 20 may come");
    assert!((1..=2_000).contains(&wait), "{wait} ms");
    // Waiting as told is enough.
    tokio::time::sleep(Duration::from_millis(wait.into())).await;
    assert!(matches!(ada.leave("lobby").await, ServerFrame::Ok { .. }));
}

#[tokio::test]
async fn of_ten_thousand_joins_only_as_many_as_allowed_succeed() {
    let server = Server::start(&[
        ("MARU_CONNECTION__RATE", "10000"),
        ("MARU_CONNECTION__BURST", "100000"),
        ("MARU_CHAT__MAX_ROOMS_PER_SESSION", "20"),
        ("MARU_CHAT__FIRST_ROOMS", &many_rooms(30)),
    ]);
    let mut ada = server.guest("Ada").await;
    let (mut joined, mut full, mut missing) = (0, 0, 0);
    // In portions: who never reads would be closed as a slow reader.
    for portion in 0..100_u32 {
        for n in portion * 100..(portion + 1) * 100 {
            let (reference, room) = (Ref(n), room(&format!("room {n}")));
            ada.send(&ClientFrame::Join { reference, room, after: None }).await;
        }
        for n in portion * 100..(portion + 1) * 100 {
            match ada.answer(Ref(n)).await {
                ServerFrame::Joined { .. } => joined += 1,
                ServerFrame::Error { code: ErrorCode::TooManyRooms, message, .. } => {
                    if full == 0 {
                        println!("too_many_rooms: {message}");
                    }
                    full += 1;
                }
                ServerFrame::Error { code: ErrorCode::RoomNotFound, .. } => missing += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((joined, joined + full + missing), (20, 10_000));
    // One out, one in; and again into one of them is no more than before.
    ada.leave("room 3").await;
    ada.join("room 25", None).await;
    ada.join("room 7", None).await;
    let refused = ada.try_join("room 3", None).await;
    assert!(matches!(refused, ServerFrame::Error { code: ErrorCode::TooManyRooms, .. }));
    assert_eq!(ada.say("room 25", "here").await.get(), 1);
}

fn many_rooms(count: u32) -> String {
    (0..count).map(|n| format!("room {n}")).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn two_hundred_refusals_in_a_row_end_the_connection_for_good() {
    let server =
        Server::start(&[("MARU_CONNECTION__RATE", "1000"), ("MARU_CONNECTION__BURST", "1000")]);
    let mut eve = server.guest("Eve").await;
    // 199, something good, 199 again: not in a row.
    for _ in 0..2 {
        for _ in 0..199 {
            eve.send_text("nonsense").await;
        }
        eve.settle().await;
    }
    for _ in 0..200 {
        eve.send_text("nonsense").await;
    }
    let (frames, ended) = eve.ended().await;
    assert!(matches!(ended, Ended::Closed(1008, _)), "{ended:?}");
    let refused = frames.iter().filter(|frame| matches!(frame, ServerFrame::Error { .. }));
    assert_eq!(refused.count(), 598, "each has its error");
    let Some(ServerFrame::Bye { code: ByeCode::TooManyErrors, retry_after: None, reason }) =
        frames.last()
    else {
        panic!("{:?}", frames.last())
    };
    println!("bye too_many_errors: {reason}");
}

#[tokio::test]
async fn binary_messages_count_as_refusals_too() {
    let server = Server::start(&[]);
    let mut eve = server.guest("Eve").await;
    for _ in 0..200 {
        eve.send_raw(tokio_tungstenite::tungstenite::Message::binary(vec![7])).await;
    }
    let (_, ended) = eve.ended().await;
    assert!(matches!(ended, Ended::Closed(1008, _)), "{ended:?}");
}
