//! Files that messages carry.

use serde::{Deserialize, Serialize};

use crate::FileId;
use crate::limits::MAX_FILE_NAME_CHARS;
use crate::unicode::{collapse_spaces, is_bidi_control, is_ignorable};

/// What a file is called: 1 to 120 characters; no control, bidirectional or invisible characters and
/// nothing that a file system takes for a path. What is wrong in a name is replaced, not refused:
/// people don't choose what their camera calls a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileName(
    #[cfg_attr(feature = "generate", ts(type = "string"), schemars(length(min = 1, max = 120)))]
    String,
);

impl FileName {
    /// The name that comes closest to a text. A long one keeps its ending.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let hidden = |c: &char| is_bidi_control(*c) || is_ignorable(*c);
        let shown = |c: char| match c {
            c if c.is_control() => ' ',
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c => c,
        };
        // A multiple of what is kept: a megabyte of name is not looked at.
        let seen = text.chars().take(16 * MAX_FILE_NAME_CHARS);
        let name: String = seen.filter(|c| !hidden(c)).map(shown).collect();
        let name = collapse_spaces(&name);
        // Together: behind a dot and a space there can be another dot, which would hide the file.
        let name = name.trim_start_matches(['.', ' ']);
        if name.is_empty() { Self("file".to_owned()) } else { Self(shortened(name)) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// At most so many characters, with the ending behind the last dot where that is short.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MAX_FILE_NAME_CHARS {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.chars().count() <= 16 { ending } else { "" };
    let keep = MAX_FILE_NAME_CHARS - ending.chars().count();
    let kept: String = name.chars().take(keep).collect();
    format!("{}{ending}", kept.trim_end())
}

impl From<String> for FileName {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

/// A file that a message carries. It is fetched over HTTP: `/api/v1/files/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "generate", derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileInfo {
    /// Names it to the server; nobody can guess one.
    pub id: FileId,
    /// What it is called.
    pub name: FileName,
    /// What it is by its content (a media type, RFC 6838); `application/octet-stream` where the
    /// server doesn't know it.
    pub media_type: String,
    /// Bytes.
    #[cfg_attr(feature = "generate", ts(type = "number"))]
    pub size: u64,
    /// Of an image that can be shown in place: its width in pixels, as it is to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// And its height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_harmless() {
        let name = |text: &str| FileName::of(text).as_str().to_owned();
        assert_eq!(name("사진 1.png"), "사진 1.png");
        assert_eq!(name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(name("a\u{202E}gnp.exe"), "agnp.exe");
        assert_eq!(name("\u{0}\r\n"), "file");
        assert_eq!(name(".htaccess"), "htaccess");
        assert_eq!(name(". .bashrc"), "bashrc");
        assert_eq!(name(". . ."), "file");
        assert_eq!(name(""), "file");
        let long = name(&format!("{}.tar.gz", "가".repeat(500)));
        assert_eq!((long.chars().count(), long.ends_with(".gz")), (120, true));
        assert_eq!(FileName::of(&long).as_str(), long);
        let cut = name(&format!("{} b{}", "a".repeat(119), "c".repeat(99)));
        assert_eq!((cut.as_str(), name(&cut)), ("a".repeat(119).as_str(), cut.clone()));
    }
}
