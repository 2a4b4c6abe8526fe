//! A NATS of a test's own.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a port of 127.0.0.1. Killed when dropped.
pub struct Nats {
    child: Option<Child>,
    port: u16,
    arguments: Vec<String>,
}

impl Nats {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With more arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let mut nats = Self::absent();
        nats.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        // Somebody may take the port meanwhile: then another one.
        while !nats.try_launch() {
            nats.port = free_port();
        }
        nats
    }

    /// A port that nothing listens on, yet.
    pub fn absent() -> Self {
        Self { child: None, port: free_port(), arguments: Vec::new() }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it (again) on its port.
    pub fn launch(&mut self) {
        assert!(self.try_launch(), "port {} was taken", self.port);
    }

    fn try_launch(&mut self) -> bool {
        let log = tempfile::NamedTempFile::new().unwrap();
        let child = Command::new(binary())
            .args(["--addr", "127.0.0.1", "--port", &self.port.to_string()])
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let started = Instant::now();
        loop {
            let says = fs::read_to_string(log.path()).unwrap();
            if says.contains("Server is ready") {
                return true;
            }
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            if ended.is_some() && says.contains("address already in use") {
                return false;
            }
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "{says}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// It takes what comes and does nothing.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// `MARU_TEST_NATS`, or what the system has.
fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("MARU_TEST_NATS") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/bin".into()]);
    let mut places = folders.map(|folder| folder.join("nats-server"));
    places.find(|place| place.is_file()).expect(
        "these tests need nats-server: apt-get install nats-server, or set MARU_TEST_NATS to one",
    )
}
