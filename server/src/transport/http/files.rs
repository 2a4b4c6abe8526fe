//! Files: brought with a token, fetched with a ticket.

mod download;
mod headers;
mod range;
mod upload;

/// What files are asked for with. See [`transport::fuzzing`](crate::transport::fuzzing).
#[cfg(feature = "fuzzing")]
pub(super) fn fuzzing(text: &str) {
    use actix_web::web::Query;

    let _ = Query::<upload::UploadQuery>::from_query(text);
    let _ = Query::<download::DownloadQuery>::from_query(text);
    for size in [0, 1, 1_000, u64::MAX] {
        if let range::Part::Some(part) = range::part(text, size) {
            assert!(part.start < part.end && part.end <= size, "{part:?} of {size}");
        }
    }
    let _ = range::knows(text, "\"1\"");
}

pub(super) use download::{__path_download, download};
pub(super) use upload::{__path_upload, upload};
