//! Connections that a program opens when it is loaded and that its orderly stop forgets.

use crate::model::Run;
use crate::model::shutdown::Target;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let shutdown = &program.shutdown;
    let Some(handling) =
        shutdown.handlers.first().filter(|_| shutdown.complete.is_ok() && !shutdown.ends_elsewhere)
    else {
        return;
    };
    if shutdown.closes().any(|close| close.target == Target::Unknown) {
        return;
    }
    for client in &shutdown.clients {
        let closed = shutdown.closes().any(|close| match &close.target {
            Target::Package(module) => module.split('/').next() == client.library.split('/').next(),
            _ => false,
        });
        if closed {
            continue;
        }
        let message = format!(
            "no handler of SIGTERM closes the connection of {}: what it is doing is cut off when the process ends",
            client.library
        );
        sink.report(client.span, message).related(handling.at, "SIGTERM is handled here").help(format!(
            "when the server has closed, `await {}` before the process ends",
            client.closed_by
        ));
    }
}
