//! Rows, one file per table group. The only place that speaks SQL.

pub(crate) mod credentials;
pub(crate) mod datasets;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod objects;
pub(crate) mod structures;
pub(crate) mod uploads;

use castalia_base::Error;
use castalia_db::Row;

/// A column of bytes or counts.
pub(crate) fn size(row: &Row, column: &str) -> Result<u64, Error> {
    u64::try_from(row.int(column)?).map_err(Error::internal)
}
