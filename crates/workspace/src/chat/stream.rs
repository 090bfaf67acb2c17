//! Reads what an endpoint streams: server-sent events of OpenAI's kind, or lines of JSON of Ollama's.

use super::Kind;
use serde_json::{Value, json};

/// A line that does not end is not waited for beyond this.
const LONGEST: usize = 1 << 20;

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Done,
    Error(String),
}

impl Piece {
    pub(super) fn is_last(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    /// As a line for the browser.
    pub(super) fn line(&self) -> String {
        let value = match self {
            Self::Text(text) => json!({"text": text}),
            Self::Done => json!({"done": true}),
            Self::Error(why) => json!({"error": why}),
        };
        format!("{value}\n")
    }
}

/// Cuts a stream into pieces.
pub(super) struct Pieces {
    kind: Kind,
    rest: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, rest: Vec::new() }
    }

    /// Takes the next bytes. Nothing comes after a last piece.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.rest.extend_from_slice(bytes);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(length) = self.rest[from..].iter().position(|&b| b == b'\n') {
            let line = String::from_utf8_lossy(&self.rest[from..from + length]);
            let piece = self.read(line.trim());
            from += length + 1;
            if let Some(piece) = piece {
                let last = piece.is_last();
                found.push(piece);
                if last {
                    break;
                }
            }
        }
        self.rest.drain(..from);
        if self.rest.len() > LONGEST {
            found.push(Piece::Error("the endpoint sends a line without an end".into()));
        }
        found
    }

    /// The stream is over.
    pub(super) fn finish(&mut self) -> Piece {
        let line = String::from_utf8_lossy(&self.rest).trim().to_owned();
        self.read(&line).filter(Piece::is_last).unwrap_or(Piece::Done)
    }

    fn read(&self, line: &str) -> Option<Piece> {
        let text = match self.kind {
            Kind::OpenAi => match line.strip_prefix("data:").map(str::trim) {
                Some("[DONE]") => return Some(Piece::Done),
                Some(data) => data,
                // Comments, names of events and empty lines; an error may come as it is.
                None if line.starts_with('{') => line,
                None => return None,
            },
            Kind::Ollama => line,
        };
        let value: Value = serde_json::from_str(text).ok()?;
        if let Some(why) = error_in(&value) {
            return Some(Piece::Error(why));
        }
        let (words, done) = match self.kind {
            Kind::OpenAi => (value.pointer("/choices/0/delta/content"), false),
            Kind::Ollama => (value.pointer("/message/content"), value["done"] == true),
        };
        match words.and_then(Value::as_str).filter(|words| !words.is_empty()) {
            Some(words) => Some(Piece::Text(words.to_owned())),
            None if done => Some(Piece::Done),
            None => None,
        }
    }
}

fn error_in(value: &Value) -> Option<String> {
    let error = value.get("error").filter(|error| !error.is_null())?;
    let words = error.as_str().or_else(|| error.get("message")?.as_str()).unwrap_or("the endpoint failed");
    Some(words.chars().take(500).collect())
}

/// What an answer that is an error says.
pub(super) fn error_of(body: &str) -> Option<String> {
    error_in(&serde_json::from_str(body).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(kind: Kind, text: &str, size: usize) -> Vec<Piece> {
        let mut pieces = Pieces::new(kind);
        let mut found: Vec<Piece> =
            text.as_bytes().chunks(size).flat_map(|chunk| pieces.feed(chunk)).collect();
        if !found.last().is_some_and(Piece::is_last) {
            found.push(pieces.finish());
        }
        found
    }

    #[test]
    fn both_ways_of_speaking_are_read_in_any_pieces() {
        let openai = ": hello\n\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Grü\"}}]}\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"ße\"}}]}\r\n\ndata: [DONE]\n\n";
        let ollama = "{\"message\":{\"content\":\"Grü\"},\"done\":false}\n{\"message\":{\"content\":\"ße\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true}\n";
        for size in [1, 3, 1000] {
            for (kind, text) in [(Kind::OpenAi, openai), (Kind::Ollama, ollama)] {
                let expected = [Piece::Text("Grü".into()), Piece::Text("ße".into()), Piece::Done];
                assert_eq!(all(kind, text, size), expected, "{kind:?} {size}");
            }
        }
    }

    #[test]
    fn errors_are_told_and_end_it() {
        assert_eq!(
            all(Kind::OpenAi, "data: {\"error\":{\"message\":\"no\"}}\n", 9),
            [Piece::Error("no".into())]
        );
        assert_eq!(
            all(Kind::Ollama, "{\"error\":\"model not found\"}", 9),
            [Piece::Error("model not found".into())]
        );
        assert_eq!(all(Kind::Ollama, "rubbish\n", 9), [Piece::Done]);
        assert_eq!(Piece::Text("a\n\"".into()).line(), "{\"text\":\"a\\n\\\"\"}\n");
    }
}
