//! Aligned columns.

use super::style::{Style, clean};

/// A table that is printed when it is complete.
#[derive(Debug, Default)]
pub(crate) struct Table {
    head: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::Plain }
    }
}

impl Cell {
    /// A cell with a colour.
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl Table {
    /// A table with these headings; one that begins with `>` has its column set to the right.
    pub(crate) fn new(head: &[&'static str]) -> Self {
        let right = head.iter().map(|h| h.starts_with('>')).collect();
        Self { head: head.iter().map(|h| h.trim_start_matches('>')).collect(), right, rows: Vec::new() }
    }

    /// A table of names and values, without headings.
    pub(crate) fn pairs() -> Self {
        Self { head: Vec::new(), right: vec![false, false], rows: Vec::new() }
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(|cell| Cell { text: clean(&cell.text), ..cell }).collect());
    }

    /// One more name with its value.
    pub(crate) fn pair(&mut self, name: &str, value: impl Into<Cell>) {
        self.row([Cell::styled(name, Style::Dim), value.into()]);
    }

    /// Whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, with ANSI colours if `colour`. The last column is not padded.
    pub(crate) fn render(&self, colour: bool) -> String {
        let head: Vec<Cell> = self.head.iter().map(|h| Cell::styled(*h, Style::Dim)).collect();
        let all: Vec<&Vec<Cell>> =
            std::iter::once(&head).filter(|h| !h.is_empty()).chain(&self.rows).collect();
        let columns = all.iter().map(|row| row.len()).max().unwrap_or(0);
        let width_of = |cell: &Cell| console::measure_text_width(&cell.text);
        let widths: Vec<usize> = (0..columns)
            .map(|n| all.iter().filter_map(|row| row.get(n)).map(width_of).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in all {
            for (n, cell) in row.iter().enumerate() {
                let last = n + 1 == row.len();
                let gap = " ".repeat(widths[n] - width_of(cell));
                let right = self.right.get(n).copied().unwrap_or(false);
                if right {
                    text.push_str(&gap);
                }
                text.push_str(&cell.style.paint(&cell.text, colour));
                if !last {
                    text.push_str(if right { "" } else { &gap });
                    text.push_str("  ");
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(&["NAME", ">SIZE", "STATE"]);
        table.row(["a".into(), "5 B".into(), Cell::styled("failed", Style::Red)]);
        table.row(["größer 数".into(), "12.0 KiB".into(), "ok".into()]);
        assert_eq!(
            table.render(false),
            "NAME           SIZE  STATE\na               5 B  failed\ngrößer 数  12.0 KiB  ok\n"
        );
        assert!(table.render(true).contains("\u{1b}[31mfailed\u{1b}[0m"));
    }

    #[test]
    fn nothing_from_a_server_moves_the_cursor() {
        let mut table = Table::pairs();
        table.pair("name", "a\u{1b}[2Jb\nc");
        assert!(!table.render(false).contains('\u{1b}'));
        assert_eq!(table.render(false).lines().count(), 1);
    }

    #[test]
    fn no_line_ends_in_spaces() {
        let mut table = Table::new(&["A", "B"]);
        table.row(["x".into(), "".into()]);
        assert_eq!(table.render(false), "A  B\nx\n");
    }
}
