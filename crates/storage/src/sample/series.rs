//! Columns of a table against one of them, thinned.

use super::cells::{Cell, milliseconds};
use super::rows::{Input, Pick};
use super::thin::{Axis, Row};
use crate::preview::{Column, ColumnType};
use castalia_base::Error;
use schemars::JsonSchema;
use serde::Serialize;

/// Columns of a table against one of them, thinned to what a screen can show.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Series {
    /// Rows of the whole table, without its heading.
    pub rows_total: u64,
    /// Rows between `from` and `to`; all of them without these.
    pub rows_in_range: u64,
    /// Whether rows in the range were left out.
    pub thinned: bool,
    /// The columns: first x (`row`, an integer, when none was asked for), then every y in the order of the request.
    pub columns: Vec<Column>,
    /// The numbers of the rows that are here, from 0, ascending; as long as `x` and each of `y`.
    pub row: Vec<u64>,
    /// x of each row, as numbers, or as text where the column holds times or text.
    pub x: Vec<Cell>,
    /// Each y of each row: one list for each column.
    pub y: Vec<Vec<Cell>>,
}

/// What is asked of a table.
#[derive(Debug)]
pub(crate) struct SeriesAsk {
    /// `None` for the rows' numbers.
    pub(crate) x: Option<Pick>,
    pub(crate) y: Vec<Pick>,
    /// x first, then every y, for the answer.
    pub(crate) columns: Vec<Column>,
    /// The most rows of the answer.
    pub(crate) points: usize,
    pub(crate) from: Option<f64>,
    pub(crate) to: Option<f64>,
}

impl SeriesAsk {
    /// A bound of x: a number, or a time where x holds times.
    ///
    /// # Errors
    /// `invalid_range`.
    pub(crate) fn bound(kind: ColumnType, text: Option<&str>, name: &str) -> Result<Option<f64>, Error> {
        let Some(text) = text else {
            return Ok(None);
        };
        let wrong = |what: &str| Err(Error::field("invalid_range", format!("/{name}"), what));
        let number = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
        match kind {
            ColumnType::Text | ColumnType::Boolean => wrong("the column of x holds no numbers or times"),
            ColumnType::Time => match number.or_else(|| milliseconds(text.trim())) {
                None => wrong("is a time (ISO 8601), or milliseconds since 1970"),
                found => Ok(found),
            },
            _ => match number {
                None => wrong("is a number"),
                found => Ok(found),
            },
        }
    }
}

/// Which way x goes, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Unknown,
    Up,
    Down,
    Neither,
}

/// Thins along x where x goes one way, and along the rows in any case: which it is, is known at the end.
struct Thinning {
    points: usize,
    buckets: usize,
    /// All rows with their x, as long as they are few enough.
    few: Vec<(Option<f64>, Row)>,
    way: Way,
    last: Option<f64>,
    start: f64,
    along_x: Option<Axis>,
    along_rows: Option<Axis>,
    count: u64,
}

impl Thinning {
    fn new(points: usize, numbers: usize) -> Self {
        // A bucket keeps two rows, and two for each column of numbers.
        let each = 2 + 2 * numbers;
        let points = points.max(2 * each);
        let (few, way, last) = (Vec::new(), Way::Unknown, None);
        let (along_x, along_rows) = (None, None);
        Self { points, buckets: points / each, few, way, last, start: 0.0, along_x, along_rows, count: 0 }
    }

    /// A row without x stays with the one before it.
    fn look(&mut self, x: Option<f64>) -> Option<f64> {
        use std::cmp::Ordering::{Greater, Less};
        let x = x.or(self.last)?;
        let order = self.last.and_then(|before| x.partial_cmp(&before));
        self.way = match (self.way, order) {
            (Way::Unknown | Way::Up, Some(Greater)) => Way::Up,
            (Way::Unknown | Way::Down, Some(Less)) => Way::Down,
            (Way::Up, Some(Less)) | (Way::Down, Some(Greater)) => Way::Neither,
            (way, _) => way,
        };
        self.last = Some(x);
        Some(x)
    }

    fn add(&mut self, x: Option<f64>, row: &Row) {
        let x = self.look(x);
        if self.along_rows.is_some() {
            self.place(x, row);
            return;
        }
        self.few.push((x, row.clone()));
        if self.few.len() > self.points {
            let few = std::mem::take(&mut self.few);
            self.start = few.iter().find_map(|(x, _)| *x).unwrap_or(0.0);
            self.along_rows = Some(Axis::new(0.0, self.buckets));
            self.along_x = Some(Axis::new(0.0, self.buckets));
            few.iter().for_each(|(x, row)| self.place(*x, row));
        }
    }

    fn place(&mut self, x: Option<f64>, row: &Row) {
        if self.way == Way::Neither {
            self.along_x = None;
        }
        if let Some(axis) = &mut self.along_x {
            axis.add(x.map_or(0.0, |x| (x - self.start).abs()), row);
        }
        if let Some(axis) = &mut self.along_rows {
            axis.add(self.count as f64, row);
        }
        self.count += 1;
    }

    fn rows(self) -> Vec<Row> {
        let one_way = matches!(self.way, Way::Up | Way::Down);
        match (self.along_x.filter(|_| one_way), self.along_rows) {
            (Some(axis), _) | (None, Some(axis)) => axis.rows(),
            (None, None) => self.few.into_iter().map(|(_, row)| row).collect(),
        }
    }
}

/// Reads a series. Blocks: not for async code.
///
/// # Errors
/// As [`Input::each`].
pub(crate) fn series(input: Input, ask: SeriesAsk) -> Result<Series, Error> {
    let SeriesAsk { x, y, columns, points, from, to } = ask;
    let x_kind = x.as_ref().map_or(ColumnType::Integer, |pick| pick.kind);
    let has_x = x.is_some();
    let is_number =
        |p: &&Pick| matches!(p.kind, ColumnType::Integer | ColumnType::Number | ColumnType::Empty);
    let mut thinning = Thinning::new(points, y.iter().filter(is_number).count());
    let picks: Vec<Pick> = x.into_iter().chain(y).collect();
    let (mut total, mut in_range) = (0, 0);
    let mut row = Row::default();
    input.each(&picks, &mut |number, cells| {
        total += 1;
        row.number = number;
        row.cells.clear();
        if !has_x {
            row.cells.push(Cell::Number(number as f64));
        }
        row.cells.append(cells);
        let place = row.cells.first().and_then(|cell| cell.position(x_kind));
        let bounded = from.is_some() || to.is_some();
        let inside = |place: f64| from.is_none_or(|from| from <= place) && to.is_none_or(|to| place <= to);
        if !bounded || place.is_some_and(inside) {
            in_range += 1;
            thinning.add(place, &row);
        }
        Ok(())
    })?;
    Ok(answer(columns, thinning.rows(), total, in_range))
}

fn answer(columns: Vec<Column>, rows: Vec<Row>, rows_total: u64, rows_in_range: u64) -> Series {
    let mut lists: Vec<Vec<Cell>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    let row = rows.iter().map(|row| row.number).collect();
    let thinned = (rows.len() as u64) < rows_in_range;
    for row in rows {
        for (list, cell) in lists.iter_mut().zip(row.cells) {
            list.push(cell);
        }
    }
    let y = lists.split_off(lists.len().min(1));
    let x = lists.pop().unwrap_or_default();
    Series { rows_total, rows_in_range, thinned, columns, row, x, y }
}
