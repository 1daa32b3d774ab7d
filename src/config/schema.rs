//! The JSON schema of `plimsoll.yaml`, for editors: made from the same description by which the file is judged.

use serde_json::{Map, Value, json};

use super::judge::profiles;
use super::shape::{FILE, Key, SEVERITIES, Shape};
use crate::rules::page::{OptionKind, OptionSpec};
use crate::rules::{self, Rule};

/// The schema as JSON, with a line end.
pub fn write() -> String {
    let mut schema = of(FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("plimsoll.yaml");
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// The keys of the file, in dotted form (`ignore.reason`), for the test of its documentation.
pub fn keys() -> Vec<String> {
    let Shape::Keys(top) = FILE else { return Vec::new() };
    let inner = |key: &Key| match key.shape {
        Shape::List(Shape::Keys(inner)) => {
            inner.iter().map(|it| format!("{}.{}", key.name, it.name)).collect()
        }
        _ => Vec::new(),
    };
    top.iter().flat_map(|key| [vec![key.name.to_owned()], inner(key)].concat()).collect()
}

fn of(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Day => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Rule => json!({ "enum": ids() }),
        Shape::Profile => json!({ "enum": profiles() }),
        Shape::List(item) => json!({ "type": "array", "items": of(*item) }),
        Shape::Keys(keys) => mapping(keys),
        Shape::Settings(with_options) => settings(with_options),
    }
}

fn mapping(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut value = of(key.shape);
        value["description"] = json!(key.doc);
        (key.name.to_owned(), value)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}

/// All rules, and all families.
fn ids() -> Vec<String> {
    let mut families: Vec<String> = rules::all().iter().map(|rule| format!("{}/*", rule.family())).collect();
    families.dedup();
    rules::all().iter().map(|rule| rule.id.to_owned()).chain(families).collect()
}

fn settings(with_options: bool) -> Value {
    let plain = json!({ "enum": ["off", "info", "warning", "error", false] });
    let of_rule = |rule: &Rule| {
        let options = rule.page().map_or(&[] as &[OptionSpec], |page| &page.front.options);
        let value = match with_options {
            true => json!({ "anyOf": [plain, with_severity(options)] }),
            false => plain.clone(),
        };
        (rule.id.to_owned(), value)
    };
    let mut properties: Map<String, Value> = rules::all().iter().map(of_rule).collect();
    for id in ids().into_iter().filter(|id| id.ends_with("/*")) {
        properties.insert(id, plain.clone());
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn with_severity(options: &[OptionSpec]) -> Value {
    let property = |option: &OptionSpec| {
        let mut value = match option.kind {
            OptionKind::Bool => json!({ "type": "boolean" }),
            OptionKind::Integer => json!({ "type": "integer" }),
            OptionKind::Text => of(Shape::Text),
            OptionKind::List => of(Shape::List(&Shape::Text)),
        };
        value["description"] = json!(option.doc);
        value["default"] = json!(option.default);
        (option.name.clone(), value)
    };
    let mut properties: Map<String, Value> = options.iter().map(property).collect();
    properties.insert("severity".to_owned(), json!({ "enum": SEVERITIES }));
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
