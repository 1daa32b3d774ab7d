//! Holds JSON reports against `docs/schema.json`, with as much of JSON Schema as that file uses.

use serde_json::Value;

const SCHEMA: &str = include_str!("../../docs/schema.json");

/// What in `document` is not as the schema says, each with its place.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    faults_of("", document)
}

/// The same for a document that one of the definitions describes: `/$defs/map`.
pub(crate) fn faults_of(definition: &str, document: &Value) -> Vec<String> {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut faults = Vec::new();
    compare(&root, root.pointer(definition).unwrap(), document, "$", &mut faults);
    faults
}

fn compare(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return compare(root, target, value, place, faults);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.is_empty() && !types.contains(&name) {
        faults.push(format!("{place} is {name}, not {types:?}"));
    }
    if schema.get("const").is_some_and(|wanted| wanted != value) {
        faults.push(format!("{place} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        faults.push(format!("{place} is {value}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        compare(root, &schema["items"], item, &format!("{place}[{at}]"), faults);
    }
    let Some(fields) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(required) {
            faults.push(format!("{place} has no {required}"));
        }
    }
    for (key, field) in fields {
        match schema["properties"].get(key) {
            Some(schema) => compare(root, schema, field, &format!("{place}.{key}"), faults),
            None => faults.push(format!("{place} has {key}, which the schema does not know")),
        }
    }
}

#[test]
fn the_comparison_sees_what_is_wrong() {
    let report = serde_json::json!({
        "version": 2, "findings": [{"rule": 1, "severity": "bad", "extra": true}], "checklist": [],
    });
    let faults = faults(&report);
    for wanted in [
        "$ has no notes",
        "$.version is not 1",
        "$.findings[0] has no location",
        "$.findings[0].rule is integer, not [\"string\"]",
        "$.findings[0].severity is \"bad\"",
        "$.findings[0] has extra, which the schema does not know",
    ] {
        assert!(faults.iter().any(|fault| fault == wanted), "{wanted}: {faults:#?}");
    }
}
