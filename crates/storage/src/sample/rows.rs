//! The rows of a file, whatever its form: cells of chosen columns, one row after the other.

use super::Cell;
use super::pull::{Pull, failed};
use crate::preview::{ColumnType, Npy, Rows, each_feature};
use castalia_base::Error;
use std::io::Read;

/// A chosen column.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    /// Its place in the table.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
}

/// A file about to be read.
pub(crate) enum Input {
    /// CSV with this delimiter; the first row holds the headings.
    Table(Pull, u8),
    /// Features are rows.
    Features(Pull),
    /// An array row by row, the values from here on.
    ArrayRows(Pull, Npy),
    /// An array column by column: one stream for each pick.
    ArrayColumns(Vec<Pull>, Npy),
}

/// Sees each row with its number (from 0) and the cells of the picked columns; may take the cells.
pub(crate) type Take<'a> = dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), Error> + 'a;

impl Input {
    /// Reads to the end. Blocks: not for async code.
    ///
    /// # Errors
    /// What `take` says; `too_large` beyond the limit of time, `not_a_table`.
    pub(crate) fn each(self, picks: &[Pick], take: &mut Take<'_>) -> Result<(), Error> {
        match self {
            Self::Table(pull, delimiter) => table(pull, delimiter, picks, take),
            Self::Features(pull) => features(pull, picks, take),
            Self::ArrayRows(pull, npy) => array_rows(pull, &npy, picks, take),
            Self::ArrayColumns(pulls, npy) => array_columns(pulls, &npy, take),
        }
    }
}

fn table(mut pull: Pull, delimiter: u8, picks: &[Pick], take: &mut Take<'_>) -> Result<(), Error> {
    let mut rows = Rows::new(delimiter);
    let (mut number, mut heading) = (0, true);
    let mut cells = Vec::with_capacity(picks.len());
    loop {
        let chunk = pull.chunk().map_err(failed)?;
        let mut result = Ok(());
        rows.push_cells(chunk.as_deref().unwrap_or_default(), |row| {
            if std::mem::take(&mut heading) {
                return true;
            }
            cells.clear();
            cells.extend(picks.iter().map(|pick| Cell::parse(&row.get(pick.index), pick.kind)));
            result = take(number, &mut cells);
            number += 1;
            result.is_ok()
        })?;
        result?;
        if chunk.is_none() {
            return Ok(());
        }
    }
}

fn features(pull: Pull, picks: &[Pick], take: &mut Take<'_>) -> Result<(), Error> {
    let mut number = 0;
    let mut cells = Vec::with_capacity(picks.len());
    each_feature(pull, &mut |row| {
        cells.clear();
        cells.extend(picks.iter().map(|pick| Cell::of_json(row.get(&pick.name), pick.kind)));
        number += 1;
        take(number - 1, &mut cells)
    })
}

/// How many rows an array has, as a table.
fn length(npy: &Npy) -> u64 {
    npy.shape.first().copied().unwrap_or(1)
}

fn array_rows(mut pull: Pull, npy: &Npy, picks: &[Pick], take: &mut Take<'_>) -> Result<(), Error> {
    let across = npy.shape.get(1).copied().unwrap_or(1);
    let bytes = usize::try_from(across).ok().and_then(|n| n.checked_mul(npy.width()));
    let bytes = bytes.filter(|bytes| *bytes <= 16 << 20).ok_or_else(|| {
        Error::unprocessable("too_large", "a row of the array is longer than 16 MiB", Vec::new())
    })?;
    let mut row = vec![0; bytes];
    let mut cells = Vec::with_capacity(picks.len());
    for number in 0..length(npy) {
        pull.read_exact(&mut row).map_err(failed)?;
        pull.item_ended();
        cells.clear();
        let value = |pick: &Pick| row.get(pick.index * npy.width()..).map(|bytes| npy.value_of(bytes));
        cells.extend(picks.iter().map(|pick| value(pick).map_or(Cell::Null, Cell::number)));
        take(number, &mut cells)?;
    }
    Ok(())
}

fn array_columns(mut pulls: Vec<Pull>, npy: &Npy, take: &mut Take<'_>) -> Result<(), Error> {
    let mut cells = Vec::with_capacity(pulls.len());
    let mut bytes = vec![0; npy.width()];
    for number in 0..length(npy) {
        cells.clear();
        for pull in &mut pulls {
            pull.read_exact(&mut bytes).map_err(failed)?;
            pull.item_ended();
            cells.push(Cell::number(npy.value_of(&bytes)));
        }
        take(number, &mut cells)?;
    }
    Ok(())
}
