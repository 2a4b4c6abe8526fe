//! `[connection]` and `[shutdown]`: the bounds of one connection, and of the end of all.

use std::num::NonZeroU32;
use std::time::Duration;

use super::SettingsError;
use super::values::Values;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The bounds of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// How often each end says that it is there; 100 ms to 50 s.
    pub heartbeat: Duration,
    /// How long a new connection has to say `hello`; 100 ms to 60 s.
    pub hello_timeout: Duration,
    /// Most bytes in one frame from a client; 48 KiB to 1 MiB.
    pub max_frame: u32,
    /// Most bytes that wait towards one client; 128 KiB to 64 MiB.
    pub outbox: usize,
    /// Frames a second that a client may send on and on; 1 to 10,000.
    pub rate: NonZeroU32,
    /// Frames that a client may send at once; `rate` to 100,000.
    pub burst: NonZeroU32,
}

impl Connection {
    /// Silence of this long ends the connection: two heartbeats.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.heartbeat * 2
    }

    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let rate = from.number("connection.rate", 1..=10_000, "it counts frames a second")?;
        let burst: u32 = from.number("connection.burst", 1..=100_000, "it counts frames")?;
        if burst < rate {
            let right = format_args!("it is at least connection.rate, which is {rate}");
            return Err(from.wrong("connection.burst", right));
        }
        Ok(Self {
            heartbeat: from.duration(
                "connection.heartbeat",
                ms(100)..=ms(50_000),
                "proxies cut connections that are idle for 60s",
            )?,
            hello_timeout: from.duration(
                "connection.hello_timeout",
                ms(100)..=ms(60_000),
                "until hello nobody knows whose place is taken",
            )?,
            max_frame: from.bytes(
                "connection.max_frame",
                48 << 10..=1 << 20,
                "the longest message must fit with every character escaped",
            )?,
            outbox: from.bytes(
                "connection.outbox",
                128 << 10..=64 << 20,
                "it is what one slow reader can cost",
            )?,
            rate: NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN),
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        })
    }
}

/// The clean stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shutdown {
    /// How long it may take; 100 ms to 10 minutes.
    pub grace: Duration,
}

impl Shutdown {
    pub(super) fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let why = "after it what is left is cut";
        Ok(Self { grace: from.duration("shutdown.grace", ms(100)..=ms(600_000), why)? })
    }
}
