//! Literals of Python as JSON, and where a statement ends.

use serde_json::{Map, Number, Value};

/// Deeper ones are nobody's parameters.
const DEEPEST: usize = 32;

/// The value of a literal: `None`, truth, numbers, texts, lists, tuples and dicts of these. Nothing for anything else.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('#') else { return };
            self.rest = comment.find('\n').map_or("", |at| &comment[at..]);
        }
    }

    fn eat(&mut self, what: char) -> bool {
        self.space();
        match self.rest.strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '[' => self.list(']', depth).map(|(items, _)| Value::Array(items)),
            '(' => {
                // `(1)` is a number in brackets, `(1,)` a tuple.
                let (mut items, comma) = self.list(')', depth)?;
                if items.len() == 1 && !comma { items.pop() } else { Some(Value::Array(items)) }
            }
            '{' => self.dict(depth),
            '"' | '\'' => self.texts(),
            'r' | 'R' if self.rest[1..].starts_with(['"', '\'']) => self.texts(),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "None" => Some(Value::Null),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let sign = if self.eat('-') { "-" } else { "" };
        if sign.is_empty() {
            self.eat('+');
        }
        let mut end = 0;
        let bytes = self.rest.as_bytes();
        while end < bytes.len() {
            let exponent =
                end > 0 && matches!(bytes[end - 1], b'e' | b'E') && matches!(bytes[end], b'+' | b'-');
            if !(bytes[end].is_ascii_alphanumeric() || matches!(bytes[end], b'.' | b'_') || exponent) {
                break;
            }
            end += 1;
        }
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        let digits = format!("{sign}{}", digits.replace('_', ""));
        if let Ok(whole) = digits.parse::<i64>() {
            return Some(whole.into());
        }
        // Words such as `inf` are numbers to Rust, not to Python.
        let plain =
            digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
        Number::from_f64(digits.parse().ok().filter(|_| plain)?).map(Value::Number)
    }

    /// Texts that stand side by side are one.
    fn texts(&mut self) -> Option<Value> {
        let mut all = self.text()?;
        loop {
            self.space();
            if !self.rest.starts_with(['"', '\'']) {
                return Some(Value::String(all));
            }
            all.push_str(&self.text()?);
        }
    }

    fn text(&mut self) -> Option<String> {
        let raw = self.rest.starts_with(['r', 'R']);
        self.rest = &self.rest[usize::from(raw)..];
        let quote = self.rest.chars().next()?;
        let long: String = std::iter::repeat_n(quote, 3).collect();
        let mark = if self.rest.starts_with(&long) { long } else { quote.to_string() };
        self.rest = &self.rest[mark.len()..];
        let mut out = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix(mark.as_str()) {
                self.rest = rest;
                return Some(out);
            }
            let mut chars = self.rest.chars();
            match (chars.next()?, raw) {
                ('\n', _) if mark.len() == 1 => return None,
                ('\\', false) => match chars.next()? {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    '\n' => {}
                    c @ ('\\' | '\'' | '"') => out.push(c),
                    // Others are rare enough to leave the value to the notebook.
                    _ => return None,
                },
                ('\\', true) => out.extend(['\\', chars.next()?]),
                (c, _) => out.push(c),
            }
            self.rest = chars.as_str();
        }
    }

    /// Items up to the closing bracket, and whether a comma stood behind the last.
    fn list(&mut self, close: char, depth: usize) -> Option<(Vec<Value>, bool)> {
        self.rest = &self.rest[1..];
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            if self.eat(close) {
                return Some((items, comma));
            }
            items.push(self.value(depth + 1)?);
            comma = self.eat(',');
            if !comma {
                return self.eat(close).then_some((items, false));
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.rest = &self.rest[1..];
        let mut map = Map::new();
        loop {
            if self.eat('}') {
                return Some(Value::Object(map));
            }
            let Value::String(key) = self.value(depth + 1)? else { return None };
            if !self.eat(':') {
                return None;
            }
            map.insert(key, self.value(depth + 1)?);
            if !self.eat(',') {
                return self.eat('}').then_some(Value::Object(map));
            }
        }
    }
}

