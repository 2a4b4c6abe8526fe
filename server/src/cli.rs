//! The command line: `maru-server [serve | verify | renew | migrate | settings | health]`.

mod health;
mod migrate;
mod place;
mod progress;
mod renew;
mod verify;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

use self::place::{Place, place};
use crate::app::{self, Addresses};
use crate::settings::{self, PostgresUrl, Settings, Variables};

const HELP: &str = "\
Maru's socket server.

Usage: maru-server [COMMAND]

Commands:
  serve          Run the server (the default)
  verify [PATH]  Check every row of a journal: the one that the settings name, or the one at PATH,
                 a file or a postgres:// address
  renew [PATH]   After a restore: give the journal a new epoch, so that everybody loads every room
                 anew; PATH as for verify, and no server may run
  migrate        Copy the journal's file into Postgres, with every number and id as it is:
                 --to ADDRESS  postgres://user:password@host/database; journal.url without it
                 --from FILE   the file; journal.path without it
  settings       Print the settings in force and where each was set; secrets are hidden
  health         Ask the server that the settings name whether it lives; with --ready, whether it
                 takes connections

Options:
  -h, --help     Print this
  -V, --version  Print the version

Settings come from the files in ./config (or MARU_CONFIG_DIR) and from MARU_* variables:
MARU_HTTP__PORT=8081 sets http.port. docs/settings.md lists them.
";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run the server.
    Serve,
    /// Check a journal.
    Verify {
        /// Its file or its address; none for the one that the settings name.
        path: Option<PathBuf>,
    },
    /// Give a journal that was restored another epoch.
    Renew {
        /// Its file or its address; none for the one that the settings name.
        path: Option<PathBuf>,
    },
    /// Copy a journal's file into Postgres.
    Migrate {
        /// The file; none for the one that the settings name.
        from: Option<PathBuf>,
        /// The database's address; none for the one that the settings name.
        to: Option<String>,
    },
    /// Print the settings in force.
    Settings,
    /// Ask a running server how it is.
    Health {
        /// Whether it takes connections, instead of whether it lives.
        ready: bool,
    },
    /// Print how it is used.
    Help,
    /// Print the version.
    Version,
}

/// A command line that asks for nothing known, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; `maru-server --help` lists what there is")]
pub struct UsageError(String);

/// Reads the arguments after the program's name.
///
/// # Errors
/// [`UsageError`] names the word that isn't understood.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut command = None;
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next().map_err(|error| UsageError(error.to_string()))? {
        match (arg, &mut command) {
            (Long("help") | Short('h'), _) => return Ok(Command::Help),
            (Long("version") | Short('V'), _) => return Ok(Command::Version),
            (Long("ready"), Some(Command::Health { ready })) => *ready = true,
            (Value(word), None) => command = Some(named(&word)?),
            (
                Value(word),
                Some(Command::Verify { path: path @ None } | Command::Renew { path: path @ None }),
            ) => *path = Some(word.into()),
            (Long("from"), Some(Command::Migrate { from, .. })) => {
                *from = Some(given(&mut parser)?.into())
            }
            (Long("to"), Some(Command::Migrate { to, .. })) => {
                // A wrong address is told without its value: it may hold a password.
                let text = given(&mut parser)?.into_string().ok();
                let right =
                    || UsageError("--to is like postgres://user:password@host/database".into());
                let url = text.as_deref().and_then(PostgresUrl::parse).ok_or_else(right)?;
                *to = Some(url.reveal().to_owned());
            }
            (Value(word), Some(_)) => {
                return Err(UsageError(format!("the argument {word:?} is one too many")));
            }
            (option, _) => return Err(UsageError(option.unexpected().to_string())),
        }
    }
    Ok(command.unwrap_or(Command::Serve))
}

fn given(parser: &mut lexopt::Parser) -> Result<OsString, UsageError> {
    parser.value().map_err(|error| UsageError(error.to_string()))
}

fn named(word: &OsString) -> Result<Command, UsageError> {
    match word.to_str() {
        Some("serve") => Ok(Command::Serve),
        Some("verify") => Ok(Command::Verify { path: None }),
        Some("renew") => Ok(Command::Renew { path: None }),
        Some("migrate") => Ok(Command::Migrate { from: None, to: None }),
        Some("settings") => Ok(Command::Settings),
        Some("health") => Ok(Command::Health { ready: false }),
        Some("help") => Ok(Command::Help),
        _ => Err(UsageError(format!("there is no command {word:?}"))),
    }
}

