//! The first look at a file: bounded in time and memory, whatever its size.

mod image;
mod json;
mod table;

use crate::media;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub(crate) use table::{Rows, json_cell};

/// The most bytes that a preview reads.
pub(crate) const HEAD: u64 = 4 << 20;
const TEXT: usize = 16 << 10;
const BINARY: usize = 256;

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// `integer`, `number`, `boolean`, `time` or `text`: what all of its shown cells are; `empty` for none.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// What a file looks like.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// The first rows of a table.
    Table {
        /// Its columns.
        columns: Vec<Column>,
        /// Rows of cells: numbers, text, or null for empty ones.
        rows: Vec<Vec<Value>>,
    },
    /// A JSON value, long parts cut.
    Json {
        /// The value.
        value: Value,
    },
    /// The first lines.
    Text {
        /// The text.
        text: String,
    },
    /// A picture, by its header.
    Image {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// Anything else: its first bytes in hexadecimal.
    Binary {
        /// The bytes.
        hex: String,
    },
}

/// The first look at a file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Preview {
    /// What kind of data it is.
    pub media_type: String,
    /// Bytes of the whole.
    pub size: u64,
    /// Whether there is more than is shown.
    pub truncated: bool,
    /// What it looks like.
    #[serde(flatten)]
    pub shown: Shown,
}

/// A preview out of the first bytes of a file.
pub(crate) fn preview(media_type: &str, size: u64, head: &[u8], rows: usize) -> Preview {
    let whole = head.len() as u64 == size;
    let (shown, complete) = show(media_type, head, whole, rows);
    Preview { media_type: media_type.to_owned(), size, truncated: !(whole && complete), shown }
}

/// What to show, and whether that is all of the head.
fn show(media_type: &str, head: &[u8], whole: bool, rows: usize) -> (Shown, bool) {
    let kind = media::essence(media_type);
    if let Some(delimiter) = media::table_delimiter(&kind)
        && let Some(shown) = table::show(head, whole, delimiter, rows)
    {
        return shown;
    }
    if whole
        && (kind == "application/json" || kind.ends_with("+json"))
        && let Ok(value) = serde_json::from_slice::<Value>(head)
    {
        let (value, complete) = json::prune(value);
        return (Shown::Json { value }, complete);
    }
    if let Some((width, height)) = image::size(head) {
        return (Shown::Image { width, height }, true);
    }
    match text(head) {
        Some(text) => {
            let complete = text.len() == head.len();
            (Shown::Text { text: text.to_owned() }, complete)
        }
        None => (Shown::Binary { hex: hex::encode(&head[..head.len().min(BINARY)]) }, head.len() <= BINARY),
    }
}

/// The first text of a file, if it is text: UTF-8 without NUL.
fn text(head: &[u8]) -> Option<&str> {
    let cut = &head[..head.len().min(TEXT)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => text,
        // Only the last character may be cut.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&cut[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn shown(media_type: &str, bytes: &[u8]) -> Shown {
        preview(media_type, bytes.len() as u64, bytes, 3).shown
    }

    #[test]
    fn tables_have_columns_with_types() {
        let text = b"\xef\xbb\xbftime,n,x,ok,note,none\n2024-01-01,1,1.5,true,\"a,\n\"\"b\"\"\",\n2024-01-02T00:00:00Z,2,1e3,false,c,\n";
        let Shown::Table { columns, rows } = shown("text/csv; charset=utf-8", text) else {
            panic!("no table")
        };
        let kinds: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
        assert_eq!(
            kinds,
            [
                ("time", "time"),
                ("n", "integer"),
                ("x", "number"),
                ("ok", "boolean"),
                ("note", "text"),
                ("none", "empty")
            ]
        );
        assert_eq!(
            rows[0],
            [json!("2024-01-01"), json!(1), json!(1.5), json!("true"), json!("a,\n\"b\""), Value::Null]
        );
        let many = preview("text/csv", 16, b"a\n1\n2\n3\n4\n5\n6\n7\n", 3);
        assert!(many.truncated);
    }

    #[test]
    fn other_kinds_are_shown_as_what_they_are() {
        assert_eq!(shown("application/json", br#"{"a":[1,2]}"#), Shown::Json { value: json!({"a": [1, 2]}) });
        let long = serde_json::to_vec(&vec![0; 1000]).expect("serialises");
        assert!(preview("application/json", long.len() as u64, &long, 3).truncated);
        assert_eq!(shown("text/plain", "grün".as_bytes()), Shown::Text { text: "grün".into() });
        assert_eq!(shown("application/x", b"\0\x01"), Shown::Binary { hex: "0001".into() });
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08";
        assert_eq!(shown("image/png", png), Shown::Image { width: 640, height: 480 });
    }

    proptest! {
        #[test]
        fn no_bytes_break_a_preview(bytes in proptest::collection::vec(any::<u8>(), 0..200), more in any::<bool>()) {
            for kind in ["text/csv", "application/json", "image/png", "x"] {
                preview(kind, bytes.len() as u64 + u64::from(more), &bytes, 5);
            }
        }
    }
}
