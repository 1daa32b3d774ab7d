//! A Service that opens a port on every node. Two controllers need that; behind any other route it is useless.

use crate::facts::Fact;
use crate::facts::object::{Pair, Service};
use crate::finding::{Safety, Severity};
use crate::model::Object;
use crate::model::exposure::Way;
use crate::rules::{Cx, Sink};

/// Routes that are shown beside the first.
const MOST_ROUTES: usize = 3;

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
    let mut backends = ways.iter().filter_map(|way| way.backends.first()?.service.span());
    match backends.next() {
        Some(backend) => {
            let mut finding = sink
                .report(
                    at,
                    format!("service {name} opens a port on every node, past the route that leads to it"),
                )
                .related(backend, "the route that leads to it");
            for backend in backends.take(MOST_ROUTES) {
                finding = finding.related(backend, "so does this one");
            }
            // Which controller reads an Ingress without a class, the cluster says.
            let no_class = |way: &Way| {
                let ingress = cx.project.object(way.object).facts.ingress();
                ingress.is_some_and(|ingress| ingress.class.known() == Some(&None))
            };
            let (help, safety) = match ways.iter().find(|way| no_class(way)) {
                None => (CLUSTER_IP.to_owned(), Safety::Safe),
                Some(way) => {
                    let at = cx.project.object(way.object).facts.kind.span;
                    finding = finding.related(
                        at,
                        "this Ingress names no class: the cluster's default controller reads it",
                    );
                    (
                        format!(
                            "{CLUSTER_IP}; a cluster of GKE without container-native load balancing needs the port: name the class `gce` then"
                        ),
                        Safety::Unsafe,
                    )
                }
            };
            finding = finding.help(help);
            if let Some(edits) = object.facts.as_cluster_ip() {
                finding.fix("Write `type: ClusterIP`: the ports of the nodes are closed", safety, edits);
            }
        }
        None if cx.option_bool("without-route") => {
            sink.report(at, format!("service {name} opens a port on every node of the cluster"))
                .severity(Severity::Info)
                .help("use ClusterIP, the default, with an Ingress or a Gateway route in front of it");
        }
        None => {}
    }
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
