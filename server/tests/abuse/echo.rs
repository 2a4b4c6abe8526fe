//! What the machine itself takes: a bare echo, in a process of its own as the server is.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

/// The variable that tells the process that it is the echo.
pub const WANTED: &str = "MARU_ABUSE_ECHO";
/// Something is sent as often: as many a second as people say things.
const PAUSE: Duration = Duration::from_millis(40);
/// What stands before the address that the process prints.
const HERE: &str = "echo at ";

/// Sends back what one connection brings, until it ends. One thread, which does nothing else.
pub fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("\n{HERE}{}", listener.local_addr().unwrap());
    let (mut line, _) = listener.accept().unwrap();
    line.set_nodelay(true).unwrap();
    let mut bytes = [0; 64];
    while let Ok(read) = line.read(&mut bytes) {
        if read == 0 || line.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
}

/// The process, and how long its answers took since that was last asked.
pub struct Echo {
    child: Child,
    asking: JoinHandle<()>,
    latencies: Arc<Mutex<Vec<u32>>>,
}

impl Echo {
    pub fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_echo", "--nocapture"])
            .env(WANTED, "yes")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let address = said.lines().find_map(|line| {
            line.unwrap().strip_prefix(HERE).map(|address| address.parse().unwrap())
        });
        let latencies = Arc::<Mutex<Vec<u32>>>::default();
        let asking = tokio::spawn(ask(address.unwrap(), latencies.clone()));
        Self { child, asking, latencies }
    }

    /// What was before does not count.
    pub fn forget(&self) {
        self.latencies.lock().unwrap().clear();
    }

    /// The latencies since the last time, sorted, in microseconds.
    pub fn latencies(&self) -> Vec<u32> {
        let mut taken = std::mem::take(&mut *self.latencies.lock().unwrap());
        assert!(!taken.is_empty(), "the echo answers");
        taken.sort_unstable();
        taken
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.asking.abort();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn ask(address: SocketAddr, latencies: Arc<Mutex<Vec<u32>>>) {
    let mut line = TcpStream::connect(address).await.unwrap();
    line.set_nodelay(true).unwrap();
    let mut turns = interval(PAUSE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut bytes = [0; 16];
    loop {
        turns.tick().await;
        let start = Instant::now();
        let sent = line.write_all(&bytes).await;
        if sent.is_err() || line.read_exact(&mut bytes).await.is_err() {
            return;
        }
        let took = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
        latencies.lock().unwrap().push(took);
    }
}
