//! StatefulSets whose members have no names of their own.

use crate::facts::Fact;
use crate::facts::object::{Object as Facts, WorkloadKind};
use crate::finding::Severity;
use crate::model::{Object, Workload};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    if workload.facts.kind != WorkloadKind::StatefulSet {
        return;
    }
    let object = cx.project.object(workload.object);
    // What a parameter fills in is still a name to look for: as it is written.
    let name =
        text(&object.facts, &["metadata", "name"]).map_or_else(String::new, |(name, _)| format!(" {name}"));
    // One member is found by any Service; names of their own matter from the second one on.
    let is_one = workload.facts.replicas.as_ref().and_then(|replicas| replicas.known()) == Some(&1);
    let unless_one = |severity| if is_one { Severity::Info } else { severity };
    let help = "name a Service with `clusterIP: None` that selects these pods";
    let Some((service, at)) = service_name(&object.facts, &workload.facts.service_name) else {
        if let Fact::Known { value: None, origin } = &workload.facts.service_name {
            let message = format!("StatefulSet{name} names no Service: its pods get no names in DNS");
            sink.report(origin.span().unwrap_or(object.facts.kind.span), message)
                .severity(unless_one(Severity::Warning))
                .help(help);
        }
        return;
    };
    let is_called = |other: &&Object| {
        let name = other.facts.root.at(&["metadata", "name"]).and_then(|name| name.scalar());
        name.is_some_and(|name| *name.text == *service)
    };
    let found: Vec<&Object> = services(cx, object).filter(is_called).collect();
    if let Some(other) = found.first() {
        let has_address = |other: &&Object| {
            other.facts.service().is_some_and(|service| service.headless.known() == Some(&false))
        };
        if found.iter().all(has_address) {
            // Some DNS servers answer the pods' names here too (CoreDNS does, kube-dns did not): nothing promises it.
            let message = match is_one {
                true => format!(
                    "Service {service} is not headless: {service} resolves to the Service's address, and a name of its own is not promised to the pod of StatefulSet{name}"
                ),
                false => format!(
                    "Service {service} is not headless: {service} resolves to one address for all pods of StatefulSet{name}, and names of their own are not promised to them"
                ),
            };
            sink.report(at, message)
                .severity(unless_one(Severity::Warning))
                .related(other.facts.kind.span, "it has a cluster address, and no `clusterIP: None`")
                .help("add a Service with `clusterIP: None` and name that; an address cannot be taken from this one");
        }
    } else if workload.facts.service_name.known().is_some()
        && cx.project.is_whole(object.unit)
        && services(cx, object).next().is_some()
        && !cx.project.has_service(&service)
    {
        sink.report(
            at,
            format!("there is no Service {service}: the pods of StatefulSet{name} get no names in DNS"),
        )
        .severity(unless_one(Severity::Error))
        .help(help);
    }
}

/// The Services that the object could mean.
fn services<'a>(cx: &Cx<'a>, object: &'a Object) -> impl Iterator<Item = &'a Object> {
    let services = cx.project.objects_of(object.unit).filter(|other| other.facts.is("", "Service"));
    services.filter(|other| other.facts.may_share_namespace(&object.facts))
}

/// The name of the Service. What a parameter of a Template fills in is the same wherever it is written the same.
fn service_name(object: &Facts, name: &Fact<Option<String>>) -> Option<(String, Span)> {
    match name {
        Fact::Known { value, origin } => Some((value.clone()?, origin.span()?)),
        Fact::Unknown(_) if object.uncertain.is_none() => text(object, &["spec", "serviceName"]),
        Fact::Unknown(_) => None,
    }
}

fn text(object: &Facts, path: &[&str]) -> Option<(String, Span)> {
    let value = object.root.at(path)?;
    Some((value.scalar()?.text.to_string(), value.span))
}
