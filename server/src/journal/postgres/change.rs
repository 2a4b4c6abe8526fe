//! What lies beside the entries, in a transaction under way: what became of messages, and what a room
//! is about. Looked up once, changed in memory by one draft after the other, written at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use maru_engine::log::fold::{self, Effect, TargetMessage};
use maru_protocol::{About, Seq, UserId};
use sqlx::{Error, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::row::{self, Id};
use crate::journal::{
    Append, Change, RoomId,
    projections::{
        marks::mentioned,
        state::{self, MessageState},
    },
    rows::entries::{self, MESSAGE, Unreadable, number},
};

/// A message, by its room and its number.
pub(super) type MessageKey = (RoomId, Seq);

/// What the drafts of a transaction name, and what becomes of that.
#[derive(Default)]
pub(super) struct Projections {
    /// What is to be looked up; a batch of plain messages names nothing.
    named: BTreeSet<MessageKey>,
    rooms: BTreeSet<RoomId>,
    subjects: HashMap<MessageKey, Result<TargetMessage, String>>,
    abouts: HashMap<RoomId, Result<About, String>>,
    unlisted: HashSet<(MessageKey, Uuid)>,
    changes: Changes,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) states: BTreeMap<MessageKey, MessageState>,
    pub(super) abouts: BTreeMap<RoomId, About>,
    /// Put in, or taken out.
    pub(super) unlisted: BTreeMap<(MessageKey, Uuid), bool>,
    /// Messages whose texts go.
    pub(super) erased: BTreeSet<MessageKey>,
    /// Whom messages mention from now on.
    pub(super) mentions: BTreeMap<MessageKey, Vec<UserId>>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let Self { states, abouts, unlisted, erased, mentions } = self;
        let none = states.is_empty() && abouts.is_empty() && unlisted.is_empty();
        none && erased.is_empty() && mentions.is_empty()
    }
}

fn key(append: &Append) -> Option<(MessageKey, Uuid)> {
    let Change::React { target, emoji, .. } = &append.what else { return None };
    let key = state::reaction_key(emoji, &append.sender.id);
    Some(((append.room, *target), Uuid::from_bytes(key)))
}

impl Projections {
    pub(super) fn of(appends: &[&Append]) -> Self {
        let mut projections = Self::default();
        for append in appends {
            if let Some(target) = append.what.target() {
                projections.named.insert((append.room, target));
            }
            match append.what {
                Change::Delete { .. } | Change::Pin { .. } | Change::Topic { .. } => {
                    projections.rooms.insert(append.room);
                }
                Change::Message(_) | Change::Edit { .. } | Change::React { .. } => {}
            }
        }
        projections
    }

    /// The statements that look it up, none for nothing. They are three.
    pub(super) fn sql(&self, appends: &[&Append]) -> String {
        if self.named.is_empty() && self.rooms.is_empty() {
            return String::new();
        }
        let rooms = super::transaction::list(self.named.iter().map(|(room, _)| room.0));
        let seqs = super::transaction::list(self.named.iter().map(|(_, seq)| number(*seq)));
        let abouts = super::transaction::list(self.rooms.iter().map(|room| room.0));
        let keys: Vec<_> = appends.iter().filter_map(|append| key(append)).collect();
        let of_rooms = super::transaction::list(keys.iter().map(|((room, _), _)| room.0));
        let of_seqs = super::transaction::list(keys.iter().map(|((_, seq), _)| number(*seq)));
        let whos = super::transaction::list(keys.iter().map(|(_, who)| who));
        format!(
            "SELECT e.room, e.seq, e.at, e.sender, e.sender_name,
                    coalesce(x.body, e.body), s.state
               FROM unnest('{{{rooms}}}'::bigint[], '{{{seqs}}}'::bigint[]) AS named (room, seq)
               JOIN maru.entries AS e
                 ON e.room = named.room AND e.seq = named.seq AND e.kind = {MESSAGE}
               LEFT JOIN maru.states AS s ON s.room = e.room AND s.seq = e.seq
               LEFT JOIN maru.entries AS x ON x.room = s.room AND x.seq = s.edited;
             SELECT room, about FROM maru.abouts WHERE room = ANY('{{{abouts}}}'::bigint[]);
             SELECT u.room, u.seq, u.who
               FROM unnest('{{{of_rooms}}}'::bigint[], '{{{of_seqs}}}'::bigint[],
                           '{{{whos}}}'::uuid[]) AS asked (room, seq, who)
               JOIN maru.unlisted AS u
                 ON u.room = asked.room AND u.seq = asked.seq AND u.who = asked.who;"
        )
    }

