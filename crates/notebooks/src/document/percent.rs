//! Python files in the percent format, as jupytext, VS Code and Spyder read them:
//! <https://jupytext.readthedocs.io/en/latest/formats-scripts.html>.
//!
//! Empty lines at the end of code are not in the file, for there they only keep cells apart. A file holds sources, kinds, metadata and the kernel; ids, outputs and layout are not in it. Magics are comments in
//! the file, so that it stays Python. A line of a source that could be taken for a mark or for such a comment gets one
//! more `# ` in front, and loses it on the way back.

use super::model::{Cell, CellKind, Notebook, Object, sha256};
use serde_json::Value;
use std::collections::HashMap;

/// Cells in these languages become a mark with `language=` and comments.
const LANGUAGES: [&str; 10] =
    ["bash", "sh", "script", "R", "javascript", "js", "perl", "html", "latex", "julia"];

/// The file of a notebook.
pub fn write(notebook: &Notebook) -> String {
    let mut out = header(notebook);
    for (at, cell) in notebook.cells.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let (language, source) = foreign(cell);
        out.push_str("# %%");
        match cell.kind {
            CellKind::Code => {}
            CellKind::Markdown => out.push_str(" [markdown]"),
            CellKind::Raw => out.push_str(" [raw]"),
        }
        if let Some(language) = language {
            out.push_str(&format!(" language={}", Value::from(language)));
        }
        for (key, value) in cell.metadata.iter().filter(|(key, _)| is_key(key) && *key != "gm") {
            out.push_str(&format!(" {key}={value}"));
        }
        out.push('\n');
        if source.is_empty() {
            continue;
        }
        for line in source.split('\n') {
            if cell.kind != CellKind::Code || language.is_some() {
                comment(&mut out, line);
            } else {
                escape(&mut out, line);
            }
            out.push('\n');
        }
    }
    out
}

/// A notebook out of a file. Every text is one: without marks it is a single cell.
pub fn read(text: &str) -> Notebook {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (metadata, body) = split_header(&text);
    let mut notebook = Notebook { metadata, ..Notebook::new() };
    let mut lines: Vec<&str> = body.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    let mut parts: Vec<(Option<Mark>, Vec<&str>)> = vec![(None, Vec::new())];
    for line in lines {
        match mark(line) {
            Some(mark) => parts.push((Some(mark), Vec::new())),
            None => parts.last_mut().into_iter().for_each(|(_, lines)| lines.push(line)),
        }
    }
    let mut same: HashMap<String, usize> = HashMap::new();
    for (mark, mut lines) in parts {
        if mark.is_none() && lines.iter().all(|line| line.trim().is_empty()) {
            continue;
        }
        // Empty lines behind a cell stand between cells, as many as the style of the file asks for.
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        let mark = mark.unwrap_or_default();
        let source = source(&mark, &lines);
        let nth = same.entry(source.clone()).or_default();
        let id = sha256(format!("percent\0{nth}\0{source}").as_bytes())[..8].to_owned();
        *nth += 1;
        notebook.cells.push(Cell { metadata: mark.metadata, ..Cell::new(&id, mark.kind, &source) });
    }
    notebook
}

