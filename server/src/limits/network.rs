//! What counts as one address.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the first 64 bits of an IPv6 address. Who has one IPv6 address has all of its
/// network's 2^64 (RFC 6177), so each of them alone would limit nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        // `::ffff:192.0.2.1` is how a listener of both families sees an IPv4 address.
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }

    /// Its first address.
    pub(super) fn address(self) -> IpAddr {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_a_whole_ipv4_address_or_a_64th_of_ipv6() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert!(network("192.0.2.1") == network("::ffff:192.0.2.1"));
        assert!(network("192.0.2.1") != network("192.0.2.2"));
        assert!(network("2001:db8::1") == network("2001:db8::ffff:1:2:3"));
        assert!(network("2001:db8::1") != network("2001:db8:0:1::1"));
    }
}
