//! Pods that nobody replaces, and sets of pods that nobody updates.

use crate::facts::command::Command;
use crate::facts::object::{Container, Object as Facts, WorkloadKind};
use crate::model::Workload;
use crate::rules::{Cx, Sink};

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
        WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController => {
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

/// True for a pod that nobody reaches and that runs nobody's program: all its containers are official images as they come,
/// or only wait.
fn is_tool(cx: &Cx<'_>, workload: &Workload) -> bool {
    let Some(template) = &workload.facts.template else { return false };
    let is_reached = !cx.project.services_of(workload.id).is_empty();
    !is_reached
        && template.main().all(|container| {
            let image = container.image.known().and_then(Option::as_deref);
            let official = image.is_some_and(|image| !image.contains('/'));
            container.ports.items.is_empty() && (official || only_waits(container))
        })
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
