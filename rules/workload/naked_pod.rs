//! Pods that nobody replaces, and sets of pods that nobody updates.

use crate::facts::command::Command;
use crate::facts::object::{Container, Object as Facts, Port, Volume, VolumeSource, WorkloadKind};
use crate::facts::server;
use crate::facts::{Fact, Why};
use crate::model::{ImageId, Workload, purpose};
use crate::rules::{Cx, Sink};
use crate::source::{Span, Spanned};

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let object = &cx.project.object(workload.object).facts;
    if object.uncertain.is_some() || has_owner(object) {
        return;
    }
    let name = object.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let kind = &object.kind;
    match workload.facts.kind {
        WorkloadKind::Pod if stays(workload) && !is_tool(cx, workload) => {
            sink.report(
                kind.span,
                format!("Pod{name} has no controller: when its node goes, it is gone for good"),
            )
            .help("make it the template of a Deployment, or of a Job when it ends by itself");
        }
        WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController if !shows_itself(cx, workload) => {
            sink.report(
                kind.span,
                format!(
                    "{}{name} never replaces its pods: a new image reaches only pods that die by themselves",
                    kind.value
                ),
            )
            .help("write a Deployment, which makes ReplicaSets and rolls from one to the next");
        }
        _ => {}
    }
}

/// True for a pod that is to run until it is stopped. One that ends is started by hand to look at something.
fn stays(workload: &Workload) -> bool {
    let policy = workload.facts.template.as_ref().and_then(|template| template.restart_policy.known());
    policy.is_some_and(|policy| policy == "Always")
}

/// True for a pod that nobody reaches, that keeps nothing and that runs no server of somebody's own: official images as they come, a
/// container that only waits with its helpers, a program of others that is told what to do and offers nothing.
fn is_tool(cx: &Cx<'_>, workload: &Workload) -> bool {
    let Some(template) = &workload.facts.template else { return false };
    let is_reached = !cx.project.services_of(workload.id).is_empty()
        || template
            .main()
            .any(|container| container.ports.items.iter().any(|port| has_host_port(&port.value)));
    if is_reached || template.main().any(|container| server::of_container(container).is_some()) {
        return false;
    }
    if is_named_for_a_look(&cx.project.object(workload.object).facts) {
        return true;
    }
    let is_claim = |volume: &Spanned<Volume>| matches!(volume.value.source, VolumeSource::Claim(_));
    let keeps = template.volumes.items.iter().any(is_claim);
    // Where several images of the project could be meant, one of them is.
    let is_built = |image: &Fact<ImageId>| image.known().is_some() || *image == Fact::Unknown(Why::Ambiguous);
    let own = workload.containers.iter().map(|id| cx.project.container(*id));
    let built: Vec<Span> =
        own.filter(|container| is_built(&container.image)).map(|own| own.facts.anchor).collect();
    template.main().any(only_waits)
        || template.main().all(|container| {
            let image = container.image.known().and_then(Option::as_deref);
            let official = image.is_some_and(|image| !image.contains('/'));
            let offers = !container.ports.items.is_empty() || has_probe(container);
            let is_told =
                [&container.command, &container.args].iter().any(|words| words.known() != Some(&None));
            official || is_told && !offers && !keeps && !built.contains(&container.anchor)
        })
}

/// True for a set of pods that nobody reaches, all of official images as they come: it is made to show how sets behave.
fn shows_itself(cx: &Cx<'_>, workload: &Workload) -> bool {
    let Some(template) = &workload.facts.template else { return false };
    let is_official = |container: &Container| {
        let image = container.image.known().and_then(Option::as_deref);
        image.is_some_and(|image| !image.contains('/')) && server::of_container(container).is_none()
    };
    cx.project.services_of(workload.id).is_empty()
        && template.main().all(|container| is_official(container) && container.ports.items.is_empty())
}

/// True for a pod whose name, or that of its namespace, says that it is there to try something out.
fn is_named_for_a_look(object: &Facts) -> bool {
    const WORDS: [&str; 8] = ["client", "demo", "example", "shell", "tmp", "tool", "toolbox", "tools"];
    let says = |name: &str| {
        let mut words = name.split(['-', '.']);
        purpose::of_name(name).is_some() || words.any(|word| WORDS.contains(&word))
    };
    let namespace = object.namespace();
    object.name().known().is_some_and(|name| says(name))
        || namespace.known().and_then(Option::as_deref).is_some_and(says)
}

fn has_host_port(port: &Port) -> bool {
    !matches!(port.host_port.known(), Some(None))
}

fn has_probe(container: &Container) -> bool {
    let probes = [&container.readiness, &container.liveness, &container.startup];
    probes.into_iter().any(|probe| !matches!(probe.known(), Some(None)))
}

/// True for a command that passes the time: `sleep`, `Start-Sleep`, `tail -f`.
fn only_waits(container: &Container) -> bool {
    let commands = [&container.command, &container.args].map(|command| command.known()?.as_ref());
    commands.into_iter().flatten().any(|command| {
        let text = match command {
            Command::Exec(words) => {
                words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ")
            }
            Command::Shell(script) => script.text.to_string(),
        };
        ["sleep ", "Start-Sleep", "tail -f"].iter().any(|word| text.contains(word)) && !text.contains("node ")
    })
}

/// True for what somebody else looks after: another object, Helm, the kubelet of a node.
fn has_owner(object: &Facts) -> bool {
    const OWNERS: [&str; 3] = ["helm.sh/hook", "kubernetes.io/config.mirror", "argocd.argoproj.io/hook"];
    let annotations = object.annotations();
    let is_static =
        object.namespace().known().is_some_and(|namespace| namespace.as_deref() == Some("kube-system"));
    object.root.at(&["metadata", "ownerReferences"]).is_some()
        || annotations.iter().any(|annotation| OWNERS.contains(&annotation.key.value.as_str()))
        || is_static
}
