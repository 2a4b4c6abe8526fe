//! Who somebody is, on every server of a cluster.

use maru_protocol::{ClientFrame, ErrorCode, ServerFrame, VERSION};
use tokio::time::Instant;

use super::Cluster;
use crate::{
    client::{Client, PATIENCE},
    identity::is_sent_away,
    operators::{started, tell},
};

#[tokio::test]
async fn who_is_signed_out_at_one_server_is_so_at_all() {
    let mut cluster = Cluster::start(1);
    let ((), operators) = started(|settings| cluster.add_with(settings), &[]);
    let there = cluster.nodes[0].guest("Ada").await;
    let (token, id) = (there.token.clone().unwrap(), there.user.clone().unwrap().id);
    let mut here = cluster.nodes[1].connect().await;
    here.hello_again(&token).await;
    let answer = tell(operators, &format!("/admin/sign-out?user={id}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let renewed = here.token.clone().unwrap();
    is_sent_away(here).await;
    is_sent_away(there).await;
    // Also what a server made that had not heard of it yet.
    let until = Instant::now() + PATIENCE;
    for node in &cluster.nodes {
        let mut tokens = vec![token.clone(), renewed.clone()];
        while let Some(token) = tokens.pop() {
            let mut client = Client::connect(node.http).await;
            client
                .send(&ClientFrame::Hello { version: VERSION, token: Some(token), name: None })
                .await;
            match client.next().await {
                ServerFrame::Error { code: ErrorCode::InvalidToken, .. } => {}
                ServerFrame::Welcome { token, .. } => tokens.push(token),
                other => panic!("{other:?}"),
            }
            assert!(Instant::now() < until, "a token is still good");
        }
    }
}
