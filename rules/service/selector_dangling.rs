//! Services whose selector fits no pod.

use crate::facts::object::Pair;
use crate::model::absence::has_labels;
use crate::model::{Object, Workload};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let selects = service.kind.known().is_some_and(|kind| kind != "ExternalName");
    let is_known = |pair: &Pair| pair.value.known().is_some() && !is_set_later(&pair.key.value);
    if !selects || service.selector.is_empty() || !service.selector.iter().all(is_known) {
        return;
    }
    if !cx.project.is_whole(object.unit) || cx.project.has_pods_with(&service.selector) {
        return;
    }
    let workloads: Vec<&Workload> = cx
        .project
        .workloads_of(object.unit)
        .filter(|workload| cx.project.object(workload.object).facts.may_share_namespace(&object.facts))
        .collect();
    if workloads.iter().any(|workload| has_labels(workload, &service.selector)) {
        return;
    }
    // Pods that carry none of these labels are no evidence that somebody meant them.
    let Some((pair, label)) = service.selector.iter().find_map(|pair| Some((pair, other(&workloads, pair)?)))
    else {
        return;
    };
    let Some(at) = pair.value.span() else { return };
    let wanted: Vec<String> =
        service.selector.iter().map(|pair| format!("{}={}", pair.key.value, text(pair))).collect();
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    sink.report(at, format!("no pod has the label {}: Service{name} leads nowhere", wanted.join(" and ")))
        .related(label, "the pods have this")
        .help("write the labels of the pod template into `spec.selector`");
}

fn text(pair: &Pair) -> &str {
    pair.value.known().map_or("", String::as_str)
}

/// Where pods have the label with another value.
fn other(workloads: &[&Workload], pair: &Pair) -> Option<Span> {
    let labels = workloads
        .iter()
        .filter_map(|workload| workload.facts.template.as_ref())
        .flat_map(|template| &template.labels);
    labels
        .into_iter()
        .find(|label| label.key.value == pair.key.value && text(label) != text(pair))?
        .value
        .span()
}

/// Labels that controllers and operators put on pods that run: roles of members, numbers, hashes.
fn is_set_later(key: &str) -> bool {
    let has_domain = key.split_once('/').is_some_and(|(domain, _)| domain != "app.kubernetes.io");
    has_domain
        || key.ends_with("role")
        || matches!(key, "job-name" | "pod-template-hash" | "controller-revision-hash")
}
