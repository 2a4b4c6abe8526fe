//! Messages go together, in their order, and none is left behind.

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message,
    fut::wrap_future,
};
use maru_protocol::SessionId;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::*;

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

impl Handler<CommandBatch> for Engine {
    type Result = ();
    fn handle(&mut self, CommandBatch(posts): CommandBatch, _: &mut Self::Context) {
        self.batches.push(posts.iter().map(number).collect());
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

/// CommandBatch that tell them apart.
fn post(number: u32) -> SessionCommand {
    SessionCommand::Disconnect(SessionId(Uuid::from_u128(number.into())))
}

fn number(post: &SessionCommand) -> u32 {
    match post {
        SessionCommand::Disconnect(session) => u32::try_from(session.0.as_u128()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn batcher() -> (Addr<Engine>, Rc<CommandBatcher>) {
    let engine = Engine::default().start();
    let batcher = CommandBatcher::new(engine.clone().recipient());
    actix_rt::spawn(batcher.clone().run());
    (engine, batcher)
}

/// Lets everything happen that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[actix_rt::test]
async fn what_is_said_in_one_round_goes_together() {
    let (engine, batcher) = batcher();
    settle().await;
    let sessions: Vec<_> = (0..10)
        .map(|number| {
            let batcher = batcher.clone();
            actix_rt::spawn(async move { batcher.post(post(number)).await.unwrap() })
        })
        .collect();
    for session in sessions {
        session.await.unwrap();
    }
    settle().await;
    batcher.post(post(10)).await.unwrap();
    settle().await;
    let batches = engine.send(Batches).await.unwrap();
    assert_eq!(batches, [(0..10).collect::<Vec<_>>(), vec![10]]);
}

#[actix_rt::test]
async fn a_full_mailbox_holds_up_who_speaks_and_loses_nothing() {
    let (engine, batcher) = batcher();
    let (resume, pause) = oneshot::channel();
    engine.send(Pause(pause)).await.unwrap();
    // More than one mailbox and one round hold; some give up while they wait.
    let all = u32::try_from(MAX_BATCH * 3).unwrap();
    let mut speakers = Vec::new();
    for number in 0..all {
        let batcher = batcher.clone();
        speakers.push(actix_rt::spawn(async move { batcher.post(post(number)).await.unwrap() }));
        if number % 50 == 0 {
            settle().await;
        }
    }
    settle().await;
    assert!(batcher.waiting.borrow().len() <= MAX_BATCH);
    let last = speakers.pop().unwrap();
    assert!(!last.is_finished(), "too many wait");
    last.abort();
    // An end is not held up.
    batcher.put(post(all));
    assert_eq!(batcher.waiting.borrow().len(), MAX_BATCH + 1);
    resume.send(()).unwrap();
    for speaker in speakers {
        speaker.await.unwrap();
    }
    settle().await;
    let mut said: Vec<u32> = engine.send(Batches).await.unwrap().concat();
    let end = said.iter().position(|number| *number == all).expect("it came through");
    said.remove(end);
    assert_eq!(said, (0..all - 1).collect::<Vec<_>>(), "each once, in order");
}

#[actix_rt::test]
async fn without_an_engine_nobody_waits() {
    let (engine, batcher) = batcher();
    let (nobody, pause) = oneshot::channel();
    engine.send(Pause(pause)).await.unwrap();
    for number in 0..3 {
        batcher.post(post(number)).await.unwrap();
        settle().await;
    }
    while batcher.waiting.borrow().len() < MAX_BATCH {
        batcher.put(post(3));
    }
    let waiting = actix_rt::spawn({
        let batcher = batcher.clone();
        async move { batcher.post(post(4)).await }
    });
    settle().await;
    assert!(!waiting.is_finished());
    drop(nobody);
    assert_eq!(waiting.await.unwrap(), Err(ErrorCode::ShuttingDown));
    assert_eq!(batcher.post(post(9)).await, Err(ErrorCode::ShuttingDown));
}
