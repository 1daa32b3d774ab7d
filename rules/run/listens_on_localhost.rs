//! Servers that only their own container can reach.

use crate::facts::{Fact, Origin};
use crate::model::Run;
use crate::model::serve::Listening;
use crate::model::target::Target;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let servers = &run.serving.servers;
    if !servers.iter().any(is_alone) {
        return;
    }
    let targets = cx.project.targets_of(run);
    for server in servers.iter().filter(|server| is_alone(server)) {
        let Some(target) = targets.iter().find(|target| is_of(target, server, servers)) else { continue };
        let Fact::Known { value: Some(host), origin } = &server.host else { continue };
        let is_default = matches!(origin, Origin::Default { .. });
        let how = if is_default {
            "Fastify listens on localhost unless it is told otherwise"
        } else {
            "the server listens on"
        };
        let what = if is_default { how.to_owned() } else { format!("{how} {host}") };
        let at = origin.span().unwrap_or(server.at);
        let by = target.by.shown();
        sink.report(at, format!("{what}, which nothing outside of the container reaches: {by} is refused"))
            .related(target.at, format!("{by} comes in here"))
            .help("listen on 0.0.0.0, or leave the address out where the default is every address");
    }
}

/// Known to be bound to a loopback address.
fn is_alone(server: &Listening) -> bool {
    let host = server.host.known().and_then(Option::as_deref);
    host.is_some_and(|host| host == "localhost" || host == "::1" || host.starts_with("127."))
}

/// True when a target is this server's port, and no other server's that could answer on it.
fn is_of(target: &Target, server: &Listening, servers: &[Listening]) -> bool {
    let Some(port) = server.port.known() else { return false };
    let others = servers.iter().filter(|other| !is_alone(other));
    i64::from(*port) == target.port
        && !others.into_iter().any(|other| other.port.known().is_none_or(|other| other == port))
}
