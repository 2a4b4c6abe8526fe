//! What an operator reads in the log, and what nobody must find there.

use crate::process::Server;

#[tokio::test]
async fn coming_and_going_are_logged_and_what_is_said_is_not() {
    // Everything that can be logged is.
    let server = Server::start(&[("MARU_LOG__FILTER", "trace")]);
    let mut ada = server.guest("Ada").await;
    ada.join("lobby", None).await;
    ada.say("lobby", "the secret sentence").await;
    ada.send_text(r#"{"type":"send","ref":1,"body":"the broken secret"}"#).await;
    ada.refusal().await;
    let (user, token) = (ada.user.clone().unwrap().id, ada.token.clone().unwrap());
    let mut again = server.connect().await;
    again.hello_again(&token).await;
    drop(again);
    drop(ada);
    let user = format!("user={user}");
    server.logs(&["connected", "session=", &user]).await;
    server.logs(&["disconnected", "session=", &user, "reason="]).await;
    let log = server.log();
    let signature = token.rsplit('.').next().unwrap();
    for hidden in ["the secret sentence", "the broken secret", signature] {
        assert!(!log.contains(hidden), "the log shows {hidden:?}");
    }
}
