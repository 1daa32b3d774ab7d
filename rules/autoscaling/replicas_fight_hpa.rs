//! A number of pods that is written down, and that an autoscaler decides.

use crate::facts::{Fact, Origin};
use crate::finding::Safety;
use crate::model::Workload;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    // Also by a patch in the text of a kustomization, or its field `replicas`.
    let Some(Fact::Known { value: replicas, origin }) = &workload.facts.replicas else { return };
    let Some(at) = origin.span().filter(|_| !matches!(origin, Origin::Default { .. })) else { return };
    let scaler = cx.project.autoscaler_of(workload.id);
    let Some(scaler) = scaler.filter(|scaler| !scaler.facts.is_of_removed_autoscaling()) else { return };
    let object = &cx.project.object(workload.object).facts;
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let (kind, pods) = (&object.kind.value, if *replicas == 1 { "pod" } else { "pods" });
    let finding = sink
        .report(at, format!("each apply sets {kind}{name} back to {replicas} {pods}, however many its autoscaler has made"))
        .related(scaler.facts.kind.span, "this decides the number of pods")
        .help("delete `replicas`, and put the least number into the autoscaler; hand the field over before the first apply");
    if let Some(edits) = object.take_away(at) {
        finding.fix("Delete `replicas`: the autoscaler alone decides", Safety::Unsafe, edits);
    }
}
