//! Servers whose keep-alive connections hold up the stop, on a Node that does not end them.

use crate::model::Run;
use crate::model::shutdown::{Handling, Shutdown, Target};
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// The first line whose `server.close()` ends idle connections by itself (nodejs.org, http, `server.close`).
const FIRST_THAT_ENDS_THEM: u32 = 19;
/// Packages that end the connections of a server.
const ENDERS: [&str; 8] = [
    "stoppable",
    "http-terminator",
    "http-shutdown",
    "http-graceful-shutdown",
    "server-destroy",
    "killable",
    "@godaddy/terminus",
    "http-close",
];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(major) = run.node().and_then(|node| node.major).filter(|major| *major < FIRST_THAT_ENDS_THEM)
    else {
        return;
    };
    let shutdown = &program.shutdown;
    let helped = ENDERS.iter().any(|package| program.reached.packages.contains_key(*package));
    // Something that nobody can name may be the sockets that the code keeps account of.
    let may_be_sockets = shutdown.closes().any(|close| close.target == Target::Unknown);
    let ended = may_be_sockets || shutdown.answers_close || shutdown.handlers.iter().any(ends_them);
    if helped || ended || shutdown.complete.is_err() {
        return;
    }
    let Some(close) = http_close(shutdown) else { return };
    let message = format!(
        "on Node {major} close() waits for clients that keep their connections, and nothing ends those: the pod is killed at the end of the grace period"
    );
    let mut draft = sink.report(close, message);
    if let Some(from) = run.image.map(|image| cx.project.image(image).stage()) {
        draft = draft.related(from.from_span, format!("Node {major} comes from here"));
    }
    draft.help("call `server.closeIdleConnections()` after close (Node 18.2), or exit by a timer that is shorter than the grace period");
}

/// True when connections are ended, or a timer ends the process.
fn ends_them(handling: &Handling) -> bool {
    let timed = |end: &crate::model::shutdown::End| {
        end.moment.after.delay > 0.0 || end.moment.after.some_delay || !end.moment.after.server
    };
    !handling.drains.is_empty() || handling.ends.iter().any(timed)
}

/// The close of a server of Node itself that listens in production.
fn http_close(shutdown: &Shutdown) -> Option<Span> {
    let close = shutdown.closes().find(|close| match &close.target {
        Target::Servers(closed) => {
            shutdown.servers().any(|(index, server)| server.is_http() && closed.contains(&index))
        }
        _ => false,
    });
    Some(close?.span)
}
