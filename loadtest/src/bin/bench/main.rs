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
    work::{Table, floor, socketio},
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
    /// The clients of Socket.IO alone; their section of the page is replaced, the others stay
    #[arg(long, conflicts_with = "only")]
    socketio: bool,
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
    floor: Table,
    socketio: Table,
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
        bench.tables(round);
        if round <= args.peer_rounds {
            bench.beside_others(round);
        }
        // What is measured stays when a later round is cut short.
        if args.only.is_none() {
            save(args, &bench, round)?;
        }
    }
    bench.bar.finish_and_clear();
    let page = bench.page(args, args.rounds);
    let page = if args.socketio { page.socketio() } else { page.write() };
    std::io::stdout().write_all(page.as_bytes()).map_err(|error| error.to_string())?;
    if bench.failures.is_empty() { Ok(()) } else { Err(bench.failures.join("\n")) }
}

impl Bench {
    fn new(args: &Args) -> Result<Self, String> {
        let peers = Peers { folder: args.peers.clone(), programs: args.peer_programs.clone() };
        let programs = Programs::find(&args.programs, peers)?;
        let (only, peers) = (args.only.as_deref(), !args.skip_peers);
        let table = |rows| Table::new(&programs, rows, only, peers);
        let rows = if args.socketio { Vec::new() } else { floor(args.seconds) };
        let (floor, socketio) = (table(rows), table(socketio(args.seconds)));
        let beside = (peers && args.peer_rounds > 0 && !args.socketio)
            .then(|| Beside::new(&programs, args.seconds, only));
        let others = beside.as_ref().map_or(0, Beside::len) as u64;
        let (rounds, rows) = (u64::from(args.rounds), floor.rows.len() + socketio.rows.len());
        let bar = ProgressBar::new(
            rounds * rows as u64 + rounds.min(u64::from(args.peer_rounds)) * others,
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}") {
            bar.set_style(style);
        }
        Ok(Self { programs, floor, socketio, beside, failures: Vec::new(), bar })
    }

    fn tables(&mut self, round: u32) {
        let Self { programs, floor, socketio, failures, bar, .. } = self;
        for table in [floor, socketio] {
            let told = |name| {
                bar.set_message(name);
                bar.inc(1);
            };
            table.round(programs, round, told, failures);
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
            floor: &self.floor,
            socketio: &self.socketio,
            beside: self.beside.as_ref(),
            history: args.history.as_deref(),
            commit: &args.commit,
            rounds,
            peer_rounds: rounds.min(args.peer_rounds),
        }
    }
}

fn save(args: &Args, bench: &Bench, rounds: u32) -> Result<(), String> {
    let path = |name: &str| args.docs.join(name);
    let write = |name: &str, text: String| {
        let path = path(name);
        fs::write(&path, text)
            .map_err(|error| format!("{} can't be written: {error}", path.display()))
    };
    let page = bench.page(args, rounds);
    if args.socketio {
        let known = fs::read_to_string(path(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
        return write(PAGE, page::replaced(&known, &page.socketio()));
    }
    write("benchmarks.svg", plot::draw(&bench.floor, bench.beside.as_ref()))?;
    write(PAGE, page.write())
}

/// The page's file.
const PAGE: &str = "benchmarks.md";
