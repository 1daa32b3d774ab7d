//! A server that keeps data, under a workload that takes its pods for replaceable.

use crate::facts::object::{Container, PodTemplate, VolumeSource, Workload as Facts, WorkloadKind};
use crate::facts::server::{self, Keeps};
use crate::finding::Severity;
use crate::model::Workload;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    use WorkloadKind::*;
    let replaceable = [Deployment, ReplicaSet, ReplicationController, DeploymentConfig, Rollout];
    let Some(template) = &workload.facts.template else { return };
    if !replaceable.contains(&workload.facts.kind) {
        return;
    }
    let holds = |container| {
        let server = server::of_container(container).filter(|server| server.keeps != Keeps::Nothing)?;
        Some((server, container))
    };
    let Some((server, container)) = template.main().find_map(holds) else { return };
    let (kind, name) = (&cx.project.object(workload.object).facts.kind, server.name);
    let (severity, consequence, help) = match case(&workload.facts, template, container) {
        Case::InPod => (
            if server.keeps == Keeps::InMemory { Severity::Info } else { Severity::Warning },
            "and its data live and die with the pod",
            "use a StatefulSet with a volumeClaimTemplate, unless nothing is lost when it comes up empty",
        ),
        Case::OneAtATime => (
            Severity::Info,
            "and each new pod has another name and address",
            "use a StatefulSet with a volumeClaimTemplate and a headless Service",
        ),
        Case::Replaceable => (
            Severity::Warning,
            "which may start a second server over the data of the first",
            "use a StatefulSet with a volumeClaimTemplate and a headless Service, or a database outside of the cluster",
        ),
    };
    let message = format!("{name} runs as a {}, {consequence}", kind.value);
    let finding = sink.report(kind.span, message).severity(severity).help(help);
    if let Some(image) = container.image.span() {
        finding.related(image, format!("the image of {name}"));
    }
}

enum Case {
    InPod,
    OneAtATime,
    Replaceable,
}

fn case(workload: &Facts, template: &PodTemplate, container: &Container) -> Case {
    let is_claimed = has_claim(template, container);
    let strategy = workload.strategy.as_ref().and_then(|strategy| strategy.kind.known());
    let recreates = strategy.is_some_and(|kind| kind == "Recreate");
    let replicas = workload.replicas.as_ref().and_then(|replicas| replicas.known());
    match is_claimed {
        Some(false) => Case::InPod,
        Some(true) if recreates && replicas.is_some_and(|count| *count <= 1) => Case::OneAtATime,
        _ => Case::Replaceable,
    }
}

/// Whether one of the mounts is of a volume that outlives the pod; `None` when that cannot be told.
fn has_claim(template: &PodTemplate, container: &Container) -> Option<bool> {
    use VolumeSource::*;
    let (mounts, volumes) = (&container.mounts, &template.volumes);
    let mounted = volumes.items.iter().filter(|volume| {
        mounts.items.iter().any(|mount| mount.value.name.known() == volume.value.name.known())
    });
    let outlives =
        mounted.into_iter().any(|volume| !matches!(volume.value.source, EmptyDir | ConfigMap(_) | Secret(_)));
    (outlives || (mounts.rest.is_ok() && volumes.rest.is_ok())).then_some(outlives)
}
