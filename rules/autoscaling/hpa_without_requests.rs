//! An autoscaler that has nothing to measure by, or nothing to scale.

use crate::facts::object::{Autoscaler, Container, LimitRange, Resources, WorkloadKind};
use crate::facts::{Fact, object::Quantity};
use crate::model::{Object, Workload};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(scaler) = object.facts.autoscaler() else { return };
    let mut scaled = cx
        .project
        .workloads_of(object.unit)
        .filter(|workload| cx.project.autoscaler_of(workload.id).is_some_and(|found| found.id == object.id));
    match scaled.next() {
        Some(workload) => measures(cx, &scaler, workload, sink),
        None => dangles(cx, object, &scaler, sink),
    }
}

fn measures(cx: &Cx<'_>, scaler: &Autoscaler, workload: &Workload, sink: &mut Sink) {
    let Some(template) = workload.facts.template.as_ref().filter(|template| template.rest.is_ok()) else {
        return;
    };
    let range = cx.project.limit_range_of(workload);
    for metric in &scaler.utilization_of {
        let (Some(resource), Some(at)) = (metric.known(), metric.span()) else { continue };
        let Some(request) = request_of(resource) else { continue };
        let is_filled = !is_absent(request(&template.resources))
            || range.as_ref().is_some_and(|range| !is_absent(default_of(resource, range)));
        let without: Vec<&Container> =
            template.main().filter(|container| is_absent(request(&container.resources))).collect();
        let Some(first) = without.first().filter(|_| !is_filled) else { continue };
        let of = first.name.known().map_or_else(String::new, |name| format!(" {name}"));
        let mut finding = sink
            .report(at, format!("the autoscaler wants a share of the {resource} request, and container{of} has none: it never scales"))
            .help(format!("set `resources.requests.{resource}` on every container of the pods, or target an `averageValue`"));
        for container in without {
            finding = finding.related(container.anchor, format!("no {resource} request"));
        }
    }
}

type Request = fn(&Resources) -> &Fact<Option<Quantity>>;

fn request_of(resource: &str) -> Option<Request> {
    match resource {
        "cpu" => Some(|resources| &resources.cpu_request),
        "memory" => Some(|resources| &resources.memory_request),
        _ => None,
    }
}

fn default_of<'r>(resource: &str, range: &'r LimitRange) -> &'r Fact<Option<Quantity>> {
    if resource == "cpu" { &range.cpu_request } else { &range.memory_request }
}

/// Known to be written nowhere.
fn is_absent(quantity: &Fact<Option<Quantity>>) -> bool {
    matches!(quantity.known(), Some(None))
}

/// Says that the target is nowhere: only in a unit that holds workloads, and that is whole.
fn dangles(cx: &Cx<'_>, object: &Object, scaler: &Autoscaler, sink: &mut Sink) {
    let (Some(kind), Some(name)) = (scaler.target_kind.known(), scaler.target_name.known()) else { return };
    let is_ours =
        ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"].contains(&kind.as_str());
    let holds_workloads = cx.project.workloads_of(object.unit).any(|workload| {
        !matches!(workload.facts.kind, WorkloadKind::Job | WorkloadKind::CronJob)
            && cx.project.object(workload.object).facts.may_share_namespace(&object.facts)
    });
    if !is_ours
        || !holds_workloads
        || !cx.project.is_whole(object.unit)
        || cx.project.has_workload(kind, name)
    {
        return;
    }
    let Some(at) = scaler.target_name.span() else { return };
    sink.report(at, format!("there is no {kind} {name} that the autoscaler could scale"))
        .help("name the workload as its `metadata.name` is written");
}
