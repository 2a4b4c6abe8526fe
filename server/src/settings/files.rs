//! `[files]`: what people upload, and where it is kept.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::values::Values;
use super::{Journal, SettingsError};

/// The unit of `unsent_ttl`'s bounds.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Files that people upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Whether people can upload.
    pub enabled: bool,
    /// Where they are kept.
    pub place: FileStorage,
    /// Most bytes of one; 1 KiB to 5 GiB.
    pub max_size: u64,
    /// Which may be uploaded.
    pub types: MediaTypes,
    /// Most bytes of one person within 24 hours; 1 MiB to 1 TiB.
    pub max_per_day: u64,
    /// Most uploads at once; 1 to 1,000.
    pub max_at_once: usize,
    /// What stays free on the folder's disk, bytes; at most 1 TiB.
    pub keep_free: u64,
    /// Silence after which an upload is given up, and the span over which least rates are counted; 100 ms
    /// to 10 minutes.
    pub idle_timeout: Duration,
    /// How long an upload may take; 1 s to a day.
    pub upload_timeout: Duration,
    /// How long what is not sent is kept; `upload_timeout` to 30 days.
    pub unsent_ttl: Duration,
}

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStorage {
    /// A folder of the local disk.
    Folder(PathBuf),
    /// An S3 bucket.
    Bucket(Bucket),
}

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// The address of the service; none for Amazon's own.
    pub endpoint: Option<String>,
    /// What the objects' names begin with; may be empty.
    pub prefix: String,
    /// How to get in; none for what the environment offers.
    pub credentials: Option<Credentials>,
}

/// An access key and its secret: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key: String,
    secret_key: String,
}

impl Credentials {
    /// The access key and its secret.
    #[must_use]
    pub fn reveal(&self) -> (&str, &str) {
        (&self.access_key, &self.secret_key)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// Which media types may be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaTypes {
    allowed: Vec<String>,
    refused: Vec<String>,
}

impl MediaTypes {
    /// Whether files of this type may be uploaded; `refused` counts more than `allowed`.
    #[must_use]
    pub fn allow(&self, media_type: &str) -> bool {
        let among = |patterns: &[String]| patterns.iter().any(|it| matches(it, media_type));
        among(&self.allowed) && !among(&self.refused)
    }

    fn read(from: &mut Values) -> Result<Self, SettingsError> {
        let allowed = Self::patterns(from, "files.allowed_types")?;
        if allowed.is_empty() {
            let right = "\"*\" allows all; files.enabled = false takes no files at all";
            return Err(from.wrong("files.allowed_types", right));
        }
        Ok(Self { allowed, refused: Self::patterns(from, "files.refused_types")? })
    }

    fn patterns(from: &mut Values, key: &str) -> Result<Vec<String>, SettingsError> {
        let patterns: Vec<String> =
            from.list(key)?.iter().map(|pattern| pattern.trim().to_ascii_lowercase()).collect();
        match patterns.iter().find(|pattern| !is_pattern(pattern)) {
            Some(wrong) => Err(from.wrong(
                key,
                format_args!("{wrong:?} is no media type; one is like image/png, image/* or *"),
            )),
            None => Ok(patterns),
        }
    }
}

fn is_pattern(text: &str) -> bool {
    let word = |text: &str| {
        let of_word = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        !text.is_empty() && text.chars().all(of_word)
    };
    match text.split_once('/') {
        Some((kind, "*")) => word(kind),
        Some((kind, name)) => word(kind) && word(name),
        None => text == "*",
    }
}

fn matches(pattern: &str, media_type: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => media_type.starts_with(beginning),
        None => pattern == media_type,
    }
}

