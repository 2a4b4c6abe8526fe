//! A room is renamed while people come, go and talk.

use std::time::Duration;

use maru_protocol::{ErrorCode, MessageId, Position, ServerFrame};
use uuid::Uuid;

use super::leads_to;
use crate::{
    client::Client,
    operators::{start, tell},
    web::get,
};

/// Who talks in a room, whatever it is called.
struct Speaker {
    client: Client,
    /// As far as the client knows.
    name: String,
    position: Option<Position>,
    said: Vec<MessageId>,
}

impl Speaker {
    /// Enters the room by the name that it was told last, until it is in.
    async fn enter(&mut self) {
        loop {
            match self.client.try_join(&self.name, self.position).await {
                ServerFrame::Joined { room, epoch, head, .. } => {
                    assert_eq!(room.as_str(), self.name, "as it was asked for");
                    self.position = Some(Position { epoch, seq: head });
                    return;
                }
                other => self.name = leads_to(&other).to_owned(),
            }
        }
    }

    async fn say(&mut self) {
        let id = MessageId(Uuid::now_v7());
        loop {
            match self.client.try_say(&self.name, id, "whatever it is called").await {
                ServerFrame::Sent { .. } => return self.said.push(id),
                ServerFrame::Error { code: ErrorCode::NotJoined, .. } => self.enter().await,
                other => {
                    self.name = leads_to(&other).to_owned();
                    self.enter().await;
                }
            }
        }
    }
}

/// However often it is renamed while people come and talk: what was acknowledged is there once, and in the
/// end everybody is in the room and hears what is said.
#[tokio::test]
async fn a_room_is_renamed_over_and_over_while_people_talk_in_it() {
    let (server, operators) = start(&[("MARU_CHAT__FIRST_ROOMS", "name-0")]);
    let renaming = tokio::spawn(async move {
        for round in 0..60 {
            let path =
                format!("/admin/rooms/rename?room=name-{}&to=name-{}", round % 3, (round + 1) % 3);
            let renamed = tell(operators, &path).await;
            assert_eq!(renamed.status, 200, "{renamed:?}");
            tokio::time::sleep(Duration::from_millis(round % 4)).await;
        }
    });
    let mut speakers = Vec::new();
    for number in 0..6 {
        let client = server.guest(&format!("Speaker {number}")).await;
        let (name, position, said) = ("name-0".to_owned(), None, Vec::new());
        let mut speaker = Speaker { client, name, position, said };
        speakers.push(tokio::spawn(async move {
            for _ in 0..40 {
                speaker.enter().await;
                speaker.say().await;
            }
            speaker
        }));
    }
    let mut done = Vec::new();
    for speaker in speakers {
        done.push(speaker.await.unwrap());
    }
    renaming.await.unwrap();
    let mut said = Vec::new();
    for speaker in &mut done {
        speaker.enter().await;
        assert_eq!(speaker.name, "name-0", "after sixty times");
        speaker.client.settle().await;
        said.extend(speaker.said.iter().map(|id| id.0));
    }
    let count = u64::try_from(said.len()).unwrap();
    assert_eq!(done[0].client.say("name-0", "the end").await.get(), count + 1);
    for speaker in &mut done {
        while speaker.client.entry("name-0").await.seq.get() <= count {}
    }
    let mut ids = Vec::new();
    while ids.len() < said.len() {
        let path = format!("/api/v1/rooms/name-0/messages?after={}&limit=100", ids.len());
        let page = get(server.http, &path).await.json();
        let entries = page["entries"].as_array().unwrap().clone();
        ids.extend(entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
    }
    ids.truncate(said.len());
    let mut said: Vec<String> = said.iter().map(ToString::to_string).collect();
    said.sort_unstable();
    ids.sort_unstable();
    assert_eq!(ids, said);
}
