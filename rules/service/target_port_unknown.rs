//! Services that send to a port that none of their pods has.

use crate::facts::object::{PortRef, ServicePort};
use crate::facts::{Fact, server};
use crate::finding::Severity;
use crate::model::{Container, Object, Workload};
use crate::rules::{Cx, Sink};
use crate::source::Spanned;
use crate::syntax::image_ref::ImageRef;

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(service) = object.facts.service() else { return };
    let behind: Vec<&Workload> =
        cx.project.workloads_behind(object.id).iter().map(|id| cx.project.workload(*id)).collect();
    let known = |workload: &&Workload| {
        workload.facts.template.as_ref().is_some_and(|template| {
            template.rest.is_ok()
                && !template.is_injected()
                && template.running().all(|container| container.ports.rest.is_ok())
        })
    };
    if behind.is_empty() || !behind.iter().all(known) {
        return;
    }
    let containers: Vec<&Container> =
        behind.iter().flat_map(|workload| &workload.containers).map(|id| cx.project.container(*id)).collect();
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    for port in &service.ports.items {
        let Some(Some(target)) = port.value.target.known() else { continue };
        let at = port.value.target.span().unwrap_or(port.span);
        match target {
            PortRef::Name(wanted) if lacks_name(&containers, wanted) => {
                let message = format!(
                    "Service{name} sends to a port named {wanted}, which no container of its pods declares: it has no endpoints"
                );
                let mut finding = sink
                    .report(at, message)
                    .help("give the container's port this name, or write the port's number");
                for declared in containers.iter().flat_map(|container| &container.facts.ports.items).take(4) {
                    finding = finding.related(declared.span, "a port that is declared");
                }
            }
            PortRef::Number(wanted) if lacks_number(cx, &containers, i64::from(*wanted), port) => {
                let message = format!(
                    "Service{name} sends to port {wanted}, and its pods declare others: connections are refused when nothing listens there"
                );
                let mut finding = sink
                    .report(at, message)
                    .severity(Severity::Warning)
                    .help("send to a port that the container declares, or declare this one");
                for declared in containers.iter().flat_map(|container| &container.facts.ports.items).take(4) {
                    finding = finding.related(declared.span, "a port that is declared");
                }
            }
            _ => {}
        }
    }
}

fn lacks_name(containers: &[&Container], wanted: &str) -> bool {
    // What is no name of a port is a word that somebody replaces.
    if !wanted.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return false;
    }
    let mut ports = containers.iter().flat_map(|container| &container.facts.ports.items);
    ports.all(|port| matches!(port.value.name.known(), Some(name) if name.as_deref() != Some(wanted)))
}

/// Numbers are declared for people and need not be: only a pod of images of this project that declares others, and of
/// which nothing else is known that listens on this one, is a fault. Where the code's own port is known, run/port-mismatch speaks.
fn lacks_number(cx: &Cx<'_>, containers: &[&Container], wanted: i64, port: &Spanned<ServicePort>) -> bool {
    let is_tcp = port.value.protocol.known().is_some_and(|protocol| protocol == "TCP");
    let numbers: Option<Vec<i64>> = containers
        .iter()
        .flat_map(|container| &container.facts.ports.items)
        .map(|port| port.value.number.known().copied().flatten())
        .collect();
    let own = containers.iter().all(|container| container.image.known().is_some());
    let Some(numbers) = numbers.filter(|numbers| is_tcp && own && !numbers.is_empty()) else { return false };
    !numbers.contains(&wanted) && !containers.iter().any(|container| may_listen(cx, container, wanted))
}

fn may_listen(cx: &Cx<'_>, container: &Container, wanted: i64) -> bool {
    let run = container.run.map(|id| cx.project.run(id));
    let code_is_known = run.is_some_and(|run| run.serving.ports().is_some());
    let asked = container.probes().any(|(_, probe)| match &probe.handler {
        crate::facts::object::Handler::Http { port, .. }
        | crate::facts::object::Handler::Tcp { port, .. } => {
            port.known().cloned().flatten().and_then(|port| container.port_number(&port)) == Some(wanted)
        }
        _ => false,
    });
    let image = container.image.known().map(|id| cx.project.image(*id));
    let exposes = image.is_some_and(|image| {
        let exposed = &image.config().exposed.items;
        exposed.iter().any(|port| {
            port.value
                .range
                .is_none_or(|(first, last)| (i64::from(first)..=i64::from(last)).contains(&wanted))
        })
    });
    let by_name = match &container.facts.image {
        Fact::Known { value: Some(name), .. } => {
            server::of_image(&ImageRef::parse(name), &[wanted]).is_some()
        }
        _ => false,
    };
    code_is_known || asked || exposes || by_name
}
