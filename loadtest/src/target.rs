//! Where to connect to, and from where.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use socket2::{Domain, Protocol, Socket, Type};

/// A server's address: `ws://host:port/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As written, for the `Host` header.
    pub host: String,
    /// What comes behind it.
    pub path: String,
    /// Where that is.
    pub address: SocketAddr,
}

impl FromStr for Target {
    type Err = String;
    fn from_str(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("ws://").ok_or_else(|| {
            let why =
                if url.starts_with("wss://") { "TLS would be measured, not Maru: " } else { "" };
            format!("{why}an address starts with ws://, like ws://127.0.0.1:8080/ws")
        })?;
        let (host, path) = match rest.find('/') {
            Some(slash) => (&rest[..slash], &rest[slash..]),
            None => (rest, "/ws"),
        };
        let named = if host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let address = named
            .to_socket_addrs()
            .ok()
            .and_then(|mut all| all.next())
            .ok_or_else(|| format!("“{host}” is no host that can be found"))?;
        Ok(Self { host: host.to_owned(), path: path.to_owned(), address })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}{}", self.host, self.path)
    }
}

/// Connections from one loopback address before the next is taken: a port can be used again only a
/// minute after its connection ended, and there are some 28,000 of them. Where a good part is taken
/// the kernel searches long for a free one: at 8,000 an address, a storm took this tool six seconds
/// of its own, which it then measured as the server's.
const PER_SOURCE: usize = 1_000;

/// The address that connection number `index` comes from; `None` leaves it to the system.
fn source(to: SocketAddr, index: usize) -> Option<SocketAddr> {
    let IpAddr::V4(ip) = to.ip() else { return None };
    let number = u32::try_from(index / PER_SOURCE).ok()?;
    (ip.is_loopback() && number < 200)
        .then(|| SocketAddr::from((Ipv4Addr::from(0x7f00_0002 + number), 0)))
}

/// Starts to connect.
///
/// # Errors
/// What the system says.
pub fn connect(to: SocketAddr, index: usize) -> std::io::Result<mio::net::TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(source) = source(to, index) {
        socket.bind(&source.into())?;
    }
    match socket.connect(&to.into()) {
        Err(error)
            if error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) =>
        {
            Err(error)
        }
        _ => Ok(mio::net::TcpStream::from_std(socket.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let target: Target = "ws://127.0.0.1:8080/ws".parse().unwrap();
        assert_eq!(target.address, SocketAddr::from(([127, 0, 0, 1], 8080)));
        assert_eq!((target.path.as_str(), target.host.as_str()), ("/ws", "127.0.0.1:8080"));
        assert_eq!(target.to_string(), "ws://127.0.0.1:8080/ws");
        assert_eq!("ws://127.0.0.1:9".parse::<Target>().unwrap().path, "/ws");
        assert_eq!("ws://127.0.0.1/x".parse::<Target>().unwrap().address.port(), 80);
        assert!("wss://127.0.0.1/".parse::<Target>().unwrap_err().contains("TLS"));
        assert!("127.0.0.1:1".parse::<Target>().is_err());
    }

    #[test]
    fn sources_change_before_ports_run_short() {
        let to = SocketAddr::from(([127, 0, 0, 1], 1));
        assert_eq!(source(to, 0).unwrap().ip().to_string(), "127.0.0.2");
        assert_eq!(source(to, PER_SOURCE).unwrap().ip().to_string(), "127.0.0.3");
        assert_eq!(source(SocketAddr::from(([10, 0, 0, 1], 1)), 0), None);
    }
}
