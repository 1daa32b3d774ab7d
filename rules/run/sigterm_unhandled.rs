//! Servers whose code handles no SIGTERM.

use crate::finding::Severity;
use crate::model::Run;
use crate::rules::{Cx, Sink};

/// Signals by which a process is asked to end: who handles one of them meant to end in good order.
const ENDING: [&str; 5] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGSTOP"];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let signals = &program.signals;
    let handled = signals.items.iter().any(|handler| handler.value.signal == "SIGTERM");
    if handled || signals.rest.is_err() {
        return;
    }
    let other = signals.items.iter().find(|handler| ENDING.contains(&handler.value.signal.as_str()));
    let (place, message, severity) = match (other, program.listens.first()) {
        (Some(other), _) => {
            let message = format!(
                "{} is handled and SIGTERM, which Kubernetes sends, is not: the server is killed with its requests open",
                other.value.signal
            );
            (other.span, message, Severity::Error)
        }
        (None, Some(listen)) => {
            let message = "nothing handles SIGTERM: when the pod stops, requests are cut off".to_owned();
            (listen.span, message, Severity::Warning)
        }
        (None, None) => return,
    };
    let mut finding = sink.report(place, message).severity(severity);
    if let Some(import) = program.imported_at(place.file) {
        finding = finding.related(import, "that file is loaded here");
    }
    finding.related(run.start, "the process starts here").help(
        "close the server on SIGTERM: process.on('SIGTERM', () => server.close(() => process.exit(0)))",
    );
}
