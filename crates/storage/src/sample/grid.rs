//! Values on a grid, thinned to means of blocks.

use super::cells::{Cell, index_of};
use super::pull::{Pull, failed};
use super::rows::{Input, Pick};
use crate::preview::{Blocks, Column, ColumnType, Npy, Role, Rows, crs_name, place, plane};
use castalia_base::{Error, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Read;

/// The most nodes of a grid that is made out of rows.
const MAX_NODES: usize = 2_000_000;
/// The largest grid in JSON, in bytes.
pub(crate) const MAX_DOCUMENT: u64 = 64 << 20;

/// Values on a grid, as means of blocks where there are more than asked for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Grid {
    /// Rows and columns of the whole.
    pub shape: [u64; 2],
    /// Rows and columns of `z`.
    pub thinned_shape: [u64; 2],
    /// What `x` is: a column's name, or `column`.
    pub x_name: String,
    /// What `y` is: a column's name, or `row`.
    pub y_name: String,
    /// What `z` is.
    pub name: String,
    /// The unit of `x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_unit: Option<String>,
    /// The unit of `y`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_unit: Option<String>,
    /// The unit of `z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The reference system of `x` and `y`, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// The middle of each column: numbers, or times as text.
    pub x: Vec<Cell>,
    /// The middle of each row: numbers, or times as text.
    pub y: Vec<Cell>,
    /// Rows of values, `thinned_shape`; null where there are none.
    pub z: Vec<Vec<Option<f64>>>,
}

/// What is asked of a grid.
#[derive(Clone, Debug)]
pub(crate) struct GridAsk {
    /// The most values of the answer.
    pub(crate) points: u64,
    /// What the writer says of the values.
    pub(crate) unit: Option<String>,
    pub(crate) crs: Option<String>,
}

fn not_a_grid(text: impl Into<String>) -> Error {
    Error::unprocessable("not_a_grid", text, Vec::new())
}

/// Rows and columns of at most `points` cells, in the proportions of the whole.
fn within(points: u64, rows: u64, columns: u64) -> (u64, u64) {
    let (rows, columns, points) = (rows.max(1), columns.max(1), points.max(1));
    if rows.checked_mul(columns).is_some_and(|all| all <= points) {
        return (rows, columns);
    }
    let wanted = (points as f64 * rows as f64 / columns as f64).sqrt() as u64;
    // A side that is short already leaves more to the other one.
    let down = wanted.clamp(points.div_ceil(columns).max(1), rows);
    ((down).min(points), (points / down).clamp(1, columns))
}

/// Where the columns or the rows are.
enum Places {
    /// At their numbers.
    Numbers(u64),
    Values(Vec<f64>),
}

struct Axis {
    name: String,
    unit: Option<String>,
    time: bool,
    places: Places,
}

impl Axis {
    fn numbers(name: &str, length: u64) -> Self {
        Self { name: name.into(), unit: None, time: false, places: Places::Numbers(length) }
    }
    fn length(&self) -> u64 {
        match &self.places {
            Places::Numbers(length) => *length,
            Places::Values(values) => values.len() as u64,
        }
    }
    fn middles(&self, block: u64) -> Vec<Cell> {
        let at = |at: u64| match &self.places {
            Places::Numbers(_) => at as f64,
            Places::Values(values) => {
                usize::try_from(at).ok().and_then(|at| values.get(at)).copied().unwrap_or_default()
            }
        };
        let cell = |value| match self.time {
            true => Cell::Text(Timestamp(value as i64).to_string()),
            false => Cell::number(value),
        };
        Blocks::middles(self.length(), block, at).into_iter().map(cell).collect()
    }
}

fn finish(blocks: &Blocks, x: &Axis, y: &Axis, name: String, ask: GridAsk) -> Grid {
    let (down, across) = blocks.block();
    let thin = blocks.shape();
    Grid {
        shape: [y.length(), x.length()],
        thinned_shape: [thin.0, thin.1],
        x_name: x.name.clone(),
        y_name: y.name.clone(),
        x_unit: x.unit.clone(),
        y_unit: y.unit.clone(),
        name,
        unit: ask.unit,
        crs: ask.crs,
        x: x.middles(across),
        y: y.middles(down),
        z: blocks.means(),
    }
}

