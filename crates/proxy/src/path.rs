//! Paths as a proxy must see them: split before they are decoded, and refused when they could leave their prefix.
//!
//! A prefix is compared segment by segment after percent-decoding, and cut off by the same segments of the raw text,
//! so what was compared and what is cut can't differ. An encoded slash stays inside its segment.

use std::borrow::Cow;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPath {
    #[error("the path holds `..`")]
    Parent,
    #[error("the path holds a percent sign that is not followed by two hexadecimal digits")]
    Encoding,
    #[error("the path holds a control character")]
    Control,
    #[error("the path does not begin with a slash")]
    Relative,
}

/// Refuses what a back end could read as another path than the one that was compared: `..` in any spelling
/// (encoded, with backslashes, with encoded slashes, with `;parameters`), control characters, half encodings.
pub(crate) fn check(path: &str) -> Result<(), BadPath> {
    let raw = path.as_bytes();
    if raw.first() != Some(&b'/') {
        return Err(BadPath::Relative);
    }
    let plain = raw.iter().all(|&b| b != b'%' && b != b'\\' && b > 0x1f && b != 0x7f);
    if plain && !path.contains("/..") {
        return Ok(());
    }
    let decoded = decode(raw).ok_or(BadPath::Encoding)?;
    if decoded.iter().any(|b| b.is_ascii_control()) {
        return Err(BadPath::Control);
    }
    let parent = |segment: &[u8]| segment.split(|&b| b == b';').next() == Some(b"..");
    match decoded.split(|&b| b == b'/' || b == b'\\').any(parent) {
        true => Err(BadPath::Parent),
        false => Ok(()),
    }
}

/// The segments of a path, decoded, each with the offset in the raw text at which it ends. The slash at the begin
/// makes no segment, nor does one at the end; an empty segment in between is one.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, usize)> {
    let mut at = usize::from(path.starts_with('/'));
    std::iter::from_fn(move || {
        let rest = path.as_bytes().get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
        let end = at + length;
        at = end + 1;
        let raw = &rest[..length];
        Some((decode(raw).unwrap_or(Cow::Borrowed(raw)), end))
    })
}

/// Percent-decodes; `None` when a percent sign stands alone.
fn decode(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !raw.contains(&b'%') {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(*bytes.next()?).to_digit(16)?;
            let low = char::from(*bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ways_out_of_a_prefix_are_refused() {
        for path in [
            "/user/a/../b",
            "/user/a/..",
            "/..",
            "/user/a/%2e%2e/b",
            "/user/a/.%2E/b",
            "/user/a/..%2fb",
            "/user/a%2f..%2fb",
            "/user/a/..\\b",
            "/user/a/..%5Cb",
            "/user/a/..;x=1/b",
            "/user/a/%2e%2e;/b",
        ] {
            assert_eq!(check(path), Err(BadPath::Parent), "{path}");
        }
        assert_eq!(check("/a/%zz"), Err(BadPath::Encoding));
        assert_eq!(check("/a/%2"), Err(BadPath::Encoding));
        assert_eq!(check("/a/%00"), Err(BadPath::Control));
        assert_eq!(check("/a/%0d%0aHost:x"), Err(BadPath::Control));
        assert_eq!(check("*"), Err(BadPath::Relative));
    }

    #[test]
    fn ordinary_paths_pass() {
        for path in
            ["/", "/a/b.c", "/a/..b", "/a/...", "/a%20b/%C3%A9", "/a//b", "/a%2Fb", "/%252e%252e/x", "/%ff"]
        {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn segments_are_cut_before_they_are_decoded() {
        let all = |path| segments(path).map(|(s, end)| (s.into_owned(), end)).collect::<Vec<_>>();
        assert_eq!(all("/"), []);
        assert_eq!(all("/user/a%2Fb/x"), [(b"user".to_vec(), 5), (b"a/b".to_vec(), 11), (b"x".to_vec(), 13)]);
        assert_eq!(all("/a/"), [(b"a".to_vec(), 2)]);
        assert_eq!(all("//a"), [(b"".to_vec(), 1), (b"a".to_vec(), 3)]);
    }

    proptest! {
        /// Whatever passes, a back end that decodes once and resolves dots stays below the first segment.
        #[test]
        fn what_passes_stays_inside(tail in "[./%25eEfF\\\\;c]{0,24}") {
            let path = format!("/p/{tail}");
            if check(&path).is_ok() {
                let decoded = decode(path.as_bytes()).map(|d| String::from_utf8_lossy(&d).replace('\\', "/"));
                let mut depth = 0_i32;
                for segment in decoded.unwrap_or_default().split('/').skip(1) {
                    match segment.split(';').next() {
                        Some("..") => depth -= 1,
                        Some("" | ".") => {}
                        _ => depth += 1,
                    }
                    prop_assert!(depth >= 0, "{path}");
                }
            }
        }
    }
}
