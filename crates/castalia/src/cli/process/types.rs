//! `process types`.

use crate::cli::app::{App, text};
use crate::cli::client::items;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};
use serde_json::Value;

/// Lists the types, or shows one.
pub(super) async fn run(app: &App, name: Option<String>) -> Result<(), Failure> {
    let client = app.client()?;
    if let Some(name) = name {
        return show(app, &client.get(&["process-types", &name.replacen('/', "~", 1)], &[]).await?);
    }
    let types = client.get(&["process-types"], &[]).await?;
    if app.out.json {
        return app.out.value(&types);
    }
    let mut table = Table::new(&["TYPE", "ENVIRONMENT", "WHAT IT DOES"]);
    for t in items(&types) {
        let what = [text(t, "title"), text(t, "description")]
            .into_iter()
            .find(|w| !w.is_empty())
            .unwrap_or_default();
        let what = what.lines().next().unwrap_or_default();
        table.row([
            Cell::styled(text(t, "name"), Style::Bold),
            text(t, "environment").into(),
            format::clip(what, 80).into(),
        ]);
    }
    app.out.table(&table, "no process types; add an environment with `castalia environment add`")
}

fn show(app: &App, t: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(t);
    }
    let mut table = Table::pairs();
    table.pair("type", Cell::styled(format!("{}/{}", text(t, "environment"), text(t, "name")), Style::Bold));
    table.pair("title", text(t, "title"));
    table.pair("version", text(t, "version"));
    let reuse = if t["deterministic"] == true { "yes, with --reuse" } else { "no" };
    table.pair("reuse", reuse);
    app.out.table(&table, "")?;
    if !text(t, "description").is_empty() {
        app.out.line(format!("\n{}", text(t, "description").trim_end()))?;
    }
    app.out.line("")?;
    parameters(app, &t["schema"])
}

fn parameters(app: &App, schema: &Value) -> Result<(), Failure> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut table = Table::new(&["PARAMETER", "IS", "DEFAULT", "MEANING"]);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let default = match property.get("default") {
            Some(default) => format::clip(&default.to_string(), 30),
            None if required.contains(&name.as_str()) => "required".into(),
            None => "-".into(),
        };
        let meaning =
            [text(property, "description"), text(property, "title")].into_iter().find(|t| !t.is_empty());
        table.row([
            Cell::styled(name.as_str(), Style::Bold),
            format::clip(&kind(schema, property, 0), 40).into(),
            default.into(),
            format::clip(meaning.unwrap_or_default(), 90).into(),
        ]);
    }
    app.out.table(&table, "it has no parameters")
}

/// What a value may be, in a few words.
fn kind(root: &Value, property: &Value, depth: usize) -> String {
    let target = text(property, "$ref").strip_prefix('#').and_then(|pointer| root.pointer(pointer));
    let property = target.unwrap_or(property);
    let values =
        property["enum"].as_array().map(|v| v.iter().map(format::plain).collect::<Vec<_>>().join("|"));
    let branches = ["anyOf", "oneOf"].iter().find_map(|key| property[*key].as_array());
    let list = |names: &[Value]| names.iter().map(format::plain).collect::<Vec<_>>().join("|");
    let name = match (&values, branches, &property["type"]) {
        (Some(values), ..) => return values.clone(),
        (_, Some(branches), _) if depth < 4 => {
            return branches.iter().map(|b| kind(root, b, depth + 1)).collect::<Vec<_>>().join("|");
        }
        (_, _, Value::String(name)) => name.clone(),
        (_, _, Value::Array(names)) => list(names),
        _ => "anything".into(),
    };
    let format = text(property, "format");
    let mut told = if matches!(format, "dataset" | "upload") { format.to_owned() } else { name };
    match (property["minimum"].as_f64(), property["maximum"].as_f64()) {
        (Some(low), Some(high)) => told.push_str(&format!(" {low}..{high}")),
        (Some(low), None) => told.push_str(&format!(" >= {low}")),
        (None, Some(high)) => told.push_str(&format!(" <= {high}")),
        (None, None) => {}
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_in_a_few_words() {
        let root = json!({"$defs": {"w": {"enum": ["hann", "none"]}}});
        let told = |property: Value| kind(&root, &property, 0);
        assert_eq!(told(json!({"$ref": "#/$defs/w"})), "hann|none");
        assert_eq!(told(json!({"type": "string", "format": "dataset"})), "dataset");
        assert_eq!(told(json!({"type": "integer", "minimum": 1, "maximum": 9})), "integer 1..9");
        assert_eq!(told(json!({"anyOf": [{"type": "number"}, {"type": "null"}]})), "number|null");
        assert_eq!(told(json!({})), "anything");
    }
}
