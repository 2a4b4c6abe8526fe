//! Files: brought with a token, fetched with a ticket.

mod download;
mod headers;
mod range;
mod upload;

pub(super) use download::{__path_download, download};
pub(super) use upload::{__path_upload, upload};
