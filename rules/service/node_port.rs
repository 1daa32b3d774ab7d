//! A Service that opens a port on every node. Two controllers need that; behind any other route it is useless.

use crate::facts::Fact;
use crate::facts::object::{Pair, Service};
use crate::finding::{Safety, Severity};
use crate::model::Object;
use crate::model::exposure::Way;
use crate::rules::{Cx, Draft, Sink};
use crate::source::Span;

/// Routes that are shown.
const MOST_ROUTES: usize = 4;

const CLUSTER_IP: &str = "write `type: ClusterIP` without nodePort numbers; where the cluster refuses the change, delete the old Service first";

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let is_node_port = service.kind.known().is_some_and(|kind| kind == "NodePort");
    let Some(at) = service.kind.span().filter(|_| is_node_port) else { return };
    let Fact::Known { value: name, .. } = object.facts.name() else { return };
    if is_ingress_controller(object, &service) {
        return;
    }
    let ways = cx.project.ingresses_of(object.id);
    if cx.project.needs_node_port(object) {
        return;
    }
    let backends: Vec<Span> =
        ways.iter().filter_map(|way| way.backends.first()?.service.span()).take(MOST_ROUTES).collect();
    match ways.iter().find_map(|way| without_class(cx, way)) {
        _ if backends.is_empty() => {
            if cx.option_bool("without-route") {
                sink.report(at, format!("service {name} opens a port on every node of the cluster"))
                    .severity(Severity::Info)
                    .help("use ClusterIP, the default, with an Ingress or a Gateway route in front of it");
            }
        }
        None => {
            let message =
                format!("service {name} opens a port on every node, past the route that leads to it");
            let finding = routes(sink.report(at, message), &backends).help(CLUSTER_IP);
            offer(object, finding, Safety::Safe);
        }
        // Which controller reads such an Ingress, the cluster says: one of them goes through the port of the nodes.
        Some(ingress) => {
            let message = format!(
                "service {name} opens a port on every node, which the route to it needs on few clusters"
            );
            let help = format!(
                "{CLUSTER_IP}; on GKE without container-native load balancing, name the class `gce` instead"
            );
            let finding = routes(sink.report(at, message), &backends)
                .severity(Severity::Info)
                .related(ingress, "it names no class: the cluster's default controller reads it")
                .help(help);
            offer(object, finding, Safety::Unsafe);
        }
    }
}

fn routes<'s>(finding: Draft<'s>, backends: &[Span]) -> Draft<'s> {
    backends.iter().enumerate().fold(finding, |finding, (index, backend)| {
        finding.related(*backend, if index == 0 { "the route that leads to it" } else { "so does this one" })
    })
}

fn offer(object: &Object, finding: Draft<'_>, safety: Safety) {
    if let Some(edits) = object.facts.as_cluster_ip() {
        finding.fix("Write `type: ClusterIP`: the ports of the nodes are closed", safety, edits);
    }
}

/// The Ingress that leads to the Service, when it leaves its class to the cluster.
fn without_class(cx: &Cx<'_>, way: &Way) -> Option<Span> {
    let object = &cx.project.object(way.object).facts;
    (object.ingress()?.class.known() == Some(&None)).then_some(object.kind.span)
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
