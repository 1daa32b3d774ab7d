//! Services that one pod serves: said once for a unit.

use crate::model::Workload;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let lone = cx.project.lone_of(workload.unit);
    if lone.first() != Some(&workload.id) {
        return;
    }
    let object = &cx.project.object(workload.object).facts;
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let kind = &object.kind.value;
    let message = match lone.len() - 1 {
        0 => format!("{kind}{name} is one pod: while it is restarted or moved nobody answers"),
        1 => format!(
            "{kind}{name} and one more workload are one pod each: while it is restarted or moved nobody answers"
        ),
        more => format!(
            "{kind}{name} and {more} more workloads are one pod each: while one is restarted or moved nobody answers for it"
        ),
    };
    let at = |workload: &Workload| {
        let written = workload.facts.replicas.as_ref().and_then(|replicas| replicas.span());
        written.unwrap_or(cx.project.object(workload.object).facts.kind.span)
    };
    let mut finding = sink
        .report(at(workload), message)
        .help("set `replicas: 2` or more where two may run beside each other; `strategy: {type: Recreate}` says that they may not");
    for id in &lone[1..] {
        finding = finding.also(at(cx.project.workload(*id)), "one pod too");
    }
    if let Some(service) = cx.project.services_of(workload.id).first() {
        finding.related(cx.project.object(*service).facts.kind.span, "clients come through this Service");
    }
}
