//! A Postgres of a test's own, to be stopped, killed and frozen.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    process: Child,
}

/// The user that Postgres runs as, which is never root.
fn user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let out = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8_lossy(&out.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let of = |name| Some((id(&["-u", name])?, id(&["-g", name])?));
    Some(of("postgres").or_else(|| of("nobody")).expect("a user for Postgres"))
}

impl Server {
    pub fn start() -> Self {
        let programs = std::env::var_os("MARU_TEST_POSTGRES_BIN").unwrap_or_else(|| {
            panic!("these tests need PostgreSQL: run scripts/cargo-tests, or scripts/with-services before a command")
        });
        let programs = PathBuf::from(programs);
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = user() {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let made = program(&programs.join("initdb"))
            .args(["-U", "maru", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = launch(&programs, &folder, port);
        let mut server = Self { folder, programs, port, process };
        server.wait();
        server
    }

    pub fn url(&self) -> String {
        format!("postgres://maru@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it with its connections, as a restart does.
    pub fn stop(&mut self) {
        signal("INT", &[self.process.id()]);
        self.process.wait().unwrap();
    }

    pub fn start_again(&mut self) {
        let _ = self.process.wait();
        // Killed, its children hold the shared memory for a moment.
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            self.process = launch(&self.programs, &self.folder, self.port);
            if self.answers() {
                return;
            }
            assert!(Instant::now() < until, "{}", self.log());
        }
    }

    fn wait(&mut self) {
        assert!(self.answers(), "{}", self.log());
    }

    /// Waits until it takes connections; false when it ends instead.
    fn answers(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            // It listens before it is ready, and then says so.
            let ready = fs::read_to_string(self.folder.path().join("data/postmaster.pid"))
                .is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"));
            if ready && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn killer(&self) -> Killer {
        Killer(self.process.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.killer().thaw();
        signal("QUIT", &[self.process.id()]);
        let _ = self.process.wait();
    }
}

fn launch(programs: &std::path::Path, folder: &tempfile::TempDir, port: u16) -> Child {
    let path = folder.path().join("log");
    let log = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    program(&programs.join("postgres"))
        .arg("-D")
        .arg(folder.path().join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        // Acknowledged is durable, whatever the operator's default is.
        .args(["-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "synchronous_commit=off"])
        .stderr(log)
        .spawn()
        .unwrap()
}

fn program(path: &std::path::Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir("/").env_remove("PGDATA");
    if let Some((user, group)) = user() {
        command.uid(user).gid(group);
    }
    command
}

/// The postmaster's number.
pub struct Killer(u32);

impl Killer {
    /// Kills every process of the server at once: nothing is written any more.
    pub fn kill_all(&self) {
        self.hold();
        signal("KILL", &self.processes());
    }

    pub fn freeze(&self) {
        self.hold();
        signal("STOP", &self.processes());
    }

    /// The postmaster makes no new processes while the others are looked for.
    fn hold(&self) {
        signal("STOP", &[self.0]);
    }

    pub fn thaw(&self) {
        signal("CONT", &self.processes());
    }

    fn processes(&self) -> Vec<u32> {
        let mut all = vec![self.0];
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // The name in brackets may hold anything; after it come the state and the parent.
            let parent = stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(2));
            if parent == Some(&self.0.to_string()) {
                all.extend(entry.file_name().to_str().and_then(|id| id.parse::<u32>().ok()));
            }
        }
        all
    }
}

fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    // Some may be gone already.
    let _ = Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status();
}
