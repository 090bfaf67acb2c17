//! Parameters against a type's JSON Schema (draft 2020-12): defaults, errors with paths, references.
//!
//! A string with `"format": "dataset"` refers to a dataset or an upload, one with `"format": "upload"` to an
//! upload; `"accepts"` beside it lists the media types that fit. Schemas may refer within themselves
//! (`#/$defs/…`); a reference to elsewhere is refused, because nothing is ever fetched for validation.

use castalia_base::{Error, FieldError};
use jsonschema::Validator;
use serde_json::{Map, Value};

/// The most errors that are reported at once.
const MAX_ERRORS: usize = 50;
/// The largest snapshot, in bytes of JSON.
const MAX_BYTES: usize = 1 << 20;

/// A type's schema, ready to validate.
#[derive(Debug)]
pub(crate) struct ParameterSchema {
    schema: Value,
    validator: Validator,
}

/// A reference found in parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// JSON Pointer of the parameter.
    pub(crate) path: String,
    /// `upload:NAME` or `dataset:ID`.
    pub(crate) text: String,
    /// Only an upload fits.
    pub(crate) upload_only: bool,
    /// Media types that fit; empty means all.
    pub(crate) accepts: Vec<String>,
}

impl ParameterSchema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// `invalid_schema` that says what is wrong with it.
    pub(crate) fn compile(schema: Value) -> Result<Self, Error> {
        if let Some(target) = foreign_reference(&schema) {
            return Err(invalid_schema(format!(
                "`$ref: {target}` leads out of the schema; copy it into `$defs`"
            )));
        }
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("dataset", |text: &str| is_reference(text, false))
            .with_format("upload", |text: &str| is_reference(text, true))
            .build(&schema)
            .map_err(|e| invalid_schema(e.to_string()))?;
        Ok(Self { schema, validator })
    }

    /// Fills in defaults and validates.
    ///
    /// # Errors
    /// `invalid_parameters` (422) with the path of every wrong field.
    pub(crate) fn check(&self, mut parameters: Value) -> Result<(Value, Vec<Reference>), Error> {
        if parameters.to_string().len() > MAX_BYTES {
            return Err(Error::field(
                "invalid_parameters",
                "/parameters",
                format!("parameters may have {MAX_BYTES} bytes; put larger data into an upload"),
            ));
        }
        fill_defaults(&self.schema, &self.schema, &mut parameters, 0);
        let errors: Vec<FieldError> =
            self.validator.iter_errors(&parameters).take(MAX_ERRORS).map(|e| field_error(&e)).collect();
        if let Some(first) = errors.first() {
            let detail = format!("{}: {}", first.path, first.message);
            return Err(Error::unprocessable("invalid_parameters", detail, errors));
        }
        let mut references = Vec::new();
        collect(&self.schema, &self.schema, &parameters, "/parameters", &mut references, 0);
        references.dedup();
        Ok((parameters, references))
    }
}

fn invalid_schema(what: String) -> Error {
    Error::field("invalid_schema", "/schema", what)
}

fn is_reference(text: &str, upload_only: bool) -> bool {
    let named =
        |prefix: &str| text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.len() <= 1024);
    named("upload:") || (!upload_only && named("dataset:"))
}

fn foreign_reference(schema: &Value) -> Option<String> {
    match schema {
        Value::Object(map) => {
            let own = ["$ref", "$dynamicRef"]
                .iter()
                .find_map(|key| map.get(*key)?.as_str().filter(|t| !t.starts_with('#')));
            own.map(str::to_owned).or_else(|| map.values().find_map(foreign_reference))
        }
        Value::Array(items) => items.iter().find_map(foreign_reference),
        _ => None,
    }
}

fn field_error(error: &jsonschema::ValidationError<'_>) -> FieldError {
    let mut path = format!("/parameters{}", error.instance_path().as_str());
    let mut message = error.to_string();
    // The library names the object that lacks a property; people look for the property.
    if let jsonschema::error::ValidationErrorKind::Required { property } = error.kind()
        && let Some(name) = property.as_str()
    {
        path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        message = "is required".into();
    }
    if let jsonschema::error::ValidationErrorKind::Enum { options } = error.kind()
        && let Some(options) = options.as_array()
    {
        let all: Vec<String> = options.iter().map(Value::to_string).collect();
        message = format!("must be one of {}", all.join(", "));
    }
    if let jsonschema::error::ValidationErrorKind::Format { format } = error.kind() {
        message = match format.as_str() {
            "dataset" => "must be `dataset:ID` or `upload:NAME`".into(),
            "upload" => "must be `upload:NAME`".into(),
            _ => message,
        };
    }
    FieldError { path, message }
}

/// The schema that a local `$ref` leads to.
fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// Fills missing properties that have a `default`, also in nested objects that are there.
fn fill_defaults(root: &Value, schema: &Value, value: &mut Value, depth: usize) {
    let schema = follow(root, schema);
    let (Some(properties), Value::Object(object)) =
        (schema.get("properties").and_then(Value::as_object), value)
    else {
        return;
    };
    // A schema may refer to itself; no honest parameter is nested this deep.
    if depth > 32 {
        return;
    }
    for (name, property) in properties {
        if let Some(default) = property.get("default").or_else(|| follow(root, property).get("default")) {
            object.entry(name.clone()).or_insert_with(|| default.clone());
        }
        if let Some(value) = object.get_mut(name) {
            fill_defaults(root, property, value, depth + 1);
        }
    }
}

