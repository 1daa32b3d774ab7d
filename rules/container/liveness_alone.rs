//! Liveness probes that have to do the work of a readiness probe, or that kill where that would hold back.

use crate::facts::object::{Container as Facts, Handler, PortRef, Probe, Role, WorkloadKind};
use crate::model::Container;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    use WorkloadKind::{CronJob, Job, KnativeService};
    let facts = &container.facts;
    let kind = cx.project.workload(container.workload).facts.kind;
    let Some(Some(liveness)) = facts.liveness.known() else { return };
    if facts.role != Role::Main || matches!(kind, Job | CronJob | KnativeService) {
        return;
    }
    let name = facts.name.known().map_or_else(String::new, |name| format!(" {name}"));
    match facts.readiness.known() {
        Some(None) if !facts.ports.items.is_empty() => {
            let message = format!(
                "container{name} has a livenessProbe and no readinessProbe: it is restarted when it is busy, and gets requests before it can answer"
            );
            sink.report(liveness.key, message).help(
                "make it a readinessProbe; keep a livenessProbe only for a process that hangs without ending",
            );
        }
        Some(Some(readiness)) => {
            let Some(windows) = alike(facts, liveness, readiness) else { return };
            let message = format!(
                "container{name} is restarted by the same answer that would only hold requests back: both probes ask the same thing, {windows}"
            );
            sink.report(liveness.key, message)
                .related(readiness.key, "this probe asks the same")
                .help("leave the livenessProbe out, or let it ask something that no other service has part in, and give it more failures");
        }
        _ => {}
    }
}

/// How long both wait, when both ask the same and liveness gives up no later.
fn alike(container: &Facts, liveness: &Probe, readiness: &Probe) -> Option<String> {
    let numbers = |probe: &Probe| Some((*probe.period.known()?, *probe.failure_threshold.known()?));
    let (killed, held) = (numbers(liveness)?, numbers(readiness)?);
    let (until_killed, until_held) = (killed.0 * killed.1, held.0 * held.1);
    if until_killed > until_held || asks(container, liveness)? != asks(container, readiness)? {
        return None;
    }
    Some(if killed == held {
        "as often and with as many failures".to_owned()
    } else if until_killed == until_held {
        format!("and both give up after the same {until_killed} seconds")
    } else {
        format!("and liveness gives up first, after {until_killed} seconds of {until_held}")
    })
}

/// What a probe asks, when the answer may depend on more than the process itself: a connection always succeeds, and the
/// gRPC protocol's own answer is mostly a constant.
fn asks<'c>(container: &Facts, probe: &'c Probe) -> Option<(PortRef, &'c str)> {
    match &probe.handler {
        Handler::Http { path, port, .. } => {
            Some((numbered(container, port.known()?.as_ref()?), path.known()?))
        }
        _ => None,
    }
}

/// The number of a port that the container declares by this name.
fn numbered(container: &Facts, port: &PortRef) -> PortRef {
    let PortRef::Name(name) = port else { return port.clone() };
    let mut declared = container.ports.items.iter().map(|port| &port.value);
    let found = declared.find(|declared| declared.name.known().and_then(Option::as_ref) == Some(name));
    let number = found.and_then(|found| u16::try_from((*found.number.known()?)?).ok());
    number.map_or_else(|| port.clone(), PortRef::Number)
}
