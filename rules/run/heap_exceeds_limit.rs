//! A heap that may grow past the memory that the container gets.

use crate::facts::object::Quantity;
use crate::facts::{Fact, Origin};
use crate::model::Run;
use crate::model::chain::End;
use crate::rules::{Cx, Sink};
use crate::source::Span;

const MEBIBYTE: i128 = 1 << 20;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let limit = match (run.container(), run.service()) {
        (Some(id), _) => &cx.project.container(id).facts.resources.memory_limit,
        (_, Some(id)) => &cx.project.compose_services[id.0 as usize].facts.memory_limit,
        (None, None) => return,
    };
    let Fact::Known { value: Some(limit), origin: Origin::Written(limit_at) } = limit else { return };
    let Some((heap, at)) = of_flags(run).or_else(|| of_node_options(run)) else { return };
    if heap * MEBIBYTE < limit.units() {
        return;
    }
    let message = format!(
        "the heap may grow to {heap} MiB and the container gets {}: it is killed before node cleans up",
        shown(*limit)
    );
    sink.report(at, message).related(*limit_at, "the container's memory ends here").help(format!(
        "leave a quarter of the limit to what is not heap: --max-old-space-size={}",
        limit.units() / MEBIBYTE * 3 / 4
    ));
}

fn shown(limit: Quantity) -> String {
    let bytes = limit.units();
    if bytes % MEBIBYTE == 0 { format!("{} MiB", bytes / MEBIBYTE) } else { format!("{bytes} bytes") }
}

/// On node's command line, which wins over the environment.
fn of_flags(run: &Run) -> Option<(i128, Span)> {
    let End::Node { flags, .. } = &run.chain.end else { return None };
    flags.iter().rev().find_map(|flag| Some((heap_of(&flag.value)?, flag.span)))
}

fn of_node_options(run: &Run) -> Option<(i128, Span)> {
    let Ok(Some(Fact::Known { value, origin })) = run.environment.get("NODE_OPTIONS") else { return None };
    let heap = value.split_whitespace().rev().find_map(heap_of).filter(|_| run.is_node())?;
    Some((heap, origin.span()?))
}

/// Mebibytes of an option; V8 takes `_` for `-`.
fn heap_of(option: &str) -> Option<i128> {
    let (name, value) = option.split_once('=')?;
    (name.replace('_', "-") == "--max-old-space-size").then(|| value.parse().ok())?
}
