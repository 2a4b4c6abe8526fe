//! The same work on Maru, on the echo floor and on other servers, in rounds of changing order.

use serde_json::Value;

use crate::{
    peers::Peer,
    servers::{Kind, Programs},
    work::median,
};

/// One line of the table.
pub struct Work {
    /// What is done.
    pub name: &'static str,
    /// What is told, and in which unit.
    pub unit: &'static str,
    figure: &'static str,
    args: Vec<String>,
}

/// One column.
pub struct Column {
    /// Which server.
    pub kind: Kind,
    /// What it says of itself.
    pub version: String,
}

/// What was measured of one server under one load.
#[derive(Default)]
pub struct Cell {
    /// Its figures.
    pub figures: Vec<f64>,
    /// Each divided by the echo floor's of the same round.
    ratios: Vec<f64>,
    /// Why it has no figure of a round.
    pub failures: Vec<String>,
}

/// The table.
pub struct Beside {
    /// The lines.
    pub works: Vec<Work>,
    /// The columns: the echo floor first, Maru second.
    pub columns: Vec<Column>,
    /// Per line, per column.
    pub cells: Vec<Vec<Cell>>,
    /// Who is not here, and what to do about it.
    pub absent: Vec<(&'static str, String)>,
}

impl Work {
    /// The arguments that repeat it.
    pub fn command(&self) -> String {
        self.args.join(" ")
    }

    fn measure(&self, programs: &Programs, kind: Kind) -> Result<f64, String> {
        let told = programs.load(&programs.start(kind)?, &self.args)?;
        let figure = told.pointer(self.figure).and_then(Value::as_f64);
        // A part of nothing can't be told.
        figure.filter(|figure| *figure > 0.0).ok_or_else(|| "nothing was measured".to_owned())
    }
}

impl Cell {
    /// The middle one of its figures.
    pub fn figure(&self) -> Option<f64> {
        median(&self.figures)
    }

    /// The middle one of its ratios to the echo floor.
    pub fn ratio(&self) -> Option<f64> {
        median(&self.ratios)
    }
}

impl Beside {
    /// The table of what is here, with nothing measured yet.
    pub fn new(programs: &Programs, seconds: u32, only: Option<&str>) -> Self {
        let mut columns: Vec<Column> = [Kind::Echo, Kind::Maru]
            .map(|kind| Column { kind, version: env!("CARGO_PKG_VERSION").to_owned() })
            .into();
        let mut absent = Vec::new();
        for peer in Peer::ALL {
            match programs.peers.version(peer) {
                Ok(version) => columns.push(Column { kind: Kind::Peer(peer), version }),
                Err(why) => absent.push((peer.name(), why)),
            }
        }
        let wanted = |work: &Work| only.is_none_or(|only| work.name.contains(only));
        let works: Vec<Work> = works(seconds).into_iter().filter(wanted).collect();
        let cells = works.iter().map(|_| columns.iter().map(|_| Cell::default()).collect());
        Self { cells: cells.collect(), works, columns, absent }
    }

    /// How many measurements a round has.
    pub fn len(&self) -> usize {
        self.works.len() * self.columns.len()
    }

    /// One round; tells of each measurement before it begins. Fails where Maru or the floor do:
    /// what the others fail at is said in the table.
    ///
    /// # Errors
    /// The sentences of what failed.
    pub fn round(
        &mut self,
        programs: &Programs,
        number: u32,
        mut told: impl FnMut(String),
    ) -> Result<(), String> {
        let count = self.columns.len();
        let first = usize::try_from(number).unwrap_or(0) % count;
        let mut failures = Vec::new();
        for (work, cells) in self.works.iter().zip(&mut self.cells) {
            let mut figures = vec![None; count];
            // Who comes first changes: what warms up or slows down must not favour one.
            for at in (0..count).map(|n| (n + first) % count) {
                let kind = self.columns[at].kind;
                told(format!("{}: {}", work.name, kind.name()));
                match work.measure(programs, kind) {
                    Ok(figure) => figures[at] = Some(figure),
                    Err(why) => {
                        if !matches!(kind, Kind::Peer(_)) {
                            failures.push(format!("{}, {}: {why}", kind.name(), work.name));
                        }
                        cells[at].failures.push(why);
                    }
                }
            }
            for (cell, figure) in cells.iter_mut().zip(&figures) {
                cell.figures.extend(figure);
                cell.ratios.extend(figure.zip(figures[0]).map(|(figure, floor)| figure / floor));
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
    }
}

fn works(seconds: u32) -> Vec<Work> {
    let work = |name, unit, figure, args: &str| {
        let args = format!("{args} --duration {seconds}s");
        Work { name, unit, figure, args: args.split_whitespace().map(str::to_owned).collect() }
    };
    let delivery = |name, args| work(name, "µs CPU per delivery", "/server/cpu_per_delivery", args);
    vec![
        delivery("1 room × 1,000, one in flight", "fanout --members 1000"),
        delivery("1 room × 5,000, one in flight", "fanout --members 5000"),
        delivery("1,000 rooms × 10, 5,000 messages a second", "rooms"),
        delivery(
            "1 room × 1,000, 16 in flight",
            "fanout --members 1000 --in-flight 16 --senders 16",
        ),
        work(
            "10,000 idle, each in a room",
            "bytes of RSS each",
            "/server/rss_per_connection",
            "idle",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_tells_the_middle_of_its_rounds() {
        let cell = Cell {
            figures: vec![4.0, 40.0, 5.0],
            ratios: vec![2.0, 2.5, 2.2],
            failures: Vec::new(),
        };
        assert_eq!((cell.figure(), cell.ratio()), (Some(5.0), Some(2.2)));
        assert_eq!(Cell::default().ratio(), None);
    }
}
