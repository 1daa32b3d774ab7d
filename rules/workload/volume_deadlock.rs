//! A claim of one node, and a second pod that wants it: the next of a rolling update, or one more replica.

use crate::facts::Fact;
use crate::facts::object::{Strategy, WorkloadKind};
use crate::facts::server;
use crate::finding::{Safety, Severity};
use crate::model::Workload;
use crate::model::claim::SingleClaim;
use crate::rules::{Cx, Sink};
use crate::syntax::edit::New;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    use WorkloadKind::*;
    let facts = &workload.facts;
    let Some(template) = &facts.template else { return };
    if !matches!(facts.kind, Deployment | DeploymentConfig | ReplicaSet) {
        return;
    }
    let Some(SingleClaim { claim, name, at, modes }) = cx.project.single_claim_of(workload) else { return };
    let Some(pods) = cx.project.pods_of(workload).filter(|pods| *pods > 0) else { return };
    let object = cx.project.object(workload.object);
    let of = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let kind = &object.facts.kind.value;
    let is_database = template.main().any(|container| server::of_container(container).is_some());
    if pods > 1 {
        let finding = sink
            .report(at, format!("the {pods} pods of {kind}{of} share the claim {name}, which one node can have: those on others never start"))
            .related(modes, "it is for one node at a time")
            .help("use a StatefulSet with a volumeClaimTemplate, or a claim that is `ReadWriteMany`");
        if is_database {
            finding.severity(Severity::Error);
        }
        return;
    }
    let Some(strategy) = facts.strategy.as_ref().filter(|strategy| keeps_old(strategy, pods)) else { return };
    let is_strict = claim.access_modes.items.iter().all(|mode| mode.value == "ReadWriteOncePod");
    let mut finding = sink
        .report(at, format!("an update of {kind}{of} waits for the claim {name}, which the old pod holds until the new one is ready: neither goes on"))
        .related(modes, "it is for one node at a time")
        .help("set `strategy: {type: Recreate}`, or use a StatefulSet, which stops the old pod first");
    if is_strict || is_database {
        finding = finding.severity(Severity::Error);
    }
    let is_unwritten = object.facts.root.at(&["spec", "strategy"]).is_none();
    let Fact::Known { origin, .. } = &strategy.kind else { return };
    let Some(owner) = origin.span().filter(|_| is_unwritten && facts.kind == Deployment) else { return };
    let recreate = New::Mapping(vec![("type".to_owned(), New::from("Recreate"))]);
    if let Some(edits) = object.facts.set(owner, "strategy", &recreate, &["replicas"]) {
        finding.fix(
            "Write `strategy: {type: Recreate}`: the service is down while it is updated",
            Safety::Unsafe,
            edits,
        );
    }
}

/// True for a rolling update that stops no pod before a new one is ready.
fn keeps_old(strategy: &Strategy, pods: i64) -> bool {
    let share = |fact: &Fact<String>, round_up: bool| {
        let text = fact.known()?;
        Some(match text.strip_suffix('%') {
            Some(share) => {
                (share.parse::<i64>().ok()?.checked_mul(pods)? + if round_up { 99 } else { 0 }) / 100
            }
            None => text.parse().ok()?,
        })
    };
    let rolls =
        strategy.kind.known().is_some_and(|kind| matches!(kind.as_str(), "RollingUpdate" | "Rolling"));
    // Where nothing may be added either, Kubernetes takes away one.
    rolls && share(&strategy.max_unavailable, false) == Some(0) && share(&strategy.max_surge, true) != Some(0)
}
