//! JSON Schema (draft 7), as much of it as the schema of SARIF uses. A keyword that is not known here is a fault too, so that
//! nothing is passed over.

use std::collections::HashSet;

use regex::Regex;
use serde_json::Value;

/// What in `document` is not as `schema` says, each with its place.
pub(crate) fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    judge(schema, schema, document, "$", &mut faults);
    faults
}

fn judge(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        return judge(root, target, value, place, faults);
    }
    for (keyword, wanted) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "default" | "definitions" => true,
            // Judged with `additionalProperties`, or below.
            "properties" => {
                for (key, field) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(key) {
                        judge(root, schema, field, &format!("{place}.{key}"), faults);
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, field) in value.as_object().into_iter().flatten() {
                    let place = format!("{place}.{key}");
                    match wanted {
                        _ if schema["properties"].get(key).is_some() => {}
                        Value::Bool(true) => {}
                        Value::Bool(false) => faults.push(format!("{place} is not known")),
                        schema => judge(root, schema, field, &place, faults),
                    }
                }
                true
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    judge(root, wanted, item, &format!("{place}[{at}]"), faults);
                }
                true
            }
            "anyOf" | "oneOf" => {
                let fits = |schema: &&Value| {
                    let mut inner = Vec::new();
                    judge(root, schema, value, place, &mut inner);
                    inner.is_empty()
                };
                let number = wanted.as_array().unwrap().iter().filter(fits).count();
                number == 1 || number > 1 && keyword == "anyOf"
            }
            _ => simple(keyword, wanted, value),
        };
        if !fits {
            faults.push(format!("{place} is not of {keyword} {wanted}"));
        }
    }
}

/// The keywords that ask for one thing of the value itself; they hold for values of other types than they speak of.
fn simple(keyword: &str, wanted: &Value, value: &Value) -> bool {
    let (number, text, items) = (value.as_f64(), value.as_str(), value.as_array());
    match keyword {
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|one| is_of_type(one, value)),
            one => is_of_type(one, value),
        },
        "enum" => wanted.as_array().unwrap().contains(value),
        "required" => {
            let Some(fields) = value.as_object() else { return true };
            wanted.as_array().unwrap().iter().all(|key| fields.contains_key(key.as_str().unwrap()))
        }
        "minimum" => number.is_none_or(|number| number >= wanted.as_f64().unwrap()),
        "maximum" => number.is_none_or(|number| number <= wanted.as_f64().unwrap()),
        "minItems" => items.is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
        "uniqueItems" => {
            let mut seen = HashSet::new();
            wanted == false
                || items.is_none_or(|items| items.iter().all(|item| seen.insert(item.to_string())))
        }
        "pattern" => text.is_none_or(|text| Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)),
        "format" => text.is_none_or(|text| is_of_format(wanted.as_str().unwrap(), text)),
        _ => false,
    }
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// The formats by the grammar of RFC 3986, without what is allowed only in hosts.
fn is_of_format(name: &str, text: &str) -> bool {
    let parts = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?";
    let pattern = match name {
        "uri" => format!("^[A-Za-z][A-Za-z0-9+.-]*:{parts}$"),
        // The first part of a relative one has no colon.
        "uri-reference" => format!("^(?:[A-Za-z][A-Za-z0-9+.-]*:{parts}|[^:/?#]*(?:[/?#].*)?)$"),
        _ => return false,
    };
    let allowed = Regex::new(&format!("^{parts}$")).unwrap();
    Regex::new(&pattern).unwrap().is_match(text) && allowed.is_match(text)
}

#[test]
fn the_judgement_sees_what_is_wrong() {
    let schema: Value =
        serde_json::from_str(include_str!("../../testdata/sarif/sarif-schema-2.1.0.json")).unwrap();
    let good = serde_json::json!({
        "version": "2.1.0", "$schema": "https://example.com/x.json",
        "runs": [{
            "tool": {"driver": {"name": "x", "rules": [{"id": "a"}]}},
            "results": [{"message": {"text": "m"}, "level": "note", "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "a%20b/c"}, "region": {"startLine": 1}
            }}]}],
        }],
    });
    assert_eq!(faults(&schema, &good), [""; 0]);
    let result = "/runs/0/results/0";
    for (place, wrong, fault) in [
        ("/version", serde_json::json!("2.0.0"), "enum"),
        ("/runs/0/tool/driver", serde_json::json!({}), "required"),
        ("/runs/0/tool/driver/rules", serde_json::json!([{"id": "a"}, {"id": "a"}]), "uniqueItems"),
        (result, serde_json::json!({"message": {"text": "m"}, "extra": 1}), "is not known"),
        (&format!("{result}/message"), serde_json::json!({"id": 1}), "type"),
        (&format!("{result}/message"), serde_json::json!({}), "anyOf"),
        (&format!("{result}/level"), serde_json::json!("info"), "enum"),
        (&format!("{result}/locations/0/physicalLocation/region/startLine"), serde_json::json!(0), "minimum"),
        (
            &format!("{result}/locations/0/physicalLocation/artifactLocation/uri"),
            serde_json::json!("a b"),
            "format",
        ),
        (
            &format!("{result}/locations/0/physicalLocation/artifactLocation/uri"),
            serde_json::json!("a%2"),
            "format",
        ),
        (
            &format!("{result}/locations/0/physicalLocation/artifactLocation/uri"),
            serde_json::json!(":a"),
            "format",
        ),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = wrong.clone();
        let found = faults(&schema, &bad);
        assert!(found.iter().any(|each| each.contains(fault)), "{place} {wrong}: {found:#?}");
    }
}
