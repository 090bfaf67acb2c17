//! Ways in which stored text goes into a file, a piece at a time: nothing here holds more than a piece.

use crate::document::{ansi, html, json};

/// A way of writing text that comes in pieces.
pub(crate) trait Way: Send {
    /// The next piece.
    fn push(&mut self, piece: &str, out: &mut String);
    /// There is no more.
    fn end(&mut self, _out: &mut String) {}
}

/// A function for each character.
pub(crate) struct Each(pub(crate) fn(&mut String, char));

impl Way for Each {
    fn push(&mut self, piece: &str, out: &mut String) {
        piece.chars().for_each(|c| (self.0)(out, c));
    }
}

/// The inside of a JSON string.
pub(crate) fn json_text(out: &mut String, c: char) {
    json::write_char(out, c);
}

/// The inside of a JSON string, within HTML.
pub(crate) fn json_in_html(out: &mut String, c: char) {
    let mut escaped = String::new();
    json::write_char(&mut escaped, c);
    out.push_str(&html::escape(&escaped));
}

/// Text within HTML, also within an attribute.
pub(crate) fn in_html(out: &mut String, c: char) {
    html::escape_char(out, c);
}

/// Base64 and nothing else.
pub(crate) fn base64(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') {
        out.push(c);
    }
}

/// Within a data URI.
pub(crate) fn percent(out: &mut String, c: char) {
    html::percent_char(out, c);
}

/// As it is.
pub(crate) fn plain(out: &mut String, c: char) {
    out.push(c);
}

/// JSON strings, one for each line, between the brackets of a list.
pub(crate) struct Lines {
    /// Spaces before each.
    pub(crate) indent: usize,
    open: bool,
    first: bool,
    /// The line has ended, unless a newline follows.
    returned: bool,
}

impl Lines {
    pub(crate) fn new(indent: usize) -> Self {
        Self { indent, open: false, first: true, returned: false }
    }

    fn close(&mut self, out: &mut String) {
        if self.open {
            out.push('"');
        }
        (self.open, self.returned) = (false, false);
    }
}

impl Way for Lines {
    fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            if self.returned && c != '\n' {
                self.close(out);
            }
            if !self.open {
                if !std::mem::take(&mut self.first) {
                    out.push_str(",\n");
                    out.extend(std::iter::repeat_n(' ', self.indent));
                }
                out.push('"');
                self.open = true;
            }
            json::write_char(out, c);
            if c == '\r' {
                self.returned = true;
            } else if json::ends_line(c) {
                self.close(out);
            }
        }
    }

    fn end(&mut self, out: &mut String) {
        self.close(out);
        if self.first {
            out.push_str("\"\"");
        }
    }
}

/// JSON as [`json::canonical`] writes it, deeper in.
pub(crate) struct Deeper {
    pub(crate) indent: usize,
    held: bool,
}

impl Deeper {
    pub(crate) fn new(indent: usize) -> Self {
        Self { indent, held: false }
    }
}

impl Way for Deeper {
    fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            // The newline at the end is none of the value's.
            if std::mem::take(&mut self.held) {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', self.indent));
            }
            match c {
                '\n' => self.held = true,
                c => out.push(c),
            }
        }
    }
}

/// What terminals colour, as HTML or without colours.
pub(crate) struct Terminal {
    html: bool,
    /// A sequence that has not ended.
    held: String,
    open: bool,
    newlines: usize,
}

/// A sequence that is longer is none.
const SEQUENCE: usize = 256;

impl Terminal {
    pub(crate) fn html() -> Self {
        Self { html: true, held: String::new(), open: false, newlines: 0 }
    }

    /// Without colours, and without newlines at the end.
    pub(crate) fn stripped() -> Self {
        Self { html: false, ..Self::html() }
    }

    fn write(&mut self, text: &str, out: &mut String) {
        if self.html {
            ansi::write_html(out, text, &mut self.open);
            return;
        }
        trimmed(&ansi::strip(text), &mut self.newlines, out);
    }
}

/// Holds newlines back until something follows.
fn trimmed(text: &str, held: &mut usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    if !body.is_empty() {
        out.extend(std::iter::repeat_n('\n', std::mem::take(held)));
        out.push_str(body);
    }
    *held += text.len() - body.len();
}

