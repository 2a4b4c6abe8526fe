//! What is limited, and by how much.

use std::{num::NonZeroU32, time::Duration};

/// Declares kinds with their names in settings and what people call them.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $( $(#[$of:meta])* $variant:ident => $key:literal, $noun:literal; )+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[$of])* $variant ),+ }

        impl $name {
            /// Every kind.
            pub const ALL: &[Self] = &[ $( Self::$variant ),+ ];
            pub(super) const COUNT: usize = Self::ALL.len();

            /// As settings and figures name it, behind the scope.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $( Self::$variant => $key ),+ }
            }

            pub(super) const fn noun(self) -> &'static str {
                match self { $( Self::$variant => $noun ),+ }
            }
        }
    };
}

kinds! {
    /// What is limited by how often it comes.
    Rate {
        /// WebSockets and sessions of Engine.IO that are begun.
        Handshakes => "handshakes", "connections";
        /// Guests that a `hello` without a token makes.
        Guests => "guests", "new guests";
        /// Rooms entered.
        Joins => "joins", "joins";
        /// Rooms made.
        Rooms => "rooms", "new rooms";
        /// Messages sent.
        Messages => "messages", "messages";
        /// Bytes of texts sent, those of edits and topics included.
        Bytes => "bytes", "bytes of text";
        /// Edits, deletions, reactions, pins and topics.
        Changes => "changes", "changes";
        /// Signs of typing.
        Typing => "typing", "signs of typing";
        /// Read markers.
        Marks => "marks", "read markers";
        /// Pages of history, the directory, and other reads of the store.
        Reads => "reads", "requests";
        /// Searches of messages, and of the directory by a part of a name.
        Searches => "searches", "searches";
        /// Files brought.
        Uploads => "uploads", "uploads";
        /// Files fetched.
        Downloads => "downloads", "downloads";
        /// Requests that were refused for one of the above.
        Refusals => "refusals", "refused requests";
    }
}

kinds! {
    /// What is limited by how many there are at once.
    Place {
        /// WebSockets and sessions of Engine.IO.
        Connections => "connections", "connections";
        /// TCP connections that are no WebSocket: requests, kept alive, not complete.
        Sockets => "sockets", "open requests";
        /// Files that are being brought.
        Uploads => "uploads_at_once", "uploads at once";
        /// Files that are being fetched.
        Downloads => "downloads_at_once", "downloads at once";
    }
}

/// How often something may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// One more is allowed after each of these; at least 1 ns.
    pub every: Duration,
    /// As many may come at once, after a rest.
    pub burst: NonZeroU32,
}

/// The bounds of one scope. What has none is not limited there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    rates: [Option<Quota>; Rate::COUNT],
    places: [Option<u32>; Place::COUNT],
}

impl Bounds {
    /// Limits how often something comes.
    pub fn set(&mut self, rate: Rate, quota: Quota) {
        self.rates[rate as usize] = Some(quota);
    }

    /// Limits how many there are at once.
    pub fn set_places(&mut self, place: Place, most: u32) {
        self.places[place as usize] = Some(most);
    }

    /// How often something may come, if that is limited.
    #[must_use]
    pub fn rate(&self, rate: Rate) -> Option<Quota> {
        self.rates[rate as usize]
    }

    /// How many there may be at once, if that is limited.
    #[must_use]
    pub fn places(&self, place: Place) -> Option<u32> {
        self.places[place as usize]
    }
}
