//! A notebook as one page that needs nothing else.
//!
//! Whatever comes from the notebook is escaped, or an image by data URI, or stands in a sandboxed frame that has no
//! origin; the page's own policy allows no network at all, and the frames inherit it.

use super::ansi;
use super::model::{Cell, CellKind, Notebook, Output};
pub(crate) use castalia_base::html::{escape, escape_char};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}\
pre{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0}\
.in{background:#f6f8fa;border:1px solid #d8dee4;border-radius:6px;padding:.6rem .8rem;margin-top:1rem}\
.out{padding:.4rem .8rem;overflow-x:auto}.err{background:#fff1f0}.n{color:#57606a;font-size:12px}\
img{max-width:100%}iframe{width:100%;height:24rem;border:1px solid #d8dee4;border-radius:6px;resize:vertical}\
table{border-collapse:collapse}td,th{border:1px solid #d8dee4;padding:.2rem .5rem}\
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}.in{background:#161b22;border-color:#30363d}.err{background:#2d1215}iframe{background:#fff}}";

/// No network; scripts run in frames without an origin only, for the page itself has none.
const POLICY: &str = "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// The page.
pub fn page(notebook: &Notebook, title: &str) -> String {
    let mut body = String::new();
    for cell in &notebook.cells {
        match cell.kind {
            CellKind::Markdown => {
                body.push_str("<section class=\"md\">");
                body.push_str(&markdown(&cell.source, Some(cell)));
                body.push_str("</section>\n");
            }
            CellKind::Code => code(&mut body, cell),
            CellKind::Raw => body.push_str(&format!("<pre class=\"in\">{}</pre>\n", escape(&cell.source))),
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style></head>\n\
         <body>\n{body}</body></html>\n",
        escape(title)
    )
}

fn code(out: &mut String, cell: &Cell) {
    let number = cell.execution_count.map_or(String::from(" "), |number| number.to_string());
    out.push_str(&format!(
        "<div class=\"in\"><span class=\"n\">[{number}]</span><pre>{}</pre></div>\n",
        escape(&cell.source)
    ));
    for output in &cell.outputs {
        out.push_str("<div class=\"out\">");
        show(out, output);
        out.push_str("</div>\n");
    }
}

fn show(out: &mut String, output: &Output) {
    let value = &output.value;
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    match output.kind() {
        "stream" => {
            let class = if text("name") == "stderr" { " class=\"err\"" } else { "" };
            out.push_str(&format!("<pre{class}>{}</pre>", ansi::to_html(text("text"))));
        }
        "error" => {
            let lines = value["traceback"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let lines: Vec<&str> = lines.collect();
            let all = if lines.is_empty() {
                format!("{}: {}", text("ename"), text("evalue"))
            } else {
                lines.join("\n")
            };
            out.push_str(&format!("<pre class=\"err\">{}</pre>", ansi::to_html(&all)));
        }
        "display_data" | "execute_result" => bundle(out, &value["data"]),
        _ => out.push_str(&format!("<pre>{}</pre>", escape(&value.to_string()))),
    }
}

fn bundle(out: &mut String, data: &Value) {
    let text = |mime: &str| data[mime].as_str();
    if let Some(html) = text("text/html") {
        out.push_str(&frame(html));
    } else if let Some(svg) = text("image/svg+xml") {
        // As an image, a drawing can't run scripts.
        let mut coded = String::with_capacity(svg.len());
        svg.chars().for_each(|c| percent_char(&mut coded, c));
        out.push_str(&format!("<img alt=\"\" src=\"data:image/svg+xml;charset=utf-8,{coded}\">"));
    } else if let Some((mime, image)) = ["image/png", "image/jpeg", "image/gif", "image/webp"]
        .iter()
        .find_map(|mime| Some((mime, text(mime)?)))
    {
        let coded: String =
            image.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')).collect();
        out.push_str(&format!("<img alt=\"\" src=\"data:{mime};base64,{coded}\">"));
    } else if let Some(source) = text("text/markdown") {
        out.push_str(&markdown(source, None));
    } else if let Some(plain) = text("text/latex").or(text("text/plain")) {
        out.push_str(&format!("<pre>{}</pre>", ansi::to_html(plain)));
    } else {
        out.push_str(&format!("<pre>{}</pre>", escape(&super::json::canonical(data))));
    }
}

/// Foreign HTML, where it can reach nothing.
fn frame(html: &str) -> String {
    format!(
        "<iframe sandbox=\"allow-scripts\" referrerpolicy=\"no-referrer\" loading=\"lazy\" srcdoc=\"{}\"></iframe>",
        escape(html)
    )
}

/// Markdown as HTML. HTML within it goes to a frame or is shown as text; links and images lead nowhere unasked.
fn markdown(source: &str, cell: Option<&Cell>) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut block = String::new();
    let mut events = Vec::new();
    for event in Parser::new_ext(source, options) {
        match event {
            Event::Html(html) => {
                block.push_str(&html);
                continue;
            }
            Event::InlineHtml(html) if is_plain(&html) => events.push(Event::InlineHtml(html)),
            Event::InlineHtml(html) => events.push(Event::Text(html)),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = if is_safe(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
                events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = image(&dest_url, cell).into();
                events.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            Event::End(pulldown_cmark::TagEnd::HtmlBlock) => {
                events.push(Event::Html(frame(&std::mem::take(&mut block)).into()));
            }
            Event::Start(Tag::HtmlBlock) => {}
            other => events.push(other),
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

/// A tag without attributes that changes how text looks.
fn is_plain(html: &str) -> bool {
    let name = html
        .trim_start_matches('<')
        .trim_start_matches('/')
        .trim_end_matches('>')
        .trim_end_matches('/')
        .trim();
    matches!(
        name,
        "b" | "i" | "u" | "em" | "strong" | "sub" | "sup" | "kbd" | "br" | "small" | "mark" | "s" | "del"
    )
}

fn is_safe(url: &str) -> bool {
    let lower = url.trim().to_ascii_lowercase();
    ["http://", "https://", "mailto:", "#"].iter().any(|start| lower.starts_with(start))
}

/// Where an image comes from: an attachment of the cell, or the text itself.
fn image(url: &str, cell: Option<&Cell>) -> String {
    if let Some(name) = url.strip_prefix("attachment:") {
        let files = cell.and_then(|cell| cell.attachments.as_ref());
        let bundle = files.and_then(|files| files.get(name)).and_then(Value::as_object);
        let found =
            bundle.and_then(|bundle| bundle.iter().find_map(|(mime, data)| Some((mime, data.as_str()?))));
        return match found.filter(|(mime, _)| mime.starts_with("image/")) {
            Some((mime, data)) => format!("data:{mime};base64,{}", data.replace(char::is_whitespace, "")),
            None => String::new(),
        };
    }
    if url.starts_with("data:image/") { url.to_owned() } else { String::new() }
}

/// A character of a data URI.
pub(crate) fn percent_char(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || "-_.~/:=;,()+ ".contains(c) {
        out.push(c);
        return;
    }
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(out, "%{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn output(value: Value) -> Output {
        Output { value, ..Output::default() }
    }

    #[test]
    fn foreign_html_stands_in_frames_only() {
        let attack = "<script>parent.x=1</script>\"'><img src=x onerror=alert(1)>";
        let mut code = Cell::new("a", CellKind::Code, attack);
        code.outputs = vec![
            output(json!({"output_type": "display_data", "data": {"text/html": attack}})),
            output(json!({"output_type": "stream", "name": "stdout", "text": format!("\u{1b}[31m{attack}")})),
            output(json!({"output_type": "display_data", "data": {"text/plain": attack}})),
            output(json!({"output_type": "display_data", "data": {"image/png": format!("iVBO\"{attack}")}})),
            output(json!({"output_type": "display_data", "data": {"text/markdown": attack}})),
            output(json!({"output_type": "error", "ename": attack, "evalue": attack, "traceback": []})),
            output(json!({"output_type": attack})),
        ];
        let text = format!(
            "{attack}\n\n# Title {attack}\n\n[x](javascript:alert(1)) ![y](http://evil/x.png) <b>bold</b>\n\n<div>\n{attack}\n</div>\n"
        );
        let notebook = Notebook {
            cells: vec![
                Cell::new("m", CellKind::Markdown, &text),
                code,
                Cell::new("r", CellKind::Raw, attack),
            ],
            ..Notebook::new()
        };
        let page = page(&notebook, attack);
        for bad in ["<script", "<img src=x", "javascript:", "evil"] {
            assert!(!page.contains(bad), "{bad}: {page}");
        }
        assert!(page.matches("<iframe sandbox=\"allow-scripts\" ").count() >= 2);
        assert!(page.contains("<b>bold</b>") && page.contains("<h1>Title"));
        assert!(!page.contains("allow-same-origin"));
    }
}
