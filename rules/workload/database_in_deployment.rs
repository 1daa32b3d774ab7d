//! A server that keeps data, under a workload that takes its pods for replaceable.

use crate::facts::Fact;
use crate::facts::object::{Container, PodTemplate, VolumeSource, Workload as Facts, WorkloadKind};
use crate::facts::server::{self, Keeps, Server};
use crate::finding::{Edit, Safety, Severity};
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
    let mut finding = sink.report(kind.span, message).severity(severity).help(help);
    if let Some(image) = container.image.span() {
        finding = finding.related(image, format!("the image of {name}"));
    }
    if let Some(edits) = as_stateful_set(cx, workload, template, container, server) {
        finding.fix(
            "Make it a StatefulSet over the same claim, with a headless Service: stop the Deployment first, then move or check the data",
            Safety::Asked,
            edits,
        );
    }
}

/// The rewriting of one pod over one claim, which keeps its place; what has no claim has no place for its data yet.
fn as_stateful_set(
    cx: &Cx<'_>,
    workload: &Workload,
    template: &PodTemplate,
    container: &Container,
    server: &Server,
) -> Option<Vec<Edit>> {
    let object = &cx.project.object(workload.object).facts;
    let is_one = workload.facts.replicas.as_ref()?.known() == Some(&1);
    if !is_one
        || has_claim(template, container) != Some(true)
        || cx.project.autoscaler_of(workload.id).is_some()
    {
        return None;
    }
    let Fact::Known { value: name, .. } = object.name() else { return None };
    let service = format!("{name}-members");
    let declared = container.ports.items.iter().find_map(|port| *port.value.number.known()?);
    let port = declared.or(server.ports.first().copied())?;
    // A Service before which there was none makes it a thing that clients reach, and asks for a probe.
    let is_served = declared.is_some() || !cx.project.services_of(workload.id).is_empty();
    let labels = &workload.facts.selector;
    (is_served && !cx.project.has_service(&service) && !labels.is_empty())
        .then(|| object.as_stateful_set(&service, labels, port))?
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
