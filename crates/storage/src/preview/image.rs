//! The size of a picture, from its header alone.

/// Width and height of a PNG, GIF, JPEG or WebP file.
pub(super) fn size(head: &[u8]) -> Option<(u32, u32)> {
    png(head).or_else(|| gif(head)).or_else(|| webp(head)).or_else(|| jpeg(head))
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

/// PNG specification §11.2.2 (IHDR is the first chunk).
fn png(head: &[u8]) -> Option<(u32, u32)> {
    let rest = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    (rest.get(4..8)? == b"IHDR").then_some((big(rest.get(8..12)?), big(rest.get(12..16)?)))
}

fn gif(head: &[u8]) -> Option<(u32, u32)> {
    let rest = head.strip_prefix(b"GIF87a").or_else(|| head.strip_prefix(b"GIF89a"))?;
    Some((little(rest.get(..2)?), little(rest.get(2..4)?)))
}

/// WebP container specification: the extended and the two simple forms.
fn webp(head: &[u8]) -> Option<(u32, u32)> {
    if head.get(..4)? != b"RIFF" || head.get(8..12)? != b"WEBP" {
        return None;
    }
    match head.get(12..16)? {
        b"VP8X" => Some((little(head.get(24..27)?) + 1, little(head.get(27..30)?) + 1)),
        b"VP8 " => Some((little(head.get(26..28)?) & 0x3fff, little(head.get(28..30)?) & 0x3fff)),
        b"VP8L" => {
            let bits = little(head.get(21..25)?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}

/// ITU T.81 §B.2: walk the segments to the frame header.
fn jpeg(head: &[u8]) -> Option<(u32, u32)> {
    let mut rest = head.strip_prefix(b"\xff\xd8")?;
    loop {
        let marker = *rest.get(1)?;
        if rest[0] != 0xff {
            return None;
        }
        let length = big(rest.get(2..4)?) as usize;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((big(rest.get(7..9)?), big(rest.get(5..7)?)));
        }
        rest = rest.get(2 + length.max(2)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn headers_of_pictures() {
        assert_eq!(size(b"GIF89a\x03\0\x02\0"), Some((3, 2)));
        assert_eq!(size(b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x02\0\x03"), Some((3, 2)));
        assert_eq!(size(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x02\0\0\x01\0\0"), Some((3, 2)));
        assert_eq!(size(b"\xff\xd8\xff\xe0\0\0\0\0"), None);
    }
}
