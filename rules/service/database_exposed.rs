//! Databases that are reached from outside of the cluster.

use crate::facts::object::{Container, PortRef, Service};
use crate::facts::server::{self, Server};
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// Servers that are made to be asked by anybody: they serve files and searches over HTTP, each request with a key.
const PUBLIC: [&str; 3] = ["MinIO", "Meilisearch", "Typesense"];

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let Some((at, way)) = opening(cx, object, &service) else { return };
    let Some((server, container)) = database(cx, object, &service) else { return };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let finding = sink
        .report(at, format!("{} is open to the outside: Service{name} {way}", server.name))
        .help("write `type: ClusterIP`, and reach it from outside by `kubectl port-forward`, a VPN or a bastion");
    if let Some(image) = container.image.span() {
        finding.related(image, format!("the image of {}", server.name));
    }
}

/// What opens a Service to the outside: where it is said, and in words.
fn opening(cx: &Cx<'_>, object: &Object, service: &Service) -> Option<(Span, &'static str)> {
    if object.facts.is_kept_private() {
        return None;
    }
    match service.kind.known()?.as_str() {
        "LoadBalancer" => Some((service.kind.span()?, "gives it a public address")),
        "NodePort" => Some((service.kind.span()?, "opens a port for it on every node")),
        _ => {
            let ways = cx.project.ingresses_of(object.id);
            let backend = ways.iter().find_map(|way| way.backends.first()?.service.span())?;
            Some((backend, "is behind a route that leads to it"))
        }
    }
}

/// The database behind a Service, when one of its ports leads to one of the database's.
fn database<'a>(cx: &Cx<'a>, object: &Object, service: &Service) -> Option<(&'static Server, &'a Container)> {
    let workloads = cx.project.workloads_behind(object.id).iter().map(|id| cx.project.workload(*id));
    let containers = workloads
        .filter_map(|workload| workload.facts.template.as_ref())
        .flat_map(|template| template.main());
    containers.into_iter().find_map(|container| {
        let server = server::of_container(container).filter(|server| !PUBLIC.contains(&server.name))?;
        leads_to(service, container, server).then_some((server, container))
    })
}

fn leads_to(service: &Service, container: &Container, server: &Server) -> bool {
    let number_of = |name: &str| {
        let port = container
            .ports
            .items
            .iter()
            .find(|port| port.value.name.known().is_some_and(|known| known.as_deref() == Some(name)));
        port.and_then(|port| *port.value.number.known()?)
    };
    service.ports.items.iter().any(|port| {
        let number = match port.value.target.known() {
            Some(Some(PortRef::Number(number))) => Some(i64::from(*number)),
            Some(Some(PortRef::Name(name))) => number_of(name),
            _ => None,
        };
        number.is_some_and(|number| server.ports.contains(&number))
    })
}
