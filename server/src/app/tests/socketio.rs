//! What Socket.IO has beside the frames: it asks as well.

use actix::System;
use serde_json::json;

use super::{
    Denies, Scene,
    client::{Client, Door},
};
use crate::services::access::{Action, PublishKind};

const SAYS: Action = Action::Publish(PublishKind::Message);

/// It is brought into the lobby, and what it says is a message there.
#[test]
fn the_client_of_the_article_asks_for_the_lobby() {
    System::new().block_on(async {
        let scene = Scene::set(Door::SocketIo).await;
        let mut article = Client::connect(scene.server(), &json!({})).await;
        article.next_of("joined").await;
        assert_eq!(scene.policy.take(), [Action::CreateRoom, Action::Join]);
        let sent = article.emit("2", &json!(["chat message", "hello"]), &[]).await;
        assert_eq!((&sent["type"], scene.policy.take()), (&json!("sent"), vec![SAYS]));

        scene.policy.deny(Denies::Everything);
        let refused = article.emit("2", &json!(["chat message", "hello"]), &[]).await;
        assert_eq!((&refused["code"], scene.policy.take()), (&json!("room_not_found"), vec![SAYS]));
        let mut denied = Client::connect(scene.server(), &json!({})).await;
        assert_eq!(denied.next_of("error").await["code"], "room_not_found");
        assert_eq!(scene.policy.take(), [Action::CreateRoom, Action::Join]);
        // Who is not in the room needs not be asked about.
        let refused = denied.emit("2", &json!(["chat message", "hello"]), &[]).await;
        assert_eq!((&refused["code"], scene.policy.take()), (&json!("not_joined"), vec![]));
        scene.running.stop().await;
    });
}

#[test]
fn a_binary_value_is_an_upload() {
    System::new().block_on(async {
        let mut scene = Scene::set(Door::SocketIo).await;
        let file = json!({ "_placeholder": true, "num": 0 });
        let send = json!(["send", { "room": "door", "body": "one", "files": [file] }]);
        let sent = scene.client.emit("51-", &send, &[b"bytes"]).await;
        assert_eq!(sent["type"], "sent", "{sent}");
        assert_eq!(scene.policy.take(), [Action::UploadFile, SAYS]);

        let stored = scene.stored();
        scene.policy.deny(Denies::Everything);
        let refused = scene.client.emit("51-", &send, &[b"bytes"]).await;
        assert_eq!(refused["type"], "error");
        assert_eq!((scene.policy.take(), scene.stored()), (vec![Action::UploadFile], stored));
        scene.running.stop().await;
    });
}

/// Nothing of a room is read for who comes back and may not read it any more.
#[test]
fn recovery_asks_for_each_room() {
    System::new().block_on(async {
        let mut scene = Scene::set(Door::SocketIo).await;
        let auth = json!({ "version": 1, "name": "Ben", "recover": true });
        let mut ben = Client::connect(scene.server(), &auth).await;
        ben.emit("2", &json!(["join", "door"]), &[]).await;
        let offset = ben.next_of("position").await["text"].clone();
        let missed = json!(["send", { "room": "door", "body": "said meanwhile" }]);
        scene.client.emit("2", &missed, &[]).await;
        let auth =
            json!({ "version": 1, "recover": true, "pid": ben.token.clone(), "offset": offset });
        drop(ben);
        scene.policy.take();

        scene.policy.deny(Denies::Everything);
        let mut denied = Client::connect(scene.server(), &auth).await;
        assert_eq!(denied.next_of("error").await["code"], "room_not_found");
        assert_eq!(scene.policy.take(), [Action::ReadHistory, Action::Join]);
        assert!(!denied.seen().await.contains(&"entry".to_owned()));
        drop(denied);

        scene.policy.deny(Denies::Nothing);
        let mut back = Client::connect(scene.server(), &auth).await;
        assert_eq!(back.next_of("entry").await["body"], "said meanwhile");
        back.next_of("joined").await;
        assert_eq!(scene.policy.take(), [Action::ReadHistory, Action::Join]);
        scene.running.stop().await;
    });
}
