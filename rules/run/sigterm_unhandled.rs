//! Servers whose code handles no SIGTERM.

use crate::facts::module::listens_for_itself;
use crate::finding::Severity;
use crate::model::Run;
use crate::model::chain::Role;
use crate::model::reach::Program;
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// Signals by which a process is asked to end: who handles one of them meant to end in good order.
const ENDING: [&str; 5] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGSTOP"];

/// Where a program without a server starts work that goes on for ever.
fn works(program: &Program) -> Option<Span> {
    let schedule = || program.schedules.iter().find(|schedule| schedule.is_job).map(|schedule| schedule.span);
    program.shutdown.intervals.first().copied().or_else(schedule)
}

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let signals = &program.signals;
    // STOPSIGNAL and `stop_signal` may name another, which then is the one that asks it to stop.
    let asked = run.stop_signal(cx.project).unwrap_or_default();
    let handled =
        signals.items.iter().any(|handler| ["SIGTERM", &asked].contains(&handler.value.signal.as_str()));
    if handled || signals.rest.is_err() {
        return;
    }
    let other = signals.items.iter().find(|handler| ENDING.contains(&handler.value.signal.as_str()));
    let bystander = program.reached.packages.keys().find(|package| listens_for_itself(package));
    let nothing = match bystander {
        Some(package) => format!("nothing but {package} listens for SIGTERM, and that closes no server"),
        None => "nothing handles SIGTERM".to_owned(),
    };
    let (place, message, severity) = match (other, program.listens.first()) {
        (Some(other), _) => {
            let message = format!(
                "{} is handled and SIGTERM, which Kubernetes sends, is not: the server is killed with its requests open",
                other.value.signal
            );
            (other.span, message, Severity::Error)
        }
        (None, Some(listen)) => {
            let message = format!("{nothing}: when the pod stops, requests are cut off");
            (listen.span, message, Severity::Warning)
        }
        (None, None) => {
            let Some(place) = works(program) else { return };
            let message =
                format!("{nothing}: when the pod stops, the work of this timer is cut off in the middle");
            (place, message, Severity::Warning)
        }
    };
    let mut finding = sink.report(place, message).severity(severity);
    if let Some(import) = program.imported_at(place.file) {
        finding = finding.related(import, "that file is loaded here");
    }
    // Behind an init the start has no part in it.
    if run.chain.step(Role::Init).is_none() && bystander.is_none() {
        let what = match run.chain.ends_as_first_process() {
            Some(true) => "node is process 1 here: to the kernel a signal that it has no handler for is none",
            _ => "the process starts here",
        };
        finding = finding.related(run.start, what);
    }
    finding.help(
        "close the server on SIGTERM: `process.on('SIGTERM', () => server.close(() => process.exit(0)))`",
    );
}
