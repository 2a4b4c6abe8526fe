//! Addresses of clients as the log shows them.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

/// How much of a client's address the log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShowAddresses {
    /// All of it.
    Full,
    /// The network: 24 bits of an IPv4 address, 48 of an IPv6 address. Enough to see where much comes from,
    /// too little to say who it is.
    #[default]
    Truncated,
    /// Nothing.
    None,
}

/// An address in the form that the log shows it in; `-` where it shows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownAddress {
    address: IpAddr,
    how: ShowAddresses,
}

impl ShowAddresses {
    /// An address in this form.
    #[must_use]
    pub fn show(self, address: IpAddr) -> ShownAddress {
        ShownAddress { address: address.to_canonical(), how: self }
    }
}

impl fmt::Display for ShownAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            ShowAddresses::Full => self.address.fmt(f),
            ShowAddresses::Truncated => {
                let bits = if self.address.is_ipv4() { 24 } else { 48 };
                IpNet::new(self.address, bits).map_or(Ok(()), |net| net.trunc().fmt(f))
            }
            ShowAddresses::None => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_in_full_as_its_network_or_not_at_all() {
        for (address, truncated) in [
            ("198.51.100.77", "198.51.100.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("::1", "::/48"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(ShowAddresses::Full.show(address).to_string(), address.to_string());
            assert_eq!(ShowAddresses::Truncated.show(address).to_string(), truncated);
            assert_eq!(ShowAddresses::None.show(address).to_string(), "-");
        }
        let mapped: IpAddr = "::ffff:198.51.100.77".parse().unwrap();
        assert_eq!(ShowAddresses::Truncated.show(mapped).to_string(), "198.51.100.0/24");
    }
}
