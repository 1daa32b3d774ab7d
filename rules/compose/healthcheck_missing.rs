//! Services of which Docker cannot tell whether they work.

use crate::facts::server::Keeps;
use crate::model::ComposeService;
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, service: &ComposeService, sink: &mut Sink) {
    let Some(None) = cx.project.health_of(service).known() else { return };
    let name = &service.facts.name.value;
    if let Some(server) = cx.project.server_of(service).filter(|server| server.keeps != Keeps::Nothing) {
        let Some((dependent, at)) = waiting(cx, service) else { return };
        let message =
            format!("{name} has no health check: {dependent} cannot wait until {} answers", server.name);
        sink.report(service.facts.name.span, message)
            .related(at, format!("{dependent} depends on it here"))
            .help("give it a `healthcheck` that asks it with its own client");
        return;
    }
    if serves(cx, service) {
        let message =
            format!("{name} has no health check: Docker takes it for well for as long as its process lives");
        sink.report(service.facts.name.span, message)
            .help("give it a `healthcheck` that asks the server, or its image a HEALTHCHECK");
    }
}

/// A service that depends on this one, unless it insists on a check: then that is the error.
fn waiting<'a>(cx: &Cx<'a>, service: &ComposeService) -> Option<(&'a str, Span)> {
    cx.project.together_with(service).find_map(|other| {
        let dependency = other.facts.depends_on.items.iter().find(|dependency| {
            dependency.value.service.value == service.facts.name.value
                && dependency.value.condition.known().is_some_and(|condition| condition == "service_started")
        })?;
        Some((other.facts.name.value.as_str(), dependency.value.service.span))
    })
}

/// True for a server of the project that compose ships: Kubernetes does not run its image, and it publishes a port.
fn serves(cx: &Cx<'_>, service: &ComposeService) -> bool {
    let Some(image) = service.image.known().map(|id| cx.project.image(*id)) else { return false };
    let published = !service.facts.ports.items.is_empty() && image.containers.is_empty();
    let run = cx.project.run_of(service.id);
    let listens = run.and_then(|run| run.program.as_ref()).is_some_and(|program| !program.listens.is_empty());
    published && listens
}
