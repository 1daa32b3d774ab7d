//! Jobs that start a server, which never ends.

use crate::facts::object::{EnvValue, Role, WorkloadKind};
use crate::model::{Container, Project, Run};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let kind = cx.project.workload(container.workload).facts.kind;
    let kind = match kind {
        WorkloadKind::Job => "Job",
        WorkloadKind::CronJob => "CronJob",
        _ => return,
    };
    if container.facts.role != Role::Main
        || !runs_default(container)
        || is_switched(cx.project, container, run)
    {
        return;
    }
    let Some(listen) = run.program.as_ref().and_then(|program| program.listens.first()) else { return };
    let consequence = match kind {
        "Job" => "it never completes, and what waits for it waits for ever",
        _ => "it never completes, and with concurrencyPolicy Forbid no later run starts",
    };
    let message = format!("the {kind} starts the image's own command, which is a server: {consequence}");
    sink.report(container.facts.anchor, message)
        .related(listen.span, "it listens here")
        .related(run.start, "this is what the container starts")
        .help("say what to run: `command: [node, scripts/….js]`, a script that ends");
}

/// Whether the image says what is started, and the manifest nothing.
fn runs_default(container: &Container) -> bool {
    container.facts.command.known() == Some(&None) && container.facts.args.known() == Some(&None)
}

/// Whether a variable of the container may make the code do something else.
fn is_switched(project: &Project, container: &Container, run: &Run) -> bool {
    let facts = &container.facts;
    if facts.env.rest.is_err() || !facts.env_from.items.is_empty() || facts.env_from.rest.is_err() {
        return true;
    }
    let Some(program) = &run.program else { return true };
    facts.env.items.iter().any(|variable| {
        let name = variable.value.name.value.as_str();
        let is_plain = matches!(name, "NODE_ENV" | "TZ" | "PORT" | "HOST" | "NODE_OPTIONS" | "LOG_LEVEL");
        let is_address = matches!(variable.value.value, EnvValue::From(_)) || name.ends_with("_URL");
        // A text search: any mention of the name may be the switch.
        let mut scripts = run.chain.steps.iter().filter_map(|step| step.at);
        let mut is_read = || {
            program.mentions(&project.sources, &[name])
                || scripts.any(|at| project.sources.file(at.file).text().contains(name))
        };
        !is_plain && !is_address && is_read()
    })
}
