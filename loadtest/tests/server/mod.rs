//! The server that Cargo built beside the tests, or the one of `LOAD_SERVER`; without either the
//! tests fail, and say so.

#![allow(dead_code)] // each test file uses its part

use std::{
    io::{self, BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// The lines of its log.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server of a test's own.
pub struct Server {
    child: Child,
    pub url: String,
    lines: Seen,
    _data: tempfile::TempDir,
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("LOAD_SERVER") {
        return path.into();
    }
    // Both programs come to lie in one folder.
    let beside = PathBuf::from(env!("CARGO_BIN_EXE_maru-load")).with_file_name("maru-server");
    assert!(
        beside.exists(),
        "{} is missing: cargo build -p maru-server, or set LOAD_SERVER",
        beside.display()
    );
    beside
}

/// Keeps what comes, for as long as something does.
fn keep(lines: impl Iterator<Item = io::Result<String>> + Send + 'static, seen: &Seen) {
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        lines.map_while(Result::ok).for_each(|line| seen.lock().unwrap().push(line));
    });
}

impl Server {
    /// Starts one with these settings.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(program());
        // None of what the caller's MARU_* say: those of scripts/with-services are no settings.
        let ours = |name: &std::ffi::OsString| name.as_encoded_bytes().starts_with(b"MARU_");
        std::env::vars_os().map(|(name, _)| name).filter(ours).for_each(|name| {
            command.env_remove(name);
        });
        let mut child = command
            .arg("serve")
            .current_dir(data.path())
            .env("MARU_HTTP__PORT", "0")
            .env("MARU_METRICS__ENABLED", "false")
            .env("MARU_FRONTEND__DIR", "")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| Some(line.ok()?.split_once("http://")?.1.to_owned()));
        let (seen, errors) = (Arc::default(), BufReader::new(child.stderr.take().unwrap()));
        keep(lines, &seen);
        keep(errors.lines(), &seen);
        let url = format!("ws://{}/ws", address.unwrap().split(['/', ' ']).next().unwrap());
        Self { child, url, lines: seen, _data: data }
    }

    /// Runs `maru-load`: its exit code, what it printed, what it complained of.
    pub fn load(&self, args: &str) -> (Option<i32>, String, String) {
        let pid = self.child.id().to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_maru-load"))
            .args(args.split_whitespace())
            .args(["--url", &self.url, "--server-pid", &pid])
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Whether it has logged something with this in it.
    pub fn has_logged(&self, part: &str) -> bool {
        self.lines.lock().unwrap().iter().any(|line| line.contains(part))
    }

    /// What a run that kept every promise tells.
    pub fn figures(&self, args: &str) -> Value {
        let (code, out, err) = self.load(&format!("{args} --json --warm-up 100ms"));
        assert_eq!(code, Some(0), "{out}{err}");
        serde_json::from_str(&out).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A load's few senders say more than people may, and all of it comes from one address.
pub const UNBOUND: &[(&str, &str)] = &[
    ("MARU_CONNECTION__RATE", "10000"),
    ("MARU_CONNECTION__BURST", "100000"),
    ("MARU_LIMITS__EXEMPT", "127.0.0.0/8"),
];
