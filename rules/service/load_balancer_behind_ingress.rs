//! A Service with a load balancer of its own, past the Ingress that leads to it.

use crate::finding::Safety;
use crate::model::Object;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let is_balanced = service.kind.known().is_some_and(|kind| kind == "LoadBalancer");
    let Some(at) = service.kind.span().filter(|_| is_balanced) else { return };
    if object.facts.is_kept_private() {
        return;
    }
    let ways = cx.project.ingresses_of(object.id);
    // Such a controller goes through the ports of the nodes, which the load balancer brings along.
    if cx.project.needs_node_port(object) {
        return;
    }
    let Some(backend) = ways.iter().find_map(|way| way.backends.first()?.service.span()) else { return };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let finding = sink
        .report(at, format!("service{name} has a public address of its own, past the route that leads to it"))
        .related(backend, "the route that leads to it")
        .help("write `type: ClusterIP`, after a look at who uses the load balancer's address; delete the old Service if the change is refused");
    if let Some(edits) = object.facts.as_cluster_ip() {
        finding.fix("Write `type: ClusterIP`: the load balancer and its address go", Safety::Unsafe, edits);
    }
}
