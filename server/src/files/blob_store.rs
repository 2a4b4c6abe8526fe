//! Where the bytes lie: a folder, or a bucket of an S3.

use std::{
    error::Error,
    fs::DirBuilder,
    io::{self, ErrorKind},
    ops::Range,
    os::unix::fs::DirBuilderExt,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use maru_protocol::FileId;
use object_store::{
    ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, RetryConfig, aws::AmazonS3Builder,
    buffered::BufWriter, local::LocalFileSystem, path::Path,
};
use tokio::io::AsyncWriteExt;

use crate::journal::free_bytes;

/// What is gathered before it goes into a folder.
const FOLDER_PART: usize = 256 * 1024;

/// The least that S3 takes as a part of several (5 MiB); what is shorter goes in one request.
const BUCKET_PART: usize = 5 * 1024 * 1024;

/// How long one request to S3 may take with all its attempts, and each of them.
const BUCKET_PATIENCE: Duration = Duration::from_secs(30);
const BUCKET_REQUEST: Duration = Duration::from_secs(20);

/// The bytes of all files.
#[derive(Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
    folder: Option<Folder>,
    prefix: String,
    part: usize,
}

#[derive(Clone)]
struct Folder {
    path: PathBuf,
    keep_free: u64,
    /// Makes what happened to a folder's names outlive a power cut.
    sync: fn(&FilePath) -> io::Result<()>,
}

/// Which bucket, and how to get in.
#[derive(Clone, Debug, Default)]
pub struct BucketOptions<'a> {
    /// The bucket's name.
    pub name: &'a str,
    /// The region, such as `eu-central-1`.
    pub region: &'a str,
    /// The address of a service that is not Amazon's.
    pub endpoint: Option<&'a str>,
    /// What the objects' names begin with.
    pub prefix: &'a str,
    /// The access key and its secret; what the environment offers without them.
    pub credentials: Option<(&'a str, &'a str)>,
}

/// Why something could not be done with a file's bytes. Its sentence is for the log.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder can't be used.
    #[error("can't keep files in {}: {error}; files.path names another folder, files.enabled = false takes none", .path.display())]
    Folder {
        /// The folder's path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The settings of the bucket make no sense together.
    #[error("the bucket {name} can't be used: {why}")]
    Bucket {
        /// The bucket's name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// There are no such bytes.
    #[error("there are no such bytes")]
    Missing,
    /// No more fits.
    #[error("the disk is full")]
    Full,
    /// Another error of the disk or of the bucket; the sentence is for the log.
    #[error("{0}")]
    Store(String),
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::Missing;
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(at) = cause {
            let kind = at.downcast_ref::<io::Error>().map(io::Error::kind);
            if matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
                return Self::Full;
            }
            cause = at.source();
        }
        Self::Store(error.to_string())
    }
}

/// A part of a file's bytes, as it is read.
pub type Content = BoxStream<'static, Result<Bytes, BlobError>>;

