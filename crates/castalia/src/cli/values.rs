//! `-p key=value`: the value becomes what the type's schema says the key is.
//!
//! The narrowest type that the schema allows and the text fits is taken: null, boolean, number, list, object, and
//! text last. So `true` is text where the schema says text, and a boolean where it says boolean. A text that fits
//! nothing is sent as text: the server says better than this program what is wrong with it. `key:=JSON` is never
//! interpreted.

use super::failure::Failure;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One `-p`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    key: String,
    value: GivenValue,
}

#[derive(Clone, Debug, PartialEq)]
enum GivenValue {
    Text(String),
    Json(Value),
}

/// Reads `key=value` or `key:=JSON`.
pub(crate) fn given(text: &str) -> Result<Given, String> {
    let (key, value) = text.split_once('=').ok_or("use key=value, or key:=JSON")?;
    let (key, value) = match key.strip_suffix(':') {
        Some(key) => (
            key,
            GivenValue::Json(
                serde_json::from_str(value).map_err(|e| format!("what follows := is not JSON: {e}"))?,
            ),
        ),
        None => (key, GivenValue::Text(value.to_owned())),
    };
    if key.is_empty() { Err("the key is missing".into()) } else { Ok(Given { key: key.to_owned(), value }) }
}

/// Whether the schema is needed to understand these.
pub(crate) fn need_schema(given: &[Given]) -> bool {
    given.iter().any(|g| matches!(g.value, GivenValue::Text(_)))
}

/// Puts the given values into `into`, over what is there.
pub(crate) fn apply(given: &[Given], schema: &Value, into: &mut Map<String, Value>) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for Given { key, value } in given {
        if !seen.insert(key) {
            return Err(Failure::Usage(format!(
                "`{key}` is given twice; a list is `{key}=a,b` or `{key}:=[…]`"
            )));
        }
        let value = match value {
            GivenValue::Json(value) => value.clone(),
            GivenValue::Text(text) => typed(schema, property(schema, schema, key), text),
        };
        into.insert(key.clone(), value);
    }
    Ok(())
}

const ANYTHING: Value = Value::Bool(true);

fn property<'a>(root: &'a Value, schema: &'a Value, key: &str) -> &'a Value {
    let schema = follow(root, schema);
    let own = schema.get("properties").and_then(|p| p.get(key));
    let branches = ["allOf", "anyOf", "oneOf"].iter().filter_map(|k| schema.get(*k)?.as_array()).flatten();
    let found = own.or_else(|| branches.map(|b| property(root, b, key)).find(|p| p.is_object()));
    found.or_else(|| schema.get("additionalProperties").filter(|s| s.is_object())).unwrap_or(&ANYTHING)
}

fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    // A schema may refer in circles.
    for _ in 0..16 {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        match target.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// What a schema allows, as far as a text's meaning depends on it.
#[derive(Default)]
struct Allowed<'a> {
    types: BTreeSet<&'a str>,
    values: Vec<&'a Value>,
    items: Option<&'a Value>,
}

fn allowed<'a>(root: &'a Value, schema: &'a Value, found: &mut Allowed<'a>, depth: usize) {
    let schema = follow(root, schema);
    match schema.get("type") {
        Some(Value::String(name)) => found.types.extend([name.as_str()]),
        Some(Value::Array(names)) => found.types.extend(names.iter().filter_map(Value::as_str)),
        _ => {}
    }
    found.values.extend(schema.get("enum").and_then(Value::as_array).into_iter().flatten());
    found.values.extend(schema.get("const"));
    found.items = found.items.or_else(|| schema.get("items"));
    if depth < 8 {
        for branch in ["allOf", "anyOf", "oneOf"].iter().filter_map(|k| schema.get(*k)?.as_array()).flatten()
        {
            allowed(root, branch, found, depth + 1);
        }
    }
}

