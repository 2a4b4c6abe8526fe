//! What the command line says, by clap; what is wrong with it in our own words.

use std::{ffi::OsString, iter, path::PathBuf};

use clap::{
    ArgAction, CommandFactory as _, Parser, Subcommand,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};
use clap_complete::Shell;

use crate::settings::PostgresUrl;

const PROGRAM: &str = "maru-server";

const SETTINGS: &str = "\
Settings come from the files in ./config (or MARU_CONFIG_DIR) and from MARU_* variables:
MARU_HTTP__PORT=8081 sets http.port. docs/settings.md lists them.";

/// Maru's socket server.
#[derive(Parser)]
#[command(
    name = PROGRAM,
    bin_name = PROGRAM,
    version,
    propagate_version = true,
    args_override_self = true,
    flatten_help = true,
    // Ours are known behind every command, and told once.
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    after_help = SETTINGS
)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print this.
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// Print the version.
    #[arg(short = 'V', long, global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Run the server (the default).
    Serve,
    /// Check every row of a journal.
    Verify {
        /// Its file, or its postgres:// address; without it the journal that the settings name.
        path: Option<PathBuf>,
    },
    /// After a restore: a new epoch, so that everybody loads every room anew; no server may run.
    Renew {
        /// As for verify.
        path: Option<PathBuf>,
        /// Go on without the commits that a damaged write-ahead log has lost.
        #[arg(long)]
        lose_commits: bool,
    },
    /// Copy the journal's file into Postgres, with every number and id as it is.
    Migrate {
        /// The file; journal.path without it.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// postgres://user:password@host/database; journal.url without it.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        to: Option<String>,
    },
    /// Print the settings in force and where each was set; secrets are hidden.
    Settings,
    /// Ask the server that the settings name whether it lives.
    Health {
        /// Ask whether it takes connections instead.
        #[arg(long)]
        ready: bool,
    },
    /// Send everybody to other servers, from the server that the settings name; it stays and takes nobody.
    Drain {
        /// Also where it knows of no other server: people stay away until it is started anew.
        #[arg(long)]
        alone: bool,
    },
    /// Sign somebody out everywhere: tokens, tickets and connections that they have end, on all servers.
    SignOut {
        /// The user's id, as messages carry it: guest-0190…
        user: String,
    },
    /// List rooms, delete one or give it another name, on a running server.
    #[command(subcommand, flatten_help = true)]
    Rooms(Rooms),
    /// Print the script by which a shell completes this command line.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print how it is used.
    #[command(hide = true)]
    Help,
    /// Print the version.
    #[command(skip)]
    Version,
}

/// What is asked about rooms.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Rooms {
    /// List rooms, the latest active first: entries, people, how long nothing was said, name.
    List {
        /// Only rooms whose name contains this, case aside.
        #[arg(long, value_name = "TEXT")]
        contains: Option<String>,
        /// At most this many, 1 to 1000.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Delete a room with everything in it, on all servers; whoever is in it is told. It can't be undone.
    Delete {
        /// The room's name, case aside.
        room: String,
    },
    /// Give a room another name, on all servers; whoever is in it goes on by that, and its old name leads
    /// there.
    Rename {
        /// The room's name, case aside.
        room: String,
        /// The name that it is to have.
        #[arg(value_name = "NEW")]
        name: String,
    },
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
    match Line::try_parse_from(iter::once(PROGRAM.into()).chain(args)) {
        Ok(line) => Ok(line.command.unwrap_or(Command::Serve)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp => Ok(Command::Help),
            ErrorKind::DisplayVersion => Ok(Command::Version),
            kind => Err(UsageError(sentence(kind, &error))),
        },
    }
}

/// How it is used.
pub(super) fn help() -> String {
    Line::command().render_help().to_string()
}

/// The script by which a shell completes the command line.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), PROGRAM, &mut script);
    // The script for bash has the hyphen of a program's name in two spellings, so that it finds no
    // command's options (clap-rs/clap#6421); without effect once it has one.
    String::from_utf8_lossy(&script).replace("maru__subcmd__server", "maru__server")
}

fn address(text: &str) -> Result<String, &'static str> {
    let url = PostgresUrl::parse(text);
    url.map(|url| url.reveal().to_owned()).ok_or("like postgres://user:password@host/database")
}

/// clap's own sentence shows the value that is wrong. Ours does not: it may hold a password.
fn sentence(kind: ErrorKind, error: &Error) -> String {
    let argument = said(error, ContextKind::InvalidArg);
    // Without what it takes: `--to <ADDRESS>`, `--ready=yes`.
    let option = argument.split([' ', '=']).next().unwrap_or_default();
    match kind {
        ErrorKind::InvalidSubcommand => {
            format!("there is no command {}", shown(said(error, ContextKind::InvalidSubcommand)))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("there is no option '{option}' here")
        }
        ErrorKind::UnknownArgument => format!("the argument {} is one too many", shown(argument)),
        ErrorKind::ValueValidation => {
            let right = std::error::Error::source(error).map(ToString::to_string);
            format!("{option} is {}", right.unwrap_or_default())
        }
        ErrorKind::InvalidValue if option.starts_with('-') => format!("'{option}' takes a value"),
        ErrorKind::MissingRequiredArgument if missing(error).contains("USER") => {
            "whom? Give the user's id".to_owned()
        }
        ErrorKind::MissingRequiredArgument if missing(error).contains("NEW") => {
            match missing(error).contains("ROOM") {
                true => "which room? Give its name, and the new one behind it".to_owned(),
                false => "what is it to be called? Give the new name behind the old one".to_owned(),
            }
        }
        ErrorKind::MissingRequiredArgument if missing(error).contains("ROOM") => {
            "which room? Give its name".to_owned()
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "rooms is followed by list, delete or rename".to_owned()
        }
        ErrorKind::InvalidValue | ErrorKind::MissingRequiredArgument => {
            format!("the shell is one of {}", shells())
        }
        ErrorKind::TooManyValues => format!("'{option}' takes no value"),
        ErrorKind::InvalidUtf8 => "an argument is no text in UTF-8".to_owned(),
        _ => "that is not understood".to_owned(),
    }
}

/// What clap says of an error.
fn said(error: &Error, what: ContextKind) -> &str {
    match error.get(what) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

/// The arguments that are missing.
fn missing(error: &Error) -> String {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.join(" "),
        _ => String::new(),
    }
}

/// A word of the command line, but no address: it may hold a password.
fn shown(word: &str) -> String {
    match word.split_once("://") {
        Some((scheme, _)) => format!("{:?}", format!("{scheme}://…")),
        None => format!("{word:?}"),
    }
}

fn shells() -> String {
    let names: Vec<String> =
        clap::ValueEnum::value_variants().iter().map(|shell: &Shell| shell.to_string()).collect();
    names.join(", ")
}
