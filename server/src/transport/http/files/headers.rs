//! What a file is served with: a browser is to take it for what it is and nothing else.

use actix_web::{
    HttpResponseBuilder,
    http::header::{
        self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
    },
};
use maru_protocol::{FileId, FileInfo};

use crate::files::{TEXT, is_shown_in_place};

/// How long a browser keeps a file: as long as the longest ticket, and so the address.
const KEPT: &str = "private, max-age=86400, immutable";

/// Whatever it turns out to be, it runs nothing, loads nothing and is part of no page's origin.
const POLICY: &str = "sandbox; default-src 'none'";

/// A file never changes: its id says which bytes it is.
pub(super) fn entity_tag(id: FileId) -> String {
    format!("\"{id}\"")
}

/// Headers of every answer about a file.
pub(super) fn of_any(answer: &mut HttpResponseBuilder, tag: &str) {
    answer
        .insert_header((header::ETAG, tag.to_owned()))
        .insert_header((header::CACHE_CONTROL, KEPT))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        // The page is on another origin.
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"));
}

/// Headers of a file, or of a part of it.
pub(super) fn of_file(answer: &mut HttpResponseBuilder, info: &FileInfo, save: bool) {
    let media_type = info.media_type.as_str();
    let with_charset = if media_type == TEXT { "text/plain; charset=utf-8" } else { media_type };
    answer
        .insert_header((header::CONTENT_TYPE, with_charset))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header(disposition(info, save));
}

/// RFC 6266: the name for everybody, and as it is (RFC 8187).
fn disposition(info: &FileInfo, save: bool) -> ContentDisposition {
    let in_place = is_shown_in_place(&info.media_type) && !save;
    let name = info.name.as_str();
    let plain: String = name
        .chars()
        // A percent sign is decoded by some.
        .map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%') { c } else { '_' })
        .collect();
    let mut parameters = vec![DispositionParam::Filename(plain.clone())];
    if plain != name {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        }));
    }
    let disposition = if in_place { DispositionType::Inline } else { DispositionType::Attachment };
    ContentDisposition { disposition, parameters }
}

#[cfg(test)]
mod tests {
    use maru_protocol::FileName;
    use uuid::Uuid;

    use super::*;

    fn file(name: &str, media_type: &str) -> FileInfo {
        FileInfo {
            id: FileId(Uuid::nil()),
            name: FileName::of(name),
            media_type: media_type.to_owned(),
            size: 1,
            width: None,
            height: None,
        }
    }

    #[test]
    fn a_name_says_no_more_than_a_name() {
        let shown = |name| disposition(&file(name, "image/png"), false).to_string();
        assert_eq!(shown("a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            shown("사진.png"),
            "inline; filename=\"__.png\"; filename*=UTF-8''%EC%82%AC%EC%A7%84.png"
        );
        for hostile in ["a\r\nX-Evil: 1.png", "a\";x=\".png", "a%22;%0d%0a.png", "\u{202E}gnp.exe"]
        {
            let header = shown(hostile);
            assert!(!header.contains(['\r', '\n']), "{header:?}");
            assert_eq!(header.matches('"').count(), 2, "{header:?}");
        }
    }

    #[test]
    fn only_what_runs_nothing_is_shown_in_place() {
        let begins = |media_type, save| {
            let header = disposition(&file("a", media_type), save).to_string();
            header.split(';').next().unwrap_or_default().to_owned()
        };
        assert_eq!(begins("image/png", false), "inline");
        assert_eq!(begins("image/png", true), "attachment");
        for media_type in ["text/html", "image/svg+xml", "application/pdf", "application/zip"] {
            assert_eq!(begins(media_type, false), "attachment", "{media_type}");
        }
    }
}
