//! Services of compose whose node is the first process, with nobody to act on SIGTERM.

use crate::model::Run;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(id) = run.service().filter(|_| run.is_node()) else { return };
    let Some(service) = cx.project.compose_services.get(id.0 as usize) else { return };
    if service.facts.init.known() != Some(&false) || run.chain.ends_as_first_process() != Some(true) {
        return;
    }
    let Some(program) = &run.program else { return };
    let handled = program.signals.items.iter().any(|handler| handler.value.signal == "SIGTERM");
    if handled || program.signals.rest.is_err() {
        return;
    }
    let grace = match service.facts.stop_grace_period.known() {
        Some(seconds) => format!(" {seconds} s"),
        None => String::new(),
    };
    let message = format!(
        "node is process 1 of service {} and handles no SIGTERM: it ignores `docker compose stop`, which waits{grace} and kills it",
        service.facts.name.value
    );
    sink.report(service.facts.name.span, message)
        .related(run.start, "node is started here")
        .help("handle SIGTERM in the code; `init: true` lets the process end at once, but not in good order");
}
