//! A container that serves, and nothing says when it can.

use crate::facts::object::{Container as Facts, PodTemplate, Role, Service, WorkloadKind};
use crate::facts::{base_images, server};
use crate::finding::{Edit, Safety, Severity};
use crate::model::route::Answers;
use crate::model::{Container, Workload};
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::edit::New;
use crate::syntax::image_ref::ImageRef;

/// Paths of health routes, those first that are meant for readiness.
const USUAL: [&str; 6] = ["/readyz", "/ready", "/readiness", "/health/ready", "/healthz", "/health"];

pub(crate) fn check(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let workload = cx.project.workload(container.workload);
    let facts = &container.facts;
    let Some(template) = &workload.facts.template else { return };
    let is_missing = matches!(facts.readiness.known(), Some(None));
    if !is_missing || facts.role != Role::Main || !is_asked(workload.facts.kind, template) {
        return;
    }
    let listens = listens(cx, container);
    let Some((reason, span)) = serves(cx, workload, template, facts, listens) else { return };
    let name = facts.name.known().map_or_else(String::new, |name| format!(" {name}"));
    let finding = sink
        .report(
            facts.anchor,
            format!("container{name} has no readinessProbe: it gets requests before it can answer"),
        )
        .related(span, reason)
        .help("add a readinessProbe on a cheap route that says whether the service can work now");
    if container.image.known().is_none() && is_of_somebody_else(facts) {
        finding.severity(Severity::Info);
    } else if let Some((title, edits)) = fix(cx, workload, container) {
        finding.fix(title, Safety::Unsafe, edits);
    }
}

/// A probe on the first of the usual routes that the code is known to answer, on the only port that it listens on.
fn fix(cx: &Cx<'_>, workload: &Workload, container: &Container) -> Option<(String, Vec<Edit>)> {
    let run = cx.project.run(container.run?);
    let program = run.program.as_ref().filter(|_| run.is_node())?;
    let [server] = run.serving.servers.as_slice() else { return None };
    let port = *server.port.known().filter(|_| server.is_http() && run.serving.rest.is_ok())?;
    // What listens on the container's own address only does not hear the kubelet.
    if !matches!(server.host.known()?.as_deref(), None | Some("0.0.0.0" | "::")) {
        return None;
    }
    let path = USUAL.iter().find(|path| program.answers(&cx.project.sources, path) == Answers::Yes)?;
    let get = vec![("path".to_owned(), New::from(*path)), ("port".to_owned(), New::from(i64::from(port)))];
    let probe = New::Mapping(vec![("httpGet".to_owned(), New::Mapping(get))]);
    let object = &cx.project.object(workload.object).facts;
    let edits = object.set_at(container.facts.span, "readinessProbe", &probe, &["ports", "image"])?;
    let title = format!(
        "Probe {path} on port {port}, which the code answers; whether it tells that the service can work is for you to see"
    );
    Some((title, edits))
}

/// Pods that run until they are stopped, and that nothing else says ready. Knative sets a probe itself.
fn is_asked(kind: WorkloadKind, template: &PodTemplate) -> bool {
    use WorkloadKind::{CronJob, Job, KnativeService};
    let gates = &template.readiness_gates;
    !matches!(kind, Job | CronJob | KnativeService) && gates.items.is_empty() && gates.rest.is_ok()
}

/// What shows that requests come to the container.
fn serves(
    cx: &Cx<'_>,
    workload: &Workload,
    template: &PodTemplate,
    container: &Facts,
    listens: Option<Span>,
) -> Option<(&'static str, Span)> {
    let services = cx.project.services_of(workload.id).iter().map(|id| &cx.project.object(*id).facts);
    let targets: Vec<(Service, Span)> =
        services.filter_map(|object| Some((object.service()?, object.kind.span))).collect();
    if workload.facts.kind == WorkloadKind::Pod && targets.is_empty() {
        return None;
    }
    let is_exporter = container.name.known().is_some_and(|name| name.contains("exporter"));
    let mut ports = container.ports.items.iter().filter(|_| !is_exporter);
    let Some(port) = ports.find(|port| !is_for_metrics(port.value.name.known())) else {
        let declares_none = container.ports.items.is_empty() && container.ports.rest.is_ok();
        let alone = template.main().count() == 1 && declares_none;
        let led = targets.first().filter(|_| alone).map(|(_, span)| ("a Service leads to it", *span));
        return led
            .or_else(|| Some(("its code listens", listens?)).filter(|_| declares_none && !is_exporter));
    };
    // Of several containers, Services that lead to the ports of the others leave this one alone.
    let leads = |to: &Facts| targets.iter().any(|(service, _)| service.leads_to(to));
    let others = template.main().any(|other| other.anchor != container.anchor && leads(other));
    (leads(container) || !others).then_some(("it declares a port", port.span))
}

/// Where the code of its image starts to listen for requests, on a port that is known.
fn listens(cx: &Cx<'_>, container: &Container) -> Option<Span> {
    let run = cx.project.run(container.run?);
    run.program.as_ref().filter(|_| run.is_node())?;
    let server =
        run.serving.servers.iter().find(|server| server.is_http() && server.port.known().is_some())?;
    Some(server.at)
}

fn is_for_metrics(name: Option<&Option<String>>) -> bool {
    name.and_then(|name| name.as_deref())
        .is_some_and(|name| name.contains("metrics") || name.contains("prom"))
}

/// An image that the tables know is nobody's own service.
fn is_of_somebody_else(container: &Facts) -> bool {
    let Some(Some(image)) = container.image.known() else { return false };
    let image = ImageRef::parse(image);
    server::of_image(&image, &[]).is_some() || base_images::lookup(&image).is_some()
}
