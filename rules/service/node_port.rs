//! A Service that opens a port on every node. Two controllers need that; behind any other route it is useless.

use crate::facts::Fact;
use crate::facts::object::{Pair, Service};
use crate::finding::Severity;
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let is_node_port = service.kind.known().is_some_and(|kind| kind == "NodePort");
    let Some(at) = service.kind.span().filter(|_| is_node_port) else { return };
    let Fact::Known { value: name, .. } = object.facts.name() else { return };
    if is_ingress_controller(object, &service) {
        return;
    }
    match entrance(cx, object, &name) {
        Entrance::Unknown | Entrance::ByNodePort => {}
        Entrance::Route(backend) => {
            sink.report(
                at,
                format!("service {name} opens a port on every node, past the route that leads to it"),
            )
            .related(backend, "the route that leads to it")
            .help("delete `type: NodePort` and the nodePort numbers: ClusterIP, the default, is enough");
        }
        Entrance::None => {
            sink.report(at, format!("service {name} opens a port on every node of the cluster"))
                .severity(Severity::Info)
                .help("use ClusterIP, the default, with an Ingress or a Gateway route in front of it");
        }
    }
}

/// How requests from outside get to a Service.
enum Entrance {
    /// Some route of the unit cannot be read far enough.
    Unknown,
    /// By a controller that needs the port of the nodes.
    ByNodePort,
    /// By a route that does not.
    Route(Span),
    /// Nothing of the unit leads to it.
    None,
}

fn entrance(cx: &Cx<'_>, service: &Object, name: &str) -> Entrance {
    let mut found = Entrance::None;
    for object in cx.project.objects_of(service.unit) {
        let Some(backends) = object.facts.backends() else { continue };
        if !object.facts.may_share_namespace(&service.facts) {
            continue;
        }
        let named = |backend: &Fact<String>| backend.known().is_some_and(|backend| backend == name);
        let leads = backends.items.iter().find(|backend| named(&backend.value.service));
        let is_open = || backends.items.iter().any(|backend| backend.value.service.known().is_none());
        match leads {
            Some(_) if object.facts.wants_node_port(&service.facts) => return Entrance::ByNodePort,
            Some(backend) => found = Entrance::Route(backend.value.service.span().unwrap_or(backend.span)),
            None if backends.rest.is_err() || is_open() => return Entrance::Unknown,
            None => {}
        }
    }
    found
}

fn is_ingress_controller(object: &Object, service: &Service) -> bool {
    const CONTROLLERS: [&str; 5] = ["traefik", "kong", "envoy", "contour", "haproxy"];
    let labels = object.facts.labels();
    labels.iter().chain(&service.selector).any(|Pair { key, value }| {
        let names = matches!(key.value.as_str(), "app" | "app.kubernetes.io/name" | "k8s-app" | "istio");
        let value = value.known().map_or("", String::as_str);
        names && (value.contains("ingress") || CONTROLLERS.contains(&value))
    })
}
