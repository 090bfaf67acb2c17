//! JSON as Python writes it, and JSON in the shared document.
//!
//! A checkpoint must be byte for byte what Python's nbformat writes for the same notebook, so that version control
//! shows edits and nothing else: keys sorted, one space of indent, no escaping beyond what JSON asks for, floats in
//! Python's spelling, a newline at the end.

use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use yrs::Any;
use yrs::any::Number as AnyNumber;

/// Writes a value as `json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)` does, with a newline behind.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out.push('\n');
    out
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            write_list(out, ('[', ']'), items.iter(), depth, |out, item| write_value(out, item, depth + 1));
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            write_list(out, ('{', '}'), entries.into_iter(), depth, |out, (key, value)| {
                write_string(out, key);
                out.push_str(": ");
                write_value(out, value, depth + 1);
            });
        }
    }
}

fn write_list<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl ExactSizeIterator<Item = T>,
    depth: usize,
    mut write: impl FnMut(&mut String, T),
) {
    out.push(open);
    let some = items.len() > 0;
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        new_line(out, depth + 1);
        write(out, item);
    }
    if some {
        new_line(out, depth);
    }
    out.push(close);
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth));
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|c| write_char(out, c));
    out.push('"');
}

/// A character within a string.
pub(crate) fn write_char(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c if c < ' ' => {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}

fn write_number(out: &mut String, number: &Number) {
    match number.as_f64() {
        Some(float) if number.is_f64() => out.push_str(&python_float(float)),
        _ => {
            let _ = write!(out, "{number}");
        }
    }
}

/// `repr(float)`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
fn python_float(float: f64) -> String {
    let short = format!("{float:e}");
    let Some((digits, exponent)) = short.split_once('e') else {
        return short;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let plain = format!("{float}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Whether a line ends behind this, as Python sees it; behind `\r` only when no `\n` follows.
pub(crate) fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Cuts a text behind its line ends, as Python's `str.splitlines(True)` does.
pub fn split_lines(text: &str) -> Vec<&str> {
    let (mut lines, mut start) = (Vec::new(), 0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !ends_line(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        if c == '\r' && chars.next_if(|(_, next)| *next == '\n').is_some() {
            end += 1;
        }
        lines.push(&text[start..end]);
        start = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// A value as it lies in the shared document.
pub fn to_any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(bool) => Any::Bool(*bool),
        Value::Number(number) => Any::Number(match number.as_i64() {
            Some(int) if int.unsigned_abs() < 1 << 53 => AnyNumber::Int(int),
            // Beyond that a browser would see a BigInt, which no JSON of its knows.
            _ => AnyNumber::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Any::String(Arc::from(text.as_str())),
        Value::Array(items) => Any::Array(items.iter().map(to_any).collect()),
        Value::Object(object) => {
            let entries: HashMap<_, _> =
                object.iter().map(|(key, value)| (key.clone(), to_any(value))).collect();
            Any::Map(Arc::new(entries))
        }
    }
}

/// A value out of the shared document.
///
/// A whole number is an integer, also where it comes as a float because it is beyond 31 bits, for that is how a
/// browser sends it. What JSON can't say (NaN, undefined, bytes) becomes null.
pub fn from_any(any: &Any) -> Value {
    match any {
        Any::Null | Any::Undefined | Any::Buffer(_) => Value::Null,
        Any::Bool(bool) => Value::Bool(*bool),
        Any::Number(AnyNumber::Int(int)) => Value::from(*int),
        Any::Number(AnyNumber::Float(float)) => number(*float),
        Any::String(text) => Value::String(text.to_string()),
        Any::Array(items) => Value::Array(items.iter().map(from_any).collect()),
        Any::Map(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), from_any(value))).collect())
        }
    }
}

/// A float of the document as JSON. Small whole floats stay floats: a browser sends those as integers, so a float
/// was meant as one.
fn number(float: f64) -> Value {
    let whole = float.trunc() == float && float.abs() > f64::from(i32::MAX) && float.abs() < 9e15;
    if whole { Value::from(float as i64) } else { Value::from(float) }
}

/// A whole number of the document, whatever it was sent as.
pub fn as_int(any: &Any) -> Option<i64> {
    match any {
        Any::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// Spells numbers in `value` as `before` does where they are the same number (`1.0` and `1`), because what passed
/// through a browser has forgotten how it was written.
pub fn adopt_spelling(before: &Value, value: &mut Value) {
    match (before, value) {
        (Value::Number(before), Value::Number(now)) if before != now && before.as_f64() == now.as_f64() => {
            *now = before.clone();
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            before.iter().zip(now).for_each(|(before, now)| adopt_spelling(before, now));
        }
        (Value::Object(before), Value::Object(now)) => adopt_object(before, now),
        _ => {}
    }
}

/// [`adopt_spelling`] for the values under the same keys.
pub fn adopt_object(before: &Map<String, Value>, now: &mut Map<String, Value>) {
    for (key, now) in now.iter_mut() {
        if let Some(before) = before.get(key) {
            adopt_spelling(before, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_are_spelt_as_python_does() {
        let cases = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (1e-5, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (0.0001, "0.0001"),
            (123_456_789_012_345.6, "123456789012345.6"),
            (1e15, "1000000000000000.0"),
            (-0.0, "-0.0"),
        ];
        for (float, text) in cases {
            assert_eq!(python_float(float), text);
        }
    }

    #[test]
    fn it_looks_as_nbformat_writes_it() {
        let value = json!({"b": [], "a": {}, "ü": ["\u{1f}\u{7f}\n", 1, 2.0], "A": null});
        let text = "{\n \"A\": null,\n \"a\": {},\n \"b\": [],\n \"ü\": [\n  \"\\u001f\u{7f}\\n\",\n  1,\n  2.0\n ]\n}\n";
        assert_eq!(canonical(&value), text);
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(
            split_lines("a\nb\r\nc\rd\u{2028}e\u{85}f"),
            ["a\n", "b\r\n", "c\r", "d\u{2028}", "e\u{85}", "f"]
        );
        assert_eq!(split_lines("a\n\n"), ["a\n", "\n"]);
        assert!(split_lines("").is_empty());
    }

    #[test]
    fn numbers_survive_the_document() {
        let value = json!([1, 1.0, -3, 0.5, 1_700_000_000_000_i64, 1e300]);
        assert_eq!(from_any(&to_any(&value)), value);
        let (mut now, before) = (json!({"a": [1, 2]}), json!({"a": [1.0, 2.5], "b": 1}));
        adopt_spelling(&before, &mut now);
        assert_eq!(now, json!({"a": [1.0, 2]}));
    }
}
