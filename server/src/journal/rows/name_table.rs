//! The names of all rooms, to be searched in memory.
//!
//! A search of the directory is for any part of a name, a letter or two as well, and whoever searches for
//! what is in no name, or in nearly all of them, is not to cost more than others. An index of grams has
//! nothing for one letter, and for what stands in most names it has most rooms. A look through the names
//! themselves takes a millisecond for 100,000, whatever is looked for.
//!
//! The rooms' numbers rise with each one made, so that a look at those above the last number brings the
//! table up to date; another one at those that got another name since. What it finds is a proposal: what was
//! removed or renamed since is passed over where it is read.

use std::time::{Duration, Instant};

use memchr::memmem::Finder;

use crate::journal::RoomRecord;

/// Rooms that are read one by one when so many or fewer have the part in their name: one or two
/// milliseconds.
pub(crate) const MOST_READ: usize = 500;

/// Rooms that one search walks along, in the order of the directory, where more have it: some
/// milliseconds. What they are is likely to be found soon; who finds too few goes on from there.
pub(crate) const MOST_WALKED: u32 = 10_000;

/// Names that are read at once to bring the table up to date.
pub(crate) const STRIDE: u32 = 10_000;

/// The table is made anew after so long: the names of removed rooms go, and those that rooms had.
const KEPT: Duration = Duration::from_secs(3_600);

/// Names, some 30 bytes each, and where they stand.
#[derive(Debug)]
pub(crate) struct NameTable {
    /// One name behind the other, each with a line feed, which no name has.
    names: String,
    /// Where each begins, and the number of its room.
    rooms: Vec<(usize, i64)>,
    /// The greatest number that was looked at.
    last: i64,
    /// The greatest number of a renaming that was looked at.
    renamed: i64,
    made: Instant,
}

impl Default for NameTable {
    fn default() -> Self {
        Self { names: String::new(), rooms: Vec::new(), last: 0, renamed: 0, made: Instant::now() }
    }
}

/// Which rooms have a part in their name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// These, in any order; at most [`MOST_READ`].
    These(Vec<i64>),
    /// More.
    Many,
}

impl NameTable {
    /// Where to go on reading: rooms above this number are not in it yet.
    pub(crate) fn last(&mut self) -> i64 {
        if self.made.elapsed() >= KEPT {
            *self = Self::default();
        }
        self.last
    }

    /// The next room, by its key.
    pub(crate) fn add(&mut self, room: i64, key: &str) {
        self.put(room, key);
        self.last = room;
    }

    /// Where to go on reading: rooms whose renaming has a greater number have another name since.
    pub(crate) fn renamed(&self) -> i64 {
        self.renamed
    }

    /// The next room that has another name. The one that it had stays until the table is made anew.
    pub(crate) fn add_renamed(&mut self, number: i64, room: i64, key: &str) {
        self.put(room, key);
        self.renamed = number;
    }

    fn put(&mut self, room: i64, key: &str) {
        self.rooms.push((self.names.len(), room));
        self.names.push_str(&searched(key));
        self.names.push('\n');
    }

    /// The rooms whose name has this part, in the form that `rows::pages::needle` gives it.
    pub(crate) fn find(&self, part: &str) -> Found {
        let finder = Finder::new(part);
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(at) = self.names.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            let behind = self.rooms.partition_point(|(begin, _)| *begin <= from + at);
            let Some((_, room)) = behind.checked_sub(1).and_then(|last| self.rooms.get(last))
            else {
                break;
            };
            if found.len() >= MOST_READ {
                return Found::Many;
            }
            found.push(*room);
            // Each name once.
            match self.rooms.get(behind) {
                Some((begin, _)) => from = *begin,
                None => break,
            }
        }
        found.sort_unstable();
        found.dedup();
        Found::These(found)
    }
}

/// Whether a room has that part in its name, as it is called now.
pub(crate) fn has(room: &RoomRecord, part: &str) -> bool {
    searched(room.name.key().as_str()).contains(part)
}

/// A key in the form of `rows::pages::needle`.
fn searched(key: &str) -> String {
    key.replace('ς', "σ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(names: &[&str]) -> NameTable {
        let mut table = NameTable::default();
        for (name, room) in names.iter().zip(1..) {
            table.add(room, name);
        }
        table
    }

    #[test]
    fn a_part_is_found_once_in_each_name_that_has_it() {
        let table = table(&["lobby", "사랑방", "bob", "συστημας", "b"]);
        for (part, expected) in [
            ("b", &[1, 3, 5][..]),
            ("bb", &[1]),
            ("ob", &[1, 3]),
            ("랑", &[2]),
            ("μασ", &[4]),
            ("yb", &[]),
            ("y사", &[]),
            ("nothing that is longer than each of the names that there are", &[]),
        ] {
            assert_eq!(table.find(part), Found::These(expected.to_vec()), "{part}");
        }
        assert_eq!(NameTable::default().find("x"), Found::These(Vec::new()));
    }

    #[test]
    fn a_room_is_found_by_its_new_name_and_once() {
        let mut table = table(&["lobby", "garden"]);
        table.add_renamed(7, 1, "lounge");
        table.add_renamed(8, 1, "lobbies");
        assert_eq!((table.last(), table.renamed()), (2, 8));
        assert_eq!(table.find("lounge"), Found::These(vec![1]));
        assert_eq!(table.find("lobb"), Found::These(vec![1]), "once");
        assert_eq!(table.find("n"), Found::These(vec![1, 2]));
    }

    #[test]
    fn what_many_have_is_many() {
        let names: Vec<String> = (0..=MOST_READ).map(|n| format!("room {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(table(&names).find("room"), Found::Many);
        let Found::These(found) = table(&names[..MOST_READ]).find("room") else { panic!() };
        assert_eq!(found.len(), MOST_READ);
        let mut table = table(&names);
        assert_eq!(table.last(), 501);
        table.add(1_000, "one more");
        assert_eq!((table.last(), table.find("more")), (1_000, Found::These(vec![1_000])));
    }
}
