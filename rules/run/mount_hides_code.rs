//! Volumes that appear over the code of the app.

use crate::facts::compose::MountKind;
use crate::facts::object::{Role, VolumeSource, WorkloadKind};
use crate::model::chain::End;
use crate::model::{Container, Project, Run, Workload};
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// What a volume hides.
struct Hidden {
    what: String,
    at: Span,
}

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(image) = run.image.map(|image| cx.project.image(image)).filter(|_| run.is_node()) else {
        return;
    };
    // Where nothing is copied, the code is meant to come with a volume.
    if image.lineage().all(|stage| stage.copies.is_empty()) {
        return;
    }
    let Some(entry) = entry_path(run) else { return };
    let workdir = image.config().workdir.known().map(String::as_str);
    if let Some(id) = run.container() {
        of_pod(cx.project, cx.project.container(id), (&entry, workdir), run, sink);
    } else if let Some(service) = run.service().and_then(|id| cx.project.compose_services.get(id.0 as usize))
    {
        for mount in &service.facts.volumes.items {
            let Some(target) = mount.value.target.known() else { continue };
            let named = matches!(mount.value.source.known(), Some(Some(_)));
            let (Some(hidden), true) = (hides(target, &entry, workdir, mount.span), named) else { continue };
            let message = match mount.value.kind {
                MountKind::Volume => format!(
                    "the volume at {target} keeps {} as it was when the volume was made: new images start the old code",
                    hidden.what
                ),
                MountKind::Bind => {
                    format!("the folder that is mounted at {target} hides {} of the image", hidden.what)
                }
                MountKind::Other => format!("what is mounted at {target} is empty and hides {}", hidden.what),
                MountKind::Unknown => continue,
            };
            report(message, hidden.at, run, sink);
        }
    }
}

fn of_pod(
    project: &Project,
    container: &Container,
    (entry, workdir): (&str, Option<&str>),
    run: &Run,
    sink: &mut Sink,
) {
    let workload = project.workload(container.workload);
    let Some(template) = &workload.facts.template else { return };
    for mount in &container.facts.mounts.items {
        let (Some(target), Some(None)) = (mount.value.path.known(), mount.value.sub_path.known()) else {
            continue;
        };
        let Some(name) = mount.value.name.known() else { continue };
        let at = mount.value.path.span().unwrap_or(mount.span);
        let Some(hidden) = hides(target, entry, workdir, at) else { continue };
        let volume = template.volumes.items.iter().find(|volume| volume.value.name.known() == Some(name));
        let what = match volume.map(|volume| &volume.value.source) {
            Some(VolumeSource::EmptyDir) => "an empty folder",
            Some(VolumeSource::ConfigMap(_)) => "a ConfigMap",
            Some(VolumeSource::Secret(_)) => "a Secret",
            Some(VolumeSource::HostPath(_)) => "a folder of the node",
            Some(VolumeSource::Claim(_) | VolumeSource::Ephemeral) => "a volume",
            // A StatefulSet claims it by a template.
            None if is_claimed(workload) => "a volume",
            // A volume that is filled from elsewhere (csi, image) may hold the code.
            _ => continue,
        };
        if is_filled(project, container, name) {
            continue;
        }
        report(
            format!("{what} is mounted at {target} and hides {} of the image", hidden.what),
            hidden.at,
            run,
            sink,
        );
    }
}

/// Whether a volume that the pod does not name is one of `volumeClaimTemplates`.
fn is_claimed(workload: &Workload) -> bool {
    let named = workload.facts.template.as_ref().is_some_and(|template| template.volumes.rest.is_ok());
    named && workload.facts.kind == WorkloadKind::StatefulSet
}

/// Whether another container of the pod, which starts before, may put the code there.
fn is_filled(project: &Project, container: &Container, volume: &str) -> bool {
    let workload = project.workload(container.workload);
    workload.containers.iter().map(|id| project.container(*id)).any(|other| {
        other.id != container.id
            && other.facts.role != Role::Main
            && other
                .facts
                .mounts
                .items
                .iter()
                .any(|mount| mount.value.name.known().is_none_or(|name| name == volume))
    })
}

fn entry_path(run: &Run) -> Option<String> {
    let End::Node { entry, .. } = &run.chain.end else { return None };
    let entry = entry.known().filter(|entry| entry.path.starts_with('/'))?;
    // A file of which nobody knows that the image holds it may be what the volume brings.
    entry.source.known().map(|_| entry.path.clone())
}

/// What of the app lies at or below a mount.
fn hides(target: &str, entry: &str, workdir: Option<&str>, at: Span) -> Option<Hidden> {
    let target = target.trim_end_matches('/');
    if target.is_empty() {
        return None;
    }
    let below =
        |path: &str| path == target || path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'));
    if below(entry) {
        return Some(Hidden { what: format!("{entry}, which the container starts,"), at });
    }
    let modules = format!("{}/node_modules", workdir?.trim_end_matches('/'));
    below(&modules).then(|| Hidden { what: "the installed packages".to_owned(), at })
}

fn report(message: String, at: Span, run: &Run, sink: &mut Sink) {
    sink.report(at, message)
        .related(run.start, "the container starts with this")
        .help("mount at a folder of its own (`/data`, `/config`), or a single file with `subPath`");
}
