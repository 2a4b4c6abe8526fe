//! One question to a server that runs on this machine. As little of HTTP as that takes: a container's image
//! has neither a shell nor curl.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// For the whole exchange: a server that is not ready takes up to 2 s to find out.
const PATIENCE: Duration = Duration::from_secs(4);

/// More than the server has to say: a thousand rooms.
const MOST: usize = 512 * 1024;

/// What a server that listens there, by the port of this setting, answers to a request: a method and a
/// path, and lines of its head.
///
/// # Errors
/// One sentence when it can't be reached, or says no.
pub(super) fn ask(
    (setting, listen): (&str, SocketAddr),
    (method, path): (&str, &str),
    lines: &str,
) -> Result<String, String> {
    let at = reached_at(setting, listen)?;
    let request = format!("{method} {path} HTTP/1.0\r\nHost: {at}\r\n{lines}\r\n");
    let answer = exchange(at, &request, Instant::now() + PATIENCE)
        .map_err(|error| format!("no server answers at http://{at}{path}: {error}"))?;
    match status_and_body(&answer) {
        Some((200..=299, body)) => Ok(body),
        Some((status, body)) => {
            Err(format!("http://{at}{path} says {status}: {}", reason(&body).unwrap_or(body)))
        }
        None => Err(format!("what answers at http://{at}{path} doesn't speak HTTP")),
    }
}

/// The sentence of a problem document.
fn reason(body: &str) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_str(body).ok()?;
    problem.get("detail")?.as_str().map(str::to_owned)
}

/// Where a server that listens there is reached from its own machine.
fn reached_at(setting: &str, listen: SocketAddr) -> Result<SocketAddr, String> {
    if listen.port() == 0 {
        return Err(format!("{setting} is 0: nobody knows which port the server picked"));
    }
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    Ok(SocketAddr::new(ip, listen.port()))
}

/// The whole answer. In HTTP/1.0 it ends with the connection and is never cut into chunks.
fn exchange(at: SocketAddr, request: &str, until: Instant) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&at, left(until)?)?;
    stream.set_write_timeout(Some(left(until)?))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    while answer.len() < MOST {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut part)? {
            0 => break,
            n => answer.extend(part.iter().take(n)),
        }
    }
    Ok(answer)
}

/// Time-outs of zero are refused, so the end of patience is an error of its own.
fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn status_and_body(answer: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_the_loopback() {
        for (listen, at) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reached_at("http.port", listen.parse().unwrap()), Ok(at.parse().unwrap()));
        }
        let error = reached_at("http.port", "127.0.0.1:0".parse().unwrap()).unwrap_err();
        assert!(error.starts_with("http.port is 0"), "{error}");
    }

    #[test]
    fn a_problem_says_why() {
        let problem = r#"{"type":"urn:x","status":409,"detail":"there is no other","code":"x"}"#;
        assert_eq!(reason(problem).as_deref(), Some("there is no other"));
        for other in ["", "not ready", "{}", r#"{"detail":7}"#] {
            assert_eq!(reason(other), None, "{other}");
        }
    }

    #[test]
    fn answers_are_read() {
        let read = |text: &str| status_and_body(text.as_bytes());
        assert_eq!(read("HTTP/1.1 200 OK\r\na: b\r\n\r\nok\n"), Some((200, "ok".to_owned())));
        assert_eq!(read("HTTP/1.0 503 No\r\n\r\n"), Some((503, String::new())));
        for broken in ["", "HTTP/1.1 200 OK\r\n", "220 mail\r\n\r\n", "HTTP/1.1 \r\n\r\n"] {
            assert_eq!(read(broken), None, "{broken}");
        }
        assert_eq!(status_and_body(b"HTTP/1.1 x\r\n\r\n\xff"), None);
    }
}
