//! The page's own web servers: the listener of the socket server, and nginx with the file of the page's
//! image.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    client::PATIENCE,
    process::{Server, own_host},
    web::get,
};

/// A built page, as far as its web server sees it.
fn built(folder: &Path) {
    for (file, text) in [
        ("index.html", "<!doctype html>the page"),
        ("sw.js", "worker"),
        ("assets/app-1a2b.js", "script"),
        ("icons/192.png", "icon"),
    ] {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

async fn serves_files_as_files_and_the_page_elsewhere(at: SocketAddr) {
    for path in ["/", "/index.html", "/lobby", "/r/lobby", "/r/%EC%82%AC%EB%9E%91%EB%B0%A9", "/a/"]
    {
        let answer = get(at, path).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "<!doctype html>the page"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }
    for (path, text) in [("/sw.js", "worker"), ("/assets/app-1a2b.js", "script")] {
        let answer = get(at, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, text), "{path}");
    }
    for path in [
        "/assets/app-9z9z.js",
        "/assets/gone",
        "/assets/a/b",
        "/icons/512.png",
        "/icons/512",
        "/favicon.ico",
        "/robots.txt",
        "/r/lobby/picture.png",
        "/favicon%2eico",
        "/assets/app-9z9z%2ejs",
    ] {
        let answer = get(at, path).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(!answer.body.contains("the page"), "{path}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_missing_is_not_the_page() {
    let folder = tempfile::tempdir().unwrap();
    built(folder.path());
    let host = own_host();
    let _server = Server::start(&[
        ("MARU_FRONTEND__DIR", folder.path().to_str().unwrap()),
        ("MARU_FRONTEND__HOST", &host.to_string()),
        ("MARU_FRONTEND__PORT", "3000"),
    ]);
    serves_files_as_files_and_the_page_elsewhere((host, 3000).into()).await;
}

#[tokio::test]
async fn nor_is_it_behind_nginx() {
    let Some(program) = nginx() else {
        println!("without nginx (apt-get install nginx-light)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    built(&folder.path().join("page"));
    let at = (own_host(), free_port()).into();
    let _nginx = Nginx::start(&program, folder.path(), at);
    serves_files_as_files_and_the_page_elsewhere(at).await;
}

fn nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("nginx")).find(|place| place.is_file())
}

fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

/// Ended when dropped.
struct Nginx(Child);

impl Nginx {
    /// One worker that serves `folder/page`.
    fn start(program: &Path, folder: &Path, at: SocketAddr) -> Self {
        let here = folder.display();
        let server = include_str!("../../../frontend/deploy/nginx.conf")
            .replace("listen 8080;", &format!("listen {at};"))
            .replace("/usr/share/nginx/html", &format!("{here}/page"))
            .replace("/tmp/maru", &here.to_string());
        assert!(
            server.contains(&format!("listen {at};")) && server.contains(&format!("{here}/page"))
        );
        fs::write(folder.join("policy.conf"), "").unwrap();

        let all = format!(
            "daemon off; master_process off; pid {here}/pid; error_log {here}/log;
             events {{}}
             http {{
               access_log off; client_body_temp_path {here}; proxy_temp_path {here};
               fastcgi_temp_path {here}; uwsgi_temp_path {here}; scgi_temp_path {here};
               types {{ text/html html; text/javascript js; image/png png; }}
               {server}
             }}"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, all).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(&file).arg("-e").arg(folder.join("log"));
        let mut nginx = Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(at).is_err() {
            let ended = nginx.0.try_wait().unwrap();
            let says = || fs::read_to_string(folder.join("log"));
            assert!(ended.is_none() && Instant::now() < until, "{:?}", says());
            std::thread::sleep(Duration::from_millis(5));
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
