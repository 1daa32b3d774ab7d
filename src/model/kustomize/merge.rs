//! Strategic merge patches: how a patch is laid over an object, list by list.
//!
//! Source: kustomize's `kyaml/yaml/walk` and `merge2`. Lists are merged by key where the schema of Kubernetes says so
//! (`x-kubernetes-patch-merge-key` of OpenAPI 1.21), and replaced elsewhere; items of the patch come first.

use crate::facts::Why;
use crate::facts::object::value::{Data, Field, Value};

use super::resource::text_of;

/// Lists longer than this are not merged by key: it would take quadratic time.
const MAX_ITEMS: usize = 2_000;

/// The part of the Kubernetes schema that a value is described by, as far as merging asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A kind with a pod template at `spec.template`, one of the kinds kustomize knows.
    Templated,
    /// `spec` of such a kind.
    TemplatedSpec,
    CronJob,
    CronJobSpec,
    JobTemplate,
    /// A Pod, or the template of one.
    Pod,
    PodSpec,
    Container,
    Service,
    ServiceSpec,
    ServiceAccount,
    Webhooks,
    /// Another kind that kustomize knows; only its metadata has lists that merge.
    Known,
    Metadata,
    Status,
    /// Nothing that merges.
    Plain,
}

/// What a directive in a patch asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Lays `patch` over `object`; `None` when the patch deletes it.
pub(super) fn apply(object: Value, patch: Value) -> Option<Value> {
    let shape = shape_of(&object);
    join(Some(object), Some(patch), shape)
}

