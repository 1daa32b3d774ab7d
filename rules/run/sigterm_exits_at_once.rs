//! Handlers of SIGTERM that end the process while requests are open.

use crate::model::Run;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let shutdown = &program.shutdown;
    let Some((_, server)) = shutdown.servers().next() else { return };
    let at_once =
        |handling: &&crate::model::shutdown::Handling| handling.ends.iter().any(|end| end.is_at_once());
    let Some(handling) = shutdown.handlers.iter().find(at_once) else { return };
    let Some(end) = handling.ends.iter().find(|end| end.is_at_once()) else { return };
    let close = handling.closes.iter().find(|close| close.span.start < end.span.start);
    let message = match close {
        Some(_) => "the process ends without waiting for what was closed before: open requests are cut off",
        None if end.moment.after.other => {
            "on SIGTERM the process ends, and nothing has closed the server: open requests are cut off"
        }
        None => "SIGTERM ends the process at once: open requests are cut off",
    };
    let mut draft = sink.report(end.span, message).related(server.at, "this server still has its requests");
    if let Some(close) = close {
        draft = draft.related(close.span, "this only begins to close");
    }
    if !handling.at.contains(end.span) {
        draft = draft.related(handling.at, "called when SIGTERM comes");
    }
    draft.help("end in the callback of the server: `server.close(() => process.exit(0))`");
}
