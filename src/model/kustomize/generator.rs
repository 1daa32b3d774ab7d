//! `configMapGenerator` and `secretGenerator`: objects made from literals, files and environment files.

use super::hash;
use super::resource::{Behavior, Resource, as_text, text_of};
use crate::facts::Why;
use crate::facts::object::value::{Field, Is, Value};
use crate::source::{FileId, ProjectPath, Sources, Span};

/// Makes the object of one item of a generator list. Paths are relative to `folder`.
pub(super) fn generate(
    kind: &Field,
    secret: bool,
    item: &Value,
    options: Option<&Value>,
    folder: &ProjectPath,
    sources: &Sources,
) -> Resource {
    let span = item.span;
    let name_span = item.get("name").map_or(span, |name| name.span);
    let mut root = Value::map(span);
    root.set("apiVersion", kind.key_span, Value::text("v1", kind.key_span));
    let kind_name = if secret { "Secret" } else { "ConfigMap" };
    // What is missing in a generated object shows at its name in the kustomization.
    root.set("kind", kind.key_span, Value::text(kind_name, name_span));
    let mut metadata = Value::map(span);
    for key in ["name", "namespace"] {
        if let Some(field) = item.field(key).filter(|field| !text_of(Some(&field.value)).is_empty()) {
            metadata.set(key, field.key_span, as_text(&field.value));
        }
    }
    let own = item.get("options");
    for key in ["labels", "annotations"] {
        // The options of the item win over those of all generators.
        for pair in [options, own]
            .into_iter()
            .flatten()
            .filter_map(|options| options.get(key))
            .flat_map(Value::fields)
        {
            if metadata.get(key).is_none() {
                metadata.set(key, pair.key_span, Value::map(pair.key_span));
            }
            if let Some(map) = metadata.get_mut(key) {
                map.set(&pair.key, pair.key_span, as_text(&pair.value));
            }
        }
    }
    root.set("metadata", span, metadata);
    if secret {
        let kind = item.get("type").map_or_else(|| Value::text("Opaque", span), as_text);
        root.set("type", kind.span, kind);
    }
    let data = data(item, secret, folder, sources);
    if secret || !data.fields().is_empty() {
        root.set("data", span, data);
    }
    let flag =
        |key: &str| [own, options].into_iter().flatten().any(|options| text_of(options.get(key)) == "true");
    if flag("immutable") {
        let mut value = Value::text("true", span);
        if let crate::facts::object::value::Data::Scalar(scalar) = &mut value.data {
            scalar.is = Is::Bool(true);
        }
        root.set("immutable", span, value);
    }
    let mut resource = Resource::new(root, Vec::new(), None);
    resource.needs_hash = !flag("disableNameSuffixHash");
    resource.behavior = match text_of(item.get("behavior")) {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    };
    resource
}

/// Keys and texts in the order of kustomize: environment files, literals, files.
fn data(item: &Value, secret: bool, folder: &ProjectPath, sources: &Sources) -> Value {
    let mut data = Value::map(item.span);
    let mut set = |key: &str, text: Result<&str, Why>, span: Span| {
        let value = match text {
            Ok(text) if secret => Value::text(hash::base64(text.as_bytes()), span),
            Ok(text) => Value::text(text, span),
            Err(why) => Value::unknown("", why, span),
        };
        data.set(key, span, value);
    };
    let env = item.get("env").into_iter().chain(list(item, "envs"));
    for path in env {
        match file(text_of(Some(path)), folder, sources) {
            Some((id, text)) => {
                for (key, value, start) in env_lines(text) {
                    set(key, Ok(value), Span::new(id, start, start + key.len()));
                }
            }
            // Its keys are not known either: one that no key can have stands for them.
            None => set("", Err(Why::NotFound), path.span),
        }
    }
    for literal in list(item, "literals") {
        if let Some((key, value)) = text_of(Some(literal)).split_once('=') {
            set(key, Ok(unquoted(value)), literal.span);
        }
    }
    for source in list(item, "files") {
        let text = text_of(Some(source));
        let (key, path) = text.split_once('=').unwrap_or((text.rsplit('/').next().unwrap_or(text), text));
        match file(path, folder, sources) {
            Some((id, text)) => set(key, Ok(text), Span::new(id, 0, text.len())),
            None => set(key, Err(Why::NotFound), source.span),
        }
    }
    data
}

