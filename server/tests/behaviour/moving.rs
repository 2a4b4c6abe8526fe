//! From one server with a file to a server with a Postgres: people notice nothing but a restart.

use std::{fs, sync::Arc};

use crate::{
    process::{Server, command},
    services::{Database, shared},
};

#[tokio::test]
async fn a_client_goes_on_from_its_position_after_the_move() {
    // On a file, whatever else is tested in this run.
    let mut server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), Vec::new());
    let (mut min, mut jo) = (server.guest("Min").await, server.guest("Jo").await);
    let position = min.join("lobby", None).await.position;
    jo.join("lobby", None).await;
    for text in ["one", "two"] {
        min.say("lobby", text).await;
    }
    let seen = maru_protocol::Position { seq: min.say("lobby", "three").await, ..position };
    let (token, user) = (min.token.clone().unwrap(), min.user.clone());
    drop(min);
    for text in ["four", "five"] {
        jo.say("lobby", text).await;
    }
    server.signal(15);
    assert!(server.wait().await.success());
    let (folder, settings) = server.estate();

    let place = Database::make();
    let move_it = |arguments: &[&str]| {
        command(folder.path()).arg("migrate").args(arguments).output().unwrap()
    };
    let out = move_it(&["--to", &place.url()]);
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        said.contains("data/maru.db is copied to") && said.contains("5 entries"),
        "{out:?}",
        out = out.stderr
    );

    let secret = fs::read_to_string(folder.path().join("data/secret.key")).unwrap();
    let mut settings = settings;
    settings.extend(shared(&place.url()));
    settings.push(("MARU_AUTH__SECRET".to_owned(), secret.trim().to_owned()));
    let server = Server::start_in(folder, settings);
    let mut min = server.connect().await;
    min.hello_again(&token).await;
    assert_eq!(min.user, user, "people stay who they are");
    let joined = min.join("lobby", Some(seen)).await;
    assert_eq!((joined.reset, joined.seqs()), (false, vec![4, 5]));
    assert_eq!(min.say("lobby", "six").await.get(), 6);
    drop(server);
}
