//! The command line: `maru-server [serve | verify | renew | migrate | settings | health | drain |
//! sign-out | rooms | completions]`.

mod ask;
mod health;
mod line;
mod migrate;
mod operate;
mod place;
mod progress;
mod renew;
mod verify;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

pub use self::line::{Command, Rooms, UsageError, parse};
use self::place::{Place, place};
use crate::app::{self, Addresses};
use crate::settings::{self, Settings, Variables};

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
        Command::Help => say(&line::help().trim_end()),
        Command::Completions { shell } => say(&line::completions(shell).trim_end()),
        Command::Version => say(&concat!("maru-server ", env!("CARGO_PKG_VERSION"))),
        Command::Health { ready } => health::run(load(&variables()?)?.http.listen, ready)?,
        Command::Drain { alone } => operate::drain(&load(&variables()?)?, alone)?,
        Command::SignOut { user } => operate::sign_out(&load(&variables()?)?, &user)?,
        Command::Rooms(Rooms::List { contains, limit }) => {
            operate::list_rooms(&load(&variables()?)?, contains.as_deref(), limit)?;
        }
        Command::Rooms(Rooms::Delete { room }) => {
            operate::delete_room(&load(&variables()?)?, &room)?
        }
        Command::Rooms(Rooms::Rename { room, name }) => {
            operate::rename_room(&load(&variables()?)?, &room, &name)?;
        }
        Command::Settings => {
            let text = settings::effective(&variables()?).map_err(|error| error.to_string())?;
            say(&text.trim_end());
        }
        Command::Verify { path } => match place(path, variables)? {
            Place::File(path) => verify::file(&path)?,
            Place::Database(url) => verify::database(url.reveal())?,
        },
        Command::Renew { path, lose_commits } => match place(path, variables)? {
            Place::File(path) => renew::file(&path, lose_commits)?,
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
    use std::path::PathBuf;

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
        assert_eq!(parsed("renew"), Ok(Command::Renew { path: None, lose_commits: false }));
        let renew = |lose_commits| Ok(Command::Renew { path: path.clone(), lose_commits });
        assert_eq!(parsed("renew a/b.db"), renew(false));
        assert_eq!(parsed("renew --lose-commits a/b.db"), renew(true));
        assert_eq!(parsed("settings"), Ok(Command::Settings));
        assert_eq!(parsed("migrate"), Ok(Command::Migrate { from: None, to: None }));
        let url = "postgres://maru:hush@db/chat";
        let all = Command::Migrate { from: Some("a.db".into()), to: Some(url.into()) };
        assert_eq!(parsed(&format!("migrate --to {url} --from a.db")), Ok(all));
        assert_eq!(parsed("health"), Ok(Command::Health { ready: false }));
        assert_eq!(parsed("health --ready"), Ok(Command::Health { ready: true }));
        assert_eq!(parsed("drain"), Ok(Command::Drain { alone: false }));
        assert_eq!(parsed("drain --alone"), Ok(Command::Drain { alone: true }));
        assert_eq!(parsed("sign-out guest-1"), Ok(Command::SignOut { user: "guest-1".into() }));
        let all = Command::Rooms(Rooms::List { contains: None, limit: 100 });
        assert_eq!(parsed("rooms list"), Ok(all));
        let some = Rooms::List { contains: Some("x".into()), limit: 7 };
        assert_eq!(parsed("rooms list --limit 7 --contains x"), Ok(Command::Rooms(some)));
        let one = Rooms::Delete { room: "lobby".into() };
        assert_eq!(parsed("rooms delete lobby"), Ok(Command::Rooms(one)));
        let one = Rooms::Rename { room: "lobby".into(), name: "living-room".into() };
        assert_eq!(parsed("rooms rename lobby living-room"), Ok(Command::Rooms(one)));
        let shell = clap_complete::Shell::Fish;
        assert_eq!(parsed("completions fish"), Ok(Command::Completions { shell }));
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
            ("health --ready=hush", "'--ready'"),
            ("serve --to=postgres://u:hush@db/chat", "'--to'"),
            ("postgres://u:hush@db/chat", "there is no command \"postgres://…\""),
            ("verify a postgres://u:hush@db/chat", "\"postgres://…\" is one too many"),
            ("sign-out", "whom? Give the user's id"),
            ("sign-out a b", "\"b\" is one too many"),
            ("drain now", "\"now\" is one too many"),
            ("rooms", "rooms is followed by list, delete or rename"),
            ("rooms delete", "which room? Give its name"),
            ("rooms delete a b", "\"b\" is one too many"),
            ("rooms rename", "which room? Give its name, and the new one behind it"),
            ("rooms rename a", "what is it to be called? Give the new name behind the old one"),
            ("rooms rename a b c", "\"c\" is one too many"),
            ("rooms move a b", "there is no command \"move\""),
            ("rooms list --limit x", "--limit is"),
            ("completions", "one of bash, elvish, fish, powershell, zsh"),
            ("completions hush", "one of bash, elvish, fish, powershell, zsh"),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(named), "{line}: {error}");
            assert!(error.ends_with("`maru-server --help` lists what there is"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
