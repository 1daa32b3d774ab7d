//! How one compose file is laid over another, and a service over the one that it extends.
//!
//! Source: "Merge" in the Compose specification: mappings are joined, sequences appended, but commands and health
//! checks are replaced; lists of `key=value` count as mappings; `!reset` and `!override` are not read.

use crate::facts::object::value::{Data, Field, Value};

/// Most levels that are joined; deeper values are replaced as a whole.
const DEPTH: usize = 64;

/// Lays a file over another.
pub(super) fn over(base: Value, top: Value) -> Value {
    join(base, top, "", 0)
}

/// Lays a service over the one that it extends.
pub(super) fn service_over(base: Value, top: Value) -> Value {
    join(base, top, "", 0)
}

fn join(base: Value, top: Value, key: &str, depth: usize) -> Value {
    if depth > DEPTH || matches!(key, "command" | "entrypoint" | "test") {
        return top;
    }
    let span = top.span;
    let (base, top) = match key {
        "environment" | "labels" | "args" | "extra_hosts" => (as_map(base), as_map(top)),
        "depends_on" | "networks" => (names_as_map(base), names_as_map(top)),
        _ => (base, top),
    };
    match (base.data, top.data) {
        (Data::Map(mut fields), Data::Map(more)) => {
            for field in more {
                match fields.iter().position(|other| other.key == field.key) {
                    Some(at) => {
                        let below = std::mem::replace(&mut fields[at].value, Value::map(span));
                        let value = join(below, field.value, &field.key, depth + 1);
                        fields[at] = Field { value, ..field };
                    }
                    None => fields.push(field),
                }
            }
            Value { span, data: Data::Map(fields) }
        }
        (Data::Seq(mut items), Data::Seq(more)) => {
            for item in more {
                items.retain(|other| !same_slot(other, &item, key));
                items.push(item);
            }
            Value { span, data: Data::Seq(items) }
        }
        (_, data) => Value { span, data },
    }
}

/// True when the later item takes the earlier one's place: the same text, or a mount on the same path.
fn same_slot(a: &Value, b: &Value, key: &str) -> bool {
    let slot = |value: &Value| match key {
        "volumes" => value.get("target").and_then(Value::as_str).map(str::to_owned).or_else(|| {
            let text = value.as_str()?;
            Some(text.split(':').nth(1).unwrap_or(text).to_owned())
        }),
        _ => value.scalar().map(|scalar| scalar.text.to_string()),
    };
    slot(a).is_some_and(|slot_of_a| slot(b).as_ref() == Some(&slot_of_a))
}

/// `[A=1, B]` as `{A: 1, B: }`.
fn as_map(value: Value) -> Value {
    let Data::Seq(items) = value.data else { return value };
    let mut map = Value::map(value.span);
    for item in items {
        let Some(scalar) = item.scalar() else { continue };
        match scalar.text.split_once('=') {
            Some((key, text)) => map.set(key, item.span, Value::text(text, item.span)),
            None => map.set(&scalar.text.clone(), item.span, Value::null(item.span)),
        }
    }
    map
}

/// `[db, cache]` as `{db: , cache: }`.
fn names_as_map(value: Value) -> Value {
    let Data::Seq(items) = value.data else { return value };
    let mut map = Value::map(value.span);
    for item in items {
        let Some(scalar) = item.scalar() else { continue };
        map.set(&scalar.text.clone(), item.span, Value::null(item.span));
    }
    map
}
