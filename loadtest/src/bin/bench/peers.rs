//! The other servers: what each is, whether it is here, and how it is started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// One of the servers that do the same work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// ws on Node.
    Ws,
    /// socket.io on Node.
    SocketIo,
    /// socketioxide under axum.
    Socketioxide,
    /// tokio-tungstenite on one thread.
    Tungstenite,
    /// nginx with Nchan.
    Nchan,
    /// nats-server's WebSocket listener.
    Nats,
}

/// Where their parts are.
pub struct Peers {
    /// `loadtest/peers`: scripts, lock files, templates.
    pub folder: PathBuf,
    /// The programs built of `loadtest/peers/rust`.
    pub programs: PathBuf,
}

/// How one is started.
pub struct Start {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// What is said where Debian's packages are missing.
const INSTALL: &str =
    "apt-get install nginx-light libnginx-mod-nchan nats-server to compare with them";
/// What is said where the others are missing.
const BUILD: &str = "`make bench` builds what it can get";
/// Where Debian has the module; the template names it as well.
const NCHAN: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

impl Peer {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Ws, Self::SocketIo, Self::Socketioxide, Self::Tungstenite, Self::Nchan, Self::Nats];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ws => "ws",
            Self::SocketIo => "socket.io",
            Self::Socketioxide => "socketioxide",
            Self::Tungstenite => "tokio-tungstenite",
            Self::Nchan => "Nchan",
            Self::Nats => "NATS",
        }
    }

    /// What `maru-load` speaks with it.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::SocketIo | Self::Socketioxide => "socketio",
            Self::Ws | Self::Tungstenite | Self::Nchan => "echo",
            Self::Nats => "nats",
        }
    }
}

impl Peers {
    /// What is measured, by its own word.
    ///
    /// # Errors
    /// A sentence when it is not here.
    pub fn version(&self, peer: Peer) -> Result<String, String> {
        match peer {
            Peer::Ws => self.of_npm("ws"),
            Peer::SocketIo => self.of_npm("socket.io"),
            Peer::Socketioxide => self.of_cargo("socketioxide"),
            Peer::Tungstenite => self.of_cargo("tokio-tungstenite"),
            Peer::Nchan => {
                let nginx = said(&nginx(), &["-v"]).filter(|_| Path::new(NCHAN).exists());
                let nginx = nginx.ok_or(INSTALL)?;
                let nginx = nginx.rsplit('/').next().unwrap_or_default();
                let package = ["-W", "-f", "${Version}", "libnginx-mod-nchan"];
                let nchan = said(Path::new("dpkg-query"), &package);
                // Debian's epoch in front is not the program's.
                let nchan = nchan.as_deref().unwrap_or("unknown");
                let nchan = nchan.split_once(':').map_or(nchan, |(_, version)| version);
                Ok(format!("{nchan} in nginx {nginx}"))
            }
            Peer::Nats => {
                let version = said(Path::new("nats-server"), &["--version"]).ok_or(INSTALL)?;
                Ok(version.rsplit(" v").next().unwrap_or_default().to_owned())
            }
        }
    }

    fn of_npm(&self, package: &str) -> Result<String, String> {
        let node = said(Path::new("node"), &["--version"]);
        let node = node.ok_or("node is missing: install Node.js 20.19 or newer")?;
        let manifest = format!("node/node_modules/{package}/package.json");
        let text = fs::read_to_string(self.folder.join(manifest)).map_err(|_| BUILD)?;
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let version = manifest.get("version").and_then(|version| version.as_str());
        Ok(format!("{} on Node {}", version.unwrap_or("unknown"), node.trim_start_matches('v')))
    }

    fn of_cargo(&self, package: &str) -> Result<String, String> {
        if !self.programs.join(package).exists() {
            return Err(BUILD.to_owned());
        }
        let lock = fs::read_to_string(self.folder.join("rust/Cargo.lock")).unwrap_or_default();
        Ok(locked(&lock, package).unwrap_or("unknown").to_owned())
    }

    /// How it is started on that port, with a folder of its own.
    ///
    /// # Errors
    /// A sentence when its settings can't be written.
    pub fn start(&self, peer: Peer, port: u16, folder: &Path) -> Result<Start, String> {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let script = |name: &str| Start {
            program: "node".into(),
            args: vec![text(self.folder.join("node").join(name)), port.to_string()],
        };
        let built =
            |name: &str| Start { program: self.programs.join(name), args: vec![port.to_string()] };
        Ok(match peer {
            Peer::Ws => script("ws.js"),
            Peer::SocketIo => script("socketio.js"),
            Peer::Socketioxide => built("socketioxide"),
            Peer::Tungstenite => built("tokio-tungstenite"),
            Peer::Nchan => {
                let settings = text(self.settings("nginx-nchan.conf", port, folder)?);
                let log = text(folder.join("error.log"));
                let args = ["-e", &log, "-p", &text(folder.into()), "-c", &settings];
                Start { program: nginx(), args: args.map(str::to_owned).into() }
            }
            Peer::Nats => {
                let settings = text(self.settings("nats.conf", port, folder)?);
                Start { program: "nats-server".into(), args: vec!["-c".into(), settings] }
            }
        })
    }

    fn settings(&self, name: &str, port: u16, folder: &Path) -> Result<PathBuf, String> {
        let template = self.folder.join(name);
        let failed = |path: &Path, error| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&template).map_err(|error| failed(&template, error))?;
        let text = text
            .replace("{port}", &port.to_string())
            .replace("{folder}", &folder.to_string_lossy());
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
        Ok(path)
    }
}

/// Debian's folder of it is not in everybody's path.
fn nginx() -> PathBuf {
    let debian = PathBuf::from("/usr/sbin/nginx");
    if debian.exists() { debian } else { "nginx".into() }
}

/// What a program says, wherever it says it.
fn said(program: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    output.status.success().then(|| String::from_utf8_lossy(&text).trim().to_owned())
}

/// A package's version in a Cargo.lock.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \
                    \"axum-core\"\nversion = \"0.5.6\"\n";
        assert_eq!(locked(lock, "axum"), Some("0.8.9"));
        assert_eq!(locked(lock, "axum-core"), Some("0.5.6"));
        assert_eq!(locked(lock, "ws"), None);
    }
}
