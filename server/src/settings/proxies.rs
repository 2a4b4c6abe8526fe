//! `[proxies]`: whose word is taken for where a client comes from.

use ipnet::IpNet;

use super::SettingsError;
use super::values::Values;

/// The proxies in front of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Their addresses. Empty where clients connect themselves.
    pub trusted: Vec<IpNet>,
    /// How they say where a client comes from.
    pub says: ProxySays,
}

/// How a proxy says where a client comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxySays {
    /// By a header `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// By a header `Forwarded` (RFC 7239).
    Forwarded,
    /// By the PROXY protocol, version 1 or 2, in front of each connection.
    ProxyProtocol,
}

impl Proxies {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        const KEY: &str = "proxies.header";
        let says = match from.text(KEY)?.as_str() {
            "x-forwarded-for" => ProxySays::XForwardedFor,
            "forwarded" => ProxySays::Forwarded,
            "proxy-protocol" => ProxySays::ProxyProtocol,
            _ => {
                let right = "it is `x-forwarded-for`, `forwarded` or `proxy-protocol`";
                return Err(from.wrong(KEY, right));
            }
        };
        Ok(Self { trusted: from.networks("proxies.trusted")?, says })
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn trusts(&self, address: std::net::IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }
}
