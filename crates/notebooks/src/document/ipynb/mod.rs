//! `.ipynb`, the format of Jupyter's files (nbformat 4): <https://nbformat.readthedocs.io/en/latest/format_description.html>.
//!
//! Everything in a file that we don't know is kept and written again. A file that could not be read whole is refused,
//! never read in part. What had to be mended is told.

mod ganimede;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Loaded, Refused, read, read_value};
pub use write::{to_bytes, to_value};

use serde_json::Value;

/// Fields of a notebook with a meaning of their own.
const NOTEBOOK_FIELDS: [&str; 4] = ["cells", "metadata", "nbformat", "nbformat_minor"];
/// Fields of a cell with a meaning of their own.
const CELL_FIELDS: [&str; 5] = ["id", "cell_type", "source", "metadata", "attachments"];
/// Fields that only code cells have.
const CODE_FIELDS: [&str; 2] = ["execution_count", "outputs"];
/// Keys of a cell's `metadata.gm` that are its layout.
const LAYOUT: [&str; 4] = ["top", "left", "width", "height"];

/// Whether nbformat leaves the values of this mime type as they are.
fn is_json_mime(mime: &str) -> bool {
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

/// Whether nbformat writes texts of this mime type as lists of lines.
fn is_split_mime(mime: &str) -> bool {
    mime.starts_with("text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

/// Whether an output holds a bundle of mime types.
fn has_bundle(kind: &str) -> bool {
    kind == "execute_result" || kind == "display_data"
}

/// The elements of a list that has only texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
