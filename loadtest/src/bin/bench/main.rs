//! `maru-bench`: the same work against Maru and against the floor, in alternating rounds; writes
//! `docs/benchmarks.md` and its plot. `make bench` runs it.

mod page;
mod plot;
mod servers;
mod work;

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    servers::Programs,
    work::{Round, Row, Samples, rows},
};

/// Runs the same work against Maru and the raw floor, in alternating rounds, and writes the page.
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
    /// The folder with maru-server, maru-load and maru-floor
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// The folder that the page is written to
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
    /// The commit that is measured
    #[arg(long, default_value = "unknown")]
    commit: String,
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
    let programs = Programs::find(&args.programs)?;
    let wanted = |row: &Row| args.only.as_ref().is_none_or(|only| row.name.contains(only));
    let rows: Vec<Row> = rows(args.seconds).into_iter().filter(wanted).collect();
    let mut samples: Vec<Samples> = rows.iter().map(|_| Samples::default()).collect();
    let mut failures: Vec<String> = Vec::new();
    let bar = ProgressBar::new(u64::from(args.rounds) * rows.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}") {
        bar.set_style(style);
    }
    for round in 1..=args.rounds {
        let mut told = Round::new();
        for (row, samples) in rows.iter().zip(&mut samples) {
            bar.set_message(row.name);
            // Who comes first changes: what warms up or slows down must not favour one.
            let turns = if round % 2 == 1 { [false, true] } else { [true, false] };
            let mut figures = [None, None];
            for floor in turns {
                match row.measure(&programs, &mut told, floor) {
                    Ok(figure) => figures[usize::from(floor)] = figure,
                    Err(why) => failures.push(why),
                }
            }
            samples.add(row.paired(), figures);
            bar.inc(1);
        }
        // What is measured stays when a later round is cut short.
        if args.only.is_none() {
            save(args, &rows, &samples, round)?;
        }
    }
    bar.finish_and_clear();
    let page = page::write(&rows, &samples, args.rounds, &args.commit);
    std::io::stdout().write_all(page.as_bytes()).map_err(|error| error.to_string())?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn save(args: &Args, rows: &[Row], samples: &[Samples], rounds: u32) -> Result<(), String> {
    let write = |name: &str, text: String| {
        let path = args.docs.join(name);
        fs::write(&path, text)
            .map_err(|error| format!("{} can't be written: {error}", path.display()))
    };
    write("benchmarks.svg", plot::draw(rows, samples))?;
    write("benchmarks.md", page::write(rows, samples, rounds, &args.commit))
}
