//! Files that people upload: where their bytes lie, what they are, and who may bring how many.
//!
//! ```text
//! begin (a row) ─▶ bytes ─▶ vault, type and size read off them on the way ─▶ finish (durable) ─▶ 201
//!                    └ broken, slow, too long, refused ─▶ nothing of it stays
//! ```
//!
//! A row comes before the first byte and goes after the last (`journal::Files`), so the `sweep`
//! finds whatever nobody wants: what a crash left, what was never sent, what went with a message.

mod bounds;
mod desk;
mod kind;
mod picture;
mod sweep;
mod vault;

pub use bounds::Refused;
pub use desk::{Desk, DeskOptions, Entrance, UploadError};
pub use kind::{TEXT, UNKNOWN, is_shown_in_place};
pub use sweep::{Sweeper, SweeperOptions};
pub use vault::{BucketOptions, Content, Vault, VaultError};
