//! What an operator can ask for.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::{
    connection::{Dialect, Dialects},
    target::Target,
};

/// Puts load on a Maru server and checks what it promises: every message reaches every member of
/// its room once and in order. Ends with a table; the exit code is 1 when a promise was broken and
/// 2 when the run could not be done.
///
/// The server's limits per client, person and address are lower than what a load test needs: start the
/// server with MARU_CONNECTION__RATE=10000, MARU_CONNECTION__BURST=100000 and MARU_LIMITS__EXEMPT=127.0.0.0/8
/// (or the address that the load comes from) for it.
#[derive(Debug, Parser)]
#[command(name = "maru-load", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub work: Work,
}

/// The kinds of load.
#[derive(Debug, Subcommand)]
pub enum Work {
    /// One crowded room: what a delivery costs (1 room × 1000 members, 1 message in flight)
    Fanout(Options),
    /// Many rooms at once, at a steady rate (1000 rooms × 10 members, 5000 messages a second)
    Rooms(Options),
    /// Connections that only stay: what one costs in memory (1000 rooms × 10 members, 5 s)
    Idle(Options),
    /// Everybody but two per room drops and comes back at once, catching up (10 rooms × 1000)
    Churn(Options),
    /// As many acknowledged messages as go (1000 rooms × 1 member, 100 in flight)
    Saturate(Options),
    /// Hours of ordinary life: steady talk, members come and go (100 rooms × 10, 10 min)
    Soak(Options),
    /// Rooms that nobody is in: what one costs in memory (100000 rooms)
    Known(KnownOptions),
}

/// What can be said of rooms that nobody is in.
#[derive(Args, Clone, Debug)]
pub struct KnownOptions {
    /// The server
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws", value_name = "ws://HOST:PORT/PATH")]
    pub url: Target,
    /// Rooms to make
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub rooms: u32,
    /// The server's process, to measure its memory; on this machine, readable to you
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// For names of rooms; the same seed repeats a run in the same rooms
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print one line of JSON instead of a sentence
    #[arg(long)]
    pub json: bool,
}

/// What is to be done.
pub enum Task {
    /// Load on rooms.
    Load(Plan),
    /// Rooms that nobody is in.
    Known(KnownOptions),
}

/// What can be said of each kind; what is not said has the default of the kind.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The server. Given again, several of one cluster: the members of each room are on them in turn,
    /// the first one, who sends, on the first; latencies are then of those on the others
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws", value_name = "ws://HOST:PORT/PATH")]
    pub url: Vec<Target>,
    /// Connections in each room
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub members: Option<u32>,
    /// Rooms
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rooms: Option<u32>,
    /// Members of each room that send, in turn
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub senders: u32,
    /// Messages a second, over all rooms
    #[arg(long, value_name = "N", conflicts_with = "in_flight", value_parser = positive)]
    pub rate: Option<f64>,
    /// Keep so many messages on their way, over all rooms, instead of a rate
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub in_flight: Option<u32>,
    /// Bytes in a message's body
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(16..=4_000))]
    pub body_bytes: u32,
    /// How long to measure: 500ms, 10s, 5m, 2h
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub duration: Option<Duration>,
    /// How long to run before measuring
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    pub warm_up: Duration,
    /// Connections that are opened at the same time; before the load begins at most 256 are
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub opening: u32,
    /// churn: how long the dropped stay away
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = time)]
    pub away: Duration,
    /// soak: members that drop and come back, a second
    #[arg(long, value_name = "N", default_value = "1", value_parser = positive)]
    pub drops: f64,
    /// The server's process, to measure its CPU time and memory; on this machine, readable to you.
    /// Given again, several servers are measured together
    #[arg(long, value_name = "PID")]
    pub server_pid: Vec<u32>,
    /// For names of rooms and for what is random; the same seed repeats a run in the same rooms
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print one line of JSON instead of the table
    #[arg(long)]
    pub json: bool,
    /// What the members speak: maru, maru-socketio or maru-polling with Maru; echo, socketio,
    /// socketio-polling or nats with another server, which is given ready entries and repeats them to
    /// the room. With commas between them, those of one server: the members of each room speak them
    /// in turn, the first one the first
    #[arg(long, default_value = "maru", hide_short_help = true, value_name = "DIALECT,…")]
    pub dialect: Dialects,
}

/// When the next message goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// None goes.
    Silent,
    /// So many a second.
    Rate(f64),
    /// When fewer than so many are on their way to a member.
    Delivered(u64),
    /// When fewer than so many wait for their `sent`.
    Acknowledged(u64),
}

/// Who drops and comes back while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Absence {
    /// Nobody.
    Never,
    /// All but two of each room, at once.
    Storm,
    /// So many a second, one by one.
    Steady(f64),
}

/// What is to be done, with every default filled in.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The subcommand's name.
    pub mode: &'static str,
    /// How many rooms.
    pub rooms: usize,
    /// How many connections in each.
    pub members: usize,
    /// When the next message goes.
    pub pace: Pace,
    /// Who drops.
    pub absence: Absence,
    /// How long to measure.
    pub duration: Duration,
    /// The rest.
    pub options: Options,
}

