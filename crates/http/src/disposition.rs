//! `Content-Disposition` for names that people chose.

/// The header's value (RFC 6266): an ASCII name for old clients, and the whole name as RFC 8187 encodes it. `way` is
/// `attachment` or `inline`; of a name with `/` only the last part stays.
pub fn disposition(way: &str, name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_quotes() {
        assert_eq!(
            disposition("inline", "a/ü\"b.csv"),
            "inline; filename=\"__b.csv\"; filename*=UTF-8''%C3%BC%22b.csv"
        );
        let hostile = disposition("attachment", "x\r\nSet-Cookie: a=b;\\\".log");
        assert!(hostile.bytes().all(|b| (b' '..=b'~').contains(&b)), "{hostile}");
        assert_eq!(hostile.matches('"').count(), 2, "{hostile}");
    }
}
