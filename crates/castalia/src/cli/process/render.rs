//! Lines of a log as people read them.

use crate::cli::app::text;
use crate::cli::style::{Style, tame};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// A line for people. A terminal gets safe text; a file or a program gets the bytes that were written. Progress is
/// left out unless it was asked for.
pub(super) fn render(entry: &Value, terminal: bool, colour: bool, with_progress: bool, into: &mut Vec<u8>) {
    let line = text(entry, "line");
    let style = match text(entry, "stream") {
        "progress" if !with_progress => return,
        "progress" => {
            let percent = entry["fraction"].as_f64().unwrap_or_default() * 100.0;
            let told = format!("[{percent:3.0} %] {}\n", tame(line));
            return into.extend_from_slice(told.as_bytes());
        }
        "system" => {
            let told = Style::Cyan.paint(&format!("castalia: {}", tame(line)), colour);
            into.extend_from_slice(told.as_bytes());
            return into.push(b'\n');
        }
        "stderr" => Style::Yellow,
        _ => Style::Plain,
    };
    if terminal {
        into.extend_from_slice(style.paint(&tame(line), colour).as_bytes());
    } else if let Some(raw) = entry["raw"].as_str().and_then(|raw| BASE64_STANDARD.decode(raw).ok()) {
        into.extend_from_slice(&raw);
    } else {
        into.extend_from_slice(line.as_bytes());
    }
    // A line that goes on in the next entry is one line for people too.
    if entry["more"] != true {
        into.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(entry: Value, terminal: bool) -> String {
        let mut bytes = Vec::new();
        render(&entry, terminal, false, false, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn lines_are_marked_by_where_they_come_from() {
        assert_eq!(rendered(json!({"stream": "stdout", "line": "a"}), true), "a\n");
        assert_eq!(rendered(json!({"stream": "system", "line": "started"}), false), "castalia: started\n");
        assert_eq!(rendered(json!({"stream": "progress", "line": "p", "fraction": 0.5}), true), "");
        assert_eq!(rendered(json!({"stream": "stdout", "line": "half", "more": true}), true), "half");
    }

    #[test]
    fn files_get_the_bytes_and_terminals_safe_text() {
        let entry =
            json!({"stream": "stdout", "line": "x\u{1b}[2J", "raw": BASE64_STANDARD.encode("x\u{1b}[2J")});
        assert_eq!(rendered(entry.clone(), true), "x[2J\n");
        assert_eq!(rendered(entry, false), "x\u{1b}[2J\n");
    }
}
