//! The first look at an array: what it is, and its values thinned to a picture.

use super::Shown;
use super::npy::Npy;

/// The most rows and columns of a picture.
const SIDE: u64 = 100;

/// Sums of the values that fall into one cell of a picture.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    sum: f64,
    count: u32,
}

/// Rows and columns of blocks that are averaged: cell (r, c) is the mean of the finite values in its block.
#[derive(Debug)]
pub(crate) struct Blocks {
    rows: u64,
    columns: u64,
    thin: (u64, u64),
    cells: Vec<Cell>,
}

impl Blocks {
    /// Thins `rows` × `columns` values to at most `thin` = (rows, columns) cells.
    pub(crate) fn new(rows: u64, columns: u64, thin: (u64, u64)) -> Self {
        let (rows, columns) = (rows.max(1), columns.max(1));
        // Whole blocks of one height and width, so that cells lie evenly.
        let step = |length: u64, most: u64| length.div_ceil(length.div_ceil(most.max(1)));
        let thin = (step(rows, thin.0), step(columns, thin.1));
        let cells = vec![Cell::default(); usize::try_from(thin.0 * thin.1).unwrap_or(0)];
        Self { rows, columns, thin, cells }
    }
    /// How many rows and columns of cells there are.
    pub(crate) fn shape(&self) -> (u64, u64) {
        self.thin
    }
    /// How many rows and columns of values one cell has.
    pub(crate) fn block(&self) -> (u64, u64) {
        (self.rows.div_ceil(self.thin.0), self.columns.div_ceil(self.thin.1))
    }
    pub(crate) fn add(&mut self, row: u64, column: u64, value: f64) {
        let block = self.block();
        let at = (row / block.0) * self.thin.1 + column / block.1;
        if let Some(cell) = usize::try_from(at).ok().and_then(|at| self.cells.get_mut(at))
            && value.is_finite()
        {
            cell.sum += value;
            cell.count += 1;
        }
    }
    /// The middle of each block of rows or of columns, given the positions of the values.
    pub(crate) fn middles(length: u64, block: u64, at: impl Fn(u64) -> f64) -> Vec<f64> {
        (0..length.div_ceil(block))
            .map(|cell| {
                let (first, last) = (cell * block, ((cell + 1) * block).min(length) - 1);
                f64::midpoint(at(first), at(last))
            })
            .collect()
    }
    /// The means by rows; nothing where no value is finite.
    pub(crate) fn means(&self) -> Vec<Vec<Option<f64>>> {
        let mean = |cell: &Cell| (cell.count > 0).then(|| cell.sum / f64::from(cell.count));
        self.cells
            .chunks(usize::try_from(self.thin.1).unwrap_or(1).max(1))
            .map(|row| row.iter().map(mean).collect())
            .collect()
    }
}

/// Rows and columns of the array, or of the first plane of one with more axes.
pub(crate) fn plane(npy: &Npy) -> (u64, u64) {
    match (npy.shape.as_slice(), npy.fortran) {
        ([], _) => (1, 1),
        ([length], _) => (1, *length),
        ([rows, columns, ..], true) | ([.., rows, columns], false) => (*rows, *columns),
    }
}

/// Row and column of the value that is the `at`-th in the file.
pub(crate) fn place(npy: &Npy, at: u64) -> (u64, u64) {
    let (rows, columns) = plane(npy);
    if npy.fortran && npy.shape.len() > 1 {
        (at % rows.max(1), at / rows.max(1))
    } else {
        (at / columns.max(1), at % columns.max(1))
    }
}

/// What there is to see in the first bytes of a file; the second answer says whether that is all of it.
pub(super) fn show(head: &[u8]) -> Option<(Shown, bool)> {
    let npy = Npy::parse(head).ok()?;
    let (rows, columns) = plane(&npy);
    let values = head.get(usize::try_from(npy.offset).ok()?..)?;
    let there = (values.len() / npy.width()) as u64;
    let count = npy.count()?;
    let mut blocks = Blocks::new(rows, columns, (SIDE, SIDE));
    let (mut low, mut high, mut sum, mut n) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0_u64);
    for (at, bytes) in values.chunks_exact(npy.width()).take(usize::try_from(count).ok()?).enumerate() {
        let value = npy.value(bytes);
        if value.is_finite() {
            (low, high, sum, n) = (low.min(value), high.max(value), sum + value, n + 1);
        }
        let at = at as u64;
        if at < rows.saturating_mul(columns) {
            let (row, column) = place(&npy, at);
            blocks.add(row, column, value);
        }
    }
    let found = |value: f64| (n > 0).then_some(value);
    let shown = Shown::Array {
        dtype: npy.dtype.clone(),
        shape: npy.shape.clone(),
        minimum: found(low),
        maximum: found(high),
        mean: found(sum / n.max(1) as f64),
        values: blocks.means(),
    };
    let plane_is_all = npy.shape.len() <= 2 && blocks.block() == (1, 1);
    Some((shown, there >= count && plane_is_all))
}

#[cfg(test)]
mod tests {
    use super::super::npy::tests::file;
    use super::*;

    fn shown(header: &str, values: &[f64]) -> (Shown, bool) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        show(&file(header, &bytes)).expect("is an array")
    }

    fn values(shown: &Shown) -> &[Vec<Option<f64>>] {
        let Shown::Array { values, .. } = shown else { panic!("no array: {shown:?}") };
        values
    }

    #[test]
    fn both_orders_show_the_same_rows() {
        let rows = [vec![Some(1.0), Some(2.0), Some(3.0)], vec![Some(4.0), Some(5.0), None]];
        let c = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
        let f = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }";
        let (by_rows, all) = shown(c, &[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN]);
        assert_eq!((values(&by_rows), all), (&rows[..], true));
        let (by_columns, _) = shown(f, &[1.0, 4.0, 2.0, 5.0, 3.0, f64::NAN]);
        assert_eq!(values(&by_columns), &rows[..]);
        let Shown::Array { minimum, maximum, mean, .. } = by_columns else { panic!("no array") };
        assert_eq!((minimum, maximum, mean), (Some(1.0), Some(5.0), Some(3.0)));
    }

    #[test]
    fn what_is_larger_is_thinned_and_what_is_missing_said() {
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }";
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        let (thin, all) = shown(header, &many);
        assert_eq!((values(&thin).len(), values(&thin)[0].len(), all), (1, 100, false));
        assert_eq!(values(&thin)[0][0], Some(4.5));
        let (cut, all) = shown(header, &many[..10]);
        assert_eq!((values(&cut)[0][1], all), (None, false));
        let (huge, _) =
            shown("{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 4000000000), }", &[1.0]);
        assert_eq!(values(&huge).len(), 100);
        assert!(
            show(&file(
                "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999, 9999999999), }",
                &[]
            ))
            .is_none()
        );
        assert_eq!(
            values(&shown("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", &[7.0]).0),
            [[Some(7.0)]]
        );
    }
}