fn collect(
    root: &Value,
    schema: &Value,
    value: &Value,
    path: &str,
    found: &mut Vec<Reference>,
    depth: usize,
) {
    if depth > 64 {
        return;
    }
    let target = follow(root, schema);
    if let (Value::String(text), Some(format @ ("dataset" | "upload"))) =
        (value, target.get("format").and_then(Value::as_str))
        && is_reference(text, format == "upload")
    {
        let accepts = target.get("accepts").and_then(Value::as_array).into_iter().flatten();
        let accepts = accepts.filter_map(Value::as_str).map(str::to_owned).collect();
        let reference =
            Reference { path: path.to_owned(), text: text.clone(), upload_only: format == "upload", accepts };
        if !found.contains(&reference) {
            found.push(reference);
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for branch in target.get(key).and_then(Value::as_array).into_iter().flatten() {
            collect(root, branch, value, path, found, depth + 1);
        }
    }
    match value {
        Value::Object(object) => collect_object(root, target, object, path, found, depth),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                let prefix = target.get("prefixItems").and_then(|p| p.get(n));
                if let Some(schema) = prefix.or_else(|| target.get("items")) {
                    collect(root, schema, item, &format!("{path}/{n}"), found, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn collect_object(
    root: &Value,
    schema: &Value,
    object: &Map<String, Value>,
    path: &str,
    found: &mut Vec<Reference>,
    depth: usize,
) {
    for (name, item) in object {
        let own = schema.get("properties").and_then(|p| p.get(name));
        if let Some(schema) = own.or_else(|| schema.get("additionalProperties").filter(|s| s.is_object())) {
            let name = name.replace('~', "~0").replace('/', "~1");
            collect(root, schema, item, &format!("{path}/{name}"), found, depth + 1);
        }
    }
}

/// Whether `media_type` fits one of `accepts` (`text/csv`, `image/*`); parameters (`; charset=…`) don't count.
pub(crate) fn accepts(accepts: &[String], media_type: &str) -> bool {
    let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    accepts.is_empty()
        || accepts.iter().any(|pattern| {
            let pattern = pattern.to_ascii_lowercase();
            pattern == "*/*"
                || pattern == bare
                || pattern.strip_suffix("/*").is_some_and(|p| bare.split('/').next() == Some(p))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> ParameterSchema {
        ParameterSchema::compile(json!({
            "type": "object", "additionalProperties": false, "required": ["input"],
            "properties": {
                "input": {"type": "string", "format": "dataset", "accepts": ["text/csv"]},
                "window": {"enum": ["hann", "none"], "default": "hann"},
                "more": {"type": "array", "items": {"$ref": "#/$defs/ref"}},
                "deep": {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}},
                "either": {"anyOf": [{"type": "null"}, {"type": "string", "format": "upload"}], "default": null}
            },
            "$defs": {"ref": {"type": "string", "format": "dataset"}}
        }))
        .expect("compiles")
    }

    #[test]
    fn defaults_are_filled_and_references_found_everywhere() {
        let (filled, references) = schema()
            .check(
                json!({"input": "upload:a.csv", "more": ["dataset:ds_1"], "deep": {}, "either": "upload:b"}),
            )
            .expect("fits");
        assert_eq!(filled["window"], "hann");
        assert_eq!(filled["deep"]["n"], 3);
        let paths: Vec<_> = references.iter().map(|r| (r.path.as_str(), r.text.as_str())).collect();
        assert_eq!(paths.len(), 3);
        assert!(paths.contains(&("/parameters/more/0", "dataset:ds_1")));
        assert!(references.iter().any(|r| r.path == "/parameters/either" && r.upload_only));
    }

    #[test]
    fn every_wrong_field_is_named_by_its_path() {
        let error =
            schema().check(json!({"window": "x", "deep": {"n": "three"}, "extra": 1})).expect_err("is wrong");
        let paths: Vec<_> = error.fields().iter().map(|f| f.path.as_str()).collect();
        assert!(paths.contains(&"/parameters/input"), "{paths:?}");
        assert!(paths.contains(&"/parameters/window"));
        assert!(paths.contains(&"/parameters/deep/n"));
        let error = schema().check(json!({"input": "/etc/passwd"})).expect_err("is no reference");
        assert_eq!(error.fields()[0].message, "must be `dataset:ID` or `upload:NAME`");
    }

    #[test]
    fn a_schema_that_leads_elsewhere_is_refused() {
        let remote = json!({"properties": {"a": {"$ref": "https://example.com/s.json"}}});
        assert_eq!(ParameterSchema::compile(remote).expect_err("is remote").code(), "invalid_schema");
        let file = json!({"items": {"$ref": "file:///etc/passwd"}});
        assert!(ParameterSchema::compile(file).is_err());
        assert!(ParameterSchema::compile(json!({"type": 7})).is_err());
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let schema = ParameterSchema::compile(json!({
            "type": "object", "properties": {"next": {"$ref": "#"}, "n": {"default": 1}}
        }))
        .expect("compiles");
        let (filled, _) = schema.check(json!({"next": {"next": {}}})).expect("fits");
        assert_eq!(filled["next"]["next"]["n"], 1);
    }

    #[test]
    fn media_types_fit_by_pattern() {
        let csv = ["text/csv".to_owned(), "image/*".to_owned()];
        assert!(
            accepts(&csv, "Text/CSV; charset=utf-8") && accepts(&csv, "image/png") && accepts(&[], "x/y")
        );
        assert!(!accepts(&csv, "application/json") && !accepts(&csv, "images/png"));
    }
}
