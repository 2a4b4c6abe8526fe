//! What a file is: by its content, never by its name.

/// Text, which is shown as such whatever it says: a page or a script among them runs nowhere.
pub const TEXT: &str = "text/plain";

/// What nobody here knows.
pub const UNKNOWN: &str = "application/octet-stream";

/// How much of a file's beginning is looked at: a photo's header with its preview and colours.
pub(super) const HEAD: usize = 256 * 1024;

/// Reads the type off bytes as they come.
#[derive(Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    text: TextDetector,
}

impl Sniffer {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.text.feed(bytes);
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether enough is there to say what it is not.
    pub(super) fn knows_its_kind(&self) -> bool {
        self.head.len() >= 8 * 1024
    }

    /// What it can still turn out to be.
    pub(super) fn candidates(&self) -> [&'static str; 2] {
        let known = known(&self.head);
        if self.text.is_text() && !is_written_out(known) { [known, TEXT] } else { [known, known] }
    }

    /// What it is, at its end.
    ///
    /// Text first: many signatures are two letters long, and "BM" begins a sentence as well as a
    /// bitmap.
    pub(super) fn media_type(&self) -> &'static str {
        let known = known(&self.head);
        if self.text.is_whole() && !is_written_out(known) { TEXT } else { known }
    }
}

/// What is text and yet more than text. None of it is ever shown in place.
fn is_written_out(media_type: &str) -> bool {
    matches!(media_type, "application/pdf" | "application/rtf" | "application/postscript")
}

/// By its first bytes. What a browser could take for a page or a script has no name here: as text
/// it is text, else unknown.
fn known(head: &[u8]) -> &'static str {
    let Some(found) = infer::get(head) else { return UNKNOWN };
    match found.mime_type() {
        "application/vnd.adobe.flash-movie"
        | "application/x-shockwave-flash"
        | "application/wasm" => UNKNOWN,
        found
            if found.starts_with("text/")
                || found.contains("xml") && !found.contains("vnd.openxmlformats") =>
        {
            UNKNOWN
        }
        "video/x-m4v" => "video/mp4",
        "audio/m4a" => "audio/mp4",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        found => found,
    }
}

/// Whether a browser may show it where it is, instead of saving it: pictures, sound, film and text,
/// none of which run anything.
#[must_use]
pub fn is_shown_in_place(media_type: &str) -> bool {
    matches!(
        media_type,
        "image/png"
            | "image/jpeg"
            | "image/gif"
            | "image/webp"
            | "image/avif"
            | "video/mp4"
            | "video/webm"
            | "audio/mpeg"
            | "audio/mp4"
            | "audio/ogg"
            | "audio/opus"
            | "audio/wav"
            | "audio/flac"
            | "audio/aac"
            | TEXT
    )
}

/// Whether bytes are UTF-8 without control characters but white space: NUL above all, which no text
/// has and most binary files have early.
#[derive(Default)]
struct TextDetector {
    /// The beginning of a character whose end is still to come.
    open: Vec<u8>,
    binary: bool,
}

impl TextDetector {
    fn feed(&mut self, mut bytes: &[u8]) {
        // The character that the last bytes ended in the middle of.
        while !self.open.is_empty() && !self.binary {
            let Some((first, rest)) = bytes.split_first() else { return };
            bytes = rest;
            self.open.push(*first);
            match std::str::from_utf8(&self.open) {
                Ok(_) => self.open.clear(),
                Err(error) => self.binary = error.error_len().is_some(),
            }
        }
        if self.binary {
            return;
        }
        let whole = match std::str::from_utf8(bytes) {
            Ok(_) => bytes,
            Err(error) => {
                let (whole, open) = bytes.split_at(error.valid_up_to());
                self.binary = error.error_len().is_some();
                self.open = if self.binary { Vec::new() } else { open.to_vec() };
                whole
            }
        };
        let control = |byte: &u8| *byte < 0x20 && !matches!(byte, 0x09 | 0x0A | 0x0C | 0x0D | 0x1B);
        self.binary |= whole.iter().any(control);
    }

    fn is_text(&self) -> bool {
        !self.binary
    }

    fn is_whole(&self) -> bool {
        !self.binary && self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> &'static str {
        // However it is cut.
        let mut types: Vec<&str> = [1, 2, 3, 7, 1 << 20]
            .iter()
            .map(|size| {
                let mut sniffer = Sniffer::default();
                bytes.chunks(*size).for_each(|chunk| sniffer.feed(chunk));
                sniffer.media_type()
            })
            .collect();
        types.dedup();
        assert_eq!(types.len(), 1, "{types:?}");
        types[0]
    }

    #[test]
    fn content_decides() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";
        for (bytes, media_type) in [
            (&png[..], "image/png"),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0\0\0\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"MZ\x90\0\x03\0\0\0", "application/vnd.microsoft.portable-executable"),
            (b"%PDF-1.4\nplain", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0", "application/zip"),
            ("BM, 그 밖의 말".as_bytes(), TEXT),
            (b"<!DOCTYPE html><script>alert(1)</script>", TEXT),
            (b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", TEXT),
            (b"<svg onload=alert(1)>", TEXT),
            (b"#!/bin/sh\nrm -rf", TEXT),
            // A page in a text that is none.
            (b"<!DOCTYPE html>\0<script>alert(1)</script>", UNKNOWN),
            (b"<?xml version=\"1.0\"?>\xFF<svg/>", UNKNOWN),
            // Both a picture and a script: it has one type, and that one runs nothing.
            (b"GIF89a/*\0*/=1;alert(1)", "image/gif"),
            (b"\0asm\x01\0\0\0", UNKNOWN),
            (b"CWS\x0a\0\0\0\0", UNKNOWN),
            ("\u{FEFF}안녕\r\n\t😀".as_bytes(), TEXT),
            (b"cut \xED\x95", UNKNOWN),
            (b"\xC0\xAF", UNKNOWN),
            (b"a\0b", UNKNOWN),
            (b"", TEXT),
        ] {
            assert_eq!(of(bytes), media_type, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_could_run_is_saved_and_never_shown() {
        for media_type in [
            "text/html",
            "image/svg+xml",
            "application/pdf",
            "text/xml",
            "text/javascript",
            UNKNOWN,
        ] {
            assert!(!is_shown_in_place(media_type), "{media_type}");
        }
        assert!(is_shown_in_place("image/avif") && is_shown_in_place(TEXT));
    }
}
