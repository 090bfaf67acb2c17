//! Parameters in, columns out.

use crate::error::convert;
use castalia_base::{Credits, Error, Timestamp};
use sqlx::{Row as _, any::AnyRow};

/// One statement parameter.
#[derive(Clone, Debug)]
pub enum Param {
    /// An integer, a time in milliseconds, an amount, or 0/1.
    Int(Option<i64>),
    /// Text, an id, or JSON.
    Text(Option<String>),
    /// A floating-point number.
    Real(Option<f64>),
    /// Bytes, for a column of type BYTEA.
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($type:ty => |$v:ident| $variant:ident($make:expr)),* $(,)?) => {$(
        impl From<$type> for Param { fn from($v: $type) -> Self { Param::$variant(Some($make)) } }
        impl From<Option<$type>> for Param {
            fn from(v: Option<$type>) -> Self { Param::$variant(v.map(|$v| $make)) }
        }
    )*};
}
from! {
    i64 => |v| Int(v),
    i32 => |v| Int(v.into()),
    u32 => |v| Int(v.into()),
    // Counters and sizes of ours stay far below 2^63.
    u64 => |v| Int(i64::try_from(v).unwrap_or(i64::MAX)),
    usize => |v| Int(i64::try_from(v).unwrap_or(i64::MAX)),
    bool => |v| Int(v.into()),
    f64 => |v| Real(v),
    Vec<u8> => |v| Bytes(v),
    Timestamp => |v| Int(v.0),
    Credits => |v| Int(v.0),
    String => |v| Text(storable(v)),
    &str => |v| Text(storable(v.to_owned())),
    &String => |v| Text(storable(v.clone())),
    &serde_json::Value => |v| Text(v.to_string()),
}

/// PostgreSQL's text can't hold NUL (programs print it, requests can name it); the replacement character stands in for
/// it on both engines.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// The parameters of a statement: `params![id, now, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Param::from($value)),*] };
}

/// One row of a result.
pub struct Row(pub(crate) AnyRow);

impl Row {
    /// A NOT NULL integer column.
    pub fn int(&self, column: &str) -> Result<i64, Error> {
        self.0.try_get(column).map_err(convert)
    }
    /// An integer column that may be NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, Error> {
        self.0.try_get(column).map_err(convert)
    }
    /// A NOT NULL text column.
    pub fn text(&self, column: &str) -> Result<String, Error> {
        self.0.try_get(column).map_err(convert)
    }
    /// A text column that may be NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, Error> {
        self.0.try_get(column).map_err(convert)
    }
    /// A NOT NULL column of bytes (BYTEA on both engines; SQLite keeps what it is given).
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, Error> {
        self.0.try_get(column).map_err(convert)
    }
    /// A 0/1 column.
    pub fn flag(&self, column: &str) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }
    /// A column of milliseconds.
    pub fn time(&self, column: &str) -> Result<Timestamp, Error> {
        self.int(column).map(Timestamp)
    }
    /// A column of milliseconds that may be NULL.
    pub fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, Error> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }
    /// A column of micro-credits.
    pub fn credits(&self, column: &str) -> Result<Credits, Error> {
        self.int(column).map(Credits)
    }
    /// A text column parsed by `FromStr`, for ids and states of our own writing.
    pub fn parse<T: std::str::FromStr>(&self, column: &str) -> Result<T, Error>
    where
        T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.text(column)?.parse().map_err(Error::internal)
    }
}
