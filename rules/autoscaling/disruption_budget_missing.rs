//! Pods that may all be evicted at once, or that nobody may evict.

use crate::facts::object::DisruptionBudget;
use crate::finding::Severity;
use crate::model::Workload;
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let object = &cx.project.object(workload.object).facts;
    let of = |id| cx.project.object(cx.project.workload(id).object);
    if let Some(budget) = cx.project.budget_of(workload.id) {
        let Some(facts) = budget.facts.disruption_budget() else { return };
        let Some((at, rule)) = blocks(&facts, cx.project.pods_of(workload)) else { return };
        let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
        sink.report(
            at,
            format!(
                "{rule} lets no pod of {}{name} be evicted: a node that holds one cannot be drained",
                object.kind.value
            ),
        )
        .severity(Severity::Warning)
        .related(object.kind.span, "its pods")
        .help("set `maxUnavailable: 1` in the place of it");
        return;
    }
    // One finding for the unit, at the first of its workloads.
    let unguarded = cx.project.unguarded_of(workload.unit);
    if unguarded.first() != Some(&workload.id) {
        return;
    }
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let others = match unguarded.len() - 1 {
        0 => String::new(),
        1 => " and one more workload".to_owned(),
        more => format!(" and {more} more workloads"),
    };
    let mut finding = sink
        .report(object.kind.span, format!("{}{name}{others} may lose all pods at once when nodes are drained: no PodDisruptionBudget is about them", object.kind.value))
        .help("add a PodDisruptionBudget with `maxUnavailable: 1` and the labels of the pods");
    for other in &unguarded[1..] {
        finding = finding.also(of(*other).facts.kind.span, "so may these");
    }
}

/// Where a budget forbids every eviction of so many pods, and the words that do.
fn blocks(budget: &DisruptionBudget, pods: Option<i64>) -> Option<(Span, String)> {
    let written = |fact: &crate::facts::Fact<Option<String>>| Some((fact.known()?.clone()?, fact.span()?));
    if let Some((text, at)) = written(&budget.max_unavailable) {
        let number: i64 = text.trim_end_matches('%').parse().ok()?;
        return (number == 0).then(|| (at, format!("maxUnavailable: {text}")));
    }
    let (text, at) = written(&budget.min_available)?;
    // A lone pod that must not go is a decision, and an honest one.
    let pods = pods.filter(|pods| *pods >= 2)?;
    let kept = match text.strip_suffix('%') {
        Some(share) => (share.parse::<i64>().ok()?.checked_mul(pods)?.checked_add(99)?) / 100,
        None => text.parse().ok()?,
    };
    (kept >= pods).then(|| (at, format!("minAvailable: {text} of {pods} pods")))
}
