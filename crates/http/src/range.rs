//! `Range` of one part (RFC 9110 §14).

use castalia_base::{Error, Kind};

/// Bytes `start..end` of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// Reads a `Range` header for a body of `size` bytes. `None` when there is none, or one that a server may
/// ignore (several parts, another unit).
///
/// # Errors
/// `range_not_satisfiable` when it lies outside the body.
pub fn parse_range(header: Option<&str>, size: u64) -> Result<Option<ByteRange>, Error> {
    let Some(spec) = header.and_then(|h| h.strip_prefix("bytes=")) else {
        return Ok(None);
    };
    let Some((first, last)) = spec.trim().split_once('-').filter(|_| !spec.contains(',')) else {
        return Ok(None);
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(start), Ok(last)) => ByteRange { start, end: last.saturating_add(1).min(size) },
        (Ok(start), Err(_)) if last.is_empty() => ByteRange { start, end: size },
        (Err(_), Ok(suffix)) if first.is_empty() => {
            ByteRange { start: size.saturating_sub(suffix), end: size }
        }
        _ => return Ok(None),
    };
    if range.start >= range.end {
        return Err(Error::new(Kind::Invalid, "range_not_satisfiable", format!("the body has {size} bytes")));
    }
    Ok(Some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_one_part() {
        let parse = |h| parse_range(Some(h), 100).expect("fits").map(|r| (r.start, r.end));
        assert_eq!(parse("bytes=0-9"), Some((0, 10)));
        assert_eq!(parse("bytes=90-"), Some((90, 100)));
        assert_eq!(parse("bytes=-10"), Some((90, 100)));
        assert_eq!(parse("bytes=50-500"), Some((50, 100)));
        assert_eq!(parse("bytes=0-1,5-6"), None);
        assert!(parse_range(Some("bytes=100-"), 100).is_err());
    }
}
