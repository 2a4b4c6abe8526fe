//! A server as its operator runs it: a process with settings in its environment.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use tempfile::TempDir;

use crate::client::Client;

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    pub http: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    folder: Arc<TempDir>,
    settings: Vec<(String, String)>,
}

impl Server {
    /// A server with an empty data folder and these settings beside the defaults.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let owned = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), owned)
    }

    fn start_in(folder: Arc<TempDir>, settings: Vec<(String, String)>) -> Self {
        let mut command = command(folder.path());
        let mut child = command
            .envs(settings.iter().map(|(k, v)| (k, v)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (log, reader) = collect(child.stderr.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let http = lines
            .find_map(|line| address(&line.unwrap()))
            .unwrap_or_else(|| panic!("the server did not start: {}", log.lock().unwrap()));
        // What else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, http, log, reader: Some(reader), folder, settings }
    }

    /// A new connection, before its `hello`.
    pub async fn connect(&self) -> Client {
        Client::connect(self.http).await
    }

    /// Somebody who said hello.
    pub async fn guest(&self, name: &str) -> Client {
        let mut client = self.connect().await;
        client.hello(name).await;
        client
    }

    /// `kill -9`, then a start with the same data on the same port.
    pub fn crash_and_restart(self) -> Self {
        let (folder, settings) = self.kill();
        Self::start_in(folder, settings)
    }

    /// `kill -9`. Returns what a successor needs.
    pub fn kill(mut self) -> (Arc<TempDir>, Vec<(String, String)>) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut settings = self.settings.clone();
        settings.retain(|(key, _)| key != "MARU_HTTP__PORT");
        settings.push(("MARU_HTTP__PORT".to_owned(), self.http.port().to_string()));
        (self.folder.clone(), settings)
    }

    /// Sends a signal by its number.
    pub fn signal(&self, signal: i32) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args([format!("-{signal}"), pid]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            eprintln!("--- the server's log\n{}", self.log.lock().unwrap());
        }
        assert!(!self.log.lock().unwrap().contains("panicked"), "the server panicked");
    }
}

/// The server's command in a folder of its own, on free ports, without the machine's settings.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru-server"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("MARU_HTTP__PORT", "0")
        .env("MARU_METRICS__ENABLED", "false")
        .env("MARU_FRONTEND__DIR", "");
    command
}

fn collect(stderr: ChildStderr) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let log = Arc::new(Mutex::new(String::new()));
    let kept = log.clone();
    let reader = std::thread::spawn(move || {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        while stderr.by_ref().read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    (log, reader)
}

/// The address in the line that says where the server listens.
fn address(line: &str) -> Option<SocketAddr> {
    line.split_once("http://")?.1.split(['/', ' ']).next()?.trim().parse().ok()
}
