//! Files: where they are kept, who takes them in, who removes them.

use std::sync::Arc;

use super::AppError;
use crate::{
    clock::Clock,
    files::{BlobStore, BucketOptions, Sweeper, SweeperOptions, UploadOptions, UploadService},
    journal::Files,
    metrics::Metrics,
    settings::{self, FileStorage, Settings},
};

/// What is built around them.
pub(super) struct Parts {
    /// None where none are taken, and none ever were.
    pub(super) blobs: Option<BlobStore>,
    /// None where none are taken.
    pub(super) uploads: Option<Arc<UploadService>>,
}

/// Opens the place that the settings name, and begins to remove what nobody wants.
pub(super) fn open(
    settings: &Settings,
    files: &Arc<dyn Files>,
    metrics: &Arc<Metrics>,
    clock: &Arc<dyn Clock>,
) -> Result<Parts, AppError> {
    let of = &settings.files;
    let blobs = match blobs(of) {
        // Somebody who takes no files need not have a place for them.
        Err(_) if !of.enabled => return Ok(Parts { blobs: None, uploads: None }),
        blobs => blobs?,
    };
    let sweeper = Sweeper {
        blobs: blobs.clone(),
        files: files.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        options: SweeperOptions::keeping(of.unsent_ttl),
    };
    actix_rt::spawn(sweeper.run());
    let asked = blobs.clone();
    actix_rt::spawn(async move {
        if let Err(error) = asked.probe().await {
            log::error!(error:%; "the file store does not answer: files can't be kept or fetched");
        }
    });
    let types = of.types.clone();
    let options = UploadOptions {
        max_size: of.max_size,
        allows: Arc::new(move |media_type| types.allow(media_type)),
        per_day: of.max_per_day,
        at_once: of.max_at_once,
        idle: of.idle_timeout,
        least_rate: settings.limits.least_rate,
        patience: of.upload_timeout,
    };
    let uploads = of.enabled.then(|| {
        let (blobs, files) = (blobs.clone(), files.clone());
        Arc::new(UploadService::new(blobs, files, options, metrics.clone(), clock.clone()))
    });
    Ok(Parts { blobs: Some(blobs), uploads })
}

fn blobs(of: &settings::Files) -> Result<BlobStore, AppError> {
    Ok(match &of.place {
        FileStorage::Folder(path) => BlobStore::folder(path, of.keep_free)?,
        FileStorage::Bucket(bucket) => BlobStore::bucket(&BucketOptions {
            name: &bucket.name,
            region: &bucket.region,
            endpoint: bucket.endpoint.as_deref(),
            prefix: &bucket.prefix,
            credentials: bucket.credentials.as_ref().map(settings::Credentials::reveal),
        })?,
    })
}