fn list<'v>(item: &'v Value, key: &str) -> &'v [Value] {
    item.get(key).map_or(&[], Value::items)
}

fn file<'s>(path: &str, folder: &ProjectPath, sources: &'s Sources) -> Option<(FileId, &'s str)> {
    let id = sources.find(&folder.join(path)?)?;
    Some((id, sources.file(id).text()))
}

/// `key=value` lines with the offset of the key; comments and empty lines are left out.
fn env_lines(text: &str) -> Vec<(&str, &str, usize)> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n').trim_end_matches('\r');
        let trimmed = body.trim_start_matches('\u{feff}').trim_start();
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            lines.push((key, value, at + body.len() - trimmed.len()));
        }
        at += line.len();
    }
    lines
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// Puts the hash behind the name of a generated object; the name is unknown when its contents are.
pub(super) fn add_hash(resource: &mut Resource) {
    resource.store_previous_id();
    let name = resource.name().to_owned();
    match json(resource) {
        Ok(json) => resource.rename(format!("{name}-{}", hash::of_json(&json))),
        Err(why) => {
            if let Some(value) =
                resource.root.get_mut("metadata").and_then(|metadata| metadata.get_mut("name"))
            {
                *value = Value::unknown(format!("{name}-"), why, value.span);
            }
        }
    }
}

/// The JSON text that is hashed.
fn json(resource: &Resource) -> Result<String, Why> {
    let secret = resource.kind() == "Secret";
    let mut json = String::from("{");
    if !secret && resource.root.get("binaryData").is_some() {
        push_map(&mut json, "binaryData", resource.root.get("binaryData"))?;
    }
    push_map(&mut json, "data", resource.root.get("data"))?;
    push_text(&mut json, "kind", resource.kind());
    // kustomize looks the name up by a path that leads nowhere: in every hash it is empty.
    push_text(&mut json, "name", "");
    if secret {
        if resource.root.get("stringData").is_some() {
            push_map(&mut json, "stringData", resource.root.get("stringData"))?;
        }
        push_text(&mut json, "type", text_of(resource.root.get("type")));
    }
    json.pop();
    json.push('}');
    Ok(json)
}

fn push_text(json: &mut String, key: &str, text: &str) {
    hash::push_string(json, key);
    json.push(':');
    hash::push_string(json, text);
    json.push(',');
}

fn push_map(json: &mut String, key: &str, map: Option<&Value>) -> Result<(), Why> {
    let Some(map) = map else {
        push_text(json, key, "");
        return Ok(());
    };
    hash::push_string(json, key);
    json.push_str(":{");
    let mut fields: Vec<&Field> = map.fields().iter().collect();
    fields.sort_by(|a, b| a.key.cmp(&b.key));
    for field in &fields {
        let Some(scalar) = field.value.scalar() else { return Err(Why::Unsupported) };
        hash::push_string(json, &field.key);
        json.push(':');
        match scalar.is {
            Is::Unknown(Why::Templated) | Is::Text => hash::push_string(json, &scalar.text),
            Is::Unknown(why) => return Err(why),
            Is::Null => json.push_str("null"),
            Is::Bool(is) => json.push_str(if is { "true" } else { "false" }),
            Is::Int(_) | Is::Float(_) => json.push_str(&scalar.text),
        }
        json.push(',');
    }
    if !fields.is_empty() {
        json.pop();
    }
    json.push_str("},");
    Ok(())
}
