//! Keys: what a name inside a bucket may look like, decided once.
//!
//! A key is also the path of the blob below the bucket's folder, so everything that a file system or a
//! URL could read in two ways is refused here.

use castalia_base::Error;

/// The longest key, in bytes (as in S3).
pub(crate) const MAX_BYTES: usize = 1024;
/// The longest segment, in bytes (as in the usual file systems).
const MAX_SEGMENT: usize = 255;

/// What may stand below the bucket; other roots are internal.
pub(crate) const PUBLIC_ROOTS: [&str; 2] = ["processes/", "uploads/"];

/// A checked key: segments between single slashes, none of them empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// Checks a key.
    ///
    /// # Errors
    /// `invalid_key` that says which rule is broken.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match flaw(text) {
            None => Ok(Self(text.to_owned())),
            Some(flaw) => Err(Error::invalid("invalid_key", format!("the key `{}` {flaw}", shown(text)))),
        }
    }
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether the key may be seen through the gateway and the API.
    pub(crate) fn is_public(&self) -> bool {
        PUBLIC_ROOTS.iter().any(|root| self.0.starts_with(root))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case hexadecimal: databases compare it byte by byte whatever their collation is.
pub(crate) fn sort_key(text: &str) -> String {
    hex::encode(text.as_bytes())
}

/// A bound above every sort key that begins with `prefix`.
pub(crate) fn sort_end(prefix: &str) -> String {
    format!("{}g", sort_key(prefix))
}

fn flaw(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is empty");
    }
    if text.len() > MAX_BYTES {
        return Some("has more than 1024 bytes");
    }
    if text.chars().any(char::is_control) {
        return Some("holds a control character");
    }
    if text.contains('\\') {
        return Some("holds a backslash");
    }
    text.split('/').find_map(segment_flaw)
}

fn segment_flaw(segment: &str) -> Option<&'static str> {
    match segment {
        "" => Some("has an empty segment (a slash at the start or the end, or two in a row)"),
        "." | ".." => Some("has a segment `.` or `..`"),
        _ if segment.len() > MAX_SEGMENT => Some("has a segment with more than 255 bytes"),
        _ => None,
    }
}

/// A foreign text as it may stand in a message: bounded and without control characters.
fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_keys_pass() {
        for key in ["uploads/a.csv", "processes/proc_1/v1/spectrum", "uploads/ü b+c%2e", "a...b", "..a"] {
            assert!(Key::parse(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn tricks_do_not() {
        let long = "x".repeat(1025);
        let segment = format!("uploads/{}", "x".repeat(256));
        for key in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            ".",
            "..",
            "../x",
            "uploads/../x",
            "a/./b",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{85}b",
            &long,
            &segment,
        ] {
            assert_eq!(Key::parse(key).expect_err(key).code(), "invalid_key");
        }
    }

    proptest! {
        #[test]
        fn no_key_leaves_its_folder(text in "[a./\\\\\\x00-\\x20ü]{0,12}") {
            if let Ok(key) = Key::parse(&text) {
                let path = std::path::Path::new(key.as_str());
                let only_names = path.components().all(|c| matches!(c, std::path::Component::Normal(_)));
                prop_assert!(only_names);
                prop_assert_eq!(path.components().count(), key.as_str().split('/').count());
            }
        }

        #[test]
        fn sort_keys_sort_like_bytes(a in ".{0,8}", b in ".{0,8}") {
            prop_assert_eq!(a.as_bytes().cmp(b.as_bytes()), sort_key(&a).cmp(&sort_key(&b)));
        }

        #[test]
        fn what_begins_with_a_prefix_lies_before_its_end(prefix in ".{1,6}", rest in ".{0,6}") {
            let key = format!("{prefix}{rest}");
            prop_assert!(sort_key(&key) >= sort_key(&prefix) && sort_key(&key) < sort_end(&prefix));
        }
    }
}