impl BlobStore {
    /// A folder, which is made when missing, for this user alone. Uploads leave `keep_free` bytes of
    /// its disk free.
    ///
    /// # Errors
    /// [`BlobError::Folder`] when nothing can be written there.
    pub fn folder(path: &FilePath, keep_free: u64) -> Result<Self, BlobError> {
        let wrong = |error| BlobError::Folder { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        // Whether it can be written to is known now, not at somebody's first picture.
        let probe = path.join(format!(".probe-{}", uuid::Uuid::now_v7()));
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(wrong)?;
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(|error| wrong(io::Error::other(error)))?
            // A file that was acknowledged outlives a power cut, its name included.
            .with_fsync(true);
        let path = path.canonicalize().map_err(wrong)?;
        Ok(Self {
            store: Arc::new(store),
            folder: Some(Folder { path, keep_free, sync: sync_folder }),
            prefix: String::new(),
            part: FOLDER_PART,
        })
    }

    /// A bucket of an S3. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`BlobError::Bucket`] when the options make no sense together.
    pub fn bucket(options: &BucketOptions<'_>) -> Result<Self, BlobError> {
        // An error says that one is installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout(BUCKET_REQUEST)
            .with_connect_timeout(Duration::from_secs(5))
            .with_user_agent(http_agent());
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: BUCKET_PATIENCE,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(options.name)
            .with_region(options.region)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = options.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"))
                .with_virtual_hosted_style_request(false);
        }
        if let Some((access_key, secret_key)) = options.credentials {
            builder = builder.with_access_key_id(access_key).with_secret_access_key(secret_key);
        }
        let store = builder.build().map_err(|error| BlobError::Bucket {
            name: options.name.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self {
            store: Arc::new(store),
            folder: None,
            prefix: options.prefix.to_owned(),
            part: BUCKET_PART,
        })
    }

    /// Asks the store for anything at all.
    ///
    /// # Errors
    /// [`BlobError`] when it does not answer, or does not let us in.
    pub async fn probe(&self) -> Result<(), BlobError> {
        match self.store.head(&self.key(FileId(uuid::Uuid::nil()))).await.map_err(BlobError::from) {
            Ok(_) | Err(BlobError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether so many bytes more may be kept.
    #[must_use]
    pub fn has_room_for(&self, bytes: u64) -> bool {
        let Some(Folder { path, keep_free, .. }) = &self.folder else { return true };
        // A disk that can't be asked says at the first write what is wrong with it.
        free_bytes(path).is_none_or(|free| free >= keep_free.saturating_add(bytes))
    }

    /// Two levels of folders keep each of them short: 65,536 for a hundred million files.
    fn key(&self, id: FileId) -> Path {
        let id = id.to_string();
        let folders = [&id[..2], &id[2..4]];
        let prefix = self.prefix.split('/').filter(|part| !part.is_empty());
        Path::from_iter(prefix.chain(folders).chain([id.as_str()]))
    }

    /// Takes a file's bytes.
    pub(super) fn writer(&self, id: FileId) -> BlobWriter {
        let writer = BufWriter::with_capacity(self.store.clone(), self.key(id), self.part);
        BlobWriter(writer.with_max_concurrency(1))
    }

    /// A part of a file's bytes.
    ///
    /// # Errors
    /// [`BlobError::Missing`] when they are not there.
    pub async fn read(&self, id: FileId, range: Range<u64>) -> Result<Content, BlobError> {
        let options = GetOptions { range: Some(range.into()), ..GetOptions::default() };
        let found = self.store.get_opts(&self.key(id), options).await?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(BlobError::from)).boxed())
    }

    /// Removes a file's bytes, also what a crash left of an upload, so that a power cut does not bring them
    /// back: whoever forgets the file after it is the last who knew of it. Fine when nothing is there.
    ///
    /// # Errors
    /// [`BlobError`] when some may still be there.
    pub async fn remove(&self, id: FileId) -> Result<(), BlobError> {
        let key = self.key(id);
        if let Some(Folder { path, .. }) = &self.folder {
            // Where `LocalFileSystem` writes before a file is whole; no id is used twice.
            let staged = path.join(format!("{key}#1"));
            fine_when_missing(blocking(move || std::fs::remove_file(staged)).await)?;
        }
        match self.store.delete(&key).await.map_err(BlobError::from) {
            Ok(()) | Err(BlobError::Missing) => {}
            Err(error) => return Err(error),
        }
        if let Some(Folder { path, sync, .. }) = &self.folder {
            let (file, sync) = (path.join(key.as_ref()), *sync);
            let synced = blocking(move || file.parent().map_or(Ok(()), sync)).await;
            fine_when_missing(synced)?;
        }
        Ok(())
    }
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn fine_when_missing(done: io::Result<()>) -> Result<(), BlobError> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(BlobError::Store(error.to_string()))
        }
        _ => Ok(()),
    }
}

fn sync_folder(path: &FilePath) -> io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

fn http_agent() -> object_store::HeaderValue {
    object_store::HeaderValue::from_static(concat!("maru/", env!("CARGO_PKG_VERSION")))
}

/// Bytes on their way in; what is not finished is to be aborted.
pub(super) struct BlobWriter(BufWriter);

impl BlobWriter {
    pub(super) async fn put(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        Ok(self.0.put(bytes).await?)
    }

    /// All is there; durable when this returns.
    pub(super) async fn finish(&mut self) -> Result<(), BlobError> {
        self.0.shutdown().await.map_err(|error| {
            if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                return BlobError::Full;
            }
            match error.downcast::<object_store::Error>() {
                Ok(error) => error.into(),
                Err(error) => BlobError::Store(error.to_string()),
            }
        })
    }

    /// Nothing of it is wanted. After [`BlobWriter::finish`], whatever it said, `BlobStore::remove` is
    /// for that.
    pub(super) async fn abort(&mut self) -> Result<(), BlobError> {
        Ok(self.0.abort().await?)
    }
}

#[cfg(test)]
mod tests;
