//! What a cell with the tag `parameters` says: names, defaults and types, as papermill reads them (an annotation, else a
//! comment `# type: …`, else the literal). Python alone; what is no plain assignment at the beginning of a line is passed over.

use super::literal;
use serde_json::{Map, Value, json};

/// One assignment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Its type in the words of the language.
    pub(crate) kind: Option<String>,
    /// Its default, when that is a literal.
    pub(crate) default: Option<Value>,
    /// Its default as it stands there; nothing when there is none.
    pub(crate) text: Option<String>,
    /// What the comment behind it says.
    pub(crate) help: Option<String>,
}

/// The assignments of a cell, in order; of a name that is assigned twice the last one.
pub(crate) fn read(source: &str) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for (code, comment) in logical_lines(source) {
        if let Some(parameter) = assignment(&code, comment.as_deref()) {
            found.retain(|p| p.name != parameter.name);
            found.push(parameter);
        }
    }
    found
}

/// The JSON Schema of what may be given.
pub(crate) fn schema(parameters: &[Parameter]) -> Value {
    let properties: Map<String, Value> = parameters.iter().map(|p| (p.name.clone(), property(p))).collect();
    let required: Vec<&str> =
        parameters.iter().filter(|p| p.text.is_none()).map(|p| p.name.as_str()).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required})
}

fn property(p: &Parameter) -> Value {
    let mut schema = p.kind.as_deref().and_then(of_annotation).unwrap_or_else(|| match &p.default {
        Some(value) => of_literal(value),
        None => json!({}),
    });
    if let Some(default) = &p.default {
        if default.is_null() {
            allow_null(&mut schema);
        } else if !fits(&schema, default) {
            // The notebook itself does not keep to what it says.
            schema = of_literal(default);
        }
        schema["default"] = default.clone();
    }
    let own = p.text.as_ref().filter(|_| p.default.is_none()).map(|text| format!("Unless told: {text}"));
    let said: Vec<String> = p.help.iter().cloned().chain(own).collect();
    if !said.is_empty() {
        schema["description"] = said.join(". ").into();
    }
    schema
}

fn of_literal(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(n) if n.is_i64() || n.is_u64() => json!({"type": "integer"}),
        Value::Number(_) => json!({"type": "number"}),
        Value::String(text) if text.starts_with("upload:") || text.starts_with("dataset:") => {
            json!({"type": "string", "format": "dataset"})
        }
        Value::String(_) => json!({"type": "string"}),
        Value::Array(_) => json!({"type": "array"}),
        Value::Object(_) => json!({"type": "object"}),
        Value::Null => json!({}),
    }
}

fn of_annotation(text: &str) -> Option<Value> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let bare =
        text.strip_prefix("typing.").or_else(|| text.strip_prefix("castalia.process.")).unwrap_or(text);
    if let Some(inner) = bare.strip_prefix("Optional[").and_then(|t| t.strip_suffix(']')) {
        let mut schema = of_annotation(inner)?;
        allow_null(&mut schema);
        return Some(schema);
    }
    if let Some(inner) = bare.strip_prefix("Literal") {
        let Value::Array(options) = literal::parse(inner)? else { return None };
        return Some(json!({ "enum": options }));
    }
    if let Some((one, other)) = bare.split_once('|') {
        let (one, other) = (one.trim(), other.trim());
        let inner = if other == "None" { one } else { Some(other).filter(|_| one == "None")? };
        let mut schema = of_annotation(inner)?;
        allow_null(&mut schema);
        return Some(schema);
    }
    let (head, inner) = match bare.split_once('[') {
        Some((head, rest)) => (head.trim(), rest.strip_suffix(']')),
        None => (bare, None),
    };
    match head {
        "int" => Some(json!({"type": "integer"})),
        "float" => Some(json!({"type": "number"})),
        "str" => Some(json!({"type": "string"})),
        "bool" => Some(json!({"type": "boolean"})),
        "dict" | "Dict" | "Mapping" => Some(json!({"type": "object"})),
        "Dataset" => Some(json!({"type": "string", "format": "dataset"})),
        "Upload" => Some(json!({"type": "string", "format": "upload"})),
        "list" | "List" | "Sequence" | "tuple" | "Tuple" => {
            let items = inner.filter(|i| !i.contains(',')).and_then(of_annotation);
            Some(items.map_or(json!({"type": "array"}), |items| json!({"type": "array", "items": items})))
        }
        _ => None,
    }
}

fn allow_null(schema: &mut Value) {
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        schema["type"] = json!([kind, "null"]);
    } else if let Some(options) = schema.get_mut("enum").and_then(Value::as_array_mut)
        && !options.contains(&Value::Null)
    {
        options.push(Value::Null);
    }
}

/// Whether a default keeps to its own type, so that a form that is left alone is a good one.
fn fits(schema: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options.contains(value);
    }
    let reference = |text: &str| text.starts_with("upload:") || text.starts_with("dataset:");
    if schema.get("format").is_some() && !value.as_str().is_some_and(reference) {
        return false;
    }
    let items = match (schema.get("items"), value) {
        (Some(items), Value::Array(all)) => all.iter().all(|item| fits(items, item)),
        _ => true,
    };
    items
        && match schema.get("type") {
            Some(Value::String(kind)) => is(kind),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(is),
            _ => true,
        }
}

