//! The names by which a listener is reached, as the header `Host` has them.

use std::net::{IpAddr, Ipv6Addr};

use super::SettingsError;
use super::values::Values;

/// Which `Host` is one of ours. A name of an attacker's page can be pointed at any address (DNS
/// rebinding): the page is of the server's origin then, as far as a browser can tell, and its `Host`
/// alone gives it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    pub(super) fn read(from: &mut Values, key: &str) -> Result<Self, SettingsError> {
        let names = from.list(key)?;
        let wrong = |name: &String| (!is_name(name)).then(|| name.clone());
        match names.iter().find_map(wrong) {
            Some(name) => {
                let right = "a host is a name in ASCII, without scheme, port and path";
                Err(from.wrong(key, format_args!("{name:?} is no host; {right}")))
            }
            None => Ok(Self(names.iter().map(|name| name.to_ascii_lowercase()).collect())),
        }
    }

    /// Whether this `Host` is an IP address, `localhost`, or one of these names, whatever its port.
    /// Nobody points the first two somewhere else.
    #[must_use]
    pub fn allows(&self, header: &str) -> bool {
        let Some(host) = host(header) else { return false };
        has_no_name(host) || self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// The host of `host[:port]`, without a last dot and the brackets of an IPv6 address.
fn host(header: &str) -> Option<&str> {
    if let Some(rest) = header.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return (is_port && host.parse::<Ipv6Addr>().is_ok()).then_some(host);
    }
    let host = match header.split_once(':') {
        Some((host, port)) if is_port(port) => host,
        Some(_) => return None,
        None => header,
    };
    Some(host.strip_suffix('.').unwrap_or(host)).filter(|host| !host.is_empty())
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_no_name(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !text.is_empty() && text.chars().all(plain) && !text.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_listed_names_are_ours() {
        let hosts = Hosts(vec!["chat.internal".to_owned()]);
        for ours in [
            "127.0.0.1",
            "192.168.0.5:8080",
            "[::1]:9464",
            "[fd00::1]",
            "localhost",
            "LOCALHOST:8080",
            "chat.internal",
            "Chat.Internal:8080",
            "chat.internal.:8080",
        ] {
            assert!(hosts.allows(ours), "{ours}");
        }
        for foreign in [
            "",
            ".",
            ":8080",
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "chat.internal.evil.example",
            "evil.chat.internal",
            "[::1].evil.example",
            "[evil.example]",
            "[::1",
            "localhost:80:80",
            "localhost:http",
            "localhost/",
            "evil.example@localhost",
            "127.0.0.1, evil.example",
        ] {
            assert!(!hosts.allows(foreign), "{foreign}");
            assert!(!Hosts::default().allows(foreign), "{foreign}");
        }
        assert!(!Hosts::default().allows("chat.internal"));
    }
}
