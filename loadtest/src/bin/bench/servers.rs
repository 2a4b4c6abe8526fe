//! The programs, and a server of a run of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// What is measured, and by what.
pub struct Programs {
    folder: PathBuf,
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
    /// The handshake and nothing behind it.
    Bare,
}

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    url: String,
    _data: TempDir,
}

impl Programs {
    /// # Errors
    /// A sentence when one is missing.
    pub fn find(folder: &Path) -> Result<Self, String> {
        let missing = ["maru-server", "maru-load", "maru-floor"]
            .iter()
            .find(|name| !folder.join(name).exists());
        if let Some(name) = missing {
            return Err(format!(
                "{} is missing: make bench builds it",
                folder.join(name).display()
            ));
        }
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let two = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        let works = |core: &str| {
            let mut taskset = Command::new("taskset");
            taskset.args(["-c", core, "true"]).stderr(Stdio::null());
            two && taskset.status().is_ok_and(|status| status.success())
        };
        Ok(Self { folder, pinned: works("0") && works("1") })
    }

    fn command(&self, name: &str, core: &str) -> Command {
        let program = self.folder.join(name);
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
        let (name, args): (_, &[&str]) = match kind {
            Kind::Maru => ("maru-server", &["serve"]),
            Kind::Floor => ("maru-floor", &[]),
            Kind::Coalescing => ("maru-floor", &["--coalesce"]),
            Kind::Bare => ("maru-floor", &["--echo"]),
        };
        let mut child = self
            .command(name, "0")
            .args(args)
            .current_dir(data.path())
            .env("MARU_SERVER__WORKERS", "1")
            .env("MARU_HTTP__PORT", "0")
            .env("MARU_FRONTEND__DIR", "")
            .env("MARU_METRICS__ENABLED", "false")
            .env("MARU_CONNECTION__RATE", "10000")
            .env("MARU_CONNECTION__BURST", "100000")
            // What a terminal would show is written to nowhere, but it is written.
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{name} can't be started: {error}"))?;
        let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
        let mut lines = lines.ok_or_else(|| format!("{name} has no output"))?;
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("://")?;
            Some(rest.split(['/', ' ']).next()?.trim().to_owned())
        });
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Server { child, url: format!("ws://{address}/ws"), _data: data }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("{name} did not say where it listens"))
            }
        }
    }

    /// Puts a load on a server; what `maru-load --json` says.
    ///
    /// # Errors
    /// A sentence when the load could not be put or a promise was broken.
    pub fn load(&self, server: &Server, args: &[String]) -> Result<Value, String> {
        let pid = server.child.id().to_string();
        let output = self
            .command("maru-load", "1")
            .args(args)
            .args(["--json", "--url", &server.url, "--server-pid", &pid])
            .output()
            .map_err(|error| format!("maru-load can't be started: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let line = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("maru-load {}: {said}{line}", args.join(" ")));
        }
        serde_json::from_str(line.trim()).map_err(|error| format!("maru-load said {line}: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