/// `name[: annotation][= value]`.
fn assignment(code: &str, comment: Option<&str>) -> Option<Parameter> {
    let end = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let first = name.chars().next()?;
    if first.is_numeric() || first == '_' {
        return None;
    }
    let rest = rest.trim_start();
    let (annotation, value) = match rest.strip_prefix(':') {
        Some(rest) => match literal::find_outside(rest, '=') {
            Some(at) => (Some(rest[..at].trim().to_owned()), Some(rest[at + 1..].trim())),
            None => (Some(rest.trim().to_owned()), None),
        },
        None => (None, Some(rest.strip_prefix('=').filter(|r| !r.starts_with('='))?.trim())),
    };
    // A chain (`a = b = 1`) and a lambda are no parameters of ours.
    if value.is_some_and(str::is_empty) || annotation.as_ref().is_some_and(String::is_empty) {
        return None;
    }
    let (told, help) = told(comment);
    Some(Parameter {
        name: name.to_owned(),
        kind: annotation.or(told),
        default: value.and_then(literal::parse),
        text: value.map(|v| v.chars().take(200).collect()),
        help,
    })
}

/// Type and help of a comment: `type: int how many`, or only help.
fn told(comment: Option<&str>) -> (Option<String>, Option<String>) {
    let Some(comment) = comment.map(str::trim).filter(|c| !c.is_empty()) else { return (None, None) };
    let Some(rest) = comment.strip_prefix("type:") else { return (None, Some(comment.to_owned())) };
    let rest = rest.trim_start();
    let (kind, help) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (Some(kind.to_owned()), Some(help.trim().to_owned()).filter(|h| !h.is_empty()))
}

/// Statements that begin at the left edge, brackets and long texts closed, each with the comment behind it.
fn logical_lines(source: &str) -> Vec<(String, Option<String>)> {
    let mut all = Vec::new();
    let mut pending = String::new();
    for line in source.lines() {
        if pending.is_empty() && (line.starts_with(char::is_whitespace) || line.trim().is_empty()) {
            continue;
        }
        if !pending.is_empty() {
            pending.push('\n');
        }
        pending.push_str(line);
        if let Some((code, comment)) = literal::complete(&pending) {
            if !code.trim().is_empty() {
                all.push((code.trim().to_owned(), comment));
            }
            pending.clear();
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(source: &str) -> Value {
        schema(&read(source))["properties"].take()
    }

    #[test]
    fn literals_say_names_defaults_and_types() {
        let found = properties(
            "# what to do\nn = 10  # how many\nratio = 1e-3\nname = 'Ada'\nflag = True\nnothing = None\n\
             sizes = [\n    1,  # one\n    2,\n]\nmore = {\"a\": (1, 2)}\ndata = \"upload:x.csv\"\n",
        );
        let wanted = json!({
            "n": {"type": "integer", "default": 10, "description": "how many"},
            "ratio": {"type": "number", "default": 0.001},
            "name": {"type": "string", "default": "Ada"},
            "flag": {"type": "boolean", "default": true},
            "nothing": {"default": null},
            "sizes": {"type": "array", "default": [1, 2]},
            "more": {"type": "object", "default": {"a": [1, 2]}},
            "data": {"type": "string", "format": "dataset", "default": "upload:x.csv"},
        });
        assert_eq!(found, wanted);
    }

    #[test]
    fn annotations_and_comments_say_more() {
        let found = properties(
            "a: float = 1\nb: 'list[str]' = []  # names\nc: Optional[int] = None\nd: str | None = None\n\
             e = None  # type: int how deep\nf: Literal['x', 'y'] = 'x'\ng: Dataset\nh: int = 1.5\n",
        );
        let wanted = json!({
            "a": {"type": "number", "default": 1},
            "b": {"type": "array", "items": {"type": "string"}, "default": [], "description": "names"},
            "c": {"type": ["integer", "null"], "default": null},
            "d": {"type": ["string", "null"], "default": null},
            "e": {"type": ["integer", "null"], "default": null, "description": "how deep"},
            "f": {"enum": ["x", "y"], "default": "x"},
            "g": {"type": "string", "format": "dataset"},
            "h": {"type": "number", "default": 1.5},
        });
        assert_eq!(found, wanted);
        assert_eq!(schema(&read("g: Dataset\nn = 1"))["required"], json!(["g"]));
    }

    #[test]
    fn what_is_no_literal_keeps_its_own_value_and_what_is_no_assignment_is_passed_over() {
        let source = "import os\nhome = os.environ['HOME']\nx == 3\nx += 1\nif True:\n    y = 2\na.b = 1\n_z = 1\n\
                      print('n = 5')\nn = 1\nn = 2\ntext = '''a = 1\nb = 2'''\nbroken = [1,";
        let found = read(source);
        let names: Vec<_> = found.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["home", "n", "text"]);
        let found = schema(&found);
        assert_eq!(found["properties"]["home"], json!({"description": "Unless told: os.environ['HOME']"}));
        assert_eq!(found["properties"]["n"]["default"], 2);
        assert_eq!(found["required"], json!([]));
    }
}
