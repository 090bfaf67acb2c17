//! `process compare`.

use crate::cli::app::{App, number, text};
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};
use serde_json::Value;

/// Shows what differs between two versions.
pub(super) async fn run(app: &App, id: &str, a: i64, b: i64) -> Result<(), Failure> {
    let query = [("a", Some(a.to_string())), ("b", Some(b.to_string()))];
    let comparison = app.client()?.get(&["processes", id, "compare"], &query).await?;
    if app.out.json {
        return app.out.value(&comparison);
    }
    let heads = [format!("v{a}"), format!("v{b}")].map(|h| Cell::styled(h, Style::Dim));
    let mut table = Table::default();
    let [first, second] = heads.clone();
    table.row([Cell::styled("differs", Style::Dim), first, second]);
    for difference in comparison["differences"].as_array().into_iter().flatten() {
        let value = |key: &str| format::clip(&value(text(difference, "path"), difference.get(key)), 60);
        table.row([
            text(difference, "path").trim_start_matches('/').into(),
            value("a").into(),
            value("b").into(),
        ]);
    }
    app.out.table(&table, "")?;
    let mut table = Table::default();
    let [first, second] = heads;
    table.row([Cell::styled("output", Style::Dim), first, second, "".into()]);
    for pair in comparison["outputs"].as_array().into_iter().flatten() {
        let size = |key: &str| {
            if pair[key].is_null() { "-".to_owned() } else { format::size(number(&pair[key], "size")) }
        };
        let verdict = if pair["equal"] == true {
            Cell::styled("equal", Style::Green)
        } else {
            Cell::styled("different", Style::Yellow)
        };
        table.row([text(pair, "name").into(), size("a").into(), size("b").into(), verdict]);
    }
    app.out.line("")?;
    app.out.table(&table, "")
}

fn value(path: &str, value: Option<&Value>) -> String {
    match value {
        None => "-".into(),
        Some(value) if path == "/cost" => format!("{} credits", format::credits(value)),
        Some(value) => format::plain(value),
    }
}
