//! Handlers of SIGTERM after which the process stays.

use crate::model::Run;
use crate::model::shutdown::{Shutdown, Target};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let shutdown = &program.shutdown;
    let Some(handling) = shutdown.handlers.first().filter(|_| shutdown.complete.is_ok()) else { return };
    if shutdown.ends().next().is_some() {
        return;
    }
    let Some((kept, message, label)) = kept_alive(shutdown) else { return };
    let mut draft = sink.report(handling.at, message).related(kept, label);
    if let Some(import) = program.imported_at(handling.at.file) {
        draft = draft.related(import, "that file is loaded here");
    }
    draft.help("close the server that listens, then end: `server.close(() => process.exit(0))`");
}

/// What stays open when all handlers have run: its place, what happens, what it is.
fn kept_alive(shutdown: &Shutdown) -> Option<(Span, String, String)> {
    const KILLED: &str = "the process stays until it is killed at the end of the grace period";
    let known = |close: &crate::model::shutdown::Close| close.target != Target::Unknown;
    if !shutdown.closes().all(known) {
        return None;
    }
    let closes_server = shutdown.closes().any(|close| matches!(close.target, Target::Servers(_)));
    let open = shutdown
        .servers()
        .find(|(index, server)| (server.is_known || !closes_server) && !shutdown.may_close(*index));
    if let Some((_, server)) = open {
        let message = match closes_server {
            true => format!("SIGTERM closes another server than this one, and nothing exits: {KILLED}"),
            false => format!("the handler of SIGTERM neither closes the server nor exits: {KILLED}"),
        };
        let label = if server.is_lost {
            "this server listens on, and no name holds it: nothing can close it"
        } else {
            "this server listens on"
        };
        return Some((server.at, message, label.to_owned()));
    }
    if !closes_server || shutdown.ends_elsewhere {
        return None;
    }
    if let Some(interval) = shutdown.intervals.first() {
        let message = format!("SIGTERM closes the server, but an interval runs on: {KILLED}");
        return Some((*interval, message, "this interval is never cleared".to_owned()));
    }
    let closed = |library: &str| {
        shutdown.closes().any(|close| matches!(&close.target, Target::Package(module) if module == library))
    };
    let client = shutdown.clients.iter().find(|client| client.holds && !closed(client.library))?;
    let message =
        format!("SIGTERM closes the server, but not the connection of {}: {KILLED}", client.library);
    Some((client.span, message, format!("opened here; `{}` closes it", client.closed_by)))
}