impl Files {
    pub(super) fn read(from: &mut Values, journal: &Journal) -> Result<Self, SettingsError> {
        let of_disk = "it is what the disk has to hold";
        let upload_timeout = from.duration(
            "files.upload_timeout",
            Duration::from_secs(1)..=DAY,
            "each upload takes a place of files.max_at_once",
        )?;
        Ok(Self {
            enabled: from.flag("files.enabled")?,
            place: FileStorage::read(from, journal)?,
            max_size: from.bytes("files.max_size", 1 << 10..=5 << 30, of_disk)?,
            types: MediaTypes::read(from)?,
            max_per_day: from.bytes("files.max_per_day", 1 << 20..=1 << 40, of_disk)?,
            max_at_once: from.number(
                "files.max_at_once",
                1..=1_000,
                "each takes up to 10 MiB of memory",
            )?,
            keep_free: from.bytes(
                "files.keep_free",
                0..=1 << 40,
                "a full disk stops the journal",
            )?,
            idle_timeout: from.duration(
                "files.idle_timeout",
                Duration::from_millis(100)..=Duration::from_secs(600),
                "each upload takes a place of files.max_at_once",
            )?,
            upload_timeout,
            unsent_ttl: from.duration(
                "files.unsent_ttl",
                upload_timeout..=30 * DAY,
                "an upload under way must not be taken for one that nobody wants",
            )?,
        })
    }
}

impl FileStorage {
    fn read(from: &mut Values, journal: &Journal) -> Result<Self, SettingsError> {
        let path = from.text("files.path")?;
        let bucket = Bucket::read(from)?;
        Ok(match bucket {
            Some(bucket) => Self::Bucket(bucket),
            None if path.is_empty() => Self::Folder(journal.data_folder().join("files")),
            None => Self::Folder(path.into()),
        })
    }
}

impl Bucket {
    fn read(from: &mut Values) -> Result<Option<Self>, SettingsError> {
        let name = from.text("files.s3_bucket")?;
        let region = from.text("files.s3_region")?;
        let endpoint = from.text("files.s3_endpoint")?;
        let prefix = from.text("files.s3_prefix")?;
        let access_key = from.text("files.s3_access_key")?;
        let secret_key = from.text("files.s3_secret_key")?;
        let word = |text: &str, also: &str| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        if !word(&name, "-._") {
            let right = "a bucket's name has letters of a to z, digits, - . and _";
            return Err(from.wrong("files.s3_bucket", right));
        }
        if !word(&region, "-") || region.is_empty() {
            return Err(from.wrong("files.s3_region", "a region is like eu-central-1"));
        }
        let web = ["http://", "https://"].iter().find_map(|scheme| endpoint.strip_prefix(scheme));
        let plain = |host: &str| {
            !host.is_empty() && !host.contains(|c: char| "@?#".contains(c) || c.is_whitespace())
        };
        if !endpoint.is_empty() && !web.is_some_and(plain) {
            let right = "it is like https://minio.example.com, or empty for Amazon's own";
            return Err(from.wrong("files.s3_endpoint", right));
        }
        let steps =
            |text: &str| text.split('/').all(|step| !step.is_empty() && !step.starts_with('.'));
        let prefix = prefix.trim_end_matches('/').to_owned();
        if !word(&prefix, "-._/") || !(prefix.is_empty() || steps(&prefix)) {
            let right = "it has letters, digits, - _ . and single / between";
            return Err(from.wrong("files.s3_prefix", right));
        }
        let credentials = match (access_key.is_empty(), secret_key.is_empty()) {
            (true, true) => None,
            (false, false) => Some(Credentials { access_key, secret_key }),
            (true, false) => {
                return Err(from.wrong("files.s3_access_key", "it comes with files.s3_secret_key"));
            }
            (false, true) => {
                return Err(from.wrong("files.s3_secret_key", "it comes with files.s3_access_key"));
            }
        };
        let endpoint = (!endpoint.is_empty()).then_some(endpoint);
        Ok((!name.is_empty()).then_some(Self { name, region, endpoint, prefix, credentials }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        let types = MediaTypes {
            allowed: vec!["image/*".to_owned(), "text/plain".to_owned()],
            refused: vec!["image/gif".to_owned()],
        };
        for (name, allowed) in [
            ("image/png", true),
            ("image/gif", false),
            ("text/plain", true),
            ("text/plainer", false),
            ("application/pdf", false),
            ("imagery/png", false),
        ] {
            assert_eq!(types.allow(name), allowed, "{name}");
        }
        let all = MediaTypes { allowed: vec!["*".to_owned()], refused: Vec::new() };
        assert!(all.allow("application/octet-stream"));
        for right in ["*", "image/*", "application/vnd.oasis.opendocument.text", "image/svg+xml"] {
            assert!(is_pattern(right), "{right}");
        }
        for wrong in ["", "png", "/", "image/", "*/png", "image/p*", "a/b/c", "image/png; a=b"] {
            assert!(!is_pattern(wrong), "{wrong}");
        }
    }
}