/// The whole program but for where arguments and variables come from. Exit code 0: done; 1: one
/// sentence on stderr says why not; 2: the command line itself is wrong.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let command = match parse(args) {
        Ok(command) => command,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    match execute(command, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn execute(
    command: Command,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), String> {
    let variables = || settings::variables(environment).map_err(|error| error.to_string());
    match command {
        Command::Help => say(&HELP.trim_end()),
        Command::Version => say(&concat!("maru-server ", env!("CARGO_PKG_VERSION"))),
        Command::Health { ready } => health::run(load(&variables()?)?.http.listen, ready)?,
        Command::Settings => {
            let text = settings::effective(&variables()?).map_err(|error| error.to_string())?;
            say(&text.trim_end());
        }
        Command::Verify { path } => match place(path, variables)? {
            Place::File(path) => verify::file(&path)?,
            Place::Database(url) => verify::database(url.reveal())?,
        },
        Command::Renew { path } => match place(path, variables)? {
            Place::File(path) => renew::file(&path)?,
            Place::Database(url) => renew::database(url.reveal())?,
        },
        Command::Migrate { from: Some(from), to: Some(to) } => migrate::run(&from, &to)?,
        Command::Migrate { from, to } => {
            let journal = load(&variables()?)?.journal;
            let from = from.unwrap_or(journal.path);
            let to = to.or_else(|| journal.url.map(|url| url.reveal().to_owned()));
            let to = to.ok_or(
                "where to? Give --to postgres://user:password@host/database, or set journal.url",
            )?;
            migrate::run(&from, &to)?;
        }
        Command::Serve => {
            let settings = load(&variables()?)?;
            crate::logging::init(&settings.log).map_err(|error| error.to_string())?;
            app::run(settings, |at| say(&announcement(&at))).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn load(variables: &Variables) -> Result<Settings, String> {
    Settings::load(variables).map_err(|error| error.to_string())
}

/// What is printed once the server runs: where clients connect, and where to open it.
fn announcement(at: &Addresses) -> String {
    let metrics = at.metrics.map(|at| format!("\nMetrics:  http://{at}/metrics"));
    let frontend = at.frontend.map(|at| format!("\nFrontend: http://{at} (open it in a browser)"));
    let (metrics, frontend) = (metrics.unwrap_or_default(), frontend.unwrap_or_default());
    format!("Server:   http://{} (WebSocket at /ws){metrics}{frontend}", at.http)
}

/// Runs what waits for a database, on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|error| format!("no runtime: {error}"))?.block_on(future))
}

/// Prints a line for whoever started the program. A closed pipe (`maru-server settings | head`) is
/// no error: nobody reads on.
pub fn say(text: &dyn Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints what stopped the program.
fn complain(sentence: &dyn Display) {
    let _ = writeln!(io::stderr().lock(), "maru-server: {sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands() {
        assert_eq!(parsed(""), Ok(Command::Serve));
        assert_eq!(parsed("serve"), Ok(Command::Serve));
        assert_eq!(parsed("verify"), Ok(Command::Verify { path: None }));
        let path = Some(PathBuf::from("a/b.db"));
        assert_eq!(parsed("verify a/b.db"), Ok(Command::Verify { path: path.clone() }));
        assert_eq!(parsed("renew"), Ok(Command::Renew { path: None }));
        assert_eq!(parsed("renew a/b.db"), Ok(Command::Renew { path }));
        assert_eq!(parsed("settings"), Ok(Command::Settings));
        assert_eq!(parsed("migrate"), Ok(Command::Migrate { from: None, to: None }));
        let url = "postgres://maru:hush@db/chat";
        let all = Command::Migrate { from: Some("a.db".into()), to: Some(url.into()) };
        assert_eq!(parsed(&format!("migrate --to {url} --from a.db")), Ok(all));
        assert_eq!(parsed("health"), Ok(Command::Health { ready: false }));
        assert_eq!(parsed("health --ready"), Ok(Command::Health { ready: true }));
        for help in ["--help", "-h", "help", "serve --help", "verify x -h"] {
            assert_eq!(parsed(help), Ok(Command::Help), "{help}");
        }
        assert_eq!(parsed("--version"), Ok(Command::Version));
        assert_eq!(parsed("-V"), Ok(Command::Version));
    }

    #[test]
    fn the_addresses_are_told() {
        let at = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let all = Addresses { http: at(1), frontend: Some(at(2)), metrics: Some(at(3)) };
        assert_eq!(
            announcement(&all),
            "Server:   http://127.0.0.1:1 (WebSocket at /ws)\n\
             Metrics:  http://127.0.0.1:3/metrics\n\
             Frontend: http://127.0.0.1:2 (open it in a browser)"
        );
        let one = Addresses { http: at(1), frontend: None, metrics: None };
        assert_eq!(announcement(&one), "Server:   http://127.0.0.1:1 (WebSocket at /ws)");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            ("server", "there is no command \"server\""),
            ("--port 1", "'--port'"),
            ("-x", "'-x'"),
            ("serve now", "\"now\" is one too many"),
            ("verify a b", "\"b\" is one too many"),
            ("renew a b", "\"b\" is one too many"),
            ("verify --to x", "'--to'"),
            ("migrate --to mysql://u:hush@db/chat", "--to is like postgres://user:password@"),
            ("migrate --to", "'--to'"),
            ("serve --ready", "'--ready'"),
            ("--ready health", "'--ready'"),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(named), "{line}: {error}");
            assert!(error.ends_with("`maru-server --help` lists what there is"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
