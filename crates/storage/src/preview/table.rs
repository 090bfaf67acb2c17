//! CSV (RFC 4180) and its tab-separated sister, read in chunks.

use super::{Column, ColumnType, Shown};
use castalia_base::Error;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::Value;
use std::borrow::Cow;

/// The longest row, in bytes.
const MAX_ROW: usize = 1 << 20;
/// The most columns.
const MAX_COLUMNS: usize = 20_000;
/// The most characters of a cell in a preview.
const MAX_CELL: usize = 1000;

/// Rows out of chunks of bytes. Memory is bounded by the longest row.
pub(crate) struct Rows {
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    /// How much of `output` and `ends` the row at hand has filled.
    filled: (usize, usize),
    begun: bool,
}

impl Rows {
    pub(crate) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, output: vec![0; 4096], ends: vec![0; 64], filled: (0, 0), begun: false }
    }

    /// The rows that end within `bytes`, as text. An empty chunk means the end of the file.
    ///
    /// # Errors
    /// `not_a_table` for a row beyond all measure.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(Vec<String>) -> bool,
    ) -> Result<(), Error> {
        self.push_cells(bytes, |row| take((0..row.ends.len()).map(|at| row.get(at).into_owned()).collect()))
    }

    /// As [`Rows::push`], for who wants only some of the cells.
    ///
    /// # Errors
    /// `not_a_table` for a row beyond all measure.
    pub(crate) fn push_cells(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&RowCells<'_>) -> bool,
    ) -> Result<(), Error> {
        let mut input = bytes;
        if !self.begun && !bytes.is_empty() {
            // A byte order mark, as spreadsheet programs write it.
            input = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            self.begun = true;
        }
        loop {
            let (at, end) = self.filled;
            let (result, read, wrote, ended) =
                self.reader.read_record(input, &mut self.output[at..], &mut self.ends[end..]);
            input = &input[read..];
            self.filled = (at + wrote, end + ended);
            match result {
                ReadRecordResult::InputEmpty => return Ok(()),
                ReadRecordResult::End => return Ok(()),
                ReadRecordResult::OutputFull => grow(&mut self.output, MAX_ROW)?,
                ReadRecordResult::OutputEndsFull => grow(&mut self.ends, MAX_COLUMNS)?,
                ReadRecordResult::Record => {
                    let row = RowCells { text: &self.output, ends: &self.ends[..self.filled.1] };
                    let more = take(&row);
                    self.filled = (0, 0);
                    if !more {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// The cells of one row.
pub(crate) struct RowCells<'a> {
    text: &'a [u8],
    /// Where each cell ends.
    ends: &'a [usize],
}

impl RowCells<'_> {
    /// One cell; empty where the row is too short.
    pub(crate) fn get(&self, at: usize) -> Cow<'_, str> {
        let Some(end) = self.ends.get(at) else {
            return Cow::Borrowed("");
        };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        String::from_utf8_lossy(&self.text[start..*end])
    }
}

fn grow<T: Default + Clone>(buffer: &mut Vec<T>, limit: usize) -> Result<(), Error> {
    if buffer.len() >= limit {
        let text = "a row is longer than 1 MiB or has more than 20000 columns; this is no table";
        return Err(Error::unprocessable("not_a_table", text, Vec::new()));
    }
    buffer.resize((buffer.len() * 2).min(limit), T::default());
    Ok(())
}

/// A cell as JSON text: a number when it is written like one, null when empty, else a string.
pub(crate) fn json_cell(cell: &str) -> String {
    if cell.is_empty() {
        return "null".into();
    }
    if is_number(cell) {
        return cell.to_owned();
    }
    Value::from(cell).to_string()
}

/// Whether the text is a number of JSON's grammar (so `007`, `+1` and `NaN` stay text).
fn is_number(cell: &str) -> bool {
    cell.len() <= 64
        && cell.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(cell).is_ok()
}

/// The first rows of a table.
pub(crate) struct FirstRows {
    header: Vec<String>,
    body: Vec<Vec<String>>,
    /// Whether there are no more than these.
    complete: bool,
}

impl FirstRows {
    pub(crate) fn columns(&self) -> Vec<Column> {
        let column = |(at, name): (usize, &String)| Column::new(name, kind(&self.body, at));
        self.header.iter().enumerate().map(column).collect()
    }
}

/// The first `limit` rows of what is there of a table.
pub(crate) fn read(head: &[u8], whole: bool, delimiter: u8, limit: usize) -> Option<FirstRows> {
    let mut rows = Rows::new(delimiter);
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut take = |row| {
        found.push(row);
        found.len() <= limit + 1
    };
    rows.push(head, &mut take).ok()?;
    if whole {
        rows.push(&[], &mut take).ok()?;
    }
    let complete = found.len() <= limit + 1;
    found.truncate(limit + 1);
    let mut found = found.into_iter();
    let header = found.next().unwrap_or_default();
    Some(FirstRows { header, body: found.collect(), complete })
}

pub(super) fn show(head: &[u8], whole: bool, delimiter: u8, limit: usize) -> Option<(Shown, bool)> {
    let read = read(head, whole, delimiter, limit)?;
    let columns = read.columns();
    let rows = read.body.iter().map(|row| row.iter().map(|cell| value(cell)).collect()).collect();
    Some((Shown::Table { columns, rows }, read.complete))
}

fn value(cell: &str) -> Value {
    if cell.chars().count() > MAX_CELL {
        return Value::from(cell.chars().take(MAX_CELL).chain(['…']).collect::<String>());
    }
    serde_json::from_str(&json_cell(cell)).unwrap_or_else(|_| Value::from(cell))
}

/// What all cells of a column are.
fn kind(rows: &[Vec<String>], column: usize) -> ColumnType {
    let cells = || rows.iter().filter_map(|row| row.get(column)).filter(|cell| !is_missing(cell));
    let all = |test: fn(&str) -> bool| cells().all(|cell| test(cell.trim()));
    if cells().next().is_none() {
        ColumnType::Empty
    } else if all(|cell| cell.parse::<i64>().is_ok()) {
        ColumnType::Integer
    } else if all(|cell| cell.parse::<f64>().is_ok()) {
        ColumnType::Number
    } else if all(|cell| matches!(cell.to_ascii_lowercase().as_str(), "true" | "false")) {
        ColumnType::Boolean
    } else if all(is_time) {
        ColumnType::Time
    } else {
        ColumnType::Text
    }
}

/// What people and programs write where there is no value.
fn is_missing(cell: &str) -> bool {
    let words = ["", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "#n/a", "missing"];
    let cell = cell.trim();
    words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// `2024-01-31`, alone or with a time behind it (ISO 8601).
pub(super) fn is_time(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    digits(0..4)
        && bytes.get(4) == Some(&b'-')
        && digits(5..7)
        && bytes.get(7) == Some(&b'-')
        && digits(8..10)
        && matches!(bytes.get(10), None | Some(b'T' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(chunks: &[&[u8]]) -> Vec<Vec<String>> {
        let mut rows = Rows::new(b',');
        let mut found = Vec::new();
        for chunk in chunks.iter().filter(|c| !c.is_empty()).chain([&&b""[..]]) {
            rows.push(chunk, |row| {
                found.push(row);
                true
            })
            .expect("is a table");
        }
        found
    }

    proptest! {
        #[test]
        fn where_the_chunks_end_does_not_matter(text in "[a1,\"\n\r]{0,60}", cut in 0usize..60) {
            let cut = cut.min(text.len());
            let (a, b) = text.as_bytes().split_at(cut);
            prop_assert_eq!(parse(&[text.as_bytes()]), parse(&[a, b]));
        }
    }

    #[test]
    fn a_row_without_end_is_refused() {
        let mut rows = Rows::new(b',');
        let error = rows.push(&vec![b'x'; 3 << 20], |_| true).expect_err("too long");
        assert_eq!(error.code(), "not_a_table");
        assert_eq!(
            ["1", "007", "-1e3", "NaN", ""].map(json_cell),
            ["1", "\"007\"", "-1e3", "\"NaN\"", "null"]
        );
    }
}
