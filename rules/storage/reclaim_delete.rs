//! Volumes that are deleted with their claim, under data that are meant to stay.

use crate::facts::Fact;
use crate::facts::object::{Claim, VolumeSource, WorkloadKind};
use crate::facts::server::{self, Keeps};
use crate::model::Workload;
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let object = &cx.project.object(workload.object).facts;
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let kind = &object.kind.value;
    for (claim, at) in claims(cx, workload) {
        let Some((class, span)) = deleting(cx, workload, &claim) else { continue };
        sink.report(
            span,
            format!("{class} deletes the data of {kind}{name} as soon as their claim is deleted"),
        )
        .related(at, "the claim")
        .help("write `Retain`: the volume then stays until somebody deletes it");
        return;
    }
}

/// The claims that keep what a workload must not lose, with where it names them.
fn claims(cx: &Cx<'_>, workload: &Workload) -> Vec<(Claim, Span)> {
    let Some(template) = &workload.facts.template else { return Vec::new() };
    let keeps =
        |container| server::of_container(container).is_some_and(|server| server.keeps == Keeps::OnDisk);
    if workload.facts.kind != WorkloadKind::StatefulSet && !template.main().any(keeps) {
        return Vec::new();
    }
    let own = workload.facts.claims.items.iter().map(|claim| (claim.value.clone(), claim.span));
    let named = template.volumes.items.iter().filter_map(|volume| {
        let VolumeSource::Claim(named) = &volume.value.source else { return None };
        let found = cx.project.claim_named(workload.unit, named.known()?)?;
        Some((found.facts.claim()?, named.span()?))
    });
    own.chain(named).collect()
}

/// What deletes the volume of a claim, in words, and where it says so.
fn deleting(cx: &Cx<'_>, workload: &Workload, claim: &Claim) -> Option<(String, Span)> {
    let class = claim.class.known()?.as_ref();
    let deletes = |policy: &Fact<String>| {
        policy.known().is_some_and(|policy| policy == "Delete" || policy == "Recycle")
    };
    cx.project.volumes_of(workload.unit).find_map(|object| {
        let name = object.facts.name().known().cloned()?;
        if let Some(found) = object.facts.storage_class().filter(|_| class == Some(&name)) {
            let span = found.reclaim_policy.span()?;
            return deletes(&found.reclaim_policy).then(|| (format!("StorageClass {name}"), span));
        }
        let volume = object.facts.persistent_volume()?;
        let wanted = claim.volume.known()?.as_ref();
        let held = volume.claim.known()?.as_ref();
        let is_its = wanted == Some(&name) || held.is_some() && held == claim.name.known();
        let span = volume.reclaim_policy.span()?;
        (is_its && deletes(&volume.reclaim_policy)).then(|| (format!("PersistentVolume {name}"), span))
    })
}
