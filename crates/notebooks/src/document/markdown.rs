//! A notebook as Markdown: text as it is, code and outputs in fences, images within.

use super::ansi;
use super::model::{CellKind, Notebook, Output};
use serde_json::Value;

/// The file of a notebook.
pub fn write(notebook: &Notebook) -> String {
    let mut parts = Vec::new();
    for cell in &notebook.cells {
        match cell.kind {
            CellKind::Markdown | CellKind::Raw => parts.push(cell.source.clone()),
            CellKind::Code => {
                parts.push(fence(notebook.language(), &cell.source));
                parts.extend(cell.outputs.iter().filter_map(show));
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    let mut out = parts.join("\n\n");
    out.push('\n');
    out
}

/// A fence that nothing within it ends.
fn fence(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    format!("{ticks}{language}\n{}\n{ticks}", text.trim_end_matches('\n'))
}

fn show(output: &Output) -> Option<String> {
    let value = &output.value;
    match output.kind() {
        "stream" => Some(fence("", &ansi::strip(value["text"].as_str()?))),
        "error" => {
            let lines: Vec<&str> = value["traceback"].as_array()?.iter().filter_map(Value::as_str).collect();
            Some(fence("", &ansi::strip(&lines.join("\n"))))
        }
        "display_data" | "execute_result" => bundle(&value["data"]),
        _ => None,
    }
}

fn bundle(data: &Value) -> Option<String> {
    for mime in ["image/png", "image/jpeg", "image/gif"] {
        if let Some(image) = data[mime].as_str() {
            let coded: String = image.split_whitespace().collect();
            return Some(format!("![output](data:{mime};base64,{coded})"));
        }
    }
    let text = |mime: &str| data[mime].as_str();
    text("text/markdown")
        .map(str::to_owned)
        .or_else(|| text("text/latex").map(str::to_owned))
        .or_else(|| text("text/plain").map(|plain| fence("", &ansi::strip(plain))))
        .or_else(|| text("text/html").map(|html| fence("html", html)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Cell;
    use serde_json::json;

    #[test]
    fn fences_hold() {
        let mut code = Cell::new("a", CellKind::Code, "x = '```'");
        let stream = json!({"output_type": "stream", "name": "stdout", "text": "\u{1b}[31mhi\u{1b}[0m\n"});
        let image =
            json!({"output_type": "display_data", "data": {"image/png": "iV\nBO", "text/plain": "<Figure>"}});
        code.outputs = [stream, image].map(|value| Output { value, ..Output::default() }).into();
        let notebook =
            Notebook { cells: vec![Cell::new("m", CellKind::Markdown, "# T"), code], ..Notebook::new() };
        let text =
            "# T\n\n````python\nx = '```'\n````\n\n```\nhi\n```\n\n![output](data:image/png;base64,iVBO)\n";
        assert_eq!(write(&notebook), text);
    }
}
