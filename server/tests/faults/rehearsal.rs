//! All of it together, and what is asked of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use maru_server::journal::postgres::verify;
use tokio::{
    sync::watch,
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    cluster::Cluster,
    figures::{Figures, Window},
    history::{Recorder, check},
    member::Member,
    plan::{self, Kind},
    random::Random,
    web,
    world::{Notes, Phase, World},
};

/// How much of everything.
pub struct Scale {
    pub seed: u64,
    /// Of the talk.
    pub length: Duration,
    pub clients: u32,
    pub rooms: usize,
    /// Messages a second, of all together.
    pub rate: f64,
    pub kinds: &'static [Kind],
    pub bars: Bars,
}

/// What is too long.
#[derive(Clone, Copy)]
pub struct Bars {
    /// From a node's `kill -9` until each of its people is in all rooms again.
    pub away: Duration,
    /// From a message's acknowledgement until it comes to those on the other nodes, while Postgres
    /// is there: a last hint that was lost is found within 5 s.
    pub late: Duration,
    /// From the end of the talk, or of the last trouble, until everything is acknowledged; and from
    /// there until everybody has seen everything.
    pub converge: Duration,
}

/// Panics, after the table, when anything is not as it should be.
pub async fn run(scale: Scale) {
    let Scale { seed, length, clients, rooms, rate, kinds, bars } = scale;
    let plan = plan::make(seed, length, kinds);
    println!(
        "seed {seed}: {clients} people in {rooms} rooms, {rate} messages a second, {length:?}"
    );
    for fault in &plan {
        println!("  {:5.1} s  {fault}", fault.at.as_secs_f64());
    }
    let names: Vec<String> = (1..=rooms).map(|number| format!("room {number}")).collect();
    let cluster = {
        let names = names.clone();
        Arc::new(spawn_blocking(move || Cluster::start(&names)).await.unwrap())
    };
    let world = Arc::new(World {
        doors: cluster.doors(),
        recorder: Recorder::new(),
        start: Instant::now(),
        phase: watch::Sender::new(Phase::Gather),
        gap: Duration::from_secs_f64(f64::from(clients) / rate),
        waiting: 0.into(),
        gathered: 0.into(),
    });
    let mut random = Random::new(seed ^ 0x6d61_7275);
    let mut people = JoinSet::new();
    for who in 0..clients {
        let some = choose(&names, &mut random);
        people.spawn(Member::new(who, &world, Random::new(random.next()), some).run());
    }
    let mut wrong = Vec::new();
    let everybody = usize::try_from(clients).unwrap();
    if !until(bars.converge * 3, || world.gathered.load(Ordering::SeqCst) == everybody).await {
        wrong.push("not everybody came in at the beginning".to_owned());
    }

    world.phase.send_replace(Phase::Talk);
    let talk = Instant::now();
    let mut troubles = JoinSet::new();
    for fault in plan {
        let (cluster, world) = (cluster.clone(), world.clone());
        troubles.spawn(async move {
            sleep_until(talk + fault.at).await;
            let (from, until) = cluster.suffer(fault).await;
            let at = |instant: Instant| u64::try_from((instant - world.start).as_micros()).unwrap();
            Window { fault, from: at(from), until: at(until) }
        });
    }
    sleep_until(talk + length).await;
    let mut windows = troubles.join_all().await;
    windows.sort_by_key(|window| window.from);
    world.phase.send_replace(Phase::Finish);
    if !until(bars.converge, || world.waiting.load(Ordering::SeqCst) == 0).await {
        let left = world.waiting.load(Ordering::SeqCst);
        wrong.push(format!(
            "{left} messages are not acknowledged {:?} after the end",
            bars.converge
        ));
    }
    let traffic = talk.elapsed();

    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let logs = web::logs(cluster.node(0), &names).await;
    let heads: BTreeMap<String, u64> =
        logs.iter().map(|(room, log)| (room.clone(), log.len() as u64)).collect();
    let leave = Instant::now();
    world.phase.send_replace(Phase::Leave(Arc::new(heads), leave + bars.converge));
    let people: Vec<Notes> = people.join_all().await;
    let converged = leave.elapsed();

    let found = check(&world.recorder.events(), &logs);
    let report = verify(cluster.journal(), |_| ()).await.unwrap();
    if !report.is_sound() {
        wrong.push(format!("the journal is damaged: {report:?}"));
    }
    let kept = logs.values().map(Vec::len).sum();
    let start = u64::try_from((talk - world.start).as_micros()).unwrap();
    let figures = Figures { seed, people, windows, found, kept, start, traffic, converged };
    print!("{figures}");
    wrong.extend(figures.wrong(bars));
    if !wrong.is_empty() || std::env::var_os("MARU_FAULTS_LOG").is_some() {
        println!("{}", cluster.complaints().await);
    }
    if !wrong.is_empty() {
        panic!("seed {seed}: {}", wrong.join("; "));
    }
    println!("  every promise held");
}

/// One to three of them, and which of these are quiet: every fourth room.
fn choose(names: &[String], random: &mut Random) -> Vec<(String, bool)> {
    let quiet = |(n, name): (usize, &String)| (name.clone(), n % 4 == 3);
    let mut left: Vec<(String, bool)> = names.iter().enumerate().map(quiet).collect();
    (0..1 + random.below(3)).map(|_| left.remove(random.below(left.len()))).collect()
}

/// Waits until that is so; false when it takes too long.
async fn until(most: Duration, so: impl Fn() -> bool) -> bool {
    let end = Instant::now() + most;
    while !so() {
        if Instant::now() >= end {
            return false;
        }
        sleep(Duration::from_millis(5)).await;
    }
    true
}
