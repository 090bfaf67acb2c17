//! Thinning rows to a number that a screen can show, in one pass over rows of unknown number.
//!
//! Rows fall into buckets along one axis; each bucket keeps its first and last row and, for every column of numbers,
//! the rows of its minimum and maximum, so a peak of one row is never lost. When the axis grows beyond the buckets,
//! neighbours are merged and the buckets are twice as wide: between half of them and all are in use at the end.

use super::Cell;

/// A row that may be kept.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Its number in the file, from 0.
    pub(crate) number: u64,
    /// x, then every y.
    pub(crate) cells: Vec<Cell>,
}

impl Clone for Row {
    fn clone(&self) -> Self {
        Self { number: self.number, cells: self.cells.clone() }
    }
    // Keeps the memory that is there: every row is for a moment the last one of its bucket.
    fn clone_from(&mut self, other: &Self) {
        self.number = other.number;
        self.cells.clone_from(&other.cells);
    }
}

/// The extremes of one column in one bucket.
#[derive(Clone, Debug, Default)]
struct Extremes {
    low: Option<(f64, Row)>,
    high: Option<(f64, Row)>,
}

#[derive(Clone, Debug)]
struct Bucket {
    first: Row,
    last: Row,
    /// For every y.
    extremes: Vec<Extremes>,
}

/// Keeps (if it is better) a row as an extreme.
fn keep(slot: &mut Option<(f64, Row)>, value: f64, row: &Row, better: fn(f64, f64) -> bool) {
    match slot {
        Some((old, kept)) if better(value, *old) => {
            *old = value;
            kept.clone_from(row);
        }
        None => *slot = Some((value, row.clone())),
        Some(_) => {}
    }
}

impl Bucket {
    fn new(row: &Row) -> Self {
        let extremes = vec![Extremes::default(); row.cells.len().saturating_sub(1)];
        let mut bucket = Self { first: row.clone(), last: row.clone(), extremes };
        bucket.note(row);
        bucket
    }
    fn note(&mut self, row: &Row) {
        for (extremes, cell) in self.extremes.iter_mut().zip(row.cells.iter().skip(1)) {
            if let Cell::Number(value) = cell {
                keep(&mut extremes.low, *value, row, |new, old| new < old);
                keep(&mut extremes.high, *value, row, |new, old| new > old);
            }
        }
    }
    fn add(&mut self, row: &Row) {
        self.last.clone_from(row);
        self.note(row);
    }
    /// Takes in the bucket behind it.
    fn merge(&mut self, next: Self) {
        self.last = next.last;
        for (mine, other) in self.extremes.iter_mut().zip(next.extremes) {
            if let Some((value, row)) = &other.low {
                keep(&mut mine.low, *value, row, |new, old| new < old);
            }
            if let Some((value, row)) = &other.high {
                keep(&mut mine.high, *value, row, |new, old| new > old);
            }
        }
    }
    fn rows(self) -> impl Iterator<Item = Row> {
        let extremes = self.extremes.into_iter().flat_map(|e| [e.low, e.high]).flatten().map(|(_, row)| row);
        [self.first, self.last].into_iter().chain(extremes)
    }
}

/// Buckets along an axis on which rows never go back.
#[derive(Debug)]
pub(crate) struct Axis {
    start: f64,
    width: f64,
    most: usize,
    buckets: Vec<Option<Bucket>>,
}

impl Axis {
    /// At most `most` buckets from `start` on.
    pub(crate) fn new(start: f64, most: usize) -> Self {
        Self { start, width: 0.0, most: most.max(2), buckets: Vec::new() }
    }

