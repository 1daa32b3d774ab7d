//! Ingresses and routes that lead to a Service, or a port of one, that is not there.

use rustc_hash::FxHashSet;

use crate::facts::Fact;
use crate::facts::object::{Backend, PortRef, Service};
use crate::model::Object;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(backends) = object.facts.backends() else { return };
    let mut said = FxHashSet::default();
    for backend in backends.items.iter().map(|backend| &backend.value) {
        let (Some(service), Some(at)) = (backend.service.known(), backend.service.span()) else { continue };
        // The name of an action of AWS's controller stands where a Service's would.
        if matches!(backend.port.known(), Some(Some(PortRef::Name(name))) if name == "use-annotation") {
            continue;
        }
        let found = cx.project.services_meant(object, backend);
        if found.is_empty() {
            if is_missing(cx, object, backend, service) && said.insert((service.clone(), None)) {
                sink.report(
                    at,
                    format!("there is no Service {service}: requests for it are answered with an error"),
                )
                .help("name a Service as its `metadata.name` is written, in the same namespace");
            }
            continue;
        }
        // A Route of OpenShift names the port of the pods.
        let (Some(Some(port)), false) = (backend.port.known(), object.facts.route().is_some()) else {
            continue;
        };
        let has_none = |service: &&Object| service.facts.service().is_some_and(|facts| lacks(&facts, port));
        if !found.iter().all(has_none) || !said.insert((service.clone(), Some(port.clone()))) {
            continue;
        }
        let port_words = match port {
            PortRef::Number(number) => number.to_string(),
            PortRef::Name(name) => name.clone(),
        };
        let finding = sink
            .report(backend.port.span().unwrap_or(at), format!("Service {service} has no port {port_words}: requests for it are answered with an error"))
            .help("name a `port` of the Service, by number or name; `targetPort` is only between Service and pods");
        let ports =
            found.first().and_then(|found| found.facts.service()?.ports.items.first().map(|port| port.span));
        if let Some(ports) = ports {
            finding.related(ports, "its ports");
        }
    }
}

/// True when a Service is known to be nowhere: the unit is whole and holds others.
fn is_missing(cx: &Cx<'_>, object: &Object, backend: &Backend, service: &str) -> bool {
    let is_elsewhere = !matches!(backend.namespace, Fact::Known { value: None, .. });
    let mut services = cx.project.objects_of(object.unit).filter(|other| other.facts.is("", "Service"));
    !is_elsewhere
        && cx.project.is_whole(object.unit)
        && !cx.project.has_service(service)
        && services.any(|other| other.facts.may_share_namespace(&object.facts))
}

/// True when a Service is known to have no such port.
fn lacks(service: &Service, port: &PortRef) -> bool {
    let is_another = |known: &Fact<Option<String>>, name: &str| {
        known.known().is_some_and(|known| known.as_deref() != Some(name))
    };
    let selects = service.kind.known().is_some_and(|kind| kind != "ExternalName");
    selects
        && service.ports.rest.is_ok()
        && service.ports.items.iter().all(|item| match port {
            PortRef::Number(number) => {
                item.value.port.known().is_some_and(|port| *port != Some(i64::from(*number)))
            }
            PortRef::Name(name) => is_another(&item.value.name, name),
        })
}
