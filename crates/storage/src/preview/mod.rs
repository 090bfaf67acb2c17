//! The first look at a file: bounded in time and memory, whatever its size.

mod array;
mod columns;
mod geojson;
mod image;
mod json;
mod npy;
mod structure;
mod table;

use crate::media;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub(crate) use array::{Blocks, place, plane};
pub use columns::{Column, ColumnType, Role};
pub(crate) use columns::{Said, crs_name, heading};
pub(crate) use geojson::each_feature;
pub(crate) use npy::Npy;
pub(crate) use structure::{STRUCTURE_HEAD, Structure, columns_of, structure};
pub(crate) use table::{Rows, json_cell};

/// The most bytes that a preview reads.
pub(crate) const HEAD: u64 = 4 << 20;
/// The most bytes of features that are shown.
const FEATURES: usize = 1 << 20;
const TEXT: usize = 16 << 10;
const BINARY: usize = 256;

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
    /// The first features of a GeoJSON collection.
    Geojson {
        /// A `FeatureCollection` of them.
        value: Value,
        /// How many features the file has; absent when it was not read to its end.
        #[serde(skip_serializing_if = "Option::is_none")]
        features: Option<u64>,
        /// The reference system of its positions, for instance `EPSG:4326`.
        crs: String,
    },
    /// An array of numbers (NumPy's `.npy`).
    Array {
        /// As NumPy writes it, for instance `<f8`.
        dtype: String,
        /// The lengths of its axes.
        shape: Vec<u64>,
        /// The smallest finite value of the part that was read.
        minimum: Option<f64>,
        /// The largest finite value of the part that was read.
        maximum: Option<f64>,
        /// The mean of the finite values of the part that was read.
        mean: Option<f64>,
        /// At most 100 rows of at most 100 means of blocks, of the first plane when there are more than two axes;
        /// one row for an array of one axis; null where nothing is finite or was read.
        values: Vec<Vec<Option<f64>>>,
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
    if let Some(shown) = array::show(head) {
        return shown;
    }
    if is_geojson(&kind, head)
        && let Some(shown) = features(head, whole)
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

/// GeoJSON often goes by the name of JSON.
fn is_geojson(kind: &str, head: &[u8]) -> bool {
    let start = &head[..head.len().min(1024)];
    kind == "application/geo+json"
        || kind == "application/json" && start.windows(17).any(|part| part == b"FeatureCollection")
}

fn features(head: &[u8], whole: bool) -> Option<(Shown, bool)> {
    let (found, at_end) = geojson::read(head, FEATURES);
    if !found.is_collection {
        return None;
    }
    let complete = whole && at_end && found.kept.len() as u64 == found.seen;
    let kept: Vec<Value> = found.kept.iter().filter_map(|f| serde_json::from_str(f.get()).ok()).collect();
    let value = serde_json::json!({"type": "FeatureCollection", "features": kept});
    let crs = found.crs.unwrap_or_else(|| "EPSG:4326".into());
    Some((Shown::Geojson { value, features: (whole && at_end).then_some(found.seen), crs }, complete))
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
                ("time", ColumnType::Time),
                ("n", ColumnType::Integer),
                ("x", ColumnType::Number),
                ("ok", ColumnType::Boolean),
                ("note", ColumnType::Text),
                ("none", ColumnType::Empty)
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
            for kind in ["text/csv", "application/json", "application/geo+json", "image/png", "x"] {
                structure(kind, bytes.len() as u64, &bytes);
                preview(kind, bytes.len() as u64 + u64::from(more), &bytes, 5);
            }
        }
    }
}
