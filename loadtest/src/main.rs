//! `maru-load`: reads the command line, runs, tells.

use std::{
    io::Write,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use maru_load::{args::Cli, drive::Drive, report::Report};

fn main() -> ExitCode {
    let plan = Cli::parse().work.plan();
    let clock = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::from(since.subsec_nanos()) ^ (since.as_secs() << 20)
    };
    let seed = plan.options.seed.unwrap_or_else(clock);
    let report = match Drive::new(&plan, seed).and_then(Drive::run) {
        Ok(found) => Report::new(&plan, seed, &found),
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "maru-load: {why}");
            return ExitCode::from(2);
        }
    };
    let text = if plan.options.json {
        serde_json::to_string(&report).map(|line| line + "\n").unwrap_or_default()
    } else {
        report.to_string()
    };
    let written = std::io::stdout().write_all(text.as_bytes());
    if report.kept() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
