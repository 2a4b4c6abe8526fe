//! How far people have read, on its way to the store.
//!
//! A page tells of each step of its reader. Of these the last one counts: they are gathered here,
//! by person and room, and kept together. What waits counts as kept for whoever asks this node.
//! Nothing of this is on the way of a message.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix::Addr;
use maru_engine::ReadMarker;
use maru_protocol::{RoomKey, SessionId, User, UserId};
use tokio::sync::Notify;

use crate::{
    journal::{Full, MOST_MARKS, Mark, Marked, Marks, ReadQuery},
    metrics::Metrics,
    runtime::{
        ChatServer,
        messages::{Reading, Tell},
    },
};

/// How long markers are gathered: a crash loses no more than that. Some ten steps of somebody who
/// scrolls, and a time in which nobody looks at another device.
const GATHER: Duration = Duration::from_millis(500);

/// Most markers that wait, some 200 bytes each: with each of 20,000 sessions reading in three
/// rooms at once, while the store is away.
const MOST_WAITING: usize = 65_536;

/// The markers of a node that are not kept yet. All workers share it.
pub struct ReadMarkers {
    marks: Arc<dyn Marks>,
    metrics: Arc<Metrics>,
    state: Mutex<State>,
    filled: Notify,
    /// Held by whoever writes: one call of the store at a time. Whether the last one failed.
    writes: tokio::sync::Mutex<bool>,
}

#[derive(Default)]
struct State {
    waiting: People,
    /// How many of them.
    count: usize,
    /// On their way to the store; older than those that wait.
    under_way: People,
}

type People = HashMap<UserId, HashMap<RoomKey, MarkerUpdate>>;

/// How far somebody came in a room, and by which of their sessions.
#[derive(Clone, Debug)]
pub(super) struct MarkerUpdate {
    pub(super) mark: Mark,
    pub(super) by: SessionId,
}

impl MarkerUpdate {
    fn then(&mut self, later: Self) {
        let what = self.mark.what.then(later.mark.what);
        if what != self.mark.what {
            self.by = later.by;
        }
        self.mark = Mark { what, ..later.mark };
    }
}

fn add(people: &mut People, key: RoomKey, step: MarkerUpdate) -> bool {
    use std::collections::hash_map::Entry::{Occupied, Vacant};
    match people.entry(step.mark.user.id.clone()).or_default().entry(key) {
        Occupied(mut earlier) => {
            earlier.get_mut().then(step);
            false
        }
        Vacant(place) => {
            place.insert(step);
            true
        }
    }
}

fn of<'p>(people: &'p People, person: &UserId, room: &RoomKey) -> Option<&'p Mark> {
    people.get(person)?.get(room).map(|step| &step.mark)
}

impl ReadMarkers {
    /// Without any; [`ReadMarkers::run`] keeps what comes.
    #[must_use]
    pub fn new(marks: Arc<dyn Marks>, metrics: Arc<Metrics>) -> Arc<Self> {
        let (state, filled, writes) =
            (Mutex::default(), Notify::new(), tokio::sync::Mutex::new(false));
        Arc::new(Self { marks, metrics, state, filled, writes })
    }

    /// The store.
    pub(super) fn store(&self) -> &dyn Marks {
        &*self.marks
    }

    /// Takes a step in. Never waits.
    ///
    /// # Errors
    /// [`Full`] when too many wait; nothing was taken.
    pub(super) fn put(&self, room: RoomKey, step: MarkerUpdate) -> Result<(), Full> {
        let mut state = self.state();
        if state.count >= MOST_WAITING && of(&state.waiting, &step.mark.user.id, &room).is_none() {
            return Err(Full);
        }
        let new = add(&mut state.waiting, room, step);
        state.count += usize::from(new);
        self.show(&state);
        drop(state);
        self.merged(u64::from(!new));
        self.filled.notify_one();
        Ok(())
    }

    /// What waits of somebody in a room, and by which name: it counts after what is kept.
    pub(super) fn waiting(&self, person: &UserId, room: &RoomKey) -> Option<(Marked, User)> {
        let state = self.state();
        let under_way = of(&state.under_way, person, room);
        let waiting = of(&state.waiting, person, room);
        let last = waiting.or(under_way)?;
        let what = match (under_way, waiting) {
            (Some(earlier), Some(later)) => earlier.what.then(later.what),
            _ => last.what,
        };
        Some((what, last.user.clone()))
    }

    /// Keeps what comes, until the engine is gone.
    pub async fn run(self: Arc<Self>, engine: Addr<ChatServer>) {
        while engine.connected() {
            self.filled.notified().await;
            tokio::time::sleep(GATHER).await;
            self.write(Some(&engine)).await;
        }
    }

    /// Keeps all that waits, for the end: what is put in later is not meant.
    pub async fn flush(&self) {
        self.write(None).await;
    }

