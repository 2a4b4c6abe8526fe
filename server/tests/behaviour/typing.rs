//! Who is typing: told to the others in the room, now, and to nobody else, ever.

use maru_protocol::{ClientFrame, ServerFrame};

use crate::{
    client::{Client, room},
    process::Server,
};

async fn types(client: &mut Client, name: &str, on: bool) {
    client.send(&ClientFrame::Typing { room: room(name), on }).await;
}

async fn typing(client: &mut Client) -> (String, String, bool) {
    client
        .pick(|frame| match frame {
            ServerFrame::Typing { room, user, on } => {
                Some((room.as_str().to_owned(), user.name.as_str().to_owned(), *on))
            }
            _ => None,
        })
        .await
}

async fn heard_of_typing(client: &mut Client) -> bool {
    client.leftovers().await.iter().any(|frame| matches!(frame, ServerFrame::Typing { .. }))
}

#[tokio::test]
async fn typing_reaches_the_others_in_the_room_only_and_is_not_kept() {
    let server = Server::start(&[("MARU_CHAT__FIRST_ROOMS", "lobby,elsewhere")]);
    let mut ada = server.guest("Ada").await;
    let mut bob = server.guest("Bob").await;
    let mut eve = server.guest("Eve").await;
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    eve.join("elsewhere", None).await;
    types(&mut ada, "LOBBY", true).await;
    assert_eq!(typing(&mut bob).await, ("lobby".to_owned(), "Ada".to_owned(), true));
    types(&mut ada, "lobby", false).await;
    assert_eq!(typing(&mut bob).await, ("lobby".to_owned(), "Ada".to_owned(), false));
    // A message of Ada's is behind her typing on every way.
    assert_eq!(ada.say("lobby", "done").await.get(), 1, "typing takes no seq");
    ada.entry("lobby").await;
    assert!(!heard_of_typing(&mut ada).await, "not oneself");
    eve.say("elsewhere", "quiet here").await;
    eve.entry("elsewhere").await;
    assert!(!heard_of_typing(&mut eve).await, "not another room");
    let mut late = server.guest("Late").await;
    assert_eq!(late.join("lobby", None).await.seqs(), [1]);
    assert!(!heard_of_typing(&mut late).await, "not afterwards");
}

#[tokio::test]
async fn who_left_hears_nobody_type_and_cannot_be_heard() {
    let server = Server::start(&[]);
    let mut ada = server.guest("Ada").await;
    let mut bob = server.guest("Bob").await;
    ada.join("lobby", None).await;
    bob.join("lobby", None).await;
    bob.leave("lobby").await;
    types(&mut ada, "lobby", true).await;
    ada.say("lobby", "anybody?").await;
    types(&mut bob, "lobby", true).await;
    assert_eq!(bob.refusal().await.reference, None);
    assert!(!heard_of_typing(&mut bob).await);
    bob.join("lobby", None).await;
    assert!(!heard_of_typing(&mut ada).await);
}
