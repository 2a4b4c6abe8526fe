//! What somebody makes of what the server says.

use std::sync::atomic::Ordering;

use maru_protocol::{Entry, ErrorCode, MessageId, Position, Ref, ServerFrame};
use tokio::time::Instant;

use super::{Member, Place};
use crate::{history::Event, web::logged};

impl Member {
    pub(super) fn take(&mut self, frame: ServerFrame) {
        let Some(link) = &mut self.link else { return };
        (link.heard, link.pinged) = (Instant::now(), false);
        match frame {
            ServerFrame::Entry(entry) => self.live(&entry),
            ServerFrame::Sent { reference, room, id, seq, .. } => {
                let event = Event::Acked { room: room.as_str().to_owned(), id, seq: seq.get() };
                self.world.recorder.note(event);
                self.acknowledged(reference, id);
            }
            ServerFrame::Joined { reference, epoch, head, entries, reset, .. } => {
                let Some(n) = self.asked(reference) else { return };
                self.joined(n, Position { epoch, seq: head }, &entries, reset);
            }
            ServerFrame::Error {
                reference: Some(reference), code, message, retry_after, ..
            } => {
                let Some(n) = self.asked(reference) else { return };
                self.refused(n, code, &message, retry_after);
            }
            ServerFrame::Error { code, message, .. } if !code.retryable() => {
                self.trouble(format!("{code:?}: {message}"));
            }
            ServerFrame::Bye { code, retry_after, .. } => {
                link.bye = Some(retry_after);
                if !code.retryable() {
                    self.trouble(format!("sent away: {code:?}"));
                }
            }
            _ => {}
        }
    }

    /// The room that asked this.
    fn asked(&self, reference: Ref) -> Option<usize> {
        self.places.iter().position(|it| it.asked.is_some_and(|(asked, _)| asked == reference))
    }

    fn acknowledged(&mut self, reference: Ref, id: MessageId) {
        let of = |place: &Place| place.drafts.front().is_some_and(|draft| draft.id == id);
        // A late answer counts as well as the one to the last try.
        let Some(place) = self.places.iter_mut().find(|place| of(place)) else { return };
        let draft = place.drafts.pop_front().unwrap();
        if place.asked.is_some_and(|(asked, _)| asked == reference) {
            place.asked = None;
        }
        (place.tries, place.pause) = (0, Instant::now());
        self.world.waiting.fetch_sub(1, Ordering::SeqCst);
        self.notes.acks.push((id, (draft.said_at, self.world.micros())));
    }

    fn refused(&mut self, n: usize, code: ErrorCode, message: &str, retry_after: Option<u32>) {
        self.tell(|| format!("{code:?}"));
        let place = &mut self.places[n];
        place.asked = None;
        if code.retryable() {
            place.rest(retry_after, &mut self.random);
        } else if code == ErrorCode::NotJoined && place.joined {
            place.joined = false;
        } else {
            self.trouble(format!("{code:?}: {message}"));
            self.places[n].rest(None, &mut self.random);
        }
    }

    fn joined(&mut self, n: usize, head: Position, entries: &[Entry], reset: bool) {
        let (who, name, epoch) = (self.who, self.places[n].name.clone(), head.epoch);
        let place = &mut self.places[n];
        (place.joined, place.asked, place.tries) = (true, None, 0);
        self.world.recorder.note(Event::Told { who, room: name.clone(), epoch, reset });
        // Somebody who resumes is owed what follows what they hold, whatever the answer says.
        if place.held.is_none() || reset {
            let next = entries.first().map_or(head.seq.next(), Entry::seq);
            place.held = Some(Position { epoch, seq: next.previous() });
            self.world.recorder.note(Event::Joined { who, room: name, next: next.get() });
        }
        self.notes.replayed += entries.len() as u64;
        entries.iter().for_each(|entry| self.hold(entry));
        if self.places.iter().all(|place| place.joined) {
            if !std::mem::replace(&mut self.gathered, true) {
                self.world.gathered.fetch_add(1, Ordering::SeqCst);
            }
            if let Some(mut absence) = self.away.take() {
                absence.span.1 = self.world.micros();
                self.notes.absences.push(absence);
            }
        }
    }

    /// An entry that came by itself.
    fn live(&mut self, entry: &Entry) {
        self.notes.delivered += 1;
        let Entry::Message(said) = entry else { panic!("nobody asks for anything else") };
        let mut words = said.text().split(' ').map(str::parse::<u64>);
        let node = self.link.as_ref().map(|link| link.node as u64);
        if let (Some(Ok(at)), Some(Ok(from))) = (words.next(), words.next())
            && Some(from) != node
        {
            self.notes.crossings.push((said.id, (at, self.world.micros())));
        }
        self.hold(entry);
    }

    fn hold(&mut self, entry: &Entry) {
        let (who, name) = (self.who, entry.head().room.as_str());
        let event = Event::Received { who, room: name.to_owned(), entry: logged(entry) };
        self.world.recorder.note(event);
        let held = self.places.iter_mut().find(|place| place.name == name);
        if let Some(held) = held.and_then(|place| place.held.as_mut()) {
            held.seq = held.seq.max(entry.seq());
        }
    }

    pub(super) fn trouble(&mut self, what: String) {
        self.notes.troubles.push(format!("{}: {what}", self.who));
    }
}
