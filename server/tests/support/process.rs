//! A server as its operator runs it: a process with settings in its environment.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{
    client::{Client, PATIENCE},
    services,
};

/// A folder and the settings to start a server with.
pub type Estate = (Arc<TempDir>, Vec<(String, String)>);

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
        let given = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let owned = services::store().into_iter().chain(given).collect();
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), owned)
    }

    /// As [`Server::start`], on a file, whatever else is tested in this run.
    pub fn start_on_a_file(settings: &[(&str, &str)]) -> Self {
        let given = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), given.collect())
    }

    /// A server that goes on with what another one left.
    pub fn start_in(folder: Arc<TempDir>, settings: Vec<(String, String)>) -> Self {
        let command = command(folder.path());
        Self::run(command, folder, settings)
    }

    /// As [`Server::start_on_a_file`], by a shell below these programs, which runs this script first.
    pub fn start_after(
        programs: &[&str],
        script: &str,
        folder: Arc<TempDir>,
        settings: &[(&str, &str)],
    ) -> Self {
        let script = format!("set -e; {script}; exec {}", env!("CARGO_BIN_EXE_maru-server"));
        let all = [programs, &["sh", "-c", &script]].concat();
        let mut command = command_of(all[0], folder.path());
        command.args(&all[1..]);
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Self::run(command, folder, settings.collect())
    }

    fn run(mut command: Command, folder: Arc<TempDir>, settings: Vec<(String, String)>) -> Self {
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
    pub fn kill(mut self) -> Estate {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.estate()
    }

    /// What a successor needs: the data, the settings, and the address that clients know.
    pub fn estate(&self) -> Estate {
        let mut settings = self.settings.clone();
        settings.retain(|(key, _)| key != "MARU_HTTP__PORT" && key != "MARU_HTTP__HOST");
        settings.push(("MARU_HTTP__PORT".to_owned(), self.http.port().to_string()));
        settings.push(("MARU_HTTP__HOST".to_owned(), self.http.ip().to_string()));
        (self.folder.clone(), settings)
    }

    /// Sends a signal by its number.
    pub fn signal(&self, signal: i32) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args([format!("-{signal}"), pid]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for the end of the process, while the test's other tasks go on.
    pub async fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the server does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the log has a line with all of these.
    pub async fn logs(&self, parts: &[&str]) {
        let until = Instant::now() + PATIENCE;
        while !self.log().lines().any(|line| parts.iter().all(|part| line.contains(part))) {
            assert!(Instant::now() < until, "the log never said {parts:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Memory of the process that is really there, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse().unwrap()
    }

    /// Its process.
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

/// An address of the loopback network that no other server of these tests has: a port there is
/// taken by nobody while its server restarts.
pub fn own_host() -> Ipv4Addr {
    static SERVERS: AtomicU32 = AtomicU32::new(1);
    let count = SERVERS.fetch_add(1, Ordering::Relaxed);
    let [_, a, b, c] = (std::process::id().wrapping_mul(64) + count).to_be_bytes();
    Ipv4Addr::new(127, a.clamp(1, 254), b, c.clamp(1, 254))
}

/// The server's command in a folder of its own, on free ports, without the machine's settings.
pub fn command(folder: &Path) -> Command {
    command_of(env!("CARGO_BIN_EXE_maru-server"), folder)
}

fn command_of(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("MARU_HTTP__HOST", own_host().to_string())
        .env("RUST_LOG", "info")
        .env("MARU_HTTP__PORT", "0")
        // Hundreds of people of one test come from one address, and say more than people do. Tests of
        // the limits take it back.
        .env("MARU_LIMITS__EXEMPT", "127.0.0.0/8")
        .env("MARU_METRICS__ENABLED", "false")
        // Tests look at what a server has without being anybody there.
        .env("MARU_HTTP__ANONYMOUS_READING", "true")
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
