//! Replicas that may all stand on one node: said once for a unit; and a wish to spread that is about other pods.

use crate::facts::object::{PodTemplate, Spread};
use crate::model::Workload;
use crate::rules::{Cx, Sink};
use crate::source::Spanned;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let object = &cx.project.object(workload.object).facts;
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let kind = &object.kind.value;
    let pods = cx.project.pods_of(workload).filter(|pods| *pods >= 2);
    if let (Some(template), Some(pods)) = (&workload.facts.template, pods)
        && let Some(first) = misses(template)
    {
        sink.report(first.span, format!("no pod of {kind}{name} has the labels that this is about: its {pods} pods may stand on one node"))
            .help("write the labels of the pod template into `labelSelector`");
        return;
    }
    let huddled = cx.project.huddled_of(workload.unit);
    if huddled.first() != Some(&workload.id) {
        return;
    }
    let others = match huddled.len() - 1 {
        0 => String::new(),
        1 => " and one more workload".to_owned(),
        more => format!(" and {more} more workloads"),
    };
    let at = |workload: &Workload| {
        let template = workload.facts.template.as_ref().map(|template| template.anchor);
        template.unwrap_or(cx.project.object(workload.object).facts.kind.span)
    };
    let mut finding = sink
        .report(at(workload), format!("nothing keeps the pods of {kind}{name}{others} on different nodes: one node may take all of them with it"))
        .help("add `topologySpreadConstraints` over `kubernetes.io/hostname` with the labels of the pods");
    for id in &huddled[1..] {
        finding = finding.also(at(cx.project.workload(*id)), "nor these");
    }
}

/// The first term, when there are some and all are known to be about other pods.
fn misses(template: &PodTemplate) -> Option<&Spanned<Spread>> {
    let is_about_others = |term: &Spanned<Spread>| match &term.value.selector {
        None => true,
        Some(selector) => selector.chooses(&template.labels) == Some(false),
    };
    let terms = &template.spread;
    let all = terms.rest.is_ok() && terms.items.iter().all(is_about_others);
    terms.items.first().filter(|_| all)
}
