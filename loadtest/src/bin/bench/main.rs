//! `maru-bench`: the same work against Maru, against the floor and against other servers, in
//! alternating rounds; writes `docs/benchmarks.md` and its plot. `make bench` runs it.

mod beside;
mod page;
mod peers;
mod plot;
mod servers;
mod work;

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use maru_load::proc;

use crate::{
    beside::Beside,
    page::Page,
    peers::Peers,
    servers::Programs,
    work::{Round, Row, Samples, rows},
};

/// Runs the same work against Maru, the raw floor and other servers, in alternating rounds, and
/// writes the page.
#[derive(Parser)]
struct Args {
    /// Rounds; the page tells their medians
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds that each load is measured for
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Only work whose name contains this; the page is printed and not written
    #[arg(long)]
    only: Option<String>,
    /// Rounds with the other servers too, which take longer than all the rest; 0 leaves them out
    #[arg(long, default_value_t = 3)]
    peer_rounds: u32,
    /// Leave the other servers out
    #[arg(long)]
    skip_peers: bool,
    /// The folder with maru-server, maru-load and maru-floor
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// The folder with what the other servers are made of
    #[arg(long, default_value = "loadtest/peers")]
    peers: PathBuf,
    /// The folder with those that are built
    #[arg(long, default_value = "target/peers/release")]
    peer_programs: PathBuf,
    /// The folder that the page is written to
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
    /// The commit that is measured
    #[arg(long, default_value = "unknown")]
    commit: String,
    /// What the journal's bench said of long and short rooms
    #[arg(long)]
    history: Option<String>,
}

/// What a run measures.
struct Bench {
    programs: Programs,
    rows: Vec<Row>,
    samples: Vec<Samples>,
    beside: Option<Beside>,
    failures: Vec<String>,
    bar: ProgressBar,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "maru-bench: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    // The servers have as many as we.
    proc::raise_open_files(0)?;
    let mut bench = Bench::new(args)?;
    for round in 1..=args.rounds {
        bench.beside_the_floor(round);
        if round <= args.peer_rounds {
            bench.beside_others(round);
        }
        // What is measured stays when a later round is cut short.
        if args.only.is_none() {
            save(args, &bench, round)?;
        }
    }
    bench.bar.finish_and_clear();
    let page = bench.page(args, args.rounds).write();
    std::io::stdout().write_all(page.as_bytes()).map_err(|error| error.to_string())?;
    if bench.failures.is_empty() { Ok(()) } else { Err(bench.failures.join("\n")) }
}

impl Bench {
    fn new(args: &Args) -> Result<Self, String> {
        let peers = Peers { folder: args.peers.clone(), programs: args.peer_programs.clone() };
        let programs = Programs::find(&args.programs, peers)?;
        let wanted = |row: &Row| args.only.as_ref().is_none_or(|only| row.name.contains(only));
        let rows: Vec<Row> = rows(args.seconds).into_iter().filter(wanted).collect();
        let samples = rows.iter().map(|_| Samples::default()).collect();
        let beside = (!args.skip_peers && args.peer_rounds > 0)
            .then(|| Beside::new(&programs, args.seconds, args.only.as_deref()));
        let others = beside.as_ref().map_or(0, Beside::len) as u64;
        let rounds = u64::from(args.rounds);
        let bar = ProgressBar::new(
            rounds * rows.len() as u64 + rounds.min(u64::from(args.peer_rounds)) * others,
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}") {
            bar.set_style(style);
        }
        Ok(Self { programs, rows, samples, beside, failures: Vec::new(), bar })
    }

    fn beside_the_floor(&mut self, round: u32) {
        let mut told = Round::new();
        for (row, samples) in self.rows.iter().zip(&mut self.samples) {
            self.bar.set_message(row.name);
            // Who comes first changes: what warms up or slows down must not favour one.
            let turns = if round % 2 == 1 { [false, true] } else { [true, false] };
            let mut figures = [None, None];
            for floor in turns {
                match row.measure(&self.programs, &mut told, floor) {
                    Ok(figure) => figures[usize::from(floor)] = figure,
                    Err(why) => self.failures.push(format!("{}: {why}", row.name)),
                }
            }
            samples.add(row.paired(), figures);
            self.bar.inc(1);
        }
    }

    fn beside_others(&mut self, round: u32) {
        let Some(beside) = &mut self.beside else { return };
        let bar = &self.bar;
        let told = |what| {
            bar.set_message(what);
            bar.inc(1);
        };
        self.failures.extend(beside.round(&self.programs, round, told).err());
    }

    fn page<'a>(&'a self, args: &'a Args, rounds: u32) -> Page<'a> {
        Page {
            rows: &self.rows,
            samples: &self.samples,
            beside: self.beside.as_ref(),
            history: args.history.as_deref(),
            commit: &args.commit,
            rounds,
            peer_rounds: rounds.min(args.peer_rounds),
        }
    }
}

fn save(args: &Args, bench: &Bench, rounds: u32) -> Result<(), String> {
    let write = |name: &str, text: String| {
        let path = args.docs.join(name);
        fs::write(&path, text)
            .map_err(|error| format!("{} can't be written: {error}", path.display()))
    };
    write("benchmarks.svg", plot::draw(&bench.rows, &bench.samples, bench.beside.as_ref()))?;
    write("benchmarks.md", bench.page(args, rounds).write())
}
