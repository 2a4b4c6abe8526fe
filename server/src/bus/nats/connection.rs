//! The connection: how it is made, and whether it is there.

use std::{sync::Arc, time::Duration};

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;
use tokio::sync::watch;

use super::{BusError, NatsOptions, shared::Shared};

/// The state of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConnectionState {
    pub(super) up: bool,
    /// How often it came up: another number means that something may have been missed.
    pub(super) times: u64,
}

/// Commands that wait for the client. Few: what waits here is sent even if the connection is made
/// anew meanwhile.
const COMMANDS: usize = 128;
/// Messages that one room's task has not taken yet; it takes them as fast as the thread allows.
const PER_ROOM: usize = 1_024;
/// Between two attempts to connect, at most: a server that is back is found within it. At least a
/// quarter less, so that the nodes do not come all at once.
const MOST_PAUSE: Duration = Duration::from_secs(1);

/// The servers of a URL.
pub(super) fn servers(url: &str) -> Result<Vec<ServerAddr>, BusError> {
    let parse = |text: &str| {
        let server: ServerAddr = text.trim().parse().map_err(|_| BusError::Url)?;
        let known = matches!(server.scheme(), "nats" | "tls") && !server.host().is_empty();
        if known { Ok(server) } else { Err(BusError::Url) }
    };
    url.split(',').map(parse).collect()
}

/// A client that connects and goes on connecting, and how its connection is.
pub(super) async fn connect(
    servers: Vec<ServerAddr>,
    options: &NatsOptions,
    shared: &Arc<Shared>,
) -> Option<(Client, watch::Receiver<ConnectionState>)> {
    let (state, link) = watch::channel(ConnectionState::default());
    let watched = Watched { shared: shared.clone(), state };
    let seed = shared.node.0.as_u128() as u64;
    let options = with_credentials(ConnectOptions::new(), &servers)
        .name(format!("maru {}", shared.node.0))
        .custom_inbox_prefix(format!("{}.inbox", options.prefix))
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(move |attempts| pause(attempts, seed))
        .connection_timeout(options.handshake)
        .ping_interval(options.ping)
        .client_capacity(COMMANDS)
        .subscription_capacity(PER_ROOM)
        .event_callback(move |event| {
            watched.happened(&event);
            std::future::ready(())
        });
    match options.connect(servers).await {
        Ok(client) => Some((client, link)),
        Err(error) => {
            log::error!(error:% = error; "there is no bus");
            None
        }
    }
}

/// The client takes addresses only: who we are is told apart from them.
fn with_credentials(options: ConnectOptions, servers: &[ServerAddr]) -> ConnectOptions {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let named = servers.iter().find_map(|server| Some((server.username()?, server.password())));
    match named {
        Some((user, Some(password))) => options.user_and_password(decode(user), decode(password)),
        Some((token, None)) => options.token(decode(token)),
        None => options,
    }
}

fn pause(attempts: usize, seed: u64) -> Duration {
    let doubled = Duration::from_millis(25) * (1 << attempts.min(6));
    let most = doubled.min(MOST_PAUSE);
    // Another part of the seed each time.
    let part = u32::from((seed.rotate_left((attempts % 64) as u32) & 0xff) as u8);
    most - most * part / (4 * 256)
}

struct Watched {
    shared: Arc<Shared>,
    state: watch::Sender<ConnectionState>,
}

impl Watched {
    fn happened(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.shared.set_up(true);
                self.state.send_modify(|link| {
                    link.up = true;
                    link.times += 1;
                });
                log::info!("the bus is there");
            }
            Event::Disconnected | Event::Closed => {
                self.shared.set_up(false);
                self.state.send_modify(|link| link.up = false);
                log::warn!("the bus is away: what other nodes write is read from the journal");
            }
            Event::SlowConsumer(_) => self.shared.dropped("ears_full"),
            Event::ServerError(error) => log::warn!(error:% = error; "NATS refuses something"),
            // Every attempt to connect that failed.
            other => log::debug!(event:% = other; "the bus"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_nats_are_known() {
        for (url, count) in [
            ("nats://127.0.0.1:4222", 1),
            ("tls://user:p%40ss@nats.example:4443", 1),
            ("nats://a:4222, nats://b:4222", 2),
            ("localhost", 1),
        ] {
            assert_eq!(servers(url).unwrap().len(), count, "{url}");
        }
        for wrong in ["", "http://a", "ws://a:80", "nats://", "nats://a,"] {
            assert!(servers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pauses_grow_and_are_bounded() {
        for seed in [0, 7, u64::MAX] {
            assert!(pause(0, seed) <= Duration::from_millis(25));
            for attempts in 6..200 {
                let pause = pause(attempts, seed);
                assert!(pause <= MOST_PAUSE && pause >= MOST_PAUSE * 7 / 10, "{pause:?}");
            }
        }
    }
}
