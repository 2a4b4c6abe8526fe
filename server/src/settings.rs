//! Settings: read once at the start, validated into values that the rest need not check again.
//!
//! Later wins: `default.toml` built into the binary, `default.toml` of the config folder, the
//! environment's file (`production.toml` is built in too, so that its demands hold wherever the
//! binary runs), `MARU_*` variables and the files of secrets that they name. Each default lives once, in `config/default.toml`, with its
//! unit, bound and reason; each bound is checked here, one file per concern. A key that no file
//! here reads, or that `default.toml` lacks, fails a test.

mod auth;
mod bus;
mod chat;
mod connection;
mod effective;
mod error;
mod files;
mod hosts;
mod http;
mod journal;
mod limits;
mod log;
mod proxies;
mod search;
mod secret_files;
mod server;
mod socketio;
mod sources;
mod units;
mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;

use maru_protocol::{
    Limits, MAX_BODY_BYTES, MAX_BODY_CHARS, MAX_FILES, MAX_MENTIONS, MAX_NAME_CHARS,
    MAX_ROOM_NAME_CHARS,
};

pub use auth::{Auth, SecretSource};
pub use bus::{Bus, NatsUrl};
pub use chat::Chat;
pub use connection::{Connection, Shutdown};
pub use error::SettingsError;
pub use files::{Bucket, Credentials, FileStorage, Files, MediaTypes};
pub use hosts::Hosts;
pub use http::{AllowedOrigins, Frontend, Http, Metrics, Origin};
pub use journal::{Journal, PostgresUrl};
pub use limits::Limits as RequestLimits;
pub use log::{Log, LogFormat};
pub use proxies::{Proxies, ProxySays};
pub use search::Search;
pub use server::Server;
pub use socketio::SocketIo;
pub use sources::Environment;

use values::Values;

/// The `MARU_*` variables by name: the process's own, or a test's.
pub type Variables = BTreeMap<String, String>;

/// Everything that can be set, validated.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which environment's file was read.
    pub environment: Environment,
    /// The server as a whole.
    pub server: Server,
    /// The listener of the API and the WebSocket.
    pub http: Http,
    /// The listener of `/metrics`; none when switched off.
    pub metrics: Option<Metrics>,
    /// The listener of the built frontend; none when switched off.
    pub frontend: Option<Frontend>,
    /// The durable log.
    pub journal: Journal,
    /// Finding what was said.
    pub search: Search,
    /// The bus between servers.
    pub bus: Bus,
    /// The section `auth`: who may come in, and as whom.
    pub auth: Auth,
    /// Rooms and what is told of them.
    pub chat: Chat,
    /// Files that people upload.
    pub files: Files,
    /// The bounds of one connection.
    pub connection: Connection,
    /// How much one person and one address may ask for.
    pub limits: RequestLimits,
    /// Whose word is taken for where a client comes from.
    pub proxies: Proxies,
    /// The door for clients of Socket.IO.
    pub socketio: SocketIo,
    /// The clean stop.
    pub shutdown: Shutdown,
    /// The section `log`: what is logged, and in which format.
    pub log: Log,
}

impl Settings {
    /// Reads and validates all settings. `variables` holds the `MARU_*` variables, as
    /// [`variables`] collects them; `MARU_CONFIG_DIR` and `MARU_ENVIRONMENT` choose the files.
    ///
    /// # Errors
    /// The first wrong setting, as one sentence: its name, its value, what would be right and where
    /// it was set.
    pub fn load(variables: &Variables) -> Result<Self, SettingsError> {
        let (environment, mut reader) = sources::gather(variables)?;
        Self::read(environment, &mut reader)
    }

    fn read(environment: Environment, from: &mut Values) -> Result<Self, SettingsError> {
        let http = Http::read(from)?;
        let metrics = Metrics::read(from)?;
        let frontend = Frontend::read(from)?;
        let listeners = [
            ("http.port", Some(http.listen)),
            ("metrics.port", metrics.as_ref().map(|metrics| metrics.listen)),
            ("frontend.port", frontend.as_ref().map(|frontend| frontend.listen)),
        ];
        apart(from, &listeners)?;
        let journal = Journal::read(from)?;
        let connection = Connection::read(from)?;
        Ok(Self {
            environment,
            server: Server::read(from)?,
            socketio: SocketIo::read(from)?,
            http,
            metrics,
            frontend,
            auth: Auth::read(from, &journal)?,
            bus: Bus::read(from, journal.url.is_some())?,
            files: Files::read(from, &journal)?,
            journal,
            search: Search::read(from)?,
            chat: Chat::read(from, &connection)?,
            connection,
            limits: RequestLimits::read(from)?,
            proxies: Proxies::read(from)?,
            shutdown: Shutdown::read(from)?,
            log: Log::read(from)?,
        })
    }

    /// The bounds that clients are told of.
    #[must_use]
    pub fn limits(&self) -> Limits {
        // The fixed ones are far below 2^32; `as` is exact.
        Limits {
            max_frame_bytes: self.connection.max_frame,
            max_body_chars: MAX_BODY_CHARS as u32,
            max_body_bytes: MAX_BODY_BYTES as u32,
            max_name_chars: MAX_NAME_CHARS as u32,
            max_room_name_chars: MAX_ROOM_NAME_CHARS as u32,
            max_rooms: self.chat.max_rooms_per_session,
            max_page: self.chat.max_page,
            max_replay: self.chat.max_replay,
            max_roster: self.chat.max_roster,
            max_file_bytes: if self.files.enabled { self.files.max_size } else { 0 },
            max_files: if self.files.enabled { MAX_FILES as u32 } else { 0 },
            max_mentions: MAX_MENTIONS as u32,
        }
    }
}

/// Two listeners on one port would stop the start later, with a message that names neither.
fn apart(from: &Values, listeners: &[(&str, Option<SocketAddr>)]) -> Result<(), SettingsError> {
    for (index, (key, listen)) in listeners.iter().enumerate() {
        for (other, theirs) in &listeners[..index] {
            let (Some(a), Some(b)) = (listen, theirs) else { continue };
            let same_address =
                a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
            if a.port() != 0 && a.port() == b.port() && same_address {
                return Err(from.wrong(
                    key,
                    format_args!("{other} is the same; each listener needs a port of its own"),
                ));
            }
        }
    }
    Ok(())
}

/// The settings in force as TOML, secrets masked, with where each was set. Validated first.
///
/// # Errors
/// As [`Settings::load`].
pub fn effective(variables: &Variables) -> Result<String, SettingsError> {
    let (environment, mut reader) = sources::gather(variables)?;
    Settings::read(environment, &mut reader)?;
    Ok(effective::render(environment, &reader))
}

/// Picks the `MARU_*` variables out of a process's environment.
///
/// # Errors
/// One of them that is not UTF-8, by its name.
pub fn variables(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Variables, SettingsError> {
    let ours = |name: &OsString| name.as_encoded_bytes().starts_with(b"MARU_");
    environment
        .into_iter()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| {
            let shown = name.to_string_lossy().into_owned();
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => Ok((name, value)),
                _ => Err(SettingsError::NotText { variable: shown }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