    /// One round. What can't be kept waits for the next one.
    async fn write(&self, engine: Option<&Addr<ChatServer>>) {
        let mut failing = self.writes.lock().await;
        let mut steps = self.begin();
        for steps in steps.chunks_mut(MOST_MARKS) {
            let others = match engine {
                Some(engine) => look(engine, steps).await,
                None => Vec::new(),
            };
            let marks = steps.iter().map(|step| step.mark.clone()).collect();
            match self.marks.mark(marks).await {
                Ok(0) => self.metrics.marks.with_label_values(&["same"]).inc_by(len(steps)),
                Ok(changed) => {
                    let same = len(steps).saturating_sub(changed);
                    self.metrics.marks.with_label_values(&["kept"]).inc_by(changed);
                    self.metrics.marks.with_label_values(&["same"]).inc_by(same);
                    if let Some(engine) = engine {
                        self.tell(engine, others).await;
                    }
                }
                Err(error) => {
                    // Said once, however long the store is away.
                    if !std::mem::replace(&mut *failing, true) {
                        log::warn!(error:%; "read markers wait: they could not be kept");
                    }
                    self.metrics.marks_retried.inc_by(len(steps));
                    break;
                }
            }
            *failing = false;
            self.done(steps);
        }
        self.put_back();
    }

    /// What waits is under way from now on; in the order in which stores keep it.
    fn begin(&self) -> Vec<MarkerUpdate> {
        let mut state = self.state();
        state.under_way = std::mem::take(&mut state.waiting);
        state.count = 0;
        let mut steps: Vec<MarkerUpdate> =
            state.under_way.values().flat_map(HashMap::values).cloned().collect();
        drop(state);
        steps.sort_by(|a, b| (a.mark.room, &a.mark.user.id).cmp(&(b.mark.room, &b.mark.user.id)));
        steps
    }

    /// These are kept.
    fn done(&self, steps: &[MarkerUpdate]) {
        let mut state = self.state();
        for MarkerUpdate { mark, .. } in steps {
            if let Some(rooms) = state.under_way.get_mut(&mark.user.id) {
                rooms.retain(|_, step| step.mark.room != mark.room);
                if rooms.is_empty() {
                    state.under_way.remove(&mark.user.id);
                }
            }
        }
        self.show(&state);
    }

    /// What is still under way was not kept: it waits again, before what came meanwhile.
    fn put_back(&self) {
        let mut state = self.state();
        if state.under_way.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut state.under_way);
        let mut merged = 0;
        for (_, rooms) in std::mem::take(&mut state.waiting) {
            for (key, step) in rooms {
                merged += u64::from(!add(&mut all, key, step));
            }
        }
        self.merged(merged);
        state.count = all.values().map(HashMap::len).sum();
        state.waiting = all;
        self.show(&state);
        drop(state);
        self.filled.notify_one();
    }

    /// Tells the other sessions of those who have some, with fresh counts.
    async fn tell(&self, engine: &Addr<ChatServer>, others: Vec<(RoomKey, MarkerUpdate)>) {
        if others.is_empty() {
            return;
        }
        let asked = |(room, step): &(RoomKey, MarkerUpdate)| ReadQuery {
            person: step.mark.user.id.clone(),
            room: room.clone(),
            waiting: None,
        };
        // Who is not told by now asks when they look: nothing is owed.
        let Ok(states) = self.marks.unread(others.iter().map(asked).collect()).await else {
            return;
        };
        let reads = others.into_iter().zip(states).filter_map(|((_, step), state)| {
            let MarkerUpdate { mark, by } = step;
            Some(ReadMarker { room: mark.room, user: mark.user.id, by: Some(by), state: state? })
        });
        let _ = engine.send(Tell(reads.collect())).await;
    }

    /// So many were replaced by later ones before they were kept.
    fn merged(&self, count: u64) {
        self.metrics.marks.with_label_values(&["merged"]).inc_by(count);
    }

    fn show(&self, state: &State) {
        let under_way: usize = state.under_way.values().map(HashMap::len).sum();
        let waiting = state.count + under_way;
        self.metrics.marks_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// No code of others runs under the lock, so a poisoned one still guards a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives them the names that their rooms know them by now, as another tab may have changed one;
/// answers those who have other sessions there.
async fn look(
    engine: &Addr<ChatServer>,
    steps: &mut [MarkerUpdate],
) -> Vec<(RoomKey, MarkerUpdate)> {
    let who = |step: &MarkerUpdate| (step.mark.room, step.mark.user.id.clone(), step.by);
    let Ok(seen) = engine.send(Reading(steps.iter().map(who).collect())).await else {
        return Vec::new();
    };
    let mut others = Vec::new();
    for (step, seen) in steps.iter_mut().zip(seen) {
        let Some(seen) = seen else { continue };
        step.mark.user.name = seen.name;
        if seen.others && matches!(step.mark.what, Marked::Read { .. }) {
            others.push((seen.room, step.clone()));
        }
    }
    others
}

fn len(steps: &[MarkerUpdate]) -> u64 {
    steps.len() as u64
}

#[cfg(test)]
mod tests;