impl Work {
    /// Fills in the defaults of the kind.
    #[must_use]
    pub fn task(self) -> Task {
        let seconds = Duration::from_secs;
        let (mode, options, rooms, members, pace, absence, duration) = match self {
            Self::Fanout(o) => {
                ("fanout", o, 1, 1_000, Pace::Delivered(1), Absence::Never, seconds(5))
            }
            Self::Rooms(o) => {
                ("rooms", o, 1_000, 10, Pace::Rate(5_000.0), Absence::Never, seconds(5))
            }
            Self::Idle(o) => ("idle", o, 1_000, 10, Pace::Silent, Absence::Never, seconds(5)),
            Self::Churn(o) => ("churn", o, 10, 1_000, Pace::Rate(50.0), Absence::Storm, seconds(5)),
            Self::Saturate(o) => {
                ("saturate", o, 1_000, 1, Pace::Acknowledged(100), Absence::Never, seconds(5))
            }
            Self::Soak(o) => {
                let absence = Absence::Steady(o.drops);
                ("soak", o, 100, 10, Pace::Rate(100.0), absence, seconds(600))
            }
            Self::Known(options) => return Task::Known(options),
        };
        let pace = match (pace, options.rate, options.in_flight.map(u64::from)) {
            (Pace::Silent, ..) => Pace::Silent,
            (_, Some(rate), _) => Pace::Rate(rate),
            (Pace::Acknowledged(_), _, Some(most)) => Pace::Acknowledged(most),
            (_, _, Some(most)) => Pace::Delivered(most),
            (pace, ..) => pace,
        };
        let number = |said: Option<u32>, default| {
            said.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
        };
        Task::Load(Plan {
            mode,
            rooms: number(options.rooms, rooms),
            members: number(options.members, members),
            pace,
            absence,
            duration: options.duration.unwrap_or(duration),
            options,
        })
    }
}

impl Plan {
    /// How many connections in all.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.rooms.saturating_mul(self.members)
    }

    /// How many are opened at the same time.
    #[must_use]
    pub fn opening(&self) -> usize {
        usize::try_from(self.options.opening).unwrap_or(usize::MAX)
    }

    /// Which of the servers a connection is made to: a room's members in turn.
    #[must_use]
    pub fn server(&self, index: usize) -> usize {
        (index / self.rooms.max(1)) % self.options.url.len().max(1)
    }

    /// What a connection speaks: a room's members on each server in turn.
    #[must_use]
    pub fn dialect(&self, index: usize) -> Dialect {
        let member = index / self.rooms.max(1) / self.options.url.len().max(1);
        self.options.dialect.of(member)
    }

    /// The connections that stay through a storm: two of each room.
    #[must_use]
    pub fn bystanders(&self) -> usize {
        self.connections().min(self.rooms.saturating_mul(2))
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= 1e7 => Ok(number),
        _ => Err("a number above 0, at most 10000000".to_owned()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err("a time is a number and ms, s, m or h: 500ms, 10s, 5m, 2h".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| format!("“{number}” is not a number"))?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn plan(args: &[&str]) -> Plan {
        match Cli::try_parse_from([&["maru-load"], args].concat()).unwrap().work.task() {
            Task::Load(plan) => plan,
            Task::Known(_) => unreachable!("{args:?} is no load"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn kinds_have_defaults_and_what_is_said_counts() {
        assert_eq!(plan(&["fanout"]).connections(), 1_000);
        assert_eq!(plan(&["fanout", "--in-flight", "16"]).pace, Pace::Delivered(16));
        assert_eq!(plan(&["fanout", "--rate", "50"]).pace, Pace::Rate(50.0));
        assert_eq!(plan(&["saturate", "--in-flight", "1"]).pace, Pace::Acknowledged(1));
        assert_eq!(plan(&["idle", "--rate", "50"]).pace, Pace::Silent);
        assert_eq!(plan(&["rooms", "--rooms", "7", "--members", "3"]).connections(), 21);
    }

    #[test]
    fn the_members_of_a_room_are_on_all_servers() {
        let two = ["--url", "ws://127.0.0.1:1/ws", "--url", "ws://127.0.0.1:2/ws"];
        let plan = plan(&[&["rooms", "--rooms", "3", "--members", "4"], &two[..]].concat());
        let servers: Vec<usize> = (0..plan.connections()).map(|index| plan.server(index)).collect();
        assert_eq!(servers, [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn the_members_of_a_room_speak_all_dialects_on_each_server() {
        let mixed = ["--url", "ws://127.0.0.1:1/", "--dialect", "maru,maru-polling"];
        let two = ["rooms", "--rooms", "2", "--members", "4", "--url", "ws://127.0.0.1:2/"];
        let plan = plan(&[&two, &mixed[..]].concat());
        let on_first = (0..plan.connections()).filter(|index| plan.server(*index) == 0);
        let spoken: Vec<Dialect> = on_first.map(|index| plan.dialect(index)).collect();
        let (native, polling) = (Dialect::Maru, Dialect::MaruPolling);
        assert_eq!(spoken, [native, native, polling, polling]);
    }

    #[test]
    fn times() {
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1.5m"), Ok(Duration::from_secs(90)));
        assert!(time("5").is_err());
        assert!(time("s").is_err());
    }
}