/// The language of a code cell that is in another one, and the source without the line that says so.
fn foreign(cell: &Cell) -> (Option<&str>, &str) {
    let (first, rest) = cell.source.split_once('\n').unwrap_or((&cell.source, ""));
    let language = first.strip_prefix("%%").filter(|name| LANGUAGES.contains(name));
    let language = language.filter(|_| {
        cell.kind == CellKind::Code && !rest.is_empty() && !cell.metadata.contains_key("language")
    });
    match language {
        Some(language) => (Some(language), rest),
        None => (None, &cell.source),
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn comment(out: &mut String, line: &str) {
    if is_like_mark(line) {
        out.push_str("# ");
    }
    out.push('#');
    if !line.is_empty() {
        out.push(' ');
        out.push_str(line);
    }
}

/// Whether a line as a comment, or after some more of them, is a mark.
fn is_like_mark(line: &str) -> bool {
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix("# ") {
        rest = inner;
    }
    mark(&format!("# {rest}")).is_some()
}

fn escape(out: &mut String, line: &str) {
    // `%%` alone is no magic, but would be a mark as a comment.
    let stays = !line.starts_with('#') && mark(&format!("# {line}")).is_some();
    let (indent, text) = indented(line);
    out.push_str(indent);
    if is_special(indent, text) && !stays {
        out.push_str("# ");
    }
    out.push_str(text);
}

fn indented(line: &str) -> (&str, &str) {
    line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len())
}

/// Whether a text, without the comments in front of it, is a magic, a shell command or a mark.
fn is_special(indent: &str, text: &str) -> bool {
    let mut rest = text;
    while let Some(inner) = rest.strip_prefix("# ") {
        rest = inner;
    }
    if indent.is_empty() && mark(rest).is_some() {
        return true;
    }
    match rest.as_bytes() {
        [b'%', b'%', ..] => indent.is_empty(),
        [b'%', next, ..] => next.is_ascii_alphabetic(),
        [b'!', ..] | [b'?', ..] => true,
        _ => false,
    }
}

/// What a line with `# %%` says.
#[derive(Default)]
struct Mark {
    kind: CellKind,
    language: Option<String>,
    metadata: Object,
}

fn mark(line: &str) -> Option<Mark> {
    let rest = line.strip_prefix("# %%").or_else(|| line.strip_prefix("#%%"))?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '%']) {
        return None;
    }
    // Further `%` are levels of nesting.
    let mut rest = rest.trim_start_matches('%').trim();
    let mut mark = Mark::default();
    let mut title = Vec::new();
    while !rest.is_empty() {
        let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word {
            "[markdown]" | "[md]" => mark.kind = CellKind::Markdown,
            "[raw]" => mark.kind = CellKind::Raw,
            _ => {
                if let Some((key, value, behind)) = pair(rest) {
                    mark.metadata.insert(key.to_owned(), value);
                    rest = behind.trim_start();
                    continue;
                }
                title.push(word);
            }
        }
        rest = behind.trim_start();
    }
    if !title.is_empty() {
        mark.metadata.entry("title").or_insert_with(|| title.join(" ").into());
    }
    if let Some(Value::String(language)) = mark.metadata.get("language")
        && mark.kind == CellKind::Code
        && LANGUAGES.contains(&language.as_str())
    {
        mark.language = Some(language.clone());
        mark.metadata.remove("language");
    }
    Some(mark)
}

