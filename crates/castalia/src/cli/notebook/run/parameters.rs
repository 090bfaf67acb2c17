//! `-p`: a cell with assignments in the kernel's language, behind the one with the defaults. A second run replaces the
//! cell of the first. The tags are papermill's.

use super::super::super::failure::Failure;
use super::file::Notebook;
use serde_json::{Map, Value};

const DEFAULTS: &str = "parameters";
const INJECTED: &str = "injected-parameters";

/// Puts the parameters into the notebook.
pub(super) fn inject(
    notebook: &mut Notebook,
    language: &str,
    given: &Map<String, Value>,
) -> Result<(), Failure> {
    let source = assignments(language, given)?;
    let tagged =
        |notebook: &Notebook, tag: &str| (0..notebook.cells().len()).find(|i| notebook.has_tag(*i, tag));
    match (tagged(notebook, INJECTED), tagged(notebook, DEFAULTS)) {
        (Some(old), _) => notebook.set_source(old, &source),
        (None, Some(defaults)) => notebook.insert(defaults + 1, &source, INJECTED),
        (None, None) => notebook.insert(0, &source, INJECTED),
    }
    Ok(())
}

/// How a language writes values.
struct Words {
    comment: &'static str,
    nothing: &'static str,
    truth: [&'static str; 2],
    list: [&'static str; 2],
    map: [&'static str; 2],
    /// Between a key and its value; none when keys are bare names.
    pair: &'static str,
    assign: [&'static str; 2],
}

const PYTHON: Words = Words {
    comment: "#",
    nothing: "None",
    truth: ["False", "True"],
    list: ["[", "]"],
    map: ["{", "}"],
    pair: ": ",
    assign: ["", " = "],
};
const R: Words = Words {
    nothing: "NULL",
    truth: ["FALSE", "TRUE"],
    list: ["list(", ")"],
    map: ["list(", ")"],
    pair: " = ",
    ..PYTHON
};
const JULIA: Words =
    Words { nothing: "nothing", truth: ["false", "true"], map: ["Dict(", ")"], pair: " => ", ..PYTHON };
const JAVASCRIPT: Words =
    Words { comment: "//", nothing: "null", truth: ["false", "true"], assign: ["var ", " = "], ..PYTHON };

fn assignments(language: &str, given: &Map<String, Value>) -> Result<String, Failure> {
    let language = language.to_lowercase();
    let mut source = String::new();
    let words = match language.as_str() {
        "python" => &PYTHON,
        "r" => &R,
        "julia" => &JULIA,
        "javascript" | "typescript" => &JAVASCRIPT,
        "bash" | "sh" | "shell" => {
            source.push_str("# Parameters\n");
            for (name, value) in given {
                source.push_str(&format!("{}={}\n", named(name)?, shell(name, value)?));
            }
            return Ok(source.trim_end().to_owned());
        }
        other => {
            return Err(Failure::Usage(format!("parameters can't be written in {other:?} (-p)")));
        }
    };
    source.push_str(&format!("{} Parameters\n", words.comment));
    for (name, value) in given {
        let [before, between] = words.assign;
        source.push_str(&format!("{before}{}{between}{}\n", named(name)?, written(words, value)));
    }
    Ok(source.trim_end().to_owned())
}

/// A name that can't smuggle code into the cell.
fn named(name: &str) -> Result<&str, Failure> {
    let first = |c: char| c.is_alphabetic() || c == '_';
    let good = name.starts_with(first) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if good { Ok(name) } else { Err(Failure::Usage(format!("{name:?} is no name of a variable (-p)"))) }
}

fn written(words: &Words, value: &Value) -> String {
    match value {
        Value::Null => words.nothing.to_owned(),
        Value::Bool(truth) => words.truth[usize::from(*truth)].to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(words, text),
        Value::Array(list) => {
            let items: Vec<_> = list.iter().map(|v| written(words, v)).collect();
            format!("{}{}{}", words.list[0], items.join(", "), words.list[1])
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}{}{}", quoted(words, key), words.pair, written(words, value))
            };
            format!("{}{}{}", words.map[0], map.iter().map(pair).collect::<Vec<_>>().join(", "), words.map[1])
        }
    }
}

/// A text in double quotes. All of these languages know the escapes; `$` interpolates in Julia alone.
fn quoted(words: &Words, text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if words.pair == JULIA.pair => out.push_str("\\$"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn shell(name: &str, value: &Value) -> Result<String, Failure> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => return Err(Failure::Usage(format!("`{name}`: a shell has no lists or objects (-p)"))),
    };
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given() -> Map<String, Value> {
        let all = json!({"a": null, "b": [true, 1.5, "x\"\\\n$y"], "c": {"k": "v"}});
        all.as_object().expect("an object").clone()
    }

    #[test]
    fn values_are_written_as_the_language_does() {
        let source = |language| assignments(language, &given()).expect("is known");
        assert_eq!(
            source("python"),
            "# Parameters\na = None\nb = [True, 1.5, \"x\\\"\\\\\\n$y\"]\nc = {\"k\": \"v\"}"
        );
        assert_eq!(
            source("R"),
            "# Parameters\na = NULL\nb = list(TRUE, 1.5, \"x\\\"\\\\\\n$y\")\nc = list(\"k\" = \"v\")"
        );
        assert!(source("julia").contains("\\$y\"]\nc = Dict(\"k\" => \"v\")"));
        assert!(source("javascript").starts_with("// Parameters\nvar a = null\nvar b = [true"));
        let simple = json!({"t": "it's", "n": 3});
        let simple = simple.as_object().expect("an object");
        assert_eq!(assignments("bash", simple).expect("is known"), "# Parameters\nn='3'\nt='it'\\''s'");
    }

    #[test]
    fn what_can_not_be_a_parameter_is_refused() {
        assert!(assignments("cobol", &given()).is_err());
        assert!(assignments("bash", &given()).is_err());
        let evil = json!({"a=1;import os;b": 1});
        assert!(assignments("python", evil.as_object().expect("an object")).is_err());
    }
}
