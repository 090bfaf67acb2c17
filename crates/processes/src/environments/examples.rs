//! Examples at the root of a type's schema: what can be tried at once, `[{title, about, parameters}]`.
//!
//! They are an offer, not a promise: one that does not fit the schema is left out, and the type stays.

use crate::schema::ParameterSchema;
use castalia_base::Error;
use serde_json::Value;

/// More than a person looks through.
const MOST: usize = 20;

/// The schema, compiled once to see that it is good, with only those examples that it accepts itself; the log says
/// which were left out, and why.
///
/// # Errors
/// `invalid_schema`, never because of the examples.
pub(super) fn checked(type_name: &str, mut schema: Value) -> Result<Value, Error> {
    let examples = schema.as_object_mut().and_then(|object| object.remove("examples"));
    let compiled = ParameterSchema::compile(schema.clone())?;
    let mut kept = Vec::new();
    for example in examples.iter().flat_map(Value::as_array).flatten() {
        match fits(&compiled, example) {
            Ok(()) if kept.len() < MOST => kept.push(example.clone()),
            Ok(()) => tracing::warn!(type_name, "more than {MOST} examples; the rest is left out"),
            Err(why) => {
                let title = example["title"].as_str().unwrap_or("without a title");
                tracing::warn!(type_name, title, why, "an example of a process type is left out");
            }
        }
    }
    if let (Some(object), false) = (schema.as_object_mut(), kept.is_empty()) {
        object.insert("examples".into(), kept.into());
    }
    Ok(schema)
}

fn fits(compiled: &ParameterSchema, example: &Value) -> Result<(), String> {
    if example["title"].as_str().is_none_or(|title| title.trim().is_empty()) {
        return Err("it needs a `title`".into());
    }
    if !matches!(example["about"], Value::Null | Value::String(_)) {
        return Err("`about` must be text".into());
    }
    if !example["parameters"].is_object() {
        return Err("it needs `parameters`".into());
    }
    compiled.check(example["parameters"].clone()).map(|_| ()).map_err(|error| error.detail().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept(examples: Value) -> Value {
        let schema = json!({
            "type": "object", "required": ["input"], "additionalProperties": false,
            "properties": {"input": {"type": "string", "format": "dataset"}, "n": {"type": "integer"}},
            "examples": examples
        });
        checked("t", schema).expect("is good")["examples"].take()
    }

    #[test]
    fn an_example_that_does_not_fit_is_left_out_and_the_others_stay() {
        let good =
            json!({"title": "Good", "about": "Try it.", "parameters": {"input": "upload:a.csv", "n": 1}});
        let all = json!([
            good,
            {"title": "Wrong type", "parameters": {"input": "upload:a.csv", "n": "one"}},
            {"title": "No input", "parameters": {}},
            {"title": " ", "parameters": {"input": "upload:a.csv"}},
            {"title": "No parameters"},
            {"input": "upload:a.csv"},
            7
        ]);
        assert_eq!(kept(all), json!([good]));
    }

    #[test]
    fn examples_of_another_shape_are_no_examples() {
        assert_eq!(kept(json!({"title": "x"})), Value::Null);
        assert_eq!(kept(json!([])), Value::Null);
        let many: Vec<_> =
            (0..30).map(|n| json!({"title": n.to_string(), "parameters": {"input": "upload:a"}})).collect();
        assert_eq!(kept(many.into()).as_array().map(Vec::len), Some(MOST));
    }
}
