//! What people connect to: HAProxy, set up as `config/haproxy.cfg` is but for the servers, which it
//! finds by DNS there and which are named here, and for checks that are quicker. Where there is no
//! HAProxy, people choose a server by chance themselves.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{client::PATIENCE, random::Random};

/// Where the servers are.
pub enum Gateway {
    HaProxy { address: SocketAddr, process: Child, _folder: TempDir },
    Missing(Vec<SocketAddr>),
}

impl Gateway {
    pub fn start(servers: &[SocketAddr]) -> Self {
        let Some(program) = program() else {
            println!("without HAProxy (apt-get install haproxy): people choose servers themselves");
            return Self::Missing(servers.to_vec());
        };
        let folder = tempfile::tempdir().unwrap();
        loop {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let file = folder.path().join("haproxy.cfg");
            fs::write(&file, settings(address, servers)).unwrap();
            let log = fs::File::create(folder.path().join("log")).unwrap();
            let mut process = Command::new(&program)
                .args(["-db", "-f"])
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap();
            if answers(&mut process, address) {
                return Self::HaProxy { address, process, _folder: folder };
            }
            let says = fs::read_to_string(folder.path().join("log")).unwrap();
            // Somebody took the port meanwhile: another one.
            assert!(says.contains("in use"), "{says}");
        }
    }

    /// Where the next connection goes.
    pub fn doors(&self) -> Doors {
        match self {
            Self::HaProxy { address, .. } => Doors(vec![*address]),
            Self::Missing(servers) => Doors(servers.clone()),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Self::HaProxy { process, .. } = self {
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

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MARU_TEST_HAPROXY") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian has it where only root looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("haproxy")).find(|place| place.is_file())
}

/// Waits until it takes connections; false when it ends instead.
fn answers(process: &mut Child, address: SocketAddr) -> bool {
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "HAProxy does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn settings(address: SocketAddr, servers: &[SocketAddr]) -> String {
    let mut text = format!(
        "global
    log stdout format raw local0 notice
    maxconn 4000
    hard-stop-after 3s
defaults
    mode http
    log global
    option httplog
    option forwardfor
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout http-request 10s
    timeout http-keep-alive 15s
    timeout queue 5s
    timeout check 1s
    timeout tunnel 1h
    timeout client-fin 10s
    timeout server-fin 10s
frontend public
    bind {address}
    monitor-uri /healthz
    monitor fail if {{ nbsrv(servers) lt 1 }}
    http-request return status 404 if {{ path_beg -i /metrics /admin /readyz }}
    default_backend servers
backend servers
    balance leastconn
    option httpchk
    http-check send meth GET uri /readyz
    http-check expect status 200
    option http-server-close
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response 503
    http-request disable-l7-retry unless METH_GET
    default-server check inter 300ms fastinter 200ms downinter 300ms fall 2 rise 1 observe layer4 error-limit 1 on-error fastinter
"
    );
    for (server, number) in servers.iter().zip(1..) {
        text.push_str(&format!("    server node-{number} {server}\n"));
    }
    text
}
