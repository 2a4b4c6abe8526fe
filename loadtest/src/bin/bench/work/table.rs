//! Lines that are measured together, and what was measured of them.

use super::{Round, Row, Samples};
use crate::servers::Programs;

/// Lines that are measured together.
#[derive(Default)]
pub struct Table {
    /// The lines.
    pub rows: Vec<Row>,
    /// Their figures.
    pub samples: Vec<Samples>,
    /// Whose figures are left out, and why.
    pub absent: Option<String>,
}

impl Table {
    /// A table with nothing measured yet, of the lines whose name has `only` in it. Those that need another
    /// server are left out where it is not here or not wanted.
    pub fn new(programs: &Programs, rows: Vec<Row>, only: Option<&str>, peers: bool) -> Self {
        let mut table = Self::default();
        for row in rows.into_iter().filter(|row| only.is_none_or(|only| row.name.contains(only))) {
            let here = match row.peer() {
                Some(peer) if peers => programs.peers.version(peer).map(drop),
                Some(peer) => Err(format!("{} was left out of this run", peer.name())),
                None => Ok(()),
            };
            match here {
                Ok(()) => table.rows.push(row),
                Err(why) => table.absent = Some(why),
            }
        }
        table.samples = table.rows.iter().map(|_| Samples::default()).collect();
        table
    }

    /// One round; tells of each line before it is measured, and what failed.
    pub fn round(
        &mut self,
        programs: &Programs,
        number: u32,
        mut told: impl FnMut(&'static str),
        failures: &mut Vec<String>,
    ) {
        let mut round = Round::new();
        for (row, samples) in self.rows.iter().zip(&mut self.samples) {
            told(row.name);
            // Who comes first changes: what warms up or slows down must not favour one.
            let turns = if number % 2 == 1 { [false, true] } else { [true, false] };
            let mut figures = [None, None];
            for floor in turns {
                match row.measure(programs, &mut round, floor) {
                    Ok(figure) => figures[usize::from(floor)] = figure,
                    Err(why) => failures.push(format!("{}: {why}", row.name)),
                }
            }
            samples.add(row.paired(), figures);
        }
    }
}