impl Way for Terminal {
    fn push(&mut self, piece: &str, out: &mut String) {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let cut = text.rfind('\u{1b}').filter(|at| {
            let rest = &text[at + 1..];
            rest.len() < SEQUENCE && (rest.is_empty() || rest.starts_with('[') && !ansi::is_whole(rest))
        });
        if let Some(cut) = cut {
            self.held = text.split_off(cut);
        }
        self.write(&text, out);
    }

    fn end(&mut self, out: &mut String) {
        let rest = std::mem::take(&mut self.held);
        self.write(&rest, out);
        if self.open {
            out.push_str("</span>");
        }
    }
}

/// Text without newlines at its end.
#[derive(Default)]
pub(crate) struct Trimmed {
    newlines: usize,
}

impl Way for Trimmed {
    fn push(&mut self, piece: &str, out: &mut String) {
        trimmed(piece, &mut self.newlines, out);
    }
}

/// Bytes that come in pieces as text; what is no UTF-8 is replaced.
#[derive(Default)]
pub(crate) struct Utf8 {
    rest: Vec<u8>,
}

impl Utf8 {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.rest);
        let (mut text, mut left) = (String::with_capacity(all.len()), &all[..]);
        while !left.is_empty() {
            match std::str::from_utf8(left) {
                Ok(whole) => {
                    text.push_str(whole);
                    break;
                }
                Err(error) => {
                    let (good, bad) = left.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(good));
                    let Some(length) = error.error_len() else {
                        self.rest = bad.to_vec();
                        break;
                    };
                    text.push('\u{fffd}');
                    left = &bad[length..];
                }
            }
        }
        text
    }

    pub(crate) fn end(&mut self) -> &'static str {
        if std::mem::take(&mut self.rest).is_empty() { "" } else { "\u{fffd}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn through(mut way: impl Way, text: &str, step: usize) -> String {
        let (mut out, mut utf8) = (String::new(), Utf8::default());
        for piece in text.as_bytes().chunks(step) {
            way.push(&utf8.push(piece), &mut out);
        }
        way.push(utf8.end(), &mut out);
        way.end(&mut out);
        out
    }

    proptest! {
        #[test]
        fn in_pieces_it_is_what_it_is_at_once(
            text in "([a`<&\"\\\\]|\n|\r|\r\n|\u{1b}\\[31m|\u{1b}\\[0m|\u{1b}|\u{1b}\\[|é|\u{2028}|\u{1f}){0,40}",
            step in 1usize..9,
        ) {
            prop_assert_eq!(through(Terminal::html(), &text, step), ansi::to_html(&text));
            let stripped = ansi::strip(&text);
            prop_assert_eq!(through(Terminal::stripped(), &text, step), stripped.trim_end_matches('\n'));
            prop_assert_eq!(through(Each(in_html), &text, step), html::escape(&text));
            prop_assert_eq!(through(Trimmed::default(), &text, step), text.trim_end_matches('\n'));
            let string = json::canonical(&text.clone().into());
            prop_assert_eq!(format!("\"{}\"\n", through(Each(json_text), &text, step)), string);
            let lines = json::split_lines(&text);
            let list = json::canonical(&lines.iter().copied().map(serde_json::Value::from).collect());
            if !lines.is_empty() {
                prop_assert_eq!(format!("[\n {}\n]\n", through(Lines::new(1), &text, step)), list);
            }
            let tree = serde_json::json!({"a": [text, {"b": lines}]});
            let outer = json::canonical(&serde_json::json!([[tree.clone()]]));
            let inner = through(Deeper::new(2), &json::canonical(&tree), step);
            prop_assert_eq!(format!("[\n [\n  {inner}\n ]\n]\n"), outer);
        }
    }

    #[test]
    fn what_is_no_utf8_is_replaced() {
        let (mut utf8, mut text) = (Utf8::default(), String::new());
        for byte in b"a\xc3\xa9\xffb\xc3" {
            text.push_str(&utf8.push(&[*byte]));
        }
        text.push_str(utf8.end());
        assert_eq!(text, "a\u{e9}\u{fffd}b\u{fffd}");
    }
}
