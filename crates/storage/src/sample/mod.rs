//! Tables and arrays, thinned to what fits on a screen: series for lines, grids for surfaces.
//!
//! A file is read once from its beginning to its end, as a stream: memory depends on how much was asked for, not on
//! the file. The work is done on a thread of its own and ends when the caller goes away.

mod cells;
mod grid;
mod pull;
mod rows;
mod series;
mod thin;

pub use cells::Cell;
pub(crate) use cells::index_of;
pub use grid::Grid;
pub(crate) use grid::{GridAsk, LongPicks, from_array, from_document, from_long, from_wide, is_wide};
pub(crate) use pull::{Feed, LIMIT, Pull, failed, feed};
pub(crate) use rows::{Input, Pick};
pub use series::Series;
pub(crate) use series::{SeriesAsk, series};
