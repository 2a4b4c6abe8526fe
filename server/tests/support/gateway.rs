//! What people connect to: HAProxy or nginx, with the files that operators get, `config/haproxy.cfg` and
//! `config/nginx.conf`. Where a test can do without HAProxy and there is none, people choose a server by
//! chance themselves.

mod settings;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{client::PATIENCE, random::Random};

/// A program that stands in front of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    HaProxy,
    Nginx,
}

/// The names that `config/nginx.conf` has for its servers.
pub const NAMES: [&str; 2] = ["a", "b"];

impl Proxy {
    fn name(self) -> &'static str {
        match self {
            Self::HaProxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }

    fn program(self) -> Option<PathBuf> {
        // Empty for none.
        let variable = format!("MARU_TEST_{}", self.name().to_uppercase());
        if let Some(named) = std::env::var_os(variable) {
            return (!named.is_empty()).then(|| named.into());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Debian has it where only root looks.
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
        folders.map(|folder| folder.join(self.name())).find(|place| place.is_file())
    }

    fn settings(self, address: SocketAddr, servers: &[SocketAddr], folder: &Path) -> String {
        match self {
            Self::HaProxy => settings::haproxy(address, servers),
            Self::Nginx => settings::nginx(address, servers, folder),
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::HaProxy => &["-db", "-f"],
            Self::Nginx => &["-e", "stderr", "-c"],
        }
    }
}

/// Where the servers are.
pub enum Gateway {
    Running { address: SocketAddr, process: Child, _folder: TempDir },
    Missing(Vec<SocketAddr>),
}

impl Gateway {
    /// HAProxy, where there is one.
    pub fn start(servers: &[SocketAddr]) -> Self {
        Self::start_with(servers, &[])
    }

    /// As [`Gateway::start`], with these places of the file as they are here.
    pub fn start_with(servers: &[SocketAddr], edits: &[(&str, &str)]) -> Self {
        match Proxy::HaProxy.program() {
            Some(program) => Self::run(Proxy::HaProxy, &program, servers, edits),
            None => {
                println!(
                    "without HAProxy (apt-get install haproxy): people choose servers themselves"
                );
                Self::Missing(servers.to_vec())
            }
        }
    }

    /// This one, and its address.
    pub fn of(proxy: Proxy, servers: &[SocketAddr]) -> (Self, SocketAddr) {
        let name = proxy.name();
        let program = proxy.program().unwrap_or_else(|| {
            panic!(
                "these tests need {name}: run scripts/cargo-tests, or scripts/ensure-{name} once"
            )
        });
        let gateway = Self::run(proxy, &program, servers, &[]);
        let address = gateway.doors().0[0];
        (gateway, address)
    }

    fn run(proxy: Proxy, program: &Path, servers: &[SocketAddr], edits: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        loop {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let file = folder.path().join("config");
            let mut text = proxy.settings(address, servers, folder.path());
            for (there, here) in edits {
                assert!(text.contains(there), "no {there} in the gateway's file");
                text = text.replace(there, here);
            }
            fs::write(&file, text).unwrap();
            let log = fs::File::create(folder.path().join("log")).unwrap();
            let mut process = Command::new(program)
                .args(proxy.arguments())
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap();
            if answers(&mut process, address) {
                return Self::Running { address, process, _folder: folder };
            }
            let says = fs::read_to_string(folder.path().join("log")).unwrap();
            // Somebody took the port meanwhile: another one.
            assert!(says.contains("in use"), "{says}");
        }
    }

    /// Where the next connection goes.
    pub fn doors(&self) -> Doors {
        match self {
            Self::Running { address, .. } => Doors(vec![*address]),
            Self::Missing(servers) => Doors(servers.clone()),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Self::Running { process, .. } = self {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The addresses that people know.
#[derive(Clone)]
pub struct Doors(Vec<SocketAddr>);

impl Doors {
    pub fn pick(&self, random: &mut Random) -> SocketAddr {
        *random.pick(&self.0)
    }
}

/// Waits until it takes connections; false when it ends instead.
fn answers(process: &mut Child, address: SocketAddr) -> bool {
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "the gateway does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}