/// `key=JSON` at the start of a text, and what is behind it.
fn pair(text: &str) -> Option<(&str, Value, &str)> {
    let (key, rest) = text.split_once('=')?;
    if !is_key(key) {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((key, value, &rest[values.byte_offset()..]))
}

fn source(mark: &Mark, lines: &[&str]) -> String {
    if mark.kind == CellKind::Code && mark.language.is_none() {
        let plain = |line: &&str| match indented(line) {
            (indent, text) if is_special(indent, text) => {
                format!("{indent}{}", text.strip_prefix("# ").unwrap_or(text))
            }
            _ => (*line).to_owned(),
        };
        return lines.iter().map(plain).collect::<Vec<_>>().join("\n");
    }
    let quoted = match lines {
        [first, middle @ .., "\"\"\""] if matches!(*first, "\"\"\"" | "r\"\"\"") => Some(middle.join("\n")),
        _ => None,
    };
    let plain = |line: &&str| {
        let text = line.strip_prefix("# ").or(line.strip_prefix('#')).unwrap_or(line);
        text.strip_prefix("# ").filter(|_| is_like_mark(text)).unwrap_or(text).to_owned()
    };
    let body = quoted.unwrap_or_else(|| lines.iter().map(plain).collect::<Vec<_>>().join("\n"));
    match &mark.language {
        Some(language) => format!("%%{language}\n{body}"),
        None => body,
    }
}

/// The head of the file: what kernel it wants.
fn header(notebook: &Notebook) -> String {
    let Some(Value::Object(spec)) = notebook.metadata.get("kernelspec") else {
        return String::new();
    };
    let mut out = String::from(
        "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       extension: .py\n#       format_name: percent\n#       format_version: '1.3'\n#   kernelspec:\n",
    );
    for (key, value) in spec {
        out.push_str(&format!("#     {key}: {value}\n"));
    }
    out.push_str("# ---\n\n");
    out
}

fn split_header(text: &str) -> (Object, &str) {
    let found = text.strip_prefix("# ---\n").and_then(|rest| rest.split_once("\n# ---\n"));
    let Some((head, body)) = found else {
        return (Object::new(), text);
    };
    let plain = |line: &str| line.strip_prefix("# ").or(line.strip_prefix('#')).unwrap_or(line).to_owned();
    let yaml = head.lines().map(plain).collect::<Vec<_>>().join("\n");
    let Ok(Value::Object(mut head)) = serde_saphyr::from_str::<Value>(&yaml) else {
        return (Object::new(), text);
    };
    let mut metadata = match head.remove("jupyter") {
        Some(Value::Object(metadata)) => metadata,
        _ => Object::new(),
    };
    metadata.remove("jupytext");
    (metadata, body.strip_prefix('\n').unwrap_or(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn it_looks_as_jupytext_writes_it() {
        let mut notebook = Notebook::new();
        notebook.metadata.insert(
            "kernelspec".into(),
            json!({"display_name": "Python 3", "language": "python", "name": "python3"}),
        );
        let mut code = Cell::new("b", CellKind::Code, "%matplotlib inline\nx = 1\n!ls");
        code.metadata.insert("tags".into(), json!(["a", "b"]));
        notebook.cells = vec![
            Cell::new("a", CellKind::Markdown, "# Title\n\ntext"),
            code,
            Cell::new("c", CellKind::Code, "%%bash\necho hi\n\nls"),
            Cell::new("d", CellKind::Raw, "raw"),
            Cell::new("e", CellKind::Code, "%%time\nsum(range(10))"),
        ];
        let text = write(&notebook);
        let body = text.split_once("# ---\n\n").expect("a head").1;
        assert_eq!(
            body,
            "# %% [markdown]\n# # Title\n#\n# text\n\n# %% tags=[\"a\",\"b\"]\n# %matplotlib inline\nx = 1\n# !ls\n\n\
             # %% language=\"bash\"\n# echo hi\n#\n# ls\n\n# %% [raw]\n# raw\n\n# %%\n# %%time\nsum(range(10))\n"
        );
        let back = read(&text);
        assert_eq!(back.metadata, notebook.metadata);
        let plain = |notebook: &Notebook| -> Vec<(CellKind, String, Object)> {
            notebook
                .cells
                .iter()
                .map(|cell| (cell.kind, cell.source.clone(), cell.metadata.clone()))
                .collect()
        };
        assert_eq!(plain(&back), plain(&notebook));
    }

    #[test]
    fn files_of_others_are_read() {
        let text = "#!/usr/bin/env python\nimport os\n\n#%% A title [md] k=1\n\"\"\"\nhello\n\"\"\"\n\n# %%%% deeper\nx = 1\n";
        let cells = read(text).cells;
        let sources: Vec<&str> = cells.iter().map(|cell| cell.source.as_str()).collect();
        assert_eq!(sources, ["#!/usr/bin/env python\nimport os", "hello", "x = 1"]);
        assert_eq!(json!(cells[1].metadata), json!({"title": "A title", "k": 1}));
        assert_eq!(
            (cells[1].kind, cells[2].metadata["title"].as_str()),
            (CellKind::Markdown, Some("deeper"))
        );
        assert!(read("").cells.is_empty());
    }

    #[test]
    fn jupytext_reads_ours_and_we_read_its() {
        use crate::document::{ipynb, peer};
        let Some(python) = peer::python("jupytext") else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let mut code = Cell::new(
            "b",
            CellKind::Code,
            "%matplotlib inline\nx = 1\n\n\n# # %time x\ndef f():\n    !ls\n    return \"%%\"",
        );
        code.metadata.insert("tags".into(), json!(["a b", "c"]));
        let cells = vec![
            Cell::new("a", CellKind::Markdown, "# Title\n\n- *text* `x`\n\n```\n# fence\n```"),
            code,
            Cell::new("c", CellKind::Code, "%%bash\necho hi # there\n\nls"),
            Cell::new("d", CellKind::Raw, "raw\n\ntext"),
            Cell::new("e", CellKind::Code, "%%time\nsum(range(10))"),
            Cell::new("f", CellKind::Code, "last = 1"),
        ];
        let mut notebook = Notebook { cells, ..Notebook::new() };
        notebook.metadata.insert(
            "kernelspec".into(),
            json!({"display_name": "Python 3", "language": "python", "name": "python3"}),
        );
        std::fs::write(folder.path().join("ours.py"), write(&notebook)).expect("written");
        std::fs::write(folder.path().join("ours.ipynb"), ipynb::to_bytes(&notebook, None)).expect("written");
        let script = "import sys, pathlib, jupytext, nbformat
folder = pathlib.Path(sys.argv[1])
def plain(notebook):
    return [(c.cell_type, c.source, {k: v for k, v in c.metadata.items() if k != 'lines_to_next_cell'}) for c in notebook.cells]
ours, wanted = jupytext.read(folder / 'ours.py'), nbformat.read(folder / 'ours.ipynb', as_version=4)
assert plain(ours) == plain(wanted), (plain(ours), plain(wanted))
assert ours.metadata.kernelspec.name == 'python3'
jupytext.write(wanted, folder / 'theirs.py', fmt='py:percent')";
        peer::run_python(&python, script, folder.path());
        let theirs = read(&std::fs::read_to_string(folder.path().join("theirs.py")).expect("written"));
        let plain = |notebook: &Notebook| -> Vec<(CellKind, String, Object)> {
            notebook
                .cells
                .iter()
                .map(|cell| (cell.kind, cell.source.clone(), cell.metadata.clone()))
                .collect()
        };
        assert_eq!(plain(&theirs), plain(&notebook));
        assert_eq!(theirs.metadata["kernelspec"], notebook.metadata["kernelspec"]);
    }

    fn cells() -> impl Strategy<Value = Vec<(CellKind, String)>> {
        let kind = prop_oneof![Just(CellKind::Code), Just(CellKind::Markdown), Just(CellKind::Raw)];
        let line = prop_oneof![
            Just("# %%".to_owned()),
            Just("%%bash".to_owned()),
            Just("%%time x".to_owned()),
            Just("# # %m".to_owned()),
            Just("%%".to_owned()),
            Just("#".to_owned()),
            Just("  %m".to_owned()),
            Just(String::new()),
            Just("# ---".to_owned()),
            "[ #%!a=\"'\\[\\]ü]{0,8}"
        ];
        let source = prop::collection::vec(line, 0..5).prop_map(|lines| lines.join("\n"));
        prop::collection::vec((kind, source), 0..5)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(cells in cells()) {
            // Two triple quotes around Markdown are a way to write it.
            let cells: Vec<Cell> = cells.into_iter().map(|(kind, source)| Cell::new("", kind, &source)).collect();
            let notebook = Notebook { cells, ..Notebook::new() };
            let text = write(&notebook);
            let back = read(&text);
            let plain = |notebook: &Notebook| -> Vec<(CellKind, String)> {
                // Empty lines at the end of code only keep cells apart.
                let end = |cell: &Cell| match cell.kind {
                    CellKind::Code if foreign(cell).0.is_none() => cell.source.trim_end().to_owned(),
                    _ => cell.source.clone(),
                };
                notebook.cells.iter().map(|cell| (cell.kind, end(cell))).collect()
            };
            prop_assert_eq!(plain(&back), plain(&notebook), "{}", text);
        }
    }
}
