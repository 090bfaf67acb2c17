//! Takes out of a message's content what is too big for the journal.

use serde_json::Value;

/// Text longer than this lies in a file.
pub(crate) const INLINE: usize = 16 << 10;
/// So much of a value's beginning and end is kept in the entry.
const ENDS: usize = 2 << 10;
/// Deeper is not looked: what is big there goes as a whole.
const DEEPEST: usize = 2;

/// Something big.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) path: Vec<String>,
    pub(crate) bytes: String,
    pub(crate) json: bool,
}

impl Found {
    /// The first and the last of it, as whole characters.
    pub(crate) fn ends(&self) -> (String, String) {
        let text = &self.bytes;
        let head = text.floor_char_boundary(ENDS.min(text.len()));
        let tail = text.ceil_char_boundary(text.len().saturating_sub(ENDS));
        (text[..head].to_owned(), text[tail..].to_owned())
    }
}

/// Replaces what is big by null and returns it.
pub(crate) fn take(content: &mut Value) -> Vec<Found> {
    let mut found = Vec::new();
    walk(content, &mut Vec::new(), &mut found);
    found
}

/// About as long as its JSON; stops counting at `enough`.
fn size(value: &Value, enough: usize) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(list) => {
            let mut sum = 2;
            for item in list {
                sum += 1 + size(item, enough);
                if sum > enough {
                    break;
                }
            }
            sum
        }
        Value::Object(map) => {
            let mut sum = 2;
            for (key, item) in map {
                sum += key.len() + 4 + size(item, enough);
                if sum > enough {
                    break;
                }
            }
            sum
        }
        _ => 8,
    }
}

fn walk(value: &mut Value, path: &mut Vec<String>, found: &mut Vec<Found>) {
    if size(value, INLINE) <= INLINE {
        return;
    }
    if let Value::Object(map) = value
        && path.len() < DEEPEST
    {
        for (key, item) in map.iter_mut() {
            path.push(key.clone());
            walk(item, path, found);
            path.pop();
        }
        // A message stays an object, however many small things are in it.
        if path.is_empty() || size(value, 4 * INLINE) <= 4 * INLINE {
            return;
        }
        found.retain(|f| !f.path.starts_with(path));
    }
    let taken = value.take();
    let (bytes, json) = match taken {
        Value::String(text) => (text, false),
        other => (other.to_string(), true),
    };
    found.push(Found { path: path.clone(), bytes, json });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_big_is_taken_and_its_place_is_known() {
        let big = "ä".repeat(INLINE);
        let list: Vec<_> = (0..INLINE).collect();
        let mut content =
            json!({"data": {"text/plain": "x", "text/html": big, "application/json": {"a": list}}, "n": 1});
        let found = take(&mut content);
        let null = json!({"data": {"text/plain": "x", "text/html": null, "application/json": null}, "n": 1});
        assert_eq!(content, null);
        assert_eq!(found.len(), 2);
        let html = found.iter().find(|f| !f.json).unwrap();
        assert_eq!(html.path, ["data", "text/html"]);
        let (head, tail) = html.ends();
        assert_eq!((head.len(), tail.len()), (ENDS, ENDS));
        assert_eq!(found.iter().find(|f| f.json).unwrap().path, ["data", "application/json"]);
    }

    #[test]
    fn many_small_things_go_together() {
        let many: serde_json::Map<_, _> = (0..20_000).map(|i| (i.to_string(), json!("x"))).collect();
        let mut content = json!({"data": {"text/plain": many}});
        let found = take(&mut content);
        assert_eq!(content, json!({"data": {"text/plain": null}}));
        assert_eq!((found.len(), found[0].json), (1, true));
    }
}