/// An array of two axes, or the first plane of one with more.
///
/// # Errors
/// `not_a_grid` for one axis, `too_large`, `unsupported_array`.
pub(crate) fn from_array(mut pull: Pull, npy: &Npy, ask: GridAsk) -> Result<Grid, Error> {
    let (rows, columns) = plane(npy);
    if npy.shape.len() < 2 || rows == 0 || columns == 0 {
        return Err(not_a_grid("the array has one axis or no values; ask for a series instead"));
    }
    if rows.max(columns) > 10_000_000 {
        return Err(not_a_grid("an axis of the array has more than 10,000,000 values"));
    }
    let mut blocks = Blocks::new(rows, columns, within(ask.points, rows, columns));
    let mut buffer = vec![0; npy.width() * 8192];
    let all = rows * columns;
    let mut at = 0;
    while at < all {
        let n = usize::try_from((all - at).min(8192)).unwrap_or(8192);
        let bytes = &mut buffer[..n * npy.width()];
        pull.read_exact(bytes).map_err(failed)?;
        pull.item_ended();
        for value in bytes.chunks_exact(npy.width()) {
            let (row, column) = place(npy, at);
            blocks.add(row, column, npy.value(value));
            at += 1;
        }
    }
    let (x, y) = (Axis::numbers("column", columns), Axis::numbers("row", rows));
    Ok(finish(&blocks, &x, &y, "value".into(), ask))
}

/// Whether a table is a matrix: from the second column on all headings are numbers (x), and the first column is y.
pub(crate) fn is_wide(columns: &[Column]) -> bool {
    columns.len() > 2 && columns.iter().skip(1).all(|column| column.name.trim().parse::<f64>().is_ok())
}

/// A table that is a matrix; see [`is_wide`].
///
/// # Errors
/// `not_a_grid`, `too_large`, `not_a_table`.
pub(crate) fn from_wide(
    mut pull: Pull,
    delimiter: u8,
    columns: &[Column],
    ask: GridAsk,
) -> Result<Grid, Error> {
    let x: Vec<f64> = columns.iter().skip(1).filter_map(|column| column.name.trim().parse().ok()).collect();
    let time = columns.first().is_some_and(|column| column.kind == ColumnType::Time);
    let kind = if time { ColumnType::Time } else { ColumnType::Number };
    let (mut y, mut values) = (Vec::new(), Vec::new());
    let (mut rows, mut heading, mut too_many) = (Rows::new(delimiter), true, false);
    loop {
        let chunk = pull.chunk().map_err(failed)?;
        rows.push_cells(chunk.as_deref().unwrap_or_default(), |row| {
            if std::mem::take(&mut heading) {
                return true;
            }
            y.push(Cell::parse(&row.get(0), kind).position(kind).unwrap_or(y.len() as f64));
            for at in 0..x.len() {
                values.push(row.get(at + 1).trim().parse::<f64>().unwrap_or(f64::NAN));
            }
            too_many = values.len() > MAX_NODES;
            !too_many
        })?;
        if too_many {
            return Err(not_a_grid(
                "the table has more than 2,000,000 values; make a smaller one from it first",
            ));
        }
        if chunk.is_none() {
            break;
        }
    }
    let (height, width) = (y.len() as u64, x.len() as u64);
    let mut blocks = Blocks::new(height, width, within(ask.points, height, width));
    for (at, value) in values.into_iter().enumerate() {
        let at = at as u64;
        blocks.add(at / width, at % width, value);
    }
    let first = columns.first();
    let y = Axis {
        name: first.map_or_else(|| "row".into(), |column| column.name.clone()),
        unit: first.and_then(|column| column.unit.clone()),
        time,
        places: Places::Values(y),
    };
    let x = Axis { name: "column".into(), unit: None, time: false, places: Places::Values(x) };
    Ok(finish(&blocks, &x, &y, "value".into(), ask))
}

/// Which columns of a table are x, y and the values.
pub(crate) struct LongPicks {
    picks: [Pick; 3],
    units: [Option<String>; 3],
}

