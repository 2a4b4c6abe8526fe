//! `[chat]`: rooms and what is told of them.

use std::num::NonZeroU32;
use std::time::Duration;

use maru_protocol::RoomName;

use super::units::Size;
use super::values::Values;
use super::{Connection, SettingsError};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Rooms and what is told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Most rooms that one session is in at a time; 1 to 1,000.
    pub max_rooms_per_session: u32,
    /// Most messages in a page; 1 to 1,000.
    pub max_page: u32,
    /// Most messages that a join replays; 1 to 10,000.
    pub max_replay: u32,
    /// Most bytes that a join replays; 16 KiB to half of an outbox.
    pub max_replay_bytes: usize,
    /// Up to so many members are listed all; 1 to 1,000.
    pub max_roster: u32,
    /// How often a person can change the reactions and the pin of one message, or the topic of a room,
    /// at once; 1 to 1,000.
    pub flips: NonZeroU32,
    /// And then once in this; 1 ms to 1 h.
    pub flip_interval: Duration,
    /// Rooms made at the start when missing.
    pub first_rooms: Vec<RoomName>,
    /// How long a guest who never spoke stays a member of a room; 1 min to 10 years.
    pub silent_guests_ttl: Duration,
    /// How long a room is kept in which nothing was ever said; 1 min to 10 years.
    pub empty_rooms_ttl: Duration,
    /// How long presence is gathered; 10 ms to 10 s.
    pub presence_interval: Duration,
    /// How long changes of the directory are gathered; 10 ms to 60 s.
    pub directory_interval: Duration,
}

impl Chat {
    pub(super) fn read(from: &mut Values, peer: &Connection) -> Result<Self, SettingsError> {
        Ok(Self {
            max_rooms_per_session: from.number(
                "chat.max_rooms_per_session",
                1..=1_000,
                "each room is told when the session comes and goes",
            )?,
            max_page: from.number("chat.max_page", 1..=1_000, "a page is read at once")?,
            max_replay: from.number(
                "chat.max_replay",
                1..=10_000,
                "who missed more gets the newest page",
            )?,
            max_replay_bytes: replay_bytes(from, peer)?,
            max_roster: from.number("chat.max_roster", 1..=1_000, "every join carries the list")?,
            flips: flips(from)?,
            flip_interval: from.duration(
                "chat.flip_interval",
                ms(1)..=ms(3_600_000),
                "shorter lets one person bury a room in reactions, longer keeps people waiting",
            )?,
            first_rooms: first_rooms(from)?,
            silent_guests_ttl: from.duration(
                "chat.silent_guests_ttl",
                ms(60_000)..=ms(3_650 * 86_400_000),
                "who comes back later is a newcomer",
            )?,
            empty_rooms_ttl: from.duration(
                "chat.empty_rooms_ttl",
                ms(60_000)..=ms(3_650 * 86_400_000),
                "who made it has to have time to say something",
            )?,
            presence_interval: from.duration(
                "chat.presence_interval",
                ms(10)..=ms(10_000),
                "shorter costs more frames, longer looks stale",
            )?,
            directory_interval: from.duration(
                "chat.directory_interval",
                ms(10)..=ms(60_000),
                "shorter costs more frames, longer looks stale",
            )?,
        })
    }
}

fn flips(from: &mut Values) -> Result<NonZeroU32, SettingsError> {
    let why = "fewer stop people who try several emoji, more let one person bury a room";
    let flips = from.number("chat.flips", 1..=1_000, why)?;
    Ok(NonZeroU32::new(flips).unwrap_or(NonZeroU32::MIN))
}

fn replay_bytes(from: &mut Values, peer: &Connection) -> Result<usize, SettingsError> {
    const KEY: &str = "chat.max_replay_bytes";
    let bytes = from.bytes(KEY, 16 << 10..=32 << 20, "the longest message must fit")?;
    let half = peer.outbox / 2;
    if bytes > half {
        let most = Size(half as u64);
        return Err(from.wrong(
            KEY,
            format_args!(
                "it is at most half of connection.outbox, which makes \"{most}\", so that catching \
                 up can't close the connection"
            ),
        ));
    }
    Ok(bytes)
}

fn first_rooms(from: &mut Values) -> Result<Vec<RoomName>, SettingsError> {
    const KEY: &str = "chat.first_rooms";
    let mut rooms = Vec::new();
    for text in from.list(KEY)? {
        let room = RoomName::parse(&text)
            .map_err(|why| from.wrong(KEY, format_args!("{text:?} names no room; {why}")))?;
        rooms.push(room);
    }
    Ok(rooms)
}
