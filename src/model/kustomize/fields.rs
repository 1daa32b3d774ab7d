//! Paths of fields by kind, as kustomize's transformers address them, and the walk along them.
//!
//! A path has no indexes: a list on the way means each of its items. Source of the tables: the default
//! transformer configuration of kustomize 5 (`builtinpluginconsts`).

use super::resource::{Gvk, Id};
use crate::facts::object::value::{Data, Value};
use crate::source::Span;

/// A field of the objects of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSpec {
    pub(super) gvk: Gvk,
    pub(super) path: &'static [&'static str],
    /// Whether it is made where it is missing.
    pub(super) create: bool,
}

pub(super) const ANY: Gvk = Gvk { group: "", version: "", kind: "" };

pub(super) const fn kind(kind: &'static str) -> Gvk {
    Gvk { group: "", version: "", kind }
}

const fn of(group: &'static str, kind: &'static str) -> Gvk {
    Gvk { group, version: "", kind }
}

const fn v1(kind: &'static str) -> Gvk {
    Gvk { group: "", version: "v1", kind }
}

const fn made(gvk: Gvk, path: &'static [&'static str]) -> FieldSpec {
    FieldSpec { gvk, path, create: true }
}

const fn found(gvk: Gvk, path: &'static [&'static str]) -> FieldSpec {
    FieldSpec { gvk, path, create: false }
}

const TEMPLATE_LABELS: &[&str] = &["spec", "template", "metadata", "labels"];
const TEMPLATE_ANNOTATIONS: &[&str] = &["spec", "template", "metadata", "annotations"];
const MATCH_LABELS: &[&str] = &["spec", "selector", "matchLabels"];

/// Where labels go that are for objects only.
pub(super) const METADATA_LABELS: &[FieldSpec] = &[made(ANY, &["metadata", "labels"])];

/// Where labels go that are for objects and their templates.
pub(super) const TEMPLATES: &[FieldSpec] = &[
    made(ANY, &["metadata", "labels"]),
    made(v1("ReplicationController"), TEMPLATE_LABELS),
    made(kind("Deployment"), TEMPLATE_LABELS),
    made(kind("ReplicaSet"), TEMPLATE_LABELS),
    made(kind("DaemonSet"), TEMPLATE_LABELS),
    made(of("apps", "StatefulSet"), TEMPLATE_LABELS),
    made(of("batch", "Job"), TEMPLATE_LABELS),
    made(of("batch", "CronJob"), &["spec", "jobTemplate", "metadata", "labels"]),
    made(of("batch", "CronJob"), &["spec", "jobTemplate", "spec", "template", "metadata", "labels"]),
];

const CLAIM_LABELS: FieldSpec =
    made(of("apps", "StatefulSet"), &["spec", "volumeClaimTemplates[]", "metadata", "labels"]);

macro_rules! pod_term {
    ($group:literal, $kind:literal, $affinity:literal) => {
        found(
            of($group, $kind),
            &[
                "spec",
                "template",
                "spec",
                "affinity",
                $affinity,
                "preferredDuringSchedulingIgnoredDuringExecution",
                "podAffinityTerm",
                "labelSelector",
                "matchLabels",
            ],
        )
    };
    (required $group:literal, $kind:literal, $affinity:literal) => {
        found(
            of($group, $kind),
            &[
                "spec",
                "template",
                "spec",
                "affinity",
                $affinity,
                "requiredDuringSchedulingIgnoredDuringExecution",
                "labelSelector",
                "matchLabels",
            ],
        )
    };
}

const SPREAD: &[&str] =
    &["spec", "template", "spec", "topologySpreadConstraints", "labelSelector", "matchLabels"];

/// Where labels go that are selectors too, beside [`TEMPLATES`].
pub(super) const SELECTORS: &[FieldSpec] = &[
    made(v1("Service"), &["spec", "selector"]),
    made(v1("ReplicationController"), &["spec", "selector"]),
    made(kind("Deployment"), MATCH_LABELS),
    pod_term!("apps", "Deployment", "podAffinity"),
    pod_term!(required "apps", "Deployment", "podAffinity"),
    pod_term!("apps", "Deployment", "podAntiAffinity"),
    pod_term!(required "apps", "Deployment", "podAntiAffinity"),
    found(of("apps", "Deployment"), SPREAD),
    made(kind("ReplicaSet"), MATCH_LABELS),
    made(kind("DaemonSet"), MATCH_LABELS),
    made(of("apps", "StatefulSet"), MATCH_LABELS),
    pod_term!("apps", "StatefulSet", "podAffinity"),
    pod_term!(required "apps", "StatefulSet", "podAffinity"),
    pod_term!("apps", "StatefulSet", "podAntiAffinity"),
    pod_term!(required "apps", "StatefulSet", "podAntiAffinity"),
    found(of("apps", "StatefulSet"), SPREAD),
    found(of("batch", "Job"), MATCH_LABELS),
    found(of("batch", "CronJob"), &["spec", "jobTemplate", "spec", "selector", "matchLabels"]),
    found(of("policy", "PodDisruptionBudget"), MATCH_LABELS),
    found(of("networking.k8s.io", "NetworkPolicy"), &["spec", "podSelector", "matchLabels"]),
    found(
        of("networking.k8s.io", "NetworkPolicy"),
        &["spec", "ingress", "from", "podSelector", "matchLabels"],
    ),
    found(of("networking.k8s.io", "NetworkPolicy"), &["spec", "egress", "to", "podSelector", "matchLabels"]),
    CLAIM_LABELS,
];

