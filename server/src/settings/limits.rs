//! `[limits]`: how much one person and one address may ask for, and what is held of all of them.

use std::num::NonZeroU32;
use std::time::Duration;

use ipnet::IpNet;

use super::SettingsError;
use super::values::Values;
use crate::limits::{Bounds, Options, Place, Quota, Rate, ShowAddresses};

/// What is limited for one person and for one address.
const OF_BOTH: [Rate; 11] = [
    Rate::Joins,
    Rate::Rooms,
    Rate::Messages,
    Rate::Bytes,
    Rate::Changes,
    Rate::Typing,
    Rate::Marks,
    Rate::Reads,
    Rate::Searches,
    Rate::Uploads,
    Rate::Downloads,
];
/// Only for one person: nobody is sent away for what others of their address did.
const OF_PERSON: [Rate; 1] = [Rate::Refusals];
/// Only for one address: nobody is known yet.
const OF_ADDRESS: [Rate; 2] = [Rate::Handshakes, Rate::Guests];

/// The most that a limit can be set to.
const MOST: u64 = 1_000_000_000;

/// How much may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// By person and by address.
    pub accounts: Options,
    /// Most TCP connections that are no WebSocket; 16 to 1,000,000.
    pub sockets: usize,
    /// Most of them in which no request is under way; 16 to 1,000,000.
    pub unfinished: usize,
    /// Most bytes that wait towards all clients; 1 MiB to 64 GiB.
    pub outboxes: usize,
    /// Most bytes of what clients have begun to say and not ended; 1 MiB to 64 GiB.
    pub unfinished_bytes: usize,
    /// Most files that are fetched at once; 1 to 100,000.
    pub downloads: usize,
    /// Bytes a second that an upload brings at least, and a reader of an answer takes; at most 1 MiB.
    pub least_rate: u64,
}

impl Limits {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let person = OF_BOTH.into_iter().chain(OF_PERSON);
        let address = OF_ADDRESS.into_iter().chain(OF_BOTH);
        let of_sockets = "each takes a file descriptor and up to 70 KiB";
        Ok(Self {
            accounts: Options {
                exempt: from.networks("limits.exempt")?,
                person: bounds(from, "person", person, &[Place::Uploads, Place::Downloads])?,
                address: bounds(from, "address", address, Place::ALL)?,
                stay_away: from.duration(
                    "limits.stay_away",
                    Duration::from_millis(100)..=Duration::from_secs(24 * 60 * 60),
                    "who is sent away by mistake has to wait as long",
                )?,
                // For `log.addresses` to say.
                show: ShowAddresses::default(),
            },
            sockets: from.number("limits.sockets", 16..=1_000_000, of_sockets)?,
            unfinished: from.number("limits.unfinished", 16..=1_000_000, of_sockets)?,
            outboxes: from.bytes(
                "limits.outboxes",
                1 << 20..=64 << 30,
                "it is what all slow readers together can cost",
            )?,
            unfinished_bytes: from.bytes(
                "limits.unfinished_bytes",
                1 << 20..=64 << 30,
                "it is what all who do not end what they say can cost",
            )?,
            downloads: from.number(
                "limits.downloads",
                1..=100_000,
                "each is an open file, or a request to S3",
            )?,
            least_rate: from.bytes(
                "limits.least_rate",
                0..=1 << 20,
                "who is slower than that holds a place for nothing",
            )?,
        })
    }
}

fn bounds(
    from: &mut Values,
    scope: &str,
    rates: impl Iterator<Item = Rate>,
    places: &[Place],
) -> Result<Bounds, SettingsError> {
    let mut bounds = Bounds::default();
    for rate in rates {
        let key = format!("limits.{scope}_{}", rate.key());
        bounds.set(rate, from.quota(&key, rate == Rate::Bytes)?);
    }
    for place in places {
        let key = format!("limits.{scope}_{}", place.key());
        bounds.set_places(*place, from.number(&key, 1..=MOST, "it counts what there is at once")?);
    }
    Ok(bounds)
}

impl Values {
    /// How often something may come: "10/s burst 100", of bytes "16 KiB/s burst 1 MiB".
    fn quota(&mut self, key: &str, of_bytes: bool) -> Result<Quota, SettingsError> {
        let text = self.text(key)?;
        let parsed = super::units::rate(&text, of_bytes).and_then(|(count, per, burst)| {
            let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
            let burst = u32::try_from(burst).ok().and_then(NonZeroU32::new)?;
            let allowed = u64::from(count) <= MOST && u64::from(burst.get()) <= MOST;
            allowed.then(|| Quota { every: per / count, burst })
        });
        parsed.ok_or_else(|| {
            let (one, other) = if of_bytes {
                (
                    "64 KiB/s burst 1 MiB",
                    "a second, a minute (m) or an hour (h), each up to 900 MiB",
                )
            } else {
                ("10/s burst 100", "a second, a minute (m) or an hour (h)")
            };
            self.wrong(
                key,
                format_args!(
                    "it is like \"{one}\": so many {other}, and so many at once after a rest"
                ),
            )
        })
    }

    /// Addresses and networks.
    pub(super) fn networks(&mut self, key: &str) -> Result<Vec<IpNet>, SettingsError> {
        let mut networks = Vec::new();
        for text in self.list(key)? {
            let network = text.parse::<IpNet>().ok();
            let network = network
                .or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()));
            networks.push(network.ok_or_else(|| {
                let right = "one is like 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32";
                self.wrong(key, format_args!("{text:?} is no address or network; {right}"))
            })?);
        }
        Ok(networks)
    }
}
