//! From the parts of a message to what stands in the journal.

use bytes::Bytes;
use jupyter_zmq_client::RawMessage;
use serde_json::Value;
use std::borrow::Cow;

/// A message of the kernel.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) kind: String,
    pub(super) parent: Option<String>,
    pub(super) content: Value,
    pub(super) metadata: Value,
    pub(super) buffers: Vec<Bytes>,
}

/// Why a message could not be read, with what is known of it.
#[derive(Debug)]
pub(super) struct Unparsable {
    pub(super) parent: Option<String>,
    pub(super) error: String,
    pub(super) bytes: usize,
    pub(super) head: String,
}

pub(super) fn parse(raw: RawMessage) -> Result<Said, Unparsable> {
    let mut parts = raw.jparts;
    let buffers = parts.split_off(4);
    let field = |part: &Bytes, key: &str| -> Option<String> {
        let value: Value = serde_json::from_slice(part).ok()?;
        Some(value.get(key)?.as_str()?.to_owned())
    };
    let parent = field(&parts[1], "msg_id");
    let bad = |error: String, of: &Bytes| Unparsable {
        parent: parent.clone(),
        error,
        bytes: of.len(),
        head: String::from_utf8_lossy(&of[..of.len().min(400)]).into_owned(),
    };
    let kind = field(&parts[0], "msg_type").ok_or_else(|| bad("its header has no type".into(), &parts[0]))?;
    let content = value(&parts[3]).map_err(|e| bad(format!("{kind}: {e}"), &parts[3]))?;
    if !content.is_object() {
        return Err(bad(format!("{kind}: its content is no object"), &parts[3]));
    }
    let metadata = value(&parts[2]).unwrap_or_default();
    Ok(Said { kind, parent, content, metadata, buffers })
}

/// Reads JSON as kernels write it: Python writes lone surrogates, which no Unicode text has.
fn value(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) => serde_json::from_str(&mended(bytes)).map_err(|_| error),
    }
}

/// The same text with U+FFFD for what is no character.
fn mended(bytes: &[u8]) -> String {
    let text: Cow<str> = String::from_utf8_lossy(bytes);
    let unit = |at: usize| -> Option<u32> {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        let start = at + found;
        out.push_str(&text[at..start]);
        let (take, lone) = match unit(start) {
            Some(0xd800..=0xdbff) if unit(start + 6).is_some_and(|u| (0xdc00..=0xdfff).contains(&u)) => {
                (12, false)
            }
            Some(0xd800..=0xdfff) => (6, true),
            Some(_) => (6, false),
            // An escape of one character, which may itself be long in UTF-8.
            None => (1 + text[start + 1..].chars().next().map_or(0, char::len_utf8), false),
        };
        out.push_str(if lone { "\\ufffd" } else { &text[start..start + take] });
        at = start + take;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(parts: [&[u8]; 4]) -> RawMessage {
        RawMessage {
            zmq_identities: vec![],
            jparts: parts.iter().map(|p| Bytes::copy_from_slice(p)).collect(),
        }
    }

    #[test]
    fn what_is_no_unicode_becomes_the_replacement_character() {
        let header = br#"{"msg_type":"stream"}"#;
        let content = br#"{"text":"a\ud800b \ud83d\ude00 \\ud800 \u00e4\n\udc00","x":"\xff"}"#.to_vec();
        let mut content = content;
        let at = content.windows(4).position(|w| w == b"\\xff").unwrap();
        content.splice(at..at + 4, [0xff]);
        let said = parse(raw([header, br#"{"msg_id":"r"}"#, b"{}", &content])).unwrap();
        assert_eq!(said.content, json!({"text": "a\u{fffd}b 😀 \\ud800 ä\n\u{fffd}", "x": "\u{fffd}"}));
        assert_eq!(said.parent.as_deref(), Some("r"));
    }

    #[test]
    fn what_can_not_be_read_is_told_with_its_request() {
        let header = br#"{"msg_type":"stream"}"#;
        for content in [&b"{nonsense"[..], b"[1]", b""] {
            let bad = parse(raw([header, br#"{"msg_id":"r"}"#, b"{}", content])).unwrap_err();
            assert_eq!((bad.parent.as_deref(), bad.bytes), (Some("r"), content.len()));
        }
        assert!(parse(raw([b"{}", b"{}", b"{}", b"{}"])).unwrap_err().parent.is_none());
    }
}