/// Where annotations go.
pub(super) const ANNOTATIONS: &[FieldSpec] = &[
    made(ANY, &["metadata", "annotations"]),
    made(v1("ReplicationController"), TEMPLATE_ANNOTATIONS),
    made(kind("Deployment"), TEMPLATE_ANNOTATIONS),
    made(kind("ReplicaSet"), TEMPLATE_ANNOTATIONS),
    made(kind("DaemonSet"), TEMPLATE_ANNOTATIONS),
    made(kind("StatefulSet"), TEMPLATE_ANNOTATIONS),
    made(of("batch", "Job"), TEMPLATE_ANNOTATIONS),
    made(of("batch", "CronJob"), &["spec", "jobTemplate", "metadata", "annotations"]),
    made(of("batch", "CronJob"), &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"]),
];

/// Where images stand.
pub(super) const IMAGES: &[FieldSpec] = &[
    found(ANY, &["spec", "containers[]", "image"]),
    found(ANY, &["spec", "initContainers[]", "image"]),
    found(ANY, &["spec", "template", "spec", "containers[]", "image"]),
    found(ANY, &["spec", "template", "spec", "initContainers[]", "image"]),
];

/// Where numbers of replicas stand.
pub(super) const REPLICAS: &[FieldSpec] = &[
    made(kind("Deployment"), &["spec", "replicas"]),
    made(kind("ReplicationController"), &["spec", "replicas"]),
    made(kind("ReplicaSet"), &["spec", "replicas"]),
    made(kind("StatefulSet"), &["spec", "replicas"]),
];

/// Namespaces beside `metadata.namespace`.
pub(super) const NAMESPACES: &[FieldSpec] = &[
    made(v1("Namespace"), &["metadata", "name"]),
    made(of("apiregistration.k8s.io", "APIService"), &["spec", "service", "namespace"]),
    found(
        of("apiextensions.k8s.io", "CustomResourceDefinition"),
        &["spec", "conversion", "webhook", "clientConfig", "service", "namespace"],
    ),
];

/// What is made where a path does not lead on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Create {
    /// The bytes of whoever makes it.
    pub(super) span: Span,
    /// Whether the last field is a mapping, or a scalar.
    pub(super) map: bool,
}

/// Visits the fields of a spec in an object of this id.
pub(super) fn visit(
    root: &mut Value,
    id: &Id,
    spec: &FieldSpec,
    create: Create,
    set: &mut dyn FnMut(&mut Value),
) {
    if id.is_selected(spec.gvk) {
        walk(root, spec.path, spec.create.then_some(create), set);
    }
}

/// Visits the fields at the end of a path; lists on the way are looked through.
pub(super) fn walk(
    value: &mut Value,
    path: &[&str],
    create: Option<Create>,
    set: &mut dyn FnMut(&mut Value),
) {
    let Some((key, rest)) = path.split_first() else { return set(value) };
    match &mut value.data {
        Data::Seq(items) => {
            for item in items.iter_mut().filter(|item| !item.is_null()) {
                walk(item, path, create, set);
            }
        }
        Data::Map(_) => {
            // A list is never made, but what is missing in its items is.
            let list = key.strip_suffix("[]");
            let key = list.unwrap_or(key);
            let make = create.filter(|_| list.is_none());
            if let Some(make) = make.filter(|_| value.get(key).is_none()) {
                let scalar = rest.is_empty() && !make.map;
                let made = if scalar { Value::null(make.span) } else { Value::map(make.span) };
                value.set(key, make.span, made);
            }
            if let Some(field) = value.get_mut(key).filter(|field| make.is_some() || !field.is_null()) {
                walk(field, rest, create, set);
            }
        }
        Data::Scalar(_) => {}
    }
}
