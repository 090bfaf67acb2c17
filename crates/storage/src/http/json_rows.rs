//! A table as a JSON array of objects, converted while it streams.

use crate::blobs::ByteStream;
use crate::preview::{Rows, json_cell};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde_json::Value;

struct Converter {
    rows: Rows,
    /// The headings as JSON text.
    header: Option<Vec<String>>,
    any: bool,
}

impl Converter {
    /// The JSON of the rows that end within a chunk; an empty chunk ends the table.
    fn convert(&mut self, chunk: &[u8]) -> std::io::Result<Bytes> {
        let mut text = String::with_capacity(chunk.len() * 2);
        let (header, any) = (&mut self.header, &mut self.any);
        let take = |row: Vec<String>| {
            match header {
                None => {
                    text.push('[');
                    *header = Some(row.iter().map(|name| Value::from(name.as_str()).to_string()).collect());
                }
                Some(names) => {
                    text.push_str(if *any { ",\n{" } else { "\n{" });
                    *any = true;
                    for (at, (name, cell)) in names.iter().zip(&row).enumerate() {
                        let comma = if at > 0 { "," } else { "" };
                        text.push_str(&format!("{comma}{name}:{}", json_cell(cell)));
                    }
                    text.push('}');
                }
            }
            true
        };
        self.rows.push(chunk, take).map_err(std::io::Error::other)?;
        if chunk.is_empty() {
            text.push_str(if self.header.is_some() { "\n]\n" } else { "[]\n" });
        }
        Ok(text.into())
    }
}

/// The table's rows as JSON. A table that breaks ends the stream with an error, so that no client takes it
/// for whole.
pub(super) fn json_rows(
    bytes: ByteStream,
    delimiter: u8,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    let converter = Converter { rows: Rows::new(delimiter), header: None, any: false };
    futures::stream::unfold((bytes, converter, false), |(mut bytes, mut converter, done)| async move {
        if done {
            return None;
        }
        match bytes.next().await {
            Some(Ok(chunk)) if chunk.is_empty() => Some((Ok(Bytes::new()), (bytes, converter, false))),
            Some(Ok(chunk)) => {
                let out = converter.convert(&chunk);
                let failed = out.is_err();
                Some((out, (bytes, converter, failed)))
            }
            Some(Err(error)) => Some((Err(error), (bytes, converter, true))),
            None => Some((converter.convert(&[]), (bytes, converter, true))),
        }
    })
    // The compression layer asks once more after the end, which an unfold answers with a panic.
    .fuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(text: &str) -> Value {
        let mut converter = Converter { rows: Rows::new(b','), header: None, any: false };
        let mut json = Vec::new();
        for chunk in text.as_bytes().chunks(3).chain([&[][..]]) {
            json.extend(converter.convert(chunk).expect("converts"));
        }
        serde_json::from_slice(&json).expect("is JSON")
    }

    #[test]
    fn tables_become_objects() {
        assert_eq!(
            converted("a,b\n1,x\n,\"y\"\n"),
            serde_json::json!([{"a": 1, "b": "x"}, {"a": null, "b": "y"}])
        );
        assert_eq!(converted("a,b\n"), serde_json::json!([]));
        assert_eq!(converted(""), serde_json::json!([]));
    }
}
