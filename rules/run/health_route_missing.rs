//! HTTP servers on Kubernetes that have nothing to ask how they are.

use crate::facts::module::Value;
use crate::facts::object::{Handler, Role};
use crate::model::reach::Program;
use crate::model::route::Answers;
use crate::model::{Container, Run};
use crate::rules::{Cx, Sink};

/// Words of which one is in the path of nearly every health route.
const WORDS: [&str; 5] = ["health", "readiness", "heartbeat", "status", "alive"];
/// Words that others end with or hold, `shipping` and `deliveries`: they count where a word of the path begins.
const BEGINNINGS: [&str; 4] = ["ready", "live", "ping", "probe"];

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
    let any_route = program.routes.items.iter().any(|route| has_word(&route.value.path));
    let usual = ["/healthz", "/health", "/readyz", "/ready", "/livez", "/status", "/ping"];
    if any_route || usual.iter().any(|path| program.serves(path) != Answers::No) || writes_path(cx, program) {
        return;
    }
    sink.report(listen.span, "the server has no route that says whether it can work: nothing can probe it but a request of its own")
        .related(container.facts.anchor, "it runs in this container")
        .help("serve a cheap route such as /readyz, and ask for it in a readinessProbe");
}

/// True for a path that sounds like a health route's: `/healthz`, `/api/isReady`, `/live-check`, not `/shipping`.
fn has_word(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let begins = |at: usize| {
        let (before, first) = (path[..at].chars().next_back(), path[at..].chars().next());
        let hump = first.is_some_and(char::is_uppercase) && before.is_some_and(char::is_lowercase);
        hump || before.is_none_or(|before| !before.is_alphanumeric())
    };
    WORDS.iter().any(|word| lower.contains(word))
        || BEGINNINGS.iter().any(|word| lower.match_indices(word).any(|(at, _)| begins(at)))
}

/// True when a text in the code is such a path, whatever is done with it.
fn writes_path(cx: &Cx<'_>, program: &Program) -> bool {
    let is_path = |text: &str| {
        has_word(text) && !text.contains(' ') && (text.starts_with('/') || text.starts_with("health"))
    };
    let facts = program.files.iter().filter_map(|file| cx.project.scripts.facts(&cx.project.sources, *file));
    facts.into_iter().any(|facts| {
        facts.values.iter().any(|value| matches!(value.value, Value::Text(name) if is_path(facts.name(name))))
    })
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
