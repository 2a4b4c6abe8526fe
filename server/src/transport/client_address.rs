//! Where a client is, when proxies are in front.
//!
//! Each proxy appends the address of whoever it was asked by. So the list is read from its end, as far
//! as those who wrote it are trusted; what is before that is what the client likes to say.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use actix_web::http::header::{self, HeaderMap, HeaderName};
use proxy_header::{ParseConfig, ProxyHeader};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

use crate::settings::{Proxies, ProxySays};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How long a trusted proxy may take to say whom it is asked by. It does so in its first packet.
const PATIENCE: Duration = Duration::from_secs(5);
/// The signature of version 2 (section 2.2 of the specification).
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Longest header of version 1 (section 2.1).
const MAX_V1: usize = 107;
/// Most bytes behind the fixed part of version 2: addresses have up to 216, the rest is for extensions
/// that proxies add.
const MAX_V2: usize = 4_096;

/// Where a request comes from that came in at a connection of `peer`.
pub(super) fn of(peer: IpAddr, proxies: &Proxies, headers: &HeaderMap) -> IpAddr {
    let mut client = peer.to_canonical();
    let name = match proxies.says {
        ProxySays::XForwardedFor => X_FORWARDED_FOR,
        ProxySays::Forwarded => header::FORWARDED,
        ProxySays::ProxyProtocol => return client,
    };
    if !proxies.trusts(client) {
        return client;
    }
    let lines: Vec<&str> =
        headers.get_all(name).map(|line| line.to_str().unwrap_or_default()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let hop = match proxies.says {
            ProxySays::Forwarded => forwarded_for(hop),
            _ => address(hop.trim()),
        };
        // What is no address is where the proxy knows no more.
        let Some(hop) = hop else { return client };
        client = hop.to_canonical();
        if !proxies.trusts(client) {
            return client;
        }
    }
    client
}

/// The address of one element of `Forwarded` (RFC 7239 section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, node) = named.next()?;
    let node = node.trim();
    let quoted = node.strip_prefix('"').and_then(|node| node.strip_suffix('"'));
    address(quoted.unwrap_or(node))
}

/// An address, also with a port, also in the brackets of IPv6.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Takes the header of the PROXY protocol off a connection. None where the proxy speaks for itself, as
/// in its health checks.
pub(super) async fn read_proxy_header(io: &mut TcpStream) -> io::Result<Option<IpAddr>> {
    let header = timeout(PATIENCE, header(io)).await??;
    let parsed = ProxyHeader::parse(&header, ParseConfig::default());
    let (parsed, _) = parsed.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(parsed.proxied_address().map(|address| address.source.ip()))
}

/// Reads no byte more than the header.
async fn header(io: &mut TcpStream) -> io::Result<Vec<u8>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    // The shortest of version 1 is longer.
    let mut header = vec![0; SIGNATURE.len()];
    io.read_exact(&mut header).await?;
    if header == SIGNATURE {
        let mut rest = [0; 4];
        io.read_exact(&mut rest).await?;
        header.extend_from_slice(&rest);
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        if length > MAX_V2 {
            return Err(invalid());
        }
        let fixed = header.len();
        header.resize(fixed + length, 0);
        io.read_exact(&mut header[fixed..]).await?;
        return Ok(header);
    }
    if !header.starts_with(b"PROXY ") {
        return Err(invalid());
    }
    while !header.ends_with(b"\r\n") {
        if header.len() >= MAX_V1 {
            return Err(invalid());
        }
        header.push(io.read_u8().await?);
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn proxies(says: ProxySays) -> Proxies {
        Proxies { trusted: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], says }
    }

    fn seen(says: ProxySays, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(line).unwrap());
        }
        of(peer.parse().unwrap(), &proxies(says), &headers).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        let seen = |peer, lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            seen(ProxySays::XForwardedFor, peer, &lines)
        };
        assert_eq!(seen("10.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("::ffff:10.0.0.1", &["192.0.2.7:4711"]), "192.0.2.7");
        assert_eq!(seen("fd00::1", &["2001:db8::9"]), "2001:db8::9");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::9]:80"]), "2001:db8::9");
        // What a client says before is no more than that.
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 192.0.2.7, 10.0.0.9"]), "192.0.2.7");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("10.0.0.1", &["10.1.1.1, 10.2.2.2"]), "10.1.1.1", "a client inside");
        // Who is no proxy says nothing at all.
        assert_eq!(seen("192.0.2.1", &["1.1.1.1"]), "192.0.2.1");
        for nothing in [&[][..], &[""], &["unknown"], &["1.1.1.1, x"], &["1.1.1.1,"]] {
            assert_eq!(seen("10.0.0.1", nothing), "10.0.0.1", "{nothing:?}");
        }
    }

    #[test]
    fn forwarded_is_read_when_it_is_the_one_that_is_named() {
        let forwarded = |line| seen(ProxySays::Forwarded, "10.0.0.1", &[("forwarded", line)]);
        assert_eq!(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
        assert_eq!(forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
        assert_eq!(forwarded("for=1.1.1.1, proto=https; for=192.0.2.60"), "192.0.2.60");
        assert_eq!(forwarded("for=1.1.1.1, for=_hidden"), "10.0.0.1");
        assert_eq!(forwarded("for=unknown"), "10.0.0.1");
        // The proxy passes on the other header as the client wrote it.
        let both = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(seen(ProxySays::XForwardedFor, "10.0.0.1", &both), "192.0.2.7");
        assert_eq!(seen(ProxySays::ProxyProtocol, "10.0.0.1", &both), "10.0.0.1");
    }

    async fn proxied(bytes: &[u8]) -> (io::Result<Option<IpAddr>>, String) {
        use tokio::io::AsyncWriteExt as _;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut io, _) = listener.accept().await.unwrap();
        client.write_all(bytes).await.unwrap();
        drop(client);
        let read = read_proxy_header(&mut io).await;
        let mut rest = String::new();
        let _ = io.read_to_string(&mut rest).await;
        (read, rest)
    }

    #[tokio::test]
    async fn the_proxy_protocol_is_taken_off_and_not_a_byte_more() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let v1 = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\nGET /";
        let (read, rest) = proxied(v1).await;
        assert_eq!((read.unwrap(), rest.as_str()), (ip("192.0.2.7"), "GET /"));
        let (read, rest) = proxied(b"PROXY UNKNOWN\r\nGET /").await;
        assert_eq!((read.unwrap(), rest.as_str()), (None, "GET /"));
        let pair = |a: &str, b: &str| {
            let pair = (a.parse().unwrap(), b.parse().unwrap());
            ProxyHeader::with_address(proxy_header::ProxiedAddress::stream(pair.0, pair.1))
        };
        let mut v2 = Vec::new();
        pair("[2001:db8::9]:1", "[fd00::1]:2").encode_v2(&mut v2).unwrap();
        v2.extend_from_slice(b"GET /");
        let (read, rest) = proxied(&v2).await;
        assert_eq!((read.unwrap(), rest.as_str()), (ip("2001:db8::9"), "GET /"));
        for bad in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"PROXY TCP4 192.0.2.7\r\n",
            b"PROXY ",
            &[&b"PROXY "[..], &[b'x'; 200]].concat(),
            &[&SIGNATURE[..], &[0x21, 0x11, 0xff, 0xff]].concat(),
        ] {
            assert!(proxied(bad).await.0.is_err(), "{bad:?}");
        }
    }
}
