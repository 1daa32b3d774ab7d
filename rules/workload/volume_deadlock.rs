//! A claim of one node, and a second pod that wants it: the next of a rolling update, or one more replica.

use crate::facts::Fact;
use crate::facts::object::{Claim, PersistentVolume, PodTemplate, Strategy, VolumeSource, WorkloadKind};
use crate::facts::server;
use crate::finding::{Safety, Severity};
use crate::model::Workload;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::edit::New;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    use WorkloadKind::*;
    let facts = &workload.facts;
    let Some(template) = &facts.template else { return };
    if !matches!(facts.kind, Deployment | DeploymentConfig | ReplicaSet) {
        return;
    }
    let Some((claim, name, at, modes)) = single_claim(cx, workload, template) else { return };
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

/// The first claim of the pods that is known to be for one node, where nothing ties the pods to it: the claim, its name,
/// where the pods name it, and where it says for how many it is.
fn single_claim(
    cx: &Cx<'_>,
    workload: &Workload,
    template: &PodTemplate,
) -> Option<(Claim, String, Span, Span)> {
    if template.is_tied || !template.node_selector.is_empty() {
        return None;
    }
    let object = &cx.project.object(workload.object).facts;
    template.volumes.items.iter().find_map(|volume| {
        let VolumeSource::Claim(named) = &volume.value.source else { return None };
        let (name, at) = (named.known()?, named.span()?);
        let found = cx.project.claim_named(workload.unit, name)?;
        let claim = found.facts.claim().filter(|_| found.facts.may_share_namespace(object))?;
        let modes = &claim.access_modes;
        let is_single = !modes.items.is_empty()
            && modes.rest.is_ok()
            && modes
                .items
                .iter()
                .all(|mode| matches!(mode.value.as_str(), "ReadWriteOnce" | "ReadWriteOncePod"));
        let span = modes.items.first()?.span;
        (is_single && !is_of_a_node(cx, workload, &claim)).then(|| (claim, name.clone(), at, span))
    })
}

/// True for a claim whose volume is a folder of a node: nothing is attached, and the pods go there by themselves.
fn is_of_a_node(cx: &Cx<'_>, workload: &Workload, claim: &Claim) -> bool {
    let volumes = cx.project.volumes_of(workload.unit).filter_map(|object| object.facts.persistent_volume());
    // A class of no name is none: such a claim takes a volume that has none.
    fn class(fact: &Fact<Option<String>>) -> Option<Option<&str>> {
        fact.known().map(|class| class.as_deref().filter(|name| !name.is_empty()))
    }
    let fits = |volume: &PersistentVolume| {
        let by_name =
            claim.volume.known().cloned().flatten().is_some_and(|name| volume.name.known() == Some(&name));
        let by_claim = claim.name.known().is_some()
            && volume.claim.known().cloned().flatten().as_ref() == claim.name.known();
        by_name || by_claim || class(&claim.class) == class(&volume.class)
    };
    volumes.into_iter().any(|volume| fits(&volume) && volume.host_path.known() != Some(&None))
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