impl LongPicks {
    /// Chooses what was not said: longitude and latitude, easting and northing, x and y, or the first columns.
    ///
    /// # Errors
    /// `unknown_column`, `not_a_grid`.
    pub(crate) fn choose(
        columns: &[Column],
        column: Option<&str>,
        row: Option<&str>,
        value: Option<&str>,
    ) -> Result<Self, Error> {
        let usable = |at: &usize| {
            !matches!(columns[*at].kind, ColumnType::Text | ColumnType::Boolean | ColumnType::Empty)
        };
        let find =
            |wanted: Option<&str>, parameter: &str, taken: &[usize], fits: &dyn Fn(&Column) -> bool| {
                if let Some(wanted) = wanted {
                    return index_of(columns, wanted, parameter);
                }
                let free = |at: &usize| usable(at) && !taken.contains(at);
                let fitting = (0..columns.len()).filter(free).find(|at| fits(&columns[*at]));
                fitting.or_else(|| (0..columns.len()).find(free)).ok_or_else(|| {
                    not_a_grid("a grid needs two columns of positions and one of values, all of them numbers")
                })
            };
        let named = |c: &Column, name: &str| c.name.eq_ignore_ascii_case(name);
        let is_x = |c: &Column| matches!(c.role, Some(Role::Longitude | Role::Easting)) || named(c, "x");
        let is_y = |c: &Column| matches!(c.role, Some(Role::Latitude | Role::Northing)) || named(c, "y");
        // What is a y is not taken for an x, and what somebody chose is not taken at all.
        let chosen: Vec<usize> = [row, value]
            .into_iter()
            .flatten()
            .filter_map(|name| index_of(columns, name, "").ok())
            .chain((0..columns.len()).filter(|at| row.is_none() && is_y(&columns[*at])))
            .collect();
        let x = find(column, "column", &chosen, &is_x)?;
        let value_at = value.and_then(|name| index_of(columns, name, "").ok());
        let taken: Vec<usize> = value_at.into_iter().chain([x]).collect();
        let y = find(row, "row", &taken, &is_y)?;
        let z = find(value, "value", &[x, y], &|_| true)?;
        let pick = |at: usize| Pick { index: at, name: columns[at].name.clone(), kind: columns[at].kind };
        let unit = |at: usize| columns[at].unit.clone();
        Ok(Self { picks: [pick(x), pick(y), pick(z)], units: [unit(x), unit(y), unit(z)] })
    }
}

/// Positions along one axis, numbered as they come.
#[derive(Default)]
struct Positions {
    known: HashMap<u64, u32>,
    values: Vec<f64>,
}

impl Positions {
    fn number(&mut self, value: f64) -> Option<u32> {
        // 0.0 and -0.0 are one place.
        let value = if value == 0.0 { 0.0 } else { value };
        let next = u32::try_from(self.values.len()).ok()?;
        let number = *self.known.entry(value.to_bits()).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        (self.values.len() <= MAX_NODES / 2).then_some(number)
    }
    /// The positions in order, and for each number its rank.
    fn sorted(self) -> (Vec<f64>, Vec<u64>) {
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        order.sort_by(|a, b| self.values[*a].total_cmp(&self.values[*b]));
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, at)| ranks[*at] = rank as u64);
        (order.into_iter().map(|at| self.values[at]).collect(), ranks)
    }
}