fn shape_of(object: &Value) -> Shape {
    let (version, kind) = (text_of(object.get("apiVersion")), text_of(object.get("kind")));
    match (version, kind) {
        ("apps/v1", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => Shape::Templated,
        ("v1", "ReplicationController") | ("batch/v1", "Job") => Shape::Templated,
        ("batch/v1" | "batch/v1beta1", "CronJob") => Shape::CronJob,
        ("v1", "Pod") => Shape::Pod,
        ("v1", "Service") => Shape::Service,
        ("v1", "ServiceAccount") => Shape::ServiceAccount,
        (
            "admissionregistration.k8s.io/v1" | "admissionregistration.k8s.io/v1beta1",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => Shape::Webhooks,
        ("v1", _) => Shape::Known,
        _ if is_known_group(version) => Shape::Known,
        _ => Shape::Plain,
    }
}

fn is_known_group(version: &str) -> bool {
    let Some((group, _)) = version.split_once('/') else { return false };
    matches!(group, "apps" | "batch" | "autoscaling" | "policy" | "extensions")
        || group.ends_with(".k8s.io") && !group.ends_with("x-k8s.io") && group != "gateway.networking.k8s.io"
}

/// The shape below a key, and the keys that the list there is merged by: none for a list of scalars.
fn below(shape: Shape, key: &str) -> (Shape, Option<&'static [&'static str]>) {
    use Shape::*;
    const NAME: Option<&[&str]> = Some(&["name"]);
    match (shape, key) {
        (Plain, _) => (Plain, None),
        (
            Templated | CronJob | Pod | Service | ServiceAccount | Webhooks | Known | JobTemplate,
            "metadata",
        ) => (Metadata, None),
        (Metadata, "finalizers") => (Plain, Some(&[])),
        (Metadata, "ownerReferences") => (Plain, Some(&["uid"])),
        (Templated, "spec") => (TemplatedSpec, None),
        (TemplatedSpec, "template") => (Pod, None),
        (CronJob, "spec") => (CronJobSpec, None),
        (CronJobSpec, "jobTemplate") => (JobTemplate, None),
        (JobTemplate, "spec") => (TemplatedSpec, None),
        (Pod, "spec") => (PodSpec, None),
        (PodSpec, "containers" | "initContainers" | "ephemeralContainers") => (Container, NAME),
        (PodSpec, "volumes" | "imagePullSecrets") => (Plain, NAME),
        (PodSpec, "hostAliases") => (Plain, Some(&["ip"])),
        (PodSpec, "topologySpreadConstraints") => (Plain, Some(&["topologyKey", "whenUnsatisfiable"])),
        (Container, "env") => (Plain, NAME),
        (Container, "ports") => (Plain, Some(&["containerPort", "protocol"])),
        (Container, "volumeMounts") => (Plain, Some(&["mountPath"])),
        (Container, "volumeDevices") => (Plain, Some(&["devicePath"])),
        (Service, "spec") => (ServiceSpec, None),
        (ServiceSpec, "ports") => (Plain, Some(&["port", "protocol"])),
        (ServiceAccount, "secrets") => (Plain, NAME),
        (Webhooks, "webhooks") => (Plain, NAME),
        (Templated | Pod | Service | Known, "status") => (Status, None),
        (Status, "conditions") => (Plain, Some(&["type"])),
        _ => (Plain, None),
    }
}

fn join(object: Option<Value>, patch: Option<Value>, shape: Shape) -> Option<Value> {
    let Some(mut patch) = patch else { return object };
    if patch.is_null() {
        return None;
    }
    match object.filter(|object| !object.is_null()) {
        None => added(patch, shape),
        Some(object) => match (&object.data, &patch.data) {
            (Data::Map(_), Data::Map(_)) => match take_directive(&mut patch) {
                Directive::Delete => None,
                Directive::Replace => added(patch, shape),
                Directive::Merge => Some(join_maps(object, patch, shape)),
            },
            _ => added(patch, shape),
        },
    }
}

fn join_maps(mut object: Value, patch: Value, shape: Shape) -> Value {
    let Data::Map(fields) = patch.data else { return object };
    for Field { key, key_span, value } in fields {
        let (shape, keys) = below(shape, &key);
        // A field of the object keeps the bytes of its key, so that what is missing in it shows there.
        let place = object.field(&key).map_or(key_span, |field| field.key_span);
        let old = object.get_mut(&key).map(|old| std::mem::replace(old, Value::null(place)));
        let joined = match (old, keys, &value.data) {
            (old, Some(keys), Data::Seq(_)) => join_lists(old, value, keys, shape),
            (old, _, _) => join(old, Some(value), shape),
        };
        match joined {
            Some(value) => {
                let scalar = value.scalar().is_some();
                object.set(&key, if scalar { key_span } else { place }, value);
            }
            None => drop(object.remove(&key)),
        }
    }
    object
}

/// A part of a patch that the object does not have yet: nulls and directives are not values.
fn added(mut patch: Value, shape: Shape) -> Option<Value> {
    if matches!(patch.data, Data::Map(_)) && take_directive(&mut patch) == Directive::Delete {
        return None;
    }
    if let Data::Map(fields) = &mut patch.data {
        let read = std::mem::take(fields);
        *fields = read
            .into_iter()
            .filter_map(|field| {
                let (shape, keys) = below(shape, &field.key);
                let value = match (keys, &field.value.data) {
                    (Some(keys), Data::Seq(_)) => join_lists(None, field.value, keys, shape),
                    _ if field.value.is_null() => None,
                    _ => added(field.value, shape),
                }?;
                Some(Field { value, ..field })
            })
            .collect();
    }
    Some(patch)
}

/// Takes `$patch` out of a mapping.
fn take_directive(patch: &mut Value) -> Directive {
    match patch.remove("$patch") {
        Some(field) => directive(&field.value),
        None => Directive::Merge,
    }
}

fn directive(value: &Value) -> Directive {
    match text_of(Some(value)) {
        "replace" => Directive::Replace,
        "delete" => Directive::Delete,
        _ => Directive::Merge,
    }
}

/// Merges two lists by the keys of their items; no keys: lists of scalars.
fn join_lists(object: Option<Value>, mut patch: Value, keys: &[&str], shape: Shape) -> Option<Value> {
    let object = object.filter(|object| matches!(object.data, Data::Seq(_)));
    let span = object.as_ref().map_or(patch.span, |object| object.span);
    let patched = patch.items_mut().map(std::mem::take).unwrap_or_default();
    let (wishes, patched): (Vec<Value>, Vec<Value>) = patched.into_iter().partition(is_directive_item);
    let wish = wishes.first().and_then(|item| item.get("$patch")).map_or(Directive::Merge, directive);
    let own = match (wish, object) {
        (Directive::Delete, Some(_)) => return None,
        (Directive::Replace, _) | (_, None) => Vec::new(),
        (_, Some(Value { data: Data::Seq(items), .. })) => items,
        _ => Vec::new(),
    };
    if own.len() + patched.len() > MAX_ITEMS {
        return Some(Value::unknown("", Why::Unsupported, span));
    }
    let items =
        if keys.is_empty() { join_scalars(own, patched) } else { join_items(own, patched, keys, shape) };
    Some(Value { span, data: Data::Seq(items) })
}

/// `- $patch: replace` beside the items speaks of the whole list.
fn is_directive_item(item: &Value) -> bool {
    item.fields().len() == 1 && item.get("$patch").is_some()
}

fn join_scalars(own: Vec<Value>, patched: Vec<Value>) -> Vec<Value> {
    let mut items = patched;
    for item in own {
        if !items.iter().any(|other| text_of(Some(other)) == text_of(Some(&item))) {
            items.push(item);
        }
    }
    items
}

fn join_items(mut own: Vec<Value>, patched: Vec<Value>, keys: &[&str], shape: Shape) -> Vec<Value> {
    let mut slots: Vec<Vec<String>> = Vec::new();
    for item in patched.iter().chain(&own) {
        let slot: Vec<String> = keys.iter().map(|key| text_of(item.get(key)).to_owned()).collect();
        if slot.iter().any(|text| !text.is_empty()) && !slots.contains(&slot) {
            slots.push(slot);
        }
    }
    if keys.len() > 1 {
        fill_slots(&mut slots);
    }
    let used: Vec<usize> =
        (0..keys.len()).filter(|at| slots.iter().any(|slot| !slot[*at].is_empty())).collect();
    let used_keys: Vec<&str> = used.iter().map(|at| keys[*at]).collect();
    let mut joined: Vec<Value> = Vec::new();
    for slot in &slots {
        let slot: Vec<&str> = used.iter().map(|at| slot[*at].as_str()).collect();
        let below = own.iter().position(|item| fits(item, &used_keys, &slot));
        let above = patched.iter().position(|item| fits(item, &used_keys, &slot));
        let Some(mut item) =
            join(below.map(|at| own[at].clone()), above.map(|at| patched[at].clone()), shape)
                .filter(|item| !item.fields().is_empty())
        else {
            own.retain(|item| !fits(item, &used_keys, &slot));
            continue;
        };
        for (key, text) in used_keys.iter().zip(&slot) {
            if item.get(key).is_none() && !text.is_empty() {
                let span = item.span;
                item.set(key, span, Value::text(*text, span));
            }
        }
        if let Some(at) = below {
            // A patch names the item by its key, it does not set the key: the base's bytes stay.
            for key in &used_keys {
                if let (Some(old), Some(new)) = (own[at].get(key), item.get_mut(key)) {
                    new.clone_from(old);
                }
            }
            own[at] = item.clone();
        }
        put(&mut joined, item, &used_keys, &slot);
    }
    append(joined, own, &used_keys)
}

/// Slots that differ only in keys that one of them lacks are the same slot.
fn fill_slots(slots: &mut [Vec<String>]) {
    for a in 0..slots.len() {
        for b in 0..slots.len() {
            let pairs = || slots[a].iter().zip(&slots[b]);
            let common = pairs().any(|(x, y)| x == y);
            if common && pairs().all(|(x, y)| x == y || x.is_empty() || y.is_empty()) {
                let filled: Vec<String> =
                    pairs().map(|(x, y)| if x.is_empty() { y.clone() } else { x.clone() }).collect();
                slots[a].clone_from(&filled);
                slots[b] = filled;
            }
        }
    }
}

/// True when an item has these values; an empty value fits any that is there.
fn fits(item: &Value, keys: &[&str], slot: &[&str]) -> bool {
    keys.iter().zip(slot).all(|(key, text)| {
        item.get(key).is_some_and(|value| text.is_empty() || text_of(Some(value)) == *text)
    })
}

fn put(items: &mut Vec<Value>, item: Value, keys: &[&str], slot: &[&str]) {
    match items.iter_mut().find(|other| fits(other, keys, slot)) {
        Some(other) => *other = item,
        None => items.push(item),
    }
}

/// Puts the object's items behind those that were joined.
fn append(mut joined: Vec<Value>, own: Vec<Value>, keys: &[&str]) -> Vec<Value> {
    for item in own {
        let present: Vec<&str> = keys.iter().copied().filter(|key| item.get(key).is_some()).collect();
        let slot: Vec<&str> = present.iter().map(|key| text_of(item.get(key))).collect();
        if present.is_empty() {
            joined.push(item);
            continue;
        }
        if keys.len() > 1 {
            joined.retain(|other| !fits(other, &present, &slot));
        }
        let slot: Vec<String> = slot.into_iter().map(str::to_owned).collect();
        let slot: Vec<&str> = slot.iter().map(String::as_str).collect();
        put(&mut joined, item, &present, &slot);
    }
    joined
}
