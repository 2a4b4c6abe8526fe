//! Messages go together, in their order, and none is left behind.

use std::{future::Future, task::Poll, time::Duration};

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message,
    fut::wrap_future,
};
use maru_protocol::{Body, MessageId, Ref, SessionId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::*;
use crate::journal::RoomId;

/// An engine that notes what comes, and takes one message at a time.
#[derive(Default)]
struct Engine {
    batches: Vec<Vec<u32>>,
}

impl Actor for Engine {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1);
    }
}

impl Handler<Publishes> for Engine {
    type Result = ();
    fn handle(&mut self, Publishes(publishes): Publishes, _: &mut Self::Context) {
        self.batches.push(publishes.iter().map(|publish| publish.reference.0).collect());
    }
}

/// Takes nothing until told to go on; stops when there is nobody left to tell it.
#[derive(Message)]
#[rtype(result = "()")]
struct Pause(oneshot::Receiver<()>);

impl Handler<Pause> for Engine {
    type Result = ();
    fn handle(&mut self, Pause(end): Pause, ctx: &mut Self::Context) {
        ctx.wait(wrap_future(end).map(|end, _: &mut Self, ctx: &mut Self::Context| {
            if end.is_err() {
                ctx.stop();
            }
        }));
    }
}

#[derive(Message)]
#[rtype(result = "Vec<Vec<u32>>")]
struct Batches;

impl Handler<Batches> for Engine {
    type Result = Vec<Vec<u32>>;
    fn handle(&mut self, _: Batches, _: &mut Self::Context) -> Self::Result {
        std::mem::take(&mut self.batches)
    }
}

fn publish(number: u32) -> Publish {
    Publish {
        session: SessionId(Uuid::nil()),
        worker: 0,
        room: RoomId(1),
        id: MessageId(Uuid::from_u128(number.into())),
        body: Body::parse("hi".to_owned()).unwrap(),
        reference: Ref(number),
        at: 0,
    }
}

fn postbox() -> (Addr<Engine>, Rc<Postbox>) {
    let engine = Engine::default().start();
    let postbox = Postbox::new(engine.clone().recipient());
    actix_rt::spawn(postbox.clone().run());
    (engine, postbox)
}

/// Lets everything happen that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn is_ready(future: &mut (impl Future + Unpin)) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_ready()))
        .await
}

#[actix_rt::test]
async fn what_is_said_in_one_round_goes_together() {
    let (engine, postbox) = postbox();
    settle().await;
    let sessions: Vec<_> = (0..10)
        .map(|number| {
            let postbox = postbox.clone();
            actix_rt::spawn(async move { postbox.post(publish(number)).await.unwrap() })
        })
        .collect();
    for session in sessions {
        session.await.unwrap();
    }
    postbox.empty().await.unwrap();
    postbox.post(publish(10)).await.unwrap();
    postbox.empty().await.unwrap();
    let batches = engine.send(Batches).await.unwrap();
    assert_eq!(batches, [(0..10).collect::<Vec<_>>(), vec![10]]);
}

#[actix_rt::test]
async fn a_full_mailbox_holds_up_who_speaks_and_loses_nothing() {
    let (engine, postbox) = postbox();
    let (resume, pause) = oneshot::channel();
    engine.send(Pause(pause)).await.unwrap();
    // More than one mailbox and one round hold; some give up while they wait.
    let all = u32::try_from(MOST * 3).unwrap();
    let mut speakers = Vec::new();
    for number in 0..all {
        let postbox = postbox.clone();
        speakers.push(actix_rt::spawn(async move { postbox.post(publish(number)).await.unwrap() }));
        if number % 50 == 0 {
            settle().await;
        }
    }
    settle().await;
    assert!(postbox.waiting.borrow().len() <= MOST);
    let mut gone = Box::pin(postbox.empty());
    assert!(!is_ready(&mut gone).await, "what was said is not on its way yet");
    drop(gone);
    let last = speakers.pop().unwrap();
    assert!(!last.is_finished(), "too many wait");
    last.abort();
    resume.send(()).unwrap();
    for speaker in speakers {
        speaker.await.unwrap();
    }
    let soon = tokio::time::timeout(Duration::from_secs(5), postbox.empty());
    soon.await.expect("it is emptied").unwrap();
    let said: Vec<u32> = engine.send(Batches).await.unwrap().concat();
    assert_eq!(said, (0..all - 1).collect::<Vec<_>>(), "each once, in order");
}

#[actix_rt::test]
async fn what_waits_for_a_place_in_the_mailbox_is_not_on_its_way() {
    let (engine, postbox) = postbox();
    let (resume, pause) = oneshot::channel();
    engine.send(Pause(pause)).await.unwrap();
    for number in 0..3 {
        postbox.post(publish(number)).await.unwrap();
        settle().await;
        if postbox.sending.get() {
            break;
        }
    }
    assert!(postbox.sending.get() && postbox.waiting.borrow().is_empty());
    let mut leaving = Box::pin(postbox.empty());
    assert!(!is_ready(&mut leaving).await, "a leave would overtake it");
    resume.send(()).unwrap();
    leaving.await.unwrap();
}

#[actix_rt::test]
async fn without_an_engine_nobody_waits() {
    let (engine, postbox) = postbox();
    let (nobody, pause) = oneshot::channel();
    engine.send(Pause(pause)).await.unwrap();
    for number in 0..3 {
        postbox.post(publish(number)).await.unwrap();
        settle().await;
    }
    let waiting = actix_rt::spawn({
        let postbox = postbox.clone();
        async move { postbox.empty().await }
    });
    settle().await;
    assert!(!waiting.is_finished());
    drop(nobody);
    assert_eq!(waiting.await.unwrap(), Err(ErrorCode::ShuttingDown));
    assert_eq!(postbox.post(publish(9)).await, Err(ErrorCode::ShuttingDown));
}
