//! The programs, and a server of a run of its own.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use maru_load::proc;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::peers::{Peer, Peers};

/// How long a server may take to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// What is measured, and by what.
pub struct Programs {
    folder: PathBuf,
    /// The other servers.
    pub peers: Peers,
    /// Servers on the first core and the load on the second: neither measures the other's waiting.
    pinned: bool,
}

/// Which server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Maru with one worker, durable, as shipped but for the limit of frames per client.
    Maru,
    /// One write per message and socket.
    Floor,
    /// One write per socket for all that was read at once.
    Coalescing,
    /// The handshake, and each text to the room that the path names, written as it came.
    Echo,
    /// Another server.
    Peer(Peer),
}

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    url: String,
    dialect: &'static str,
    _data: TempDir,
}

impl Kind {
    /// Its name in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Maru => "Maru",
            Self::Floor => "floor",
            Self::Coalescing => "coalescing floor",
            Self::Echo => "echo floor",
            Self::Peer(peer) => peer.name(),
        }
    }

    fn dialect(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Peer(peer) => peer.dialect(),
            _ => "maru",
        }
    }
}

impl Programs {
    /// # Errors
    /// A sentence when one is missing.
    pub fn find(folder: &Path, peers: Peers) -> Result<Self, String> {
        let missing = ["maru-server", "maru-load", "maru-floor"]
            .iter()
            .find(|name| !folder.join(name).exists());
        if let Some(name) = missing {
            return Err(format!(
                "{} is missing: make bench builds it",
                folder.join(name).display()
            ));
        }
        let whole = |path: PathBuf| path.canonicalize().unwrap_or(path);
        let peers = Peers { folder: whole(peers.folder), programs: whole(peers.programs) };
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let two = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        let works = |core: &str| {
            let mut taskset = Command::new("taskset");
            taskset.args(["-c", core, "true"]).stderr(Stdio::null());
            two && taskset.status().is_ok_and(|status| status.success())
        };
        Ok(Self { folder, peers, pinned: works("0") && works("1") })
    }

    fn command(&self, program: &Path, core: &str) -> Command {
        if self.pinned {
            let mut command = Command::new("taskset");
            command.args(["-c", core]).arg(program);
            command
        } else {
            Command::new(program)
        }
    }

    /// Starts one on a free port, with nothing stored.
    ///
    /// # Errors
    /// A sentence when it does not start.
    pub fn start(&self, kind: Kind) -> Result<Server, String> {
        let data = tempfile::tempdir().map_err(|error| error.to_string())?;
        match kind {
            Kind::Maru => self.start_own(kind, "maru-server", &["serve"], data),
            Kind::Floor => self.start_own(kind, "maru-floor", &[], data),
            Kind::Coalescing => self.start_own(kind, "maru-floor", &["--coalesce"], data),
            Kind::Echo => self.start_own(kind, "maru-floor", &["--echo"], data),
            Kind::Peer(peer) => self.start_peer(peer, data),
        }
    }