/// What a scan of code sees at a place.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

enum Seen {
    Char(char),
    Comment,
    /// A text that is not closed.
    Open,
    End,
}

impl Scan<'_> {
    /// The next character of code; texts are stepped over.
    fn next(&mut self) -> (usize, Seen) {
        let at = self.at;
        let rest = &self.text[at..];
        let Some(c) = rest.chars().next() else { return (at, Seen::End) };
        if c == '#' {
            return (at, Seen::Comment);
        }
        if c == '"' || c == '\'' {
            return match end_of_text(rest, c) {
                Some(length) => {
                    self.at += length;
                    (at, Seen::Char(c))
                }
                None => (at, Seen::Open),
            };
        }
        match c {
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at += c.len_utf8();
        (at, Seen::Char(c))
    }
}

fn end_of_text(rest: &str, quote: char) -> Option<usize> {
    let long: String = std::iter::repeat_n(quote, 3).collect();
    let mark = if rest.starts_with(&long) { long } else { quote.to_string() };
    let mut at = mark.len();
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with(&mark) {
            return Some(at + mark.len());
        }
        let c = here.chars().next()?;
        if c == '\n' && mark.len() == 1 {
            // A mistake of whoever wrote it; it ends with its line.
            return Some(at);
        }
        at += c.len_utf8();
        if c == '\\' {
            at += rest[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    None
}

/// Where a character stands outside of texts and brackets.
pub(super) fn find_outside(text: &str, wanted: char) -> Option<usize> {
    let mut scan = Scan { text, at: 0, depth: 0 };
    loop {
        match scan.next() {
            (at, Seen::Char(c)) if c == wanted && scan.depth == 0 => return Some(at),
            (_, Seen::Char(_)) => {}
            _ => return None,
        }
    }
}

/// A statement without its last comment, and that comment, if all its brackets and texts are closed.
pub(super) fn complete(text: &str) -> Option<(String, Option<String>)> {
    let mut scan = Scan { text, at: 0, depth: 0 };
    loop {
        match scan.next() {
            (_, Seen::Char('\\')) if text[scan.at..].trim().is_empty() => return None,
            (_, Seen::Char(_)) => {}
            (_, Seen::Open) => return None,
            (at, Seen::End) => return (scan.depth == 0).then(|| (text[..at].to_owned(), None)),
            (at, Seen::Comment) => {
                let line = text[at..].find('\n').map_or(text.len(), |end| at + end);
                if line == text.len() {
                    let comment = text[at + 1..].trim().to_owned();
                    return (scan.depth == 0).then(|| (text[..at].to_owned(), Some(comment)));
                }
                scan.at = line;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn literals_are_read_and_nothing_else_is() {
        for (text, value) in [
            ("-3", json!(-3)),
            ("1_000", json!(1000)),
            ("2.", json!(2.0)),
            ("1e-3", json!(0.001)),
            ("'it\\'s'", json!("it's")),
            ("r'a\\b'", json!("a\\b")),
            ("'a' \"b\"", json!("ab")),
            ("(1)", json!(1)),
            ("(1,)", json!([1])),
            ("()", json!([])),
            ("[1, [2, 'x'], {'k': None}]", json!([1, [2, "x"], {"k": null}])),
            ("'''two\nlines'''", json!("two\nlines")),
        ] {
            assert_eq!(parse(text), Some(value), "{text}");
        }
        for text in [
            "x",
            "1 + 1",
            "f'{x}'",
            "{1: 2}",
            "{1, 2}",
            "inf",
            "0x",
            "'open",
            "[1",
            "None or 1",
            "\"\\x00\"",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(1000)), None);
    }
}
