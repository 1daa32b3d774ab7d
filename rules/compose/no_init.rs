//! Services of compose whose node is the first process, with nobody to act on SIGTERM.

use crate::model::{ComposeService, Run};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(id) = run.service().filter(|_| run.is_node()) else { return };
    let Some(service) = cx.project.compose_services.get(id.0 as usize) else { return };
    let is_first = run.chain.ends_as_first_process() == Some(true);
    // What docker lays over the file by itself may be the one to say it.
    let lacks_init = |service: &ComposeService| {
        let shares = service.facts.pid.known() != Some(&None);
        service.facts.init.known() == Some(&false) && !shares
    };
    if !is_first || !lacks_init(service) || !cx.project.laid_over(service).is_none_or(lacks_init) {
        return;
    }
    let Some(program) = run.program.as_ref().filter(|_| run.stays(cx.project)) else { return };
    let Some(signal) = run.stop_signal(cx.project).filter(|signal| signal != "SIGKILL") else { return };
    let handled = program.signals.items.iter().any(|handler| handler.value.signal == signal);
    if handled || program.signals.rest.is_err() {
        return;
    }
    let grace = match service.facts.stop_grace_period.known() {
        Some(seconds) => format!(" {seconds} s"),
        None => String::new(),
    };
    let message = format!(
        "node is process 1 of service {} and handles no {signal}: it ignores `docker compose stop`, which waits{grace} and kills it",
        service.facts.name.value
    );
    sink.report(service.facts.name.span, message).related(run.start, "node is started here").help(format!(
        "handle {signal} in the code; `init: true` lets the process end at once, but not in good order"
    ));
}