    /// Ours pick a port and say which.
    fn start_own(
        &self,
        kind: Kind,
        name: &str,
        args: &[&str],
        data: TempDir,
    ) -> Result<Server, String> {
        let child = self
            .command(&self.folder.join(name), "0")
            .args(args)
            .current_dir(data.path())
            .env("MARU_SERVER__WORKERS", "1")
            .env("MARU_HTTP__PORT", "0")
            .env("MARU_FRONTEND__DIR", "")
            .env("MARU_METRICS__ENABLED", "false")
            .env("MARU_CONNECTION__RATE", "10000")
            .env("MARU_CONNECTION__BURST", "100000")
            .env("MARU_LIMITS__EXEMPT", "127.0.0.0/8")
            // What a terminal would show is written to nowhere, but it is written.
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{name} can't be started: {error}"))?;
        let (url, dialect) = (String::new(), kind.dialect());
        let mut server = Server { child, url, dialect, _data: data };
        let lines = server.child.stdout.take().map(|out| BufReader::new(out).lines());
        let mut lines = lines.ok_or_else(|| format!("{name} has no output"))?;
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("://")?;
            Some(rest.split(['/', ' ']).next()?.trim().to_owned())
        });
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.ok_or_else(|| format!("{name} did not say where it listens"))?;
        server.url = format!("ws://{address}/ws");
        Ok(server)
    }

    /// The others are given a port, and listen when they answer there.
    fn start_peer(&self, peer: Peer, data: TempDir) -> Result<Server, String> {
        let port = free_port().map_err(|error| format!("there is no free port: {error}"))?;
        let start = self.peers.start(peer, port, data.path())?;
        let name = peer.name();
        let sentence = |error| format!("{name} can't be started: {error}");
        let said = data.path().join("said");
        let child = self
            .command(&start.program, "0")
            .args(&start.args)
            .current_dir(data.path())
            // One thread for Go as for the others.
            .env("GOMAXPROCS", "1")
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&said).map_err(sentence)?)
            .spawn()
            .map_err(sentence)?;
        let (url, dialect) = (format!("ws://127.0.0.1:{port}/"), peer.dialect());
        let mut server = Server { child, url, dialect, _data: data };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().ok().flatten();
            if let Some(status) = ended {
                let said = fs::read_to_string(&said).unwrap_or_default();
                let last = said.lines().rfind(|line| !line.trim().is_empty());
                let why = last.map_or(status.to_string(), str::to_owned);
                return Err(format!("{name} ended before it listened: {why}"));
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("{name} does not listen after 10 s"));
            }
            std::thread::sleep(LOOK);
        }
        Ok(server)
    }

    /// Puts a load on a server; what `maru-load --json` says.
    ///
    /// # Errors
    /// A sentence when the load could not be put or a promise was broken.
    pub fn load(&self, server: &Server, args: &[String]) -> Result<Value, String> {
        let pid = server.child.id().to_string();
        let mut command = self.command(&self.folder.join("maru-load"), "1");
        command.args(args).args(["--json", "--url", &server.url, "--server-pid", &pid]);
        // Some loads are about what is spoken.
        if !args.iter().any(|arg| arg == "--dialect") {
            command.args(["--dialect", server.dialect]);
        }
        let output =
            command.output().map_err(|error| format!("maru-load can't be started: {error}"))?;
        let line = String::from_utf8_lossy(&output.stdout);
        let told = serde_json::from_str::<Value>(line.trim());
        match (output.status.success(), told) {
            (true, Ok(told)) => Ok(told),
            (false, Ok(told)) => Err(broken(&told)),
            (_, Err(_)) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }
}

/// Which promises were broken.
fn broken(told: &Value) -> String {
    let counts = ["lost", "duplicated", "reordered", "strays", "unanswered", "refused", "ended"];
    let ordered = told.get("ordered").and_then(Value::as_bool).unwrap_or(true);
    let text = |name: &&str| {
        if *name == "reordered" && !ordered {
            return None;
        }
        let count = told.get(*name)?.as_u64().filter(|count| *count > 0)?;
        Some(format!("{count} {name}"))
    };
    let found: Vec<String> = counts.iter().filter_map(text).collect();
    let why = told.get("last_end").and_then(Value::as_str);
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{}{why}", found.join(", "))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Drop for Server {
    fn drop(&mut self) {
        let family = proc::family(self.child.id()).unwrap_or_default();
        if family.len() > 1 {
            // Who is killed leaves those that it started: it is asked to end them.
            tell(self.child.id(), Signal::TERM);
            let asked = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < PATIENCE {
                std::thread::sleep(LOOK);
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
        }
        family.iter().for_each(|pid| tell(*pid, Signal::KILL));
        let _ = self.child.wait();
    }
}

fn tell(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // Who is gone needs no telling.
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_is_told() {
        let told = serde_json::json!({"lost": 3, "duplicated": 0, "ended": 1, "last_end": "gone"});
        assert_eq!(broken(&told), "3 lost, 1 ended (gone)");
        let told = serde_json::json!({"lost": 3, "reordered": 9, "ordered": false});
        assert_eq!(broken(&told), "3 lost");
    }
}
