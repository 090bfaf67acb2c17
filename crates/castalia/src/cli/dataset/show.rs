//! `dataset show`, `preview`, `lineage`.

use crate::cli::app::{App, number, text};
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::{Style, tame};
use crate::cli::table::{Cell, Table};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a dataset is.
pub(super) async fn show(app: &App, id: &str) -> Result<(), Failure> {
    let dataset = app.client()?.get(&["datasets", id], &[]).await?;
    if app.out.json {
        return app.out.value(&dataset);
    }
    let mut table = Table::pairs();
    table.pair("dataset", Cell::styled(text(&dataset, "id"), Style::Bold));
    table.pair("name", text(&dataset, "name"));
    table.pair("type", text(&dataset, "media_type"));
    table.pair("size", format::size(number(&dataset, "size")));
    for key in ["description", "units", "crs"] {
        if !text(&dataset, key).is_empty() {
            table.pair(key, text(&dataset, key));
        }
    }
    if let Some(shape) = dataset["shape"].as_array() {
        table.pair("shape", shape.iter().map(Value::to_string).collect::<Vec<_>>().join(" × "));
    }
    if let Some(columns) = dataset["columns"].as_array().filter(|columns| !columns.is_empty()) {
        table.pair("columns", columns.iter().map(column).collect::<Vec<_>>().join(", "));
    }
    if dataset["partial"] == true {
        table.pair("state", Cell::styled("partial: its version ended before it was done", Style::Yellow));
    }
    table.pair("made", format::moment(&dataset["created_at"], format::now()));
    let process = [text(&dataset, "process_name"), text(&dataset, "process")];
    table.pair("by", format!("{} v{}", process.join(" ").trim_start(), dataset["version"]));
    for input in dataset["inputs"].as_array().into_iter().flatten() {
        table.pair("from", format!("{} {} {}", text(input, "kind"), text(input, "name"), text(input, "id")));
    }
    table.pair("sha256", text(&dataset, "sha256"));
    app.out.table(&table, "")
}

fn column(column: &Value) -> String {
    match (text(column, "name"), text(column, "unit")) {
        // The heading may say the unit already.
        (name, unit) if unit.is_empty() || name.contains(unit) => name.to_owned(),
        (name, unit) => format!("{name} ({unit})"),
    }
}

/// The beginning of a dataset.
pub(super) async fn preview(app: &App, id: &str, rows: u32) -> Result<(), Failure> {
    let query = [("rows", Some(rows.clamp(1, 1000).to_string()))];
    let preview = app.client()?.get(&["datasets", id, "preview"], &query).await?;
    if app.out.json {
        return app.out.value(&preview);
    }
    match text(&preview, "kind") {
        "table" => app.out.text(&rows_of(&preview).render(app.out.colour()))?,
        "json" | "geojson" => app.out.line(format!("{:#}", preview["value"]))?,
        "array" => app.out.line(format!(
            "an array {} of {}, from {} to {}, mean {}",
            preview["shape"], preview["dtype"], preview["minimum"], preview["maximum"], preview["mean"]
        ))?,
        "text" => {
            let lines = text(&preview, "text").lines();
            app.out.text(
                &lines
                    .map(|line| if app.out.terminal { tame(line) } else { line.to_owned() } + "\n")
                    .collect::<String>(),
            )?;
        }
        "image" => {
            app.out.line(format!("a picture of {} × {} pixels", preview["width"], preview["height"]))?
        }
        _ => app.out.line(format!("binary data: {}", format::clip(text(&preview, "hex"), 64)))?,
    }
    if preview["truncated"] == true {
        app.out.note(&format!(
            "the whole has {}; get it with `castalia dataset get {id}`",
            format::size(number(&preview, "size"))
        ));
    }
    Ok(())
}

fn rows_of(preview: &Value) -> Table {
    let columns = preview["columns"].as_array().map_or(&[][..], Vec::as_slice);
    let mut table = Table::default();
    table.row(columns.iter().map(|column| Cell::styled(text(column, "name"), Style::Dim)));
    for row in preview["rows"].as_array().into_iter().flatten() {
        let cells = row.as_array().map_or(&[][..], Vec::as_slice);
        table.row(cells.iter().map(|cell| {
            format::clip(&if cell.is_null() { String::new() } else { format::plain(cell) }, 40).into()
        }));
    }
    table
}

/// What a dataset was made from, as a tree; below it what was made from it.
pub(super) async fn lineage(app: &App, id: &str) -> Result<(), Failure> {
    let lineage = app.client()?.get(&["datasets", id, "lineage"], &[]).await?;
    if app.out.json {
        return app.out.value(&lineage);
    }
    let root = text(&lineage, "root");
    let mut lines = vec![told(&lineage, root)];
    branches(&lineage, root, ("to", "from"), "", &mut BTreeSet::new(), &mut lines);
    let mut after = Vec::new();
    branches(&lineage, root, ("from", "to"), "", &mut BTreeSet::new(), &mut after);
    if !after.is_empty() {
        lines.push("made from it:".into());
        lines.extend(after);
    }
    if lineage["truncated"] == true {
        lines.push("… and more".into());
    }
    app.out.line(lines.join("\n"))
}

fn branches(
    lineage: &Value,
    at: &str,
    (near, far): (&str, &str),
    indent: &str,
    seen: &mut BTreeSet<String>,
    lines: &mut Vec<String>,
) {
    let edges: Vec<&str> = lineage["edges"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|e| text(e, near) == at)
        .map(|e| text(e, far))
        .collect();
    for (n, id) in edges.iter().enumerate() {
        let last = n + 1 == edges.len();
        // What stands there already is not told again with all that is behind it.
        let fresh = seen.insert((*id).to_owned());
        lines.push(format!(
            "{indent}{} {}{}",
            if last { "└─" } else { "├─" },
            told(lineage, id),
            if fresh { "" } else { " (above)" }
        ));
        if fresh {
            let deeper = format!("{indent}{}", if last { "   " } else { "│  " });
            branches(lineage, id, (near, far), &deeper, seen, lines);
        }
    }
}

fn told(lineage: &Value, id: &str) -> String {
    let node = lineage["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|n| text(n, "id") == id)
        .unwrap_or(&Value::Null);
    let mut words = vec![text(node, "kind").to_owned(), text(node, "name").to_owned(), id.to_owned()];
    if !text(node, "process").is_empty() {
        words.push(format!("by {} v{}", text(node, "process"), node["version"]));
    }
    if node["gone"] == true {
        words.push("(gone)".into());
    }
    crate::cli::style::clean(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lineage_is_a_tree_and_circles_end() {
        let node = |id: &str| json!({"id": id, "kind": "dataset", "name": id, "gone": false});
        let lineage = json!({
            "nodes": [node("c"), node("a"), node("b")],
            "edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}, {"from": "a", "to": "c"}, {"from": "c", "to": "a"}]
        });
        let mut lines = Vec::new();
        branches(&lineage, "c", ("to", "from"), "", &mut BTreeSet::new(), &mut lines);
        assert_eq!(lines[0], "├─ dataset b b");
        assert_eq!(lines[1], "│  └─ dataset a a");
        assert!(lines.last().expect("some").ends_with("(above)"), "{lines:?}");
    }

    #[test]
    fn columns_with_and_without_units() {
        assert_eq!(column(&json!({"name": "x"})), "x");
        assert_eq!(column(&json!({"name": "f", "unit": "1/a"})), "f (1/a)");
    }
}
