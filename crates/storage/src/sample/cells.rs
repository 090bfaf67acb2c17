//! Cells of a table as numbers and text.

use crate::preview::{Column, ColumnType, heading};
use castalia_base::Error;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The most characters of a cell.
const MAX_TEXT: usize = 200;

/// One value of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or no number where numbers were expected.
    #[default]
    Null,
    /// A finite number.
    Number(f64),
    /// Text, or a time as it stands in the file.
    Text(String),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => s.serialize_none(),
            Self::Number(value) => s.serialize_f64(*value),
            Self::Text(text) => s.serialize_str(text),
        }
    }
}

impl JsonSchema for Cell {
    fn schema_name() -> Cow<'static, str> {
        "Cell".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, a text (times as they stand in the file), or null.",
            "type": ["number", "string", "null"],
        })
    }
}

impl Cell {
    /// A number, if it is finite: JSON knows no others.
    pub(crate) fn number(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Null }
    }

    /// A cell of a column of this type. Where numbers are expected, anything else is nothing.
    pub(crate) fn parse(text: &str, kind: ColumnType) -> Self {
        let text = text.trim();
        let number = || text.parse().ok().filter(|value: &f64| value.is_finite()).map(Self::Number);
        match kind {
            _ if text.is_empty() => Self::Null,
            ColumnType::Integer | ColumnType::Number => number().unwrap_or_default(),
            ColumnType::Empty => number().unwrap_or_else(|| Self::text(text)),
            ColumnType::Boolean | ColumnType::Time | ColumnType::Text => Self::text(text),
        }
    }

    fn text(text: &str) -> Self {
        Self::Text(text.chars().take(MAX_TEXT).collect())
    }

    /// A JSON value as a cell of a column of this type.
    pub(crate) fn of_json(value: Option<&serde_json::Value>, kind: ColumnType) -> Self {
        match value {
            None | Some(serde_json::Value::Null) => Self::Null,
            Some(serde_json::Value::Number(n)) => n.as_f64().map_or(Self::Null, Self::number),
            Some(serde_json::Value::String(text)) => Self::parse(text, kind),
            Some(other) => Self::parse(&other.to_string(), kind),
        }
    }

    /// Where it lies on an axis: the number, or the milliseconds of a time.
    pub(crate) fn position(&self, kind: ColumnType) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Text(text) if kind == ColumnType::Time => milliseconds(text),
            _ => None,
        }
    }
}

/// Milliseconds since 1970 of an ISO 8601 time; without an offset it is UTC.
pub(crate) fn milliseconds(text: &str) -> Option<f64> {
    let exact = text.parse::<jiff::Timestamp>().map(|at| at.as_millisecond());
    let civil = || {
        let time = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
    };
    Some(exact.ok().or_else(civil)? as f64)
}

/// The place of the column that is called so: by its whole heading, or without its unit, in any case.
///
/// # Errors
/// `unknown_column` that names the columns there are.
pub(crate) fn index_of(columns: &[Column], wanted: &str, parameter: &str) -> Result<usize, Error> {
    let exact = columns.iter().position(|column| column.name == wanted);
    let bare = |column: &Column| heading(&column.name).0.eq_ignore_ascii_case(wanted.trim());
    exact.or_else(|| columns.iter().position(bare)).ok_or_else(|| {
        let names: Vec<&str> = columns.iter().take(50).map(|column| column.name.as_str()).collect();
        let more = if columns.len() > 50 { ", …" } else { "" };
        let text = format!("there is no column `{wanted}`; there are: {}{more}", names.join(", "));
        Error::field("unknown_column", format!("/{parameter}"), text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_their_places() {
        assert_eq!(Cell::parse(" 1.5 ", ColumnType::Number), Cell::Number(1.5));
        assert_eq!(Cell::parse("NaN", ColumnType::Number), Cell::Null);
        assert_eq!(Cell::parse("n/a", ColumnType::Integer), Cell::Null);
        assert_eq!(Cell::parse("", ColumnType::Text), Cell::Null);
        for (text, ms) in [
            ("1970-01-02", Some(86_400_000.0)),
            ("1970-01-01T00:00:01Z", Some(1000.0)),
            ("1970-01-01 01:00:00.5+01:00", Some(500.0)),
            ("1970-01-01 00:01", Some(60_000.0)),
            ("soon", None),
        ] {
            assert_eq!(milliseconds(text), ms, "{text}");
        }
        assert_eq!(Cell::Text("1970-01-02".into()).position(ColumnType::Text), None);
    }

    #[test]
    fn an_unknown_column_hears_what_there_is() {
        let columns = [Column::new("t", ColumnType::Time), Column::new("CO2 (ppm)", ColumnType::Number)];
        assert_eq!(index_of(&columns, "CO2 (ppm)", "y").ok(), Some(1));
        assert_eq!(index_of(&columns, "co2", "y").ok(), Some(1));
        let error = index_of(&columns, "z", "y").expect_err("there is none");
        assert_eq!(error.code(), "unknown_column");
        assert!(error.detail().contains("t, CO2 (ppm)"), "{}", error.detail());
    }
}
