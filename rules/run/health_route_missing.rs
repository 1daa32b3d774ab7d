//! HTTP servers on Kubernetes that have nothing to ask how they are.

use crate::facts::object::{Handler, Role};
use crate::model::route::Answers;
use crate::model::{Container, Run};
use crate::rules::{Cx, Sink};

/// Words of which one is in the path of nearly every health route.
const WORDS: [&str; 9] =
    ["health", "ready", "readiness", "live", "status", "ping", "heartbeat", "alive", "probe"];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let is_main = container.facts.role == Role::Main;
    let [listen] = program.listens.as_slice() else { return };
    if !is_main
        || program.routes.rest.is_err()
        || program.reached.complete().is_err()
        || asks_by_path(cx, run, container)
    {
        return;
    }
    let has_word = |path: &str| WORDS.iter().any(|word| path.to_ascii_lowercase().contains(word));
    let any_route = program.routes.items.iter().any(|route| has_word(&route.value.path));
    let usual = ["/healthz", "/health", "/readyz", "/ready", "/livez", "/status", "/ping"];
    if any_route || usual.iter().any(|path| program.answers(&cx.project.sources, path) != Answers::No) {
        return;
    }
    sink.report(listen.span, "the server has no route that says whether it can work: nothing can probe it but a request of its own")
        .related(container.facts.anchor, "it runs in this container")
        .help("serve a cheap route such as /readyz, and ask for it in a readinessProbe");
}

/// True when a probe asks for something that the code may answer, or asks the container itself.
fn asks_by_path(cx: &Cx<'_>, run: &Run, container: &Container) -> bool {
    let program = run.program.as_ref();
    let unknown = [&container.facts.readiness, &container.facts.liveness, &container.facts.startup];
    unknown.iter().any(|probe| probe.known().is_none())
        || container.probes().any(|(_, probe)| match &probe.handler {
            Handler::Http { path, .. } => path.known().is_none_or(|path| {
                program.is_none_or(|program| program.answers(&cx.project.sources, path) != Answers::No)
            }),
            Handler::Tcp { .. } => false,
            _ => true,
        })
}
