//! How large a picture is to be seen, read off its header: nothing of it is decoded here.

use std::io::Cursor;

/// More pixels than any camera's: a small file can unfold to as many as would stop a browser. It is
/// sent all the same, as a file and not as a picture.
const MOST_PIXELS: u64 = 100_000_000;

/// Width and height in pixels, as they are seen: a photo that lies on its side is turned by browsers.
/// None for what browsers don't show in place, and for a header that can't be read.
pub(super) fn size(media_type: &str, head: &[u8]) -> Option<(u32, u32)> {
    if !matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif")
    {
        return None;
    }
    let size = imagesize::blob_size(head).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS {
        return None;
    }
    let on_its_side = media_type == "image/jpeg" && lies_on_its_side(head);
    Some(if on_its_side { (height, width) } else { (width, height) })
}

/// Exif's orientations 5 to 8.
fn lies_on_its_side(head: &[u8]) -> bool {
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(head));
    exif.is_ok_and(|exif| {
        let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY);
        field.and_then(|field| field.value.get_uint(0)).is_some_and(|way| (5..=8).contains(&way))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 0, 0, 0, 0]);
        bytes
    }

    /// A JPEG's header: Exif with an orientation, then the frame's size.
    fn jpeg(orientation: u8, width: u16, height: u16) -> Vec<u8> {
        let mut tiff = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01".to_vec();
        tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
        let mut bytes = b"\xFF\xD8\xFF\xE1".to_vec();
        bytes.extend(u16::try_from(tiff.len() + 2).unwrap().to_be_bytes());
        bytes.extend(tiff);
        bytes.extend([0xFF, 0xC0, 0, 11, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([1, 1, 0x11, 0, 0xFF, 0xDA]);
        bytes
    }

    #[test]
    fn the_size_is_the_one_that_is_seen() {
        assert_eq!(size("image/png", &png(640, 480)), Some((640, 480)));
        assert_eq!(size("image/jpeg", &jpeg(1, 640, 480)), Some((640, 480)));
        assert_eq!(size("image/jpeg", &jpeg(6, 640, 480)), Some((480, 640)));
        assert_eq!(size("image/jpeg", &jpeg(3, 640, 480)), Some((640, 480)));
    }

    #[test]
    fn what_can_t_be_shown_has_none() {
        for (media_type, bytes) in [
            ("image/png", png(0, 5)),
            ("image/png", png(60_000, 60_000)),
            ("image/png", png(u32::MAX, u32::MAX)),
            ("image/png", b"\x89PNG\r\n\x1a\n".to_vec()),
            ("image/heif", png(5, 5)),
            ("application/octet-stream", png(5, 5)),
            ("image/jpeg", b"\xFF\xD8\xFF".to_vec()),
        ] {
            assert_eq!(size(media_type, &bytes), None, "{media_type} {bytes:?}");
        }
    }
}