    /// A row of the statement of that number.
    pub(super) fn found(&mut self, statement: usize, row: &PgRow) -> Result<(), Error> {
        let room = RoomId(row.try_get(0)?);
        match statement {
            0 => {
                let subject = subject(row, 1)?.map_err(|why| why.to_string());
                if let Ok(seq) = entries::seq_of("seq", row.try_get(1)?) {
                    self.subjects.insert((room, seq), subject);
                }
            }
            1 => {
                let about = row::about(row.try_get(1)?).map_err(|why| why.to_string());
                self.abouts.insert(room, about);
            }
            _ => {
                if let Ok(seq) = entries::seq_of("seq", row.try_get(1)?) {
                    self.unlisted.insert(((room, seq), row.try_get::<Id, _>(2)?.0));
                }
            }
        }
        Ok(())
    }

    /// The message that a draft names, as it is by now; the reason where that can't be read.
    pub(super) fn subject(&self, append: &Append) -> Result<Option<&TargetMessage>, String> {
        let Some(target) = append.what.target() else { return Ok(None) };
        self.subjects
            .get(&(append.room, target))
            .map(Result::as_ref)
            .transpose()
            .map_err(Clone::clone)
    }

    pub(super) fn about(&self, room: RoomId) -> Result<About, String> {
        self.abouts.get(&room).cloned().unwrap_or_else(|| Ok(About::default()))
    }

    pub(super) fn is_unlisted(&self, append: &Append) -> bool {
        key(append).is_some_and(|key| self.unlisted.contains(&key))
    }

    /// What an append did: later ones of the same transaction meet it.
    pub(super) fn done(&mut self, append: &Append, seq: Seq, effect: Effect) {
        let Effect { state, about, unlisted, erases } = effect;
        if let Some((message, people)) = mentioned(append, seq) {
            let people = people.into_iter().filter(|person| !person.0.contains('\0')).cloned();
            self.changes.mentions.insert((append.room, message), people.collect());
        }
        if let Some(about) = about {
            self.abouts.insert(append.room, Ok(about.clone()));
            self.changes.abouts.insert(append.room, about);
        }
        if let (Some(key), Some(on)) = (key(append), unlisted) {
            if on {
                self.unlisted.insert(key);
            } else {
                self.unlisted.remove(&key);
            }
            self.changes.unlisted.insert(key, on);
        }
        if let (Some(target), Some(state)) = (append.what.target(), state) {
            let place = (append.room, target);
            if let Some(Ok(subject)) = self.subjects.get_mut(&place) {
                if let Change::Edit { body, .. } = &append.what {
                    subject.excerpt = fold::excerpt(body.as_str());
                }
                subject.state = Some(state.clone());
            }
            self.changes.states.insert(place, state);
            if erases {
                self.unlisted.retain(|(of, _)| *of != place);
                self.changes.unlisted.retain(|(of, _), _| *of != place);
                self.changes.erased.insert(place);
            }
        }
        self.said(append, seq);
    }

    /// A message of this transaction that a later draft of it names.
    fn said(&mut self, append: &Append, seq: Seq) {
        let place = (append.room, seq);
        if let Change::Message(said) = &append.what
            && self.named.contains(&place)
        {
            let excerpt = said.body.as_ref().and_then(|body| fold::excerpt(body.as_str()));
            let (sender, at) = (append.sender.clone(), append.at);
            self.subjects
                .insert(place, Ok(TargetMessage { seq, sender, at, excerpt, state: None }));
        }
    }

    pub(super) fn into_changes(self) -> Changes {
        self.changes
    }
}

/// A message that a draft names, or that another one answers: its seq, time, sender, sender's name,
/// present text and state, in columns that start at `first`.
pub(super) fn subject(
    row: &PgRow,
    first: usize,
) -> Result<Result<TargetMessage, Unreadable>, Error> {
    let (seq, at): (i64, i64) = (row.try_get(first)?, row.try_get(first + 1)?);
    let (sender, name): (&str, &str) = (row.try_get(first + 2)?, row.try_get(first + 3)?);
    let (text, state): (&str, Option<&str>) = (row.try_get(first + 4)?, row.try_get(first + 5)?);
    let read = || {
        Ok(TargetMessage {
            seq: entries::seq_of("seq", seq)?,
            sender: entries::user_of(sender.as_bytes(), name.as_bytes())?,
            at: u64::try_from(at).map_err(|why| Unreadable::of("at", why))?,
            excerpt: fold::excerpt(text),
            state: state.map(state::parse).transpose()?,
        })
    };
    Ok(read())
}
