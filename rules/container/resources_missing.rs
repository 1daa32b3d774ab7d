//! A container of which the scheduler does not know what it needs, or the kernel where it must stop.

use crate::facts::Fact;
use crate::facts::object::{LimitRange, Quantity, Resources, Role};
use crate::finding::Severity;
use crate::model::Container;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let workload = cx.project.workload(container.workload);
    let Some(template) = &workload.facts.template else { return };
    let own = &container.facts.resources;
    if container.facts.role == Role::Init || template.is_critical() || says_anything(&template.resources) {
        return;
    }
    let range = cx.project.limit_range_of(workload);
    let filled = |default: fn(&LimitRange) -> &Fact<Option<Quantity>>| {
        range.as_ref().is_some_and(|range| !is_absent(default(range)))
    };
    let no_cpu = is_absent(&own.cpu_request) && !filled(|range| &range.cpu_request);
    let no_memory = is_absent(&own.memory_request) && !filled(|range| &range.memory_request);
    let no_limit = is_absent(&own.memory_limit) && !filled(|range| &range.memory_limit);
    let (missing, consequence) = match (no_cpu, no_memory, no_limit) {
        (true, true, _) => ("requests", "the scheduler puts it on nodes that are full"),
        (false, true, _) => ("memory request", "it is among the first to be evicted when memory runs short"),
        (_, false, true) => ("memory limit", "a leak takes the memory of every pod on the node"),
        (true, false, false) => ("CPU request", "it gets what the other pods leave over"),
        (false, false, false) => return,
    };
    let name = container.facts.name.known().map_or_else(String::new, |name| format!(" {name}"));
    let finding = sink
        .report(container.facts.anchor, format!("container{name} has no {missing}: {consequence}"))
        .help(match no_limit {
            true => {
                "measure it under load, then set resources.requests (cpu, memory) and resources.limits.memory"
            }
            false => "measure it under load, then set resources.requests (cpu, memory)",
        });
    if !no_memory && !no_limit {
        finding.severity(Severity::Info);
    }
}

/// Known to be written nowhere.
fn is_absent(quantity: &Fact<Option<Quantity>>) -> bool {
    matches!(quantity.known(), Some(None))
}

fn says_anything(pod: &Resources) -> bool {
    [&pod.cpu_request, &pod.memory_request, &pod.memory_limit].iter().any(|quantity| !is_absent(quantity))
}
