//! The OpenAPI 3.1 document, made from the operations themselves.

use crate::api::{Api, Operation};
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The document for all operations of `api`.
pub fn document(api: &Api, version: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for operation in api.operations() {
        let path = operation.path.replace("{*", "{");
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[operation.method.as_str().to_ascii_lowercase()] = describe(operation, &mut generator);
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Castalia",
            "version": version,
            "description": "Every operation says in `x-permission` which permission it needs, or `none`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": with_problem(schemas),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "an API token or a JWT"},
                "session": {"type": "apiKey", "in": "cookie", "name": "castalia_session"},
            },
        },
    })
}

fn with_problem(mut schemas: Map<String, Value>) -> Map<String, Value> {
    let problem = json!({
        "type": "object",
        "description": "What failed and what to do (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "code": {"type": "string", "description": "stable, for programs"}, "detail": {"type": "string"},
            "revision": {"type": "integer", "description": "what is there now, when a change was based on another revision"},
            "errors": {"type": "array", "items": {"type": "object", "required": ["path", "message"], "properties": {
                "path": {"type": "string", "description": "JSON Pointer to the wrong field"}, "message": {"type": "string"}}}},
        },
    });
    schemas.insert("Problem".into(), problem);
    schemas
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = Vec::new();
    if let Some(make) = operation.path_schema {
        parameters.extend(parameters_of(&make(generator), "path"));
    }
    if let Some(make) = operation.query_schema {
        parameters.extend(parameters_of(&make(generator), "query"));
    }
    let mut answer = json!({"description": if operation.status == 204 { "done" } else { "the answer" }});
    if let Some((media, make)) = operation.reply {
        answer["content"] = json!({media: {"schema": make(generator)}});
    }
    let problem = json!({"description": "what failed and what to do",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let mut entry = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.id.split('.').next().unwrap_or(operation.id)],
        "x-permission": operation.permission.unwrap_or("none"),
        "responses": {operation.status.to_string(): answer, "default": problem},
    });
    if operation.permission.is_none() {
        entry["security"] = json!([]);
    }
    if !parameters.is_empty() {
        entry["parameters"] = Value::Array(parameters);
    }
    if let Some((media, make)) = operation.body {
        entry["requestBody"] = json!({"required": true, "content": {media: {"schema": make(generator)}}});
    }
    entry
}

fn parameters_of(schema: &Schema, place: &str) -> Vec<Value> {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema.as_object_mut().and_then(|s| s.remove("description"));
            let needed = place == "path" || required.contains(&name.as_str());
            let mut parameter = json!({"name": name, "in": place, "required": needed, "schema": schema});
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        })
        .collect()
}