/// A table with one row for each node: x, y, value.
///
/// # Errors
/// `not_a_grid` when the positions are not those of a grid; as [`Input::each`].
pub(crate) fn from_long(input: Input, long: LongPicks, mut ask: GridAsk) -> Result<Grid, Error> {
    let LongPicks { picks, units: [x_unit, y_unit, unit] } = long;
    let (mut xs, mut ys, mut nodes) = (Positions::default(), Positions::default(), Vec::new());
    input.each(&picks, &mut |_, cells| {
        let at = |n: usize| cells.get(n).and_then(|cell: &Cell| cell.position(picks[n].kind));
        if let (Some(x), Some(y)) = (at(0), at(1)) {
            let too_many = || not_a_grid("the table has more than 2,000,000 rows; make a smaller one first");
            let place = xs.number(x).zip(ys.number(y)).ok_or_else(too_many)?;
            if nodes.len() >= MAX_NODES {
                return Err(too_many());
            }
            nodes.push((place, at(2).unwrap_or(f64::NAN)));
        }
        Ok(())
    })?;
    let (width, height) = (xs.values.len(), ys.values.len());
    let regular = width > 1 && height > 1 && width.saturating_mul(height) <= nodes.len().saturating_mul(2);
    if !regular {
        let text = format!(
            "{} rows at {width} values of `{}` and {height} of `{}` are no grid; scattered points have to be gridded first",
            nodes.len(),
            picks[0].name,
            picks[1].name
        );
        return Err(not_a_grid(text));
    }
    let ((x, x_rank), (y, y_rank)) = (xs.sorted(), ys.sorted());
    let (height, width) = (height as u64, width as u64);
    let mut blocks = Blocks::new(height, width, within(ask.points, height, width));
    for ((column, row), value) in nodes {
        blocks.add(y_rank[row as usize], x_rank[column as usize], value);
    }
    let [px, py, pz] = picks;
    let axis = |pick: Pick, unit, values| {
        let time = pick.kind == ColumnType::Time;
        Axis { time, name: pick.name, unit, places: Places::Values(values) }
    };
    ask.unit = unit;
    Ok(finish(&blocks, &axis(px, x_unit, x), &axis(py, y_unit, y), pz.name, ask))
}

/// A grid in JSON: positions of the columns and rows, and rows of values.
#[derive(Deserialize)]
struct Document {
    #[serde(alias = "lon", alias = "longitude")]
    x: Vec<f64>,
    #[serde(alias = "lat", alias = "latitude")]
    y: Vec<f64>,
    #[serde(alias = "z")]
    values: Vec<Vec<Option<f64>>>,
    name: Option<String>,
    unit: Option<String>,
    crs: Option<String>,
}

/// A document `{lon, lat, values}` or `{x, y, values}` with `values[row][column]`, and `name`, `unit`, `crs`.
///
/// # Errors
/// `not_a_grid`, `too_large`.
pub(crate) fn from_document(mut pull: Pull, mut ask: GridAsk) -> Result<Grid, Error> {
    let mut text = Vec::new();
    while let Some(chunk) = pull.chunk().map_err(failed)? {
        text.extend_from_slice(&chunk);
        if text.len() as u64 > MAX_DOCUMENT {
            return Err(not_a_grid("a grid in JSON may have 64 MiB"));
        }
    }
    let document: Document = serde_json::from_slice(&text).map_err(|error| {
        not_a_grid(format!("a grid in JSON has `lon`, `lat` (or `x`, `y`) and rows of `values`: {error}"))
    })?;
    drop(text);
    let (height, width) = (document.y.len(), document.x.len());
    let fits = height > 0
        && width > 0
        && document.values.len() == height
        && document.values.iter().all(|row| row.len() == width);
    if !fits {
        return Err(not_a_grid(format!("`values` is not {height} rows of {width}, as the positions are")));
    }
    let (rows, columns) = (height as u64, width as u64);
    let mut blocks = Blocks::new(rows, columns, within(ask.points, rows, columns));
    for (row, values) in document.values.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            blocks.add(row as u64, column as u64, value.unwrap_or(f64::NAN));
        }
    }
    ask.unit = document.unit.or(ask.unit);
    ask.crs = document.crs.as_deref().and_then(crs_name).or(ask.crs);
    let geographic = ask.crs.as_deref() == Some("EPSG:4326");
    let (x_name, y_name) = if geographic { ("longitude", "latitude") } else { ("x", "y") };
    let axis = |name: &str, values| Axis {
        name: name.into(),
        unit: None,
        time: false,
        places: Places::Values(values),
    };
    let name = document.name.unwrap_or_else(|| "value".into());
    Ok(finish(&blocks, &axis(x_name, document.x), &axis(y_name, document.y), name, ask))
}

#[cfg(test)]
mod tests {
    use super::within;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_thinned_grid_has_no_more_than_was_asked_for(
            rows in 1u64..10_000_000, columns in 1u64..10_000_000, points in 1u64..1_000_000,
        ) {
            let (down, across) = within(points, rows, columns);
            prop_assert!(down >= 1 && across >= 1 && down <= rows && across <= columns);
            prop_assert!(down * across <= points);
        }
    }
}
