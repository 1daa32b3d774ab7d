//! The transformers that a kustomization names directly: namespace, names, labels, annotations, replicas, images.
//!
//! Each sets values with the bytes of the kustomization that asks for it; names that get a prefix keep the bytes of
//! the name, because that is where a reader looks for it.

use regex::RegexBuilder;

use super::fields::{self, ANNOTATIONS, Create, FieldSpec, IMAGES, NAMESPACES, REPLICAS, visit};
use super::resource::{Resource, as_text, map_at, text_of};
use crate::facts::object::value::{Data, Field, Value};

/// Kinds whose names no prefix changes.
const UNTOUCHED: [(&str, &str); 3] =
    [("", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("", "Namespace")];

/// `namespace`.
pub(super) fn namespace(resources: &mut [Resource], namespace: &Field) {
    let value = as_text(&namespace.value);
    let create = Create { span: namespace.key_span, map: false };
    for resource in resources {
        resource.store_previous_id();
        let id = resource.id();
        if !id.is_cluster_scoped()
            && let Some(metadata) = map_at(&mut resource.root, "metadata", namespace.key_span)
        {
            metadata.set("namespace", namespace.key_span, value.clone());
        }
        if matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
            let subjects = resource.root.get_mut("subjects").and_then(Value::items_mut);
            let subjects = subjects.map_or(&mut [] as &mut [Value], |subjects| subjects.as_mut_slice());
            for subject in subjects.iter_mut().filter(|subject| text_of(subject.get("name")) == "default") {
                subject.set("namespace", namespace.key_span, value.clone());
            }
        }
        for spec in NAMESPACES {
            visit(&mut resource.root, &id, spec, create, &mut |field| *field = value.clone());
        }
    }
}

/// `namePrefix`, or `nameSuffix` when `suffix` is true.
pub(super) fn affix(resources: &mut [Resource], affix: &Value, suffix: bool) {
    let text = text_of(Some(affix));
    if text.is_empty() {
        return;
    }
    for resource in resources {
        let id = resource.original_id();
        let untouched =
            |(group, kind): &(&str, &str)| id.kind == *kind && (group.is_empty() || id.group == *group);
        if UNTOUCHED.iter().any(untouched) {
            continue;
        }
        resource.store_previous_id();
        let name = resource.name();
        let name = if suffix { format!("{name}{text}") } else { format!("{text}{name}") };
        resource.rename(name);
        if suffix { &mut resource.suffixes } else { &mut resource.prefixes }.push(text.to_owned());
    }
}

/// Sets every pair of a mapping at the fields of these specs.
pub(super) fn pairs(resources: &mut [Resource], pairs: &Value, specs: &[&[FieldSpec]]) {
    let create = Create { span: pairs.span, map: true };
    for resource in resources {
        let id = resource.id();
        for spec in specs.iter().copied().flatten() {
            visit(&mut resource.root, &id, spec, create, &mut |field| {
                if field.is_null() {
                    *field = Value::map(pairs.span);
                }
                for pair in pairs.fields() {
                    field.set(&pair.key, pair.key_span, as_text(&pair.value));
                }
            });
        }
    }
}

/// `commonAnnotations`.
pub(super) fn annotations(resources: &mut [Resource], annotations: &Value) {
    pairs(resources, annotations, &[ANNOTATIONS]);
}

/// One item of `replicas`; false when there is nothing of this name.
pub(super) fn replicas(resources: &mut [Resource], item: &Value) -> bool {
    let name = text_of(item.get("name"));
    let Some(count) = item.get("count") else { return true };
    let create = Create { span: count.span, map: false };
    let mut found = false;
    for resource in resources {
        for spec in REPLICAS {
            if resource.has_id(|id| id.name == name && id.is_selected(spec.gvk)) {
                found = true;
                let id = resource.id();
                visit(&mut resource.root, &id, spec, create, &mut |field| *field = count.clone());
            }
        }
    }
    found
}

/// One item of `images`.
pub(super) fn image(resources: &mut [Resource], item: &Value) {
    let name = text_of(item.get("name"));
    // Source: `api/internal/image`: the name is a pattern, and a tag and a digest may follow it.
    let pattern = format!("^(?:{name})(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$");
    let Ok(pattern) = RegexBuilder::new(&pattern).size_limit(1 << 20).build() else { return };
    let create = Create { span: item.span, map: false };
    for resource in resources {
        let id = resource.id();
        if id.kind == "CustomResourceDefinition" {
            continue;
        }
        for spec in IMAGES {
            visit(&mut resource.root, &id, spec, create, &mut |field| {
                let Data::Scalar(scalar) = &field.data else { return };
                if pattern.is_match(&scalar.text) {
                    *field = replaced(&scalar.text, item, field);
                }
            });
        }
    }
}

/// The image with the parts that an item of `images` replaces; its bytes are those of the part that says most.
fn replaced(image: &str, item: &Value, field: &Value) -> Value {
    let (mut name, mut tag, mut digest) = split(image);
    let part = |key: &str| item.get(key).filter(|value| !text_of(Some(value)).is_empty());
    let (new_name, new_tag, new_digest) = (part("newName"), part("newTag"), part("digest"));
    if let Some(new) = new_name {
        name = text_of(Some(new));
    }
    if new_tag.is_some() || new_digest.is_some() {
        (tag, digest) = (text_of(new_tag), text_of(new_digest));
    }
    let suffix = part("tagSuffix").filter(|_| new_tag.is_none() && new_digest.is_none());
    let tag = format!("{tag}{}", text_of(suffix));
    if suffix.is_some() {
        digest = "";
    }
    let mut text = name.to_owned();
    if !tag.is_empty() {
        text.push(':');
        text.push_str(&tag);
    }
    if !digest.is_empty() {
        text.push('@');
        text.push_str(digest);
    }
    match new_tag.or(new_digest).or(suffix).or(new_name) {
        Some(by) if text != image => Value::text(text, by.span),
        _ => field.clone(),
    }
}

/// Name, tag and digest of an image reference.
fn split(image: &str) -> (&str, &str, &str) {
    let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
    let path = rest.find('/').unwrap_or(0);
    match rest[path..].find(':') {
        Some(at) => (&rest[..path + at], &rest[path + at + 1..], digest),
        None => (rest, "", digest),
    }
}

/// The specs of an item of `labels`, by its flags.
pub(super) fn label_specs(item: &Value) -> Vec<&'static [FieldSpec]> {
    let flag = |key: &str| text_of(item.get(key)) == "true";
    if flag("includeSelectors") {
        vec![fields::TEMPLATES, fields::SELECTORS]
    } else if flag("includeTemplates") {
        vec![fields::TEMPLATES]
    } else {
        vec![fields::METADATA_LABELS]
    }
}
