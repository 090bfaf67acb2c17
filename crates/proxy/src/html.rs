//! Puts the prefix into `<base href="/…">` of a page that streams by.
//!
//! Only the begin of a page is looked at, up to its body or [`LIMIT`]; of that, only an unfinished tag is ever held
//! back, and no more than [`TAG`] bytes of it.

use bytes::{Bytes, BytesMut};

/// A `<base>` further down is none: it belongs into the head.
const LIMIT: usize = 64 * 1024;
/// A longer tag is not what is looked for.
const TAG: usize = 2048;

/// Rewrites one page.
#[derive(Debug)]
pub(crate) struct BaseRewriter {
    prefix: String,
    held: BytesMut,
    seen: usize,
    done: bool,
}

impl BaseRewriter {
    /// `prefix` has no slash at its end.
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), held: BytesMut::new(), seen: 0, done: false }
    }

    /// Takes the next piece and gives what may go on.
    pub(crate) fn feed(&mut self, data: Bytes) -> Bytes {
        if self.done {
            return data;
        }
        self.seen += data.len();
        let mut rest = if self.held.is_empty() {
            data
        } else {
            self.held.extend_from_slice(&data);
            self.held.split().freeze()
        };
        let mut out = BytesMut::with_capacity(rest.len() + self.prefix.len());
        while !self.done {
            let Some(open) = rest.iter().position(|&b| b == b'<') else { break };
            out.extend_from_slice(&rest.split_to(open));
            match rest.iter().position(|&b| b == b'>') {
                Some(close) => {
                    let tag = rest.split_to(close + 1);
                    self.tag(&tag, &mut out);
                }
                None if rest.len() < TAG && self.seen < LIMIT => {
                    self.held.extend_from_slice(&rest);
                    return out.freeze();
                }
                None => self.done = true,
            }
        }
        self.done |= self.seen >= LIMIT;
        out.extend_from_slice(&rest);
        out.freeze()
    }

    /// What was held back when the page ended.
    pub(crate) fn finish(&mut self) -> Bytes {
        self.done = true;
        self.held.split().freeze()
    }

    fn tag(&mut self, tag: &[u8], out: &mut BytesMut) {
        let name: Vec<u8> =
            tag[1..].iter().map(u8::to_ascii_lowercase).take_while(|b| !b" \t\r\n>/".contains(b)).collect();
        if name == b"body" {
            self.done = true;
        }
        let place = if name == b"base" { href(tag) } else { None };
        let Some(at) = place.filter(|&at| !self.below(&tag[at..])) else {
            return out.extend_from_slice(tag);
        };
        self.done = true;
        out.extend_from_slice(&tag[..at]);
        out.extend_from_slice(self.prefix.as_bytes());
        out.extend_from_slice(&tag[at..]);
    }

    /// Whether an address has the prefix already.
    fn below(&self, address: &[u8]) -> bool {
        address
            .strip_prefix(self.prefix.as_bytes())
            .is_some_and(|rest| b"/\"'> ".contains(rest.first().unwrap_or(&b'>')))
    }
}

/// Where in a `<base>` tag an address begins that has a path and no host.
fn href(tag: &[u8]) -> Option<usize> {
    let lower = tag.to_ascii_lowercase();
    let name = lower.windows(5).position(|w| w[0].is_ascii_whitespace() && &w[1..] == b"href")?;
    let mut at = name + 5;
    let skip = |at: &mut usize| {
        while lower.get(*at).is_some_and(u8::is_ascii_whitespace) {
            *at += 1;
        }
    };
    skip(&mut at);
    if lower.get(at) != Some(&b'=') {
        return None;
    }
    at += 1;
    skip(&mut at);
    if matches!(lower.get(at), Some(b'"' | b'\'')) {
        at += 1;
    }
    (lower.get(at) == Some(&b'/') && lower.get(at + 1) != Some(&b'/')).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(page: &str) -> String {
        pieces(page, page.len().max(1))
    }

    fn pieces(page: &str, size: usize) -> String {
        let mut rewriter = BaseRewriter::new("/p/x");
        let mut out = Vec::new();
        for piece in page.as_bytes().chunks(size) {
            out.extend_from_slice(&rewriter.feed(Bytes::copy_from_slice(piece)));
        }
        out.extend_from_slice(&rewriter.finish());
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn only_a_base_with_a_rooted_path_changes() {
        for (page, expected) in [
            ("<head><base href=\"/\"></head>", "<head><base href=\"/p/x/\"></head>"),
            ("<BASE target=a HREF='/a/'>", "<BASE target=a HREF='/p/x/a/'>"),
            ("<base href = /a/ >", "<base href = /p/x/a/ >"),
            ("<base href=\"/p/x/\">", "<base href=\"/p/x/\">"),
            ("<base href=\"/p/xy/\">", "<base href=\"/p/x/p/xy/\">"),
            ("<base href=\"//h/\">", "<base href=\"//h/\">"),
            ("<base href=\"http://h/\">", "<base href=\"http://h/\">"),
            ("<base href=\"./\">", "<base href=\"./\">"),
            ("<basefont href=\"/\">", "<basefont href=\"/\">"),
            ("<a href=\"/\"><body><base href=\"/\">", "<a href=\"/\"><body><base href=\"/\">"),
            ("a < b <", "a < b <"),
        ] {
            assert_eq!(whole(page), expected);
        }
    }

    #[test]
    fn a_page_is_not_held_back() {
        let mut rewriter = BaseRewriter::new("/p");
        assert_eq!(rewriter.feed(Bytes::from_static(b"<html><head>text")), "<html><head>text");
        assert_eq!(rewriter.feed(Bytes::from_static(b"more<ba")), "more");
        assert_eq!(rewriter.feed(Bytes::from_static(b"se href='/'>")), "<base href='/p/'>");
        let mut rewriter = BaseRewriter::new("/p");
        let long = Bytes::from(vec![b'<'; TAG]);
        assert_eq!(rewriter.feed(long.clone()), long);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(page in "(<base href=\"/|[a-z<> \"]|<body>|/\">){0,20}", size in 1_usize..9) {
            prop_assert_eq!(pieces(&page, size), whole(&page));
        }
    }
}
