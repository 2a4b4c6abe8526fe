//! Files that people upload: where their bytes lie, what they are, and who may bring how many.
//!
//! ```text
//! begin (a row) ─▶ bytes ─▶ blob store, type and size read on the way ─▶ finish (durable) ─▶ 201
//!                    └ broken, slow, too long, refused ─▶ nothing of it stays
//! ```
//!
//! A row comes before the first byte and goes after the last (`journal::Files`), so the `sweep`
//! finds whatever nobody wants: what a crash left, what was never sent, what went with a message.

mod blob_store;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod media_type;
mod picture;
mod sweep;
mod upload_service;

pub use blob_store::{BlobError, BlobStore, BucketOptions, Content};
pub use media_type::{TEXT, UNKNOWN, is_shown_in_place};
pub use sweep::{Sweeper, SweeperOptions};
pub use upload_service::{UploadError, UploadOptions, UploadPermit, UploadRefused, UploadService};
