//! Servers that close before the cluster has stopped sending them requests.

use crate::model::Run;
use crate::model::shutdown::{Close, Target};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let Some(None) = container.facts.pre_stop.known() else { return };
    let Some(service) = cx.project.services_of(container.workload).first() else { return };
    let shutdown = &program.shutdown;
    let serves = |close: &&Close| match &close.target {
        Target::Servers(closed) => shutdown.servers().any(|(index, _)| closed.contains(&index)),
        _ => false,
    };
    let ends_at_once = shutdown.ends().any(|end| end.is_at_once());
    let Some(close) = shutdown.closes().find(serves).filter(|close| close.moment.after.is_none()) else {
        return;
    };
    if shutdown.complete.is_err() || ends_at_once {
        return;
    }
    let service = cx.project.object(*service);
    let name = service.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let message = format!(
        "the server closes as soon as SIGTERM comes, while Service{name} still sends requests: some are refused at every rollout"
    );
    sink.report(container.facts.anchor, message)
        .related(close.span, "nothing waits before this")
        .related(service.facts.kind.span, "this leads requests to the pod")
        .help("let the hook wait for the endpoints to go: `lifecycle: {preStop: {sleep: {seconds: 5}}}` (Kubernetes 1.30), or close after a delay");
}
