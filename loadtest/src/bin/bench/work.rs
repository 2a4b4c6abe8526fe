//! What is measured, and the bar for each.

mod rows;
mod table;

use std::collections::HashMap;

use serde_json::Value;

pub use self::{
    rows::{floor, socketio},
    table::Table,
};
use crate::{
    peers::Peer,
    servers::{Kind, Programs},
};

/// What was told in a round: lines of a table that tell of the same load share it.
type Round = HashMap<(Kind, String), Value>;

/// One line of the table.
pub struct Row {
    /// What is done.
    pub name: &'static str,
    /// What is told.
    pub unit: &'static str,
    /// Where in `maru-load --json` it stands.
    figure: &'static str,
    args: Vec<String>,
    floor: Versus,
    /// What was aimed at.
    pub bar: Bar,
}

/// What Maru's figure is compared to.
pub enum Versus {
    /// Another server under the same or a likened load.
    Server(Kind, Vec<String>),
    /// Maru itself under another load, which has a name.
    Maru(&'static str, Vec<String>),
    /// Maru itself under several loads, each an equal part of this one: the mean of what they tell.
    Parts(Vec<Vec<String>>),
    /// Nothing: the bar is absolute.
    Nothing,
}

/// What was aimed at.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// At most so many times the other figure.
    TimesUpTo(f64),
    /// At least so many times the other figure.
    TimesFrom(f64),
    /// So many times the other figure, from and to.
    TimesWithin(f64, f64),
    /// At most so much.
    UpTo(f64),
    /// At least so much.
    From(f64),
}

/// What was measured of one line.
#[derive(Default)]
pub struct Samples {
    /// Maru's figures.
    pub maru: Vec<f64>,
    /// The other's.
    pub floor: Vec<f64>,
}

impl Row {
    /// One measurement of Maru or of what it is compared to; `None` when there is no such.
    ///
    /// # Errors
    /// A sentence when it could not be done.
    fn measure(
        &self,
        programs: &Programs,
        round: &mut Round,
        floor: bool,
    ) -> Result<Option<f64>, String> {
        match (&self.floor, floor) {
            (_, false) => self.figure_of(programs, round, Kind::Maru, &self.args).map(Some),
            (Versus::Server(kind, args), true) => {
                self.figure_of(programs, round, *kind, args).map(Some)
            }
            (Versus::Maru(_, args), true) => {
                self.figure_of(programs, round, Kind::Maru, args).map(Some)
            }
            (Versus::Parts(parts), true) => {
                let mut sum = 0.0;
                for args in parts {
                    sum += self.figure_of(programs, round, Kind::Maru, args)?;
                }
                Ok(Some(sum / parts.len().max(1) as f64))
            }
            (Versus::Nothing, true) => Ok(None),
        }
    }

    fn figure_of(
        &self,
        programs: &Programs,
        round: &mut Round,
        kind: Kind,
        args: &[String],
    ) -> Result<f64, String> {
        let key = (kind, args.join(" "));
        let told = match round.get(&key) {
            Some(told) => told.clone(),
            None => programs.load(&programs.start(kind)?, args)?,
        };
        let figure = told.pointer(self.figure).and_then(Value::as_f64);
        let figure = figure.ok_or_else(|| format!("maru-load told no {}: {told}", self.figure))?;
        round.insert(key, told);
        Ok(figure)
    }

    /// The other server that it needs.
    pub fn peer(&self) -> Option<Peer> {
        match self.floor {
            Versus::Server(Kind::Peer(peer), _) => Some(peer),
            _ => None,
        }
    }

    /// Whether it is compared to something.
    fn paired(&self) -> bool {
        !matches!(self.floor, Versus::Nothing)
    }

    /// The arguments that repeat it.
    pub fn command(&self) -> String {
        self.args.join(" ")
    }

    /// What it is compared to, in words.
    pub fn versus(&self) -> &'static str {
        match &self.floor {
            Versus::Server(Kind::Floor, _) => "floor",
            Versus::Server(Kind::Coalescing, _) => "coalescing floor",
            Versus::Server(Kind::Peer(peer), _) => peer.name(),
            Versus::Server(..) => "bare handshake",
            Versus::Maru(name, _) => name,
            Versus::Parts(_) => "its parts",
            Versus::Nothing => "—",
        }
    }
}

impl Samples {
    /// Takes a round in: Maru's figure, and the other's where there is one.
    fn add(&mut self, paired: bool, [maru, floor]: [Option<f64>; 2]) {
        // A pair that lost one half would shift the ones behind it.
        if !paired || (maru.is_some() && floor.is_some()) {
            self.maru.extend(maru);
            self.floor.extend(floor);
        }
    }

    /// The median of the rounds' ratios: a round's two runs saw the same machine.
    pub fn ratio(&self) -> Option<f64> {
        let pairs = self.maru.iter().zip(&self.floor);
        median(&pairs.map(|(maru, floor)| maru / floor).collect::<Vec<_>>())
    }
}

impl Bar {
    /// Whether it is reached.
    pub fn reached(self, samples: &Samples) -> Option<bool> {
        Some(match self {
            Self::TimesUpTo(most) => samples.ratio()? <= most,
            Self::TimesFrom(least) => samples.ratio()? >= least,
            Self::TimesWithin(least, most) => (least..=most).contains(&samples.ratio()?),
            Self::UpTo(most) => median(&samples.maru)? <= most,
            Self::From(least) => median(&samples.maru)? >= least,
        })
    }
}

/// The middle one.
pub fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if !sorted.len().is_multiple_of(2) {
        sorted.get(middle).copied()
    } else {
        Some((sorted.get(middle.checked_sub(1)?)? + sorted.get(middle)?) / 2.0)
    }
}

/// The least and the most ratio of the lines that differ in the size of the room alone.
pub fn growth(rows: &[Row], samples: &[Samples]) -> Option<(f64, f64)> {
    let ratios: Vec<f64> = rows
        .iter()
        .zip(samples)
        .filter(|(row, _)| row.name.starts_with("1 room") && row.name.ends_with("one in flight"))
        .filter_map(|(_, samples)| samples.ratio())
        .collect();
    let least = ratios.iter().copied().reduce(f64::min)?;
    let most = ratios.iter().copied().reduce(f64::max)?;
    (ratios.len() > 1).then_some((least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(&[9.0, 1.0, 5.0, 7.0]), Some(6.0));
    }

    #[test]
    fn lines_that_differ_in_size_alone_are_compared() {
        let rows = floor(1);
        let samples: Vec<Samples> = (0..rows.len())
            .map(|n| Samples { maru: vec![10.0 + n as f64], floor: vec![10.0] })
            .collect();
        let (least, most) = growth(&rows, &samples).unwrap();
        assert!((least - 1.0).abs() < 1e-9 && (most - 1.2).abs() < 1e-9, "{least} {most}");
        assert_eq!(growth(&rows[..1], &samples[..1]), None);
    }

    #[test]
    fn ratios_are_of_rounds() {
        let samples = Samples { maru: vec![2.0, 40.0, 3.0], floor: vec![1.0, 20.0, 1.0] };
        assert_eq!(samples.ratio(), Some(2.0));
        assert_eq!(Bar::TimesUpTo(2.0).reached(&samples), Some(true));
        assert_eq!(Bar::UpTo(1.0).reached(&samples), Some(false));
        assert_eq!(Bar::TimesWithin(0.9, 1.1).reached(&samples), Some(false));
    }
}