    /// Adds a row at a place that is not before the last one's.
    pub(crate) fn add(&mut self, place: f64, row: &Row) {
        let distance = (place - self.start).max(0.0);
        if self.width == 0.0 && distance > 0.0 {
            // The first row away from the start says the scale; it may be half an axis away at most.
            self.width = distance / (self.most / 2) as f64;
        }
        let mut at = self.index(distance);
        while at >= self.most {
            self.halve();
            at = self.index(distance);
        }
        if self.buckets.len() <= at {
            self.buckets.resize_with(at + 1, || None);
        }
        match &mut self.buckets[at] {
            Some(bucket) => bucket.add(row),
            empty => *empty = Some(Bucket::new(row)),
        }
    }

    fn index(&self, distance: f64) -> usize {
        if self.width > 0.0 { (distance / self.width) as usize } else { 0 }
    }

    fn halve(&mut self) {
        self.width *= 2.0;
        let old = std::mem::take(&mut self.buckets);
        let mut old = old.into_iter();
        while let Some(left) = old.next() {
            let right = old.next().flatten();
            self.buckets.push(match (left, right) {
                (Some(mut left), Some(right)) => {
                    left.merge(right);
                    Some(left)
                }
                (one, other) => one.or(other),
            });
        }
    }

    /// The kept rows in their order.
    pub(crate) fn rows(self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.buckets.into_iter().flatten().flat_map(Bucket::rows).collect();
        rows.sort_by_key(|row| row.number);
        rows.dedup_by_key(|row| row.number);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(number: u64, x: f64, y: f64) -> Row {
        Row { number, cells: vec![Cell::Number(x), Cell::number(y)] }
    }

    fn thin(rows: &[Row], most: usize) -> Vec<Row> {
        let place = |row: &Row| row.cells[0].position(crate::preview::ColumnType::Number).expect("a number");
        let mut axis = Axis::new(place(&rows[0]), most);
        rows.iter().for_each(|row| axis.add(place(row), row));
        axis.rows()
    }

    #[test]
    fn a_peak_of_one_row_is_kept() {
        let rows: Vec<Row> =
            (0..100_000).map(|n| row(n, n as f64, if n == 77_777 { 9.0 } else { (n % 3) as f64 })).collect();
        let kept = thin(&rows, 100);
        assert!(kept.len() <= 400 && kept.len() >= 100, "{}", kept.len());
        assert!(kept.iter().any(|row| row.number == 77_777));
        assert_eq!((kept[0].number, kept[kept.len() - 1].number), (0, 99_999));
    }

    #[test]
    fn buckets_are_even_along_x_and_not_along_the_rows() {
        // 90 % of the rows in 1 % of the axis: the rest still has almost all of the buckets.
        let x = |n: u64| if n < 90_000 { n as f64 / 90_000.0 } else { 1.0 + (n - 90_000) as f64 / 100.0 };
        let rows: Vec<Row> = (0..100_000).map(|n| row(n, x(n), (n * 7919 % 101) as f64)).collect();
        let kept = thin(&rows, 100);
        let late = kept.iter().filter(|row| row.number >= 90_000).count();
        assert!(late * 10 > kept.len() * 9, "{late} of {}", kept.len());
    }

    proptest! {
        #[test]
        fn extremes_and_ends_are_kept(
            steps in proptest::collection::vec((0.0f64..1e6, -100.0f64..100.0), 1..300),
            most in 2usize..20,
        ) {
            let mut x = 0.0;
            let rows: Vec<Row> = steps.iter().enumerate().map(|(n, (step, y))| {
                x += if *step < 1e5 { 0.0 } else { *step };
                row(n as u64, x, *y)
            }).collect();
            let kept = thin(&rows, most);
            prop_assert!(kept.len() <= most * 4);
            prop_assert!(kept.windows(2).all(|pair| pair[0].number < pair[1].number));
            let ys = |rows: &[Row]| rows.iter().filter_map(|r| match r.cells[1] { Cell::Number(v) => Some(v), _ => None })
                .fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
            prop_assert_eq!(ys(&rows), ys(&kept));
            prop_assert_eq!(kept[0].number, 0);
            prop_assert_eq!(kept[kept.len() - 1].number, rows.len() as u64 - 1);
        }
    }
}