fn typed(root: &Value, schema: &Value, text: &str) -> Value {
    let mut found = Allowed::default();
    allowed(root, schema, &mut found, 0);
    let as_text = || Value::String(text.to_owned());
    if let Some(value) =
        found.values.iter().find(|v| v.as_str().map_or_else(|| v.to_string() == text, |s| s == text))
    {
        return (*value).clone();
    }
    let any = found.types.is_empty() && found.values.is_empty();
    let may = |name: &str| any || found.types.contains(name);
    match text {
        "null" if may("null") => return Value::Null,
        "true" | "false" if may("boolean") => return Value::Bool(text == "true"),
        _ => {}
    }
    if (may("number") || may("integer"))
        && let Some(number) = number(text)
    {
        return number;
    }
    let looks_like = |open: char| text.trim_start().starts_with(open);
    if (may("array") && looks_like('[')) || (may("object") && looks_like('{')) {
        if let Ok(value) = serde_json::from_str(text) {
            return value;
        }
    } else if found.types.contains("array") && !found.types.contains("string") {
        let items = found.items.unwrap_or(&ANYTHING);
        let parts = text.split(',').map(str::trim).filter(|_| !text.trim().is_empty());
        return parts.map(|part| typed(root, items, part)).collect();
    }
    as_text()
}

/// A number as JSON has it, or as people write it (`.5`, `+3`).
fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(value @ Value::Number(_)) = serde_json::from_str::<Value>(text) {
        return Some(value);
    }
    // `inf` and `nan` parse as floats but are no JSON; letters other than an exponent are no number to people.
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    text.parse::<f64>().ok().filter(|_| plain).and_then(serde_json::Number::from_f64).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "$defs": {"window": {"type": "string", "enum": ["hann", "none"]}},
            "properties": {
                "text": {"type": "string"}, "flag": {"type": "boolean"}, "n": {"type": "integer"}, "x": {"type": "number"},
                "maybe": {"anyOf": [{"type": "number"}, {"type": "null"}]}, "either": {"type": ["string", "null"]},
                "window": {"$ref": "#/$defs/window"}, "mode": {"enum": [1, 2, "auto"]},
                "list": {"type": "array", "items": {"type": "integer"}}, "names": {"type": "array", "items": {"type": "string"}},
                "object": {"type": "object"}, "input": {"type": "string", "format": "dataset"}, "anything": {}
            }
        })
    }

    fn value(text: &str) -> Value {
        let mut map = Map::new();
        let given = given(text).expect("parses");
        apply(std::slice::from_ref(&given), &schema(), &mut map).expect("applies");
        map.remove(&given.key).expect("is there")
    }

    #[test]
    fn the_schema_decides() {
        let cases = [
            ("text=true", json!("true")),
            ("text=12", json!("12")),
            ("text=a=b", json!("a=b")),
            ("text=", json!("")),
            ("flag=true", json!(true)),
            ("n=12", json!(12)),
            ("n=-3", json!(-3)),
            ("x=.5", json!(0.5)),
            ("x=1e-3", json!(0.001)),
            ("maybe=null", Value::Null),
            ("maybe=2.5", json!(2.5)),
            ("either=null", Value::Null),
            ("either=3", json!("3")),
            ("window=hann", json!("hann")),
            ("mode=2", json!(2)),
            ("mode=auto", json!("auto")),
            ("list=1,2, 3", json!([1, 2, 3])),
            ("list=[4]", json!([4])),
            ("list=", json!([])),
            ("names=true,1", json!(["true", "1"])),
            ("object={\"a\":1}", json!({"a": 1})),
            ("input=upload:a.csv", json!("upload:a.csv")),
            ("anything=1", json!(1)),
            ("anything=word", json!("word")),
            ("unknown=false", json!(false)),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_stays_text_for_the_server_to_judge() {
        assert_eq!(value("n=twelve"), json!("twelve"));
        assert_eq!(value("flag=yes"), json!("yes"));
        assert_eq!(value("x=nan"), json!("nan"));
        assert_eq!(value("object={broken"), json!("{broken"));
    }

    #[test]
    fn json_is_taken_as_it_is() {
        assert_eq!(value("text:=12"), json!(12));
        assert_eq!(value("list:=[\"a\"]"), json!(["a"]));
        assert!(given("text:={").is_err() && given("nothing").is_err() && given("=1").is_err());
    }

    #[test]
    fn a_key_has_one_value() {
        let twice = [given("a=1").expect("parses"), given("a=2").expect("parses")];
        assert!(apply(&twice, &json!({}), &mut Map::new()).is_err());
        assert!(need_schema(&twice) && !need_schema(&[given("a:=1").expect("parses")]));
    }
}
