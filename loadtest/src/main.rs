//! `maru-load`: reads the command line, runs, tells.

use std::{
    io::Write,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use maru_load::{
    args::{Cli, KnownOptions, Plan, Task},
    drive::Drive,
    known,
    report::Report,
};

fn main() -> ExitCode {
    let told = match Cli::parse().work.task() {
        Task::Load(plan) => load(&plan),
        Task::Known(options) => rooms(&options),
    };
    let (text, kept) = match told {
        Ok(told) => told,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "maru-load: {why}");
            return ExitCode::from(2);
        }
    };
    let written = std::io::stdout().write_all(text.as_bytes());
    if kept && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// What is told of a load, and whether every promise held.
fn load(plan: &Plan) -> Result<(String, bool), String> {
    let seed = plan.options.seed.unwrap_or_else(chance);
    let report = Report::new(plan, seed, &Drive::new(plan, seed)?.run()?);
    let text = if plan.options.json { line(&report) } else { report.to_string() };
    Ok((text, report.kept()))
}

fn rooms(options: &KnownOptions) -> Result<(String, bool), String> {
    let known = known::run(options, options.seed.unwrap_or_else(chance))?;
    if options.json {
        return Ok((line(&known), true));
    }
    let each = known.rss_per_room.map(|bytes| format!(", {bytes:.0} bytes of memory each"));
    let each = each.unwrap_or_default();
    Ok((format!("{} rooms made in {:.1} s{each}\n", known.rooms, known.seconds), true))
}

fn line(told: &impl serde::Serialize) -> String {
    serde_json::to_string(told).map(|line| line + "\n").unwrap_or_default()
}

fn chance() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) ^ (since.as_secs() << 20)
}
