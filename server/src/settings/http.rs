//! `[http]`, `[metrics]` and `[frontend]`: the three listeners.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::values::Values;
use super::{Hosts, SettingsError};

/// The listener of the API and the WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Its address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The pages that may connect.
    pub allowed_origins: AllowedOrigins,
    /// Whether rooms, history and search can be read over HTTP without an identity token.
    pub anonymous_reading: bool,
    /// The names by which the server is reached, for who reads without a token.
    pub allowed_hosts: Hosts,
    /// Most connections of this process; 1 to 1,000,000.
    pub max_connections: usize,
}

impl Http {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        Ok(Self {
            listen: from.listen("http")?,
            allowed_origins: AllowedOrigins::read(from)?,
            anonymous_reading: from.flag("http.anonymous_reading")?,
            allowed_hosts: Hosts::read(from, "http.allowed_hosts")?,
            max_connections: from.number(
                "http.max_connections",
                1..=1_000_000,
                "each takes a file descriptor",
            )?,
        })
    }
}

/// The pages that may connect, by their origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every page on the web.
    Any,
    /// These; at least one.
    Only(Vec<Origin>),
}

impl AllowedOrigins {
    fn read(from: &mut Values) -> Result<Self, SettingsError> {
        const KEY: &str = "http.allowed_origins";
        let texts = from.list(KEY)?;
        if texts.iter().any(|text| text == "*") {
            return match texts.len() {
                1 => Ok(Self::Any),
                _ => Err(from.wrong(KEY, "\"*\" allows any page and stands alone")),
            };
        }
        let mut origins = Vec::with_capacity(texts.len());
        for text in &texts {
            let origin = Origin::parse(text).ok_or_else(|| {
                let right = "an origin is scheme://host[:port] in ASCII, without a path";
                from.wrong(KEY, format_args!("{text:?} is not an origin; {right}"))
            })?;
            origins.push(origin);
        }
        if origins.is_empty() {
            let right = "name the pages that may connect, such as https://chat.example.com";
            return Err(from.wrong(KEY, format_args!("{right}, or \"*\" for any")));
        }
        Ok(Self::Only(origins))
    }

    /// Whether a page of this `Origin` header may connect. Says nothing of a client that sends
    /// none, which is no browser.
    #[must_use]
    pub fn allows(&self, header: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(origins) => {
                Origin::parse(header).is_some_and(|origin| origins.contains(&origin))
            }
        }
    }
}

/// A page's origin as browsers send it: lower case, without the scheme's own port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// `scheme://host[:port]`; none for anything else. A host beyond ASCII must be written as
    /// browsers send it, in Punycode.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://")?;
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(in_scheme)
        {
            return None;
        }
        // The colons of an IPv6 address are inside its brackets.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let is_ipv6 = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
        if !is_ipv6 && (host.is_empty() || !host.chars().all(name)) {
            return None;
        }
        let port = match port {
            None => None,
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => {
                Some(digits.parse::<u16>().ok()?)
            }
            Some(_) => return None,
        };
        let own =
            matches!((scheme, port), ("http" | "ws", Some(80)) | ("https" | "wss", Some(443)));
        Some(Self(match port {
            Some(port) if !own => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The operators' listener: `/metrics` and `/admin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Its address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The names by which it is reached.
    pub allowed_hosts: Hosts,
}

impl Metrics {
    pub(super) fn read(from: &mut Values) -> Result<Option<Self>, SettingsError> {
        // Read even when off: what is written must be right.
        let listen = from.listen("metrics")?;
        let allowed_hosts = Hosts::read(from, "metrics.allowed_hosts")?;
        Ok(from.flag("metrics.enabled")?.then_some(Self { listen, allowed_hosts }))
    }
}

/// The listener of the built frontend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontend {
    /// The folder to serve. Whether it is there is seen when it is served.
    pub dir: PathBuf,
    /// Its address; port 0 picks a free one.
    pub listen: SocketAddr,
}

impl Frontend {
    pub(super) fn read(from: &mut Values) -> Result<Option<Self>, SettingsError> {
        let listen = from.listen("frontend")?;
        let dir = from.text("frontend.dir")?;
        Ok((!dir.is_empty()).then(|| Self { dir: dir.into(), listen }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let parsed = |text: &str| Origin::parse(text).map(|origin| origin.0);
        for (text, origin) in [
            ("http://localhost:3000", "http://localhost:3000"),
            ("HTTPS://Chat.Example.com", "https://chat.example.com"),
            ("https://chat.example.com:443", "https://chat.example.com"),
            ("http://chat.example.com:443", "http://chat.example.com:443"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]", "http://[::1]"),
            ("tauri://localhost", "tauri://localhost"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(origin), "{text}");
        }
        for bad in [
            "",
            "null",
            "*",
            "localhost:3000",
            "https://",
            "https://a/",
            "https://a/b",
            "https://a:",
            "https://a:port",
            "https://a:99999",
            "https://a:+1",
            "https://*.a",
            "https://사랑방.kr",
            "https://u@a",
            "https://a b",
            "://a",
            "https://[::1",
            "https://a,https://b",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
        let only = AllowedOrigins::Only(vec![Origin::parse("https://a.example").unwrap()]);
        assert!(only.allows("https://a.example") && only.allows("https://a.example:443"));
        for other in ["http://a.example", "https://a.example.evil", "https://a.example:8", "null"] {
            assert!(!only.allows(other), "{other}");
        }
        assert!(AllowedOrigins::Any.allows("null"));
    }
}
