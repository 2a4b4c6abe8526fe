//! All connections on one poll.

use std::{
    io::{self, ErrorKind, Read},
    os::fd::{AsRawFd, OwnedFd},
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, event::Event, unix::SourceFd};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use crate::{
    args::{Absence, Plan},
    connection::{Connection, Line, Stage},
    target::{self, Target},
    world::World,
};

/// Bytes read at once: more than a socket holds.
const BUFFER: usize = 1 << 20;
/// The timer's token; no connection has it.
const TIMER: Token = Token(usize::MAX);
/// Connections whose latencies are recorded, at least.
const SAMPLES: usize = 64;

/// Every connection of a run, and what they share.
pub struct Crowd {
    poll: Poll,
    events: Events,
    timer: OwnedFd,
    buffer: Vec<u8>,
    /// The servers, and which of them a connection is made to.
    targets: Vec<Target>,
    servers: Vec<usize>,
    connections: Vec<Connection>,
    /// What they share.
    pub world: World,
}

impl Crowd {
    /// Everybody, not here yet. Member `n` of room `r` is connection `n × rooms + r`.
    ///
    /// # Errors
    /// A sentence when the system has no poll or timer for us.
    pub fn new(plan: &Plan, seed: u64) -> Result<Self, String> {
        let system = |error: io::Error| format!("the system refuses a poll: {error}");
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)
            .map_err(|error| system(error.into()))?;
        let poll = Poll::new().map_err(system)?;
        poll.registry()
            .register(&mut SourceFd(&timer.as_raw_fd()), TIMER, Interest::READABLE)
            .map_err(system)?;
        let count = plan.connections();
        let servers: Vec<usize> = (0..count).map(|index| plan.server(index)).collect();
        let several = plan.options.url.len() > 1;
        let every = (count / SAMPLES).max(1);
        let member = |index: usize| {
            // In a storm it is the bystanders' time that counts.
            let sampled = match plan.absence {
                Absence::Storm => index < plan.bystanders(),
                // It is the way from one server to another that is looked at.
                _ if several => servers[index] > 0 && (index % plan.rooms).is_multiple_of(every),
                _ => index.is_multiple_of(every),
            };
            Connection::new(
                index,
                index % plan.rooms,
                index < plan.rooms,
                sampled,
                plan.dialect(index),
            )
        };
        Ok(Self {
            poll,
            events: Events::with_capacity(1_024),
            timer,
            buffer: vec![0; BUFFER],
            targets: plan.options.url.clone(),
            connections: (0..count).map(member).collect(),
            servers,
            world: World::new(plan, seed)?,
        })
    }

    /// The connections.
    #[must_use]
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Starts to connect one.
    pub fn open(&mut self, index: usize) {
        self.connections[index].begin(&self.targets[self.servers[index]], &mut self.world);
        self.dial(index);
    }

    /// Opens the TCP connections that one needs.
    fn dial(&mut self, index: usize) {
        while let Some(line) = self.connections[index].wants() {
            let target = &self.targets[self.servers[index]];
            let stream = target::connect(target.address, index);
            let registered = stream.and_then(|mut stream| {
                let both = Interest::READABLE | Interest::WRITABLE;
                self.poll.registry().register(&mut stream, token(index, line), both)?;
                Ok(stream)
            });
            match registered {
                Ok(stream) => self.connections[index].give(line, stream),
                Err(error) => {
                    return self.world.fail(format!("can't connect to {target}: {error}"));
                }
            }
        }
    }

    /// Drops one without a word, as a lost network would.
    pub fn drop_one(&mut self, index: usize) {
        self.connections[index].leave(&mut self.world);
    }

    /// Puts the next message of its room in front of a connection.
    pub fn say(&mut self, index: usize) {
        self.connections[index].say(&mut self.world);
    }

    /// Asks again to be let into the room.
    pub fn join_again(&mut self, index: usize) {
        self.connections[index].join(&self.world);
        self.flush(index);
    }

    /// Sends what waits at a connection, or opens the way for it.
    pub fn flush(&mut self, index: usize) {
        match self.connections[index].flush() {
            Ok(()) => self.dial(index),
            Err(error) => self.ended(index, &error.to_string()),
        }
    }

    /// Waits until something happens, at most until then, and takes it in.
    ///
    /// # Errors
    /// A sentence when the system's poll fails.
    pub fn turn(&mut self, until: Instant) -> Result<(), String> {
        let left = until.saturating_duration_since(Instant::now());
        // The poll counts milliseconds; 5,000 messages a second need finer ones.
        let timeout = if left > Duration::from_millis(20) || left.is_zero() {
            Some(left)
        } else {
            self.wake_in(left).map_err(|error| format!("the timer failed: {error}"))?;
            None
        };
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, timeout) {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                return Err(format!("the poll failed: {error}"));
            }
            _ => {}
        }
        events.iter().filter(|event| event.token() != TIMER).for_each(|event| self.happened(event));
        self.events = events;
        Ok(())
    }

    fn wake_in(&self, left: Duration) -> io::Result<()> {
        let it_value = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let spec = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &spec)?;
        Ok(())
    }

    fn happened(&mut self, event: &Event) {
        let (index, line) = place(event.token());
        if index >= self.connections.len() {
            return;
        }
        if event.is_readable()
            && let Err(why) = self.read(index, line, event.is_read_closed() || event.is_error())
        {
            return self.ended(index, &why);
        }
        self.flush(index);
    }

    /// Reads all there is; the poll tells of each arrival once.
    fn read(&mut self, index: usize, line: Line, closed: bool) -> Result<(), String> {
        let connection = &mut self.connections[index];
        loop {
            let Some(stream) = connection.stream(line) else { return Ok(()) };
            let read = match stream.read(&mut self.buffer) {
                Ok(0) => break Err("the server closed the connection".to_owned()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => break Err(error.to_string()),
            };
            let bytes = &self.buffer[..read];
            connection.receive(line, bytes, &mut self.world).map_err(|error| error.to_string())?;
            // A short read emptied the socket: what comes later is told again.
            if read < self.buffer.len() && !closed {
                return Ok(());
            }
        }
        .or_else(|why| if connection.hung_up(line) { Ok(()) } else { Err(why) })
    }

    fn ended(&mut self, index: usize, why: &str) {
        let connection = &mut self.connections[index];
        let stage = connection.stage();
        if stage == Stage::Away {
            return;
        }
        connection.leave(&mut self.world);
        let told = self.world.last_end.get_or_insert_with(|| why.to_owned()).clone();
        if stage == Stage::Ready {
            self.world.counts.ended += 1;
        } else if self.world.retrying {
            self.world.counts.retried += 1;
            self.world.again.push(index);
        } else {
            self.world.fail(format!("member {index} did not get in: {told}"));
        }
    }
}

/// A line's token: two for each connection.
fn token(index: usize, line: Line) -> Token {
    Token(index * 2 + usize::from(line == Line::Second))
}

/// Whose token it is.
fn place(Token(number): Token) -> (usize, Line) {
    (number / 2, if number.is_multiple_of(2) { Line::First } else { Line::Second })
}
