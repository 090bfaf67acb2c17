//! The rows, as a table for people and as JSON.

use serde_json::{Value, json};

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// Castalia's figure.
    pub(crate) value: f64,
    /// Smallest and largest of the repetitions.
    pub(crate) spread: Option<(f64, f64)>,
    /// Unit of all figures in the row.
    pub(crate) unit: &'static str,
    /// The peer or the limit, and its figure.
    pub(crate) against: Option<(String, f64)>,
    /// The goal: its words, and whether it is met.
    pub(crate) goal: Option<(String, bool)>,
    /// How it was measured, and what else was seen.
    pub(crate) how: String,
}

impl Row {
    /// A row without peer and goal.
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, spread: None, unit, against: None, goal: None, how: String::new() }
    }
    /// Names the peer or the limit.
    pub(crate) fn against(mut self, what: impl Into<String>, value: f64) -> Self {
        self.against = Some((what.into(), value));
        self
    }
    /// Smallest and largest of the repetitions.
    pub(crate) fn spread(mut self, spread: (f64, f64)) -> Self {
        self.spread = Some(spread);
        self
    }
    /// Says what was wanted.
    pub(crate) fn goal(mut self, words: impl Into<String>, met: bool) -> Self {
        self.goal = Some((words.into(), met));
        self
    }
    /// Says how.
    pub(crate) fn how(mut self, how: impl Into<String>) -> Self {
        self.how = how.into();
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.against.as_ref().map(|(_, other)| self.value / other)
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "castalia": self.value,
            "spread": self.spread,
            "unit": self.unit,
            "against": self.against.as_ref().map(|(what, value)| json!({"what": what, "value": value})),
            "ratio": self.ratio(),
            "goal": self.goal.as_ref().map(|(words, met)| json!({"words": words, "met": met})),
            "how": self.how,
        })
    }

    fn cells(&self, number: usize) -> [String; 6] {
        let spread =
            self.spread.map(|(low, high)| format!(" ({}–{})", figure(low), figure(high))).unwrap_or_default();
        let against = self.against.as_ref();
        [
            number.to_string(),
            self.what.clone(),
            format!("{}{spread} {}", figure(self.value), self.unit),
            against
                .map(|(what, value)| format!("{} {} {what}", figure(*value), self.unit))
                .unwrap_or_default(),
            self.ratio().map(|r| format!("× {}", figure(r))).unwrap_or_default(),
            self.goal
                .as_ref()
                .map(|(words, met)| format!("{words}: {}", if *met { "met" } else { "NOT MET" }))
                .unwrap_or_default(),
        ]
    }
}

/// Three significant digits, no more.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let Some(head) = text.strip_prefix('-').or(Some(&text)).filter(|t| !t.contains('.') && t.len() > 4)
    else {
        return text;
    };
    let grouped: Vec<&str> =
        head.as_bytes().rchunks(3).rev().map(|c| std::str::from_utf8(c).unwrap_or_default()).collect();
    grouped.join(",")
}

/// The table with its notes.
pub(crate) fn print(rows: &[Row]) {
    let head = ["", "what", "Castalia", "peer or limit", "ratio", "goal"].map(String::from);
    let lines: Vec<[String; 6]> =
        std::iter::once(head).chain(rows.iter().enumerate().map(|(n, r)| r.cells(n + 1))).collect();
    let widths: Vec<usize> =
        (0..6).map(|c| lines.iter().map(|l| l[c].chars().count()).max().unwrap_or(0)).collect();
    for (n, line) in lines.iter().enumerate() {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
        if n == 0 {
            println!("{}", widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join("  "));
        }
    }
    println!();
    for (n, row) in rows.iter().enumerate() {
        println!("{:>3}  {}", n + 1, row.how);
    }
}

/// All rows with what describes the run.
pub(crate) fn to_json(about: &[(String, String)], rows: &[Row]) -> Value {
    let about: serde_json::Map<String, Value> =
        about.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
    json!({"about": about, "rows": rows.iter().map(Row::json).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(
            ["0.123", "2.72", "27.2", "272", "27,234", "2,723,412"].map(String::from),
            [0.1234, 2.7234, 27.234, 272.34, 27234.1, 2723412.0].map(figure)
        );
    }
}
