//! Node as process 1 with children that nobody reaps; inits that are named and not there, or passed over.

use crate::facts::command::Command;
use crate::facts::module::ChildKind;
use crate::facts::{Fact, Origin};
use crate::finding::Severity;
use crate::model::chain::{End, Role};
use crate::model::{Image, Project, Run};
use crate::rules::{Cx, Sink};
use crate::source::{Span, Spanned};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let project = cx.project;
    let image = run.image.map(|image| project.image(image));
    if let Some(image) = image
        && let Some((word, why)) = not_installed(project, image)
    {
        let message =
            format!("{} is not in the image: {why}, and the container cannot be started", word.value);
        let name = word.value.rsplit('/').next().unwrap_or(&word.value);
        sink.report(word.span, message)
            .severity(Severity::Error)
            .related(image.root_stage().from_span, "what everything is built on")
            .help(format!("install it: `RUN apk add --no-cache {name}`, or with apt-get on Debian"));
        return;
    }
    let is_alone =
        matches!(run.chain.end, End::Node { .. }) && run.chain.ends_as_first_process() == Some(true);
    if !is_alone || !run.is_node() || !run.stays(project) || has_reaper(project, run) {
        return;
    }
    if let Some((at, init)) = image.and_then(|image| passed_over(project, image, run)) {
        sink.report(
            run.start,
            "the manifest's command replaces the ENTRYPOINT, and with it the init of the image",
        )
        .related(at, format!("{init} is no longer started"))
        .help("write the words as `args`: ENTRYPOINT stays");
        return;
    }
    let Some(child) =
        run.program.iter().flat_map(|program| &program.children).find(|child| leaves_orphans(&child.kind))
    else {
        return;
    };
    let what = match &child.kind {
        ChildKind::Browser => "a browser, whose own processes".to_owned(),
        ChildKind::Line(Some(program)) | ChildKind::Program(Some(program)) => {
            format!("{program}, whose own children")
        }
        _ => "a shell, whose own children".to_owned(),
    };
    let mut draft = sink.report(
        child.span,
        format!("node is process 1 and starts {what} stay as zombies when they outlive it: node reaps only its own"),
    );
    draft = draft.related(run.start, "node becomes process 1 here");
    draft.help(
        "put an init in front: `ENTRYPOINT [\"tini\", \"--\"]`, or `shareProcessNamespace: true` in the pod",
    );
}

/// Whether a child is likely to start children of its own, which become those of process 1 when it ends.
fn leaves_orphans(kind: &ChildKind) -> bool {
    match kind {
        ChildKind::Browser | ChildKind::Line(_) => true,
        ChildKind::Program(Some(name)) => {
            let name = name.rsplit('/').next().unwrap_or(name);
            ["sh", "bash", "npm", "npx", "git", "chromium", "google-chrome", "libreoffice", "soffice"]
                .contains(&name)
        }
        ChildKind::Program(None) | ChildKind::Worker(_) => false,
    }
}

/// Whether somebody else is process 1 of the container.
fn has_reaper(project: &Project, run: &Run) -> bool {
    if let Some(id) = run.container() {
        let workload = project.workload(project.container(id).workload);
        return workload.facts.template.as_ref().is_none_or(|template| {
            template.share_processes.known() != Some(&false) || template.host_pid.known() != Some(&false)
        });
    }
    let service = run.service().and_then(|id| project.compose_services.get(id.0 as usize));
    service.is_some_and(|service| service.facts.init.known() != Some(&false))
        || run.chain.step(Role::Init).is_some()
}

/// An init that the image names and does not hold.
fn not_installed<'a>(project: &Project, image: &'a Image) -> Option<(&'a Spanned<String>, &'static str)> {
    let words =
        [&image.config().entrypoint, &image.config().cmd].into_iter().find_map(|fact| match fact {
            Fact::Known { value: Some(Command::Exec(words)), origin: Origin::Written(_) } => Some(words),
            _ => None,
        })?;
    let first = words.first()?;
    let name = first.value.rsplit('/').next().unwrap_or(&first.value);
    if !matches!(name, "tini" | "dumb-init") {
        return None;
    }
    if project.has_program(image, &first.value) == Some(false) {
        return Some((first, "nothing in the Dockerfile brings it"));
    }
    None
}

/// The init of an image that the manifest's command replaces.
fn passed_over(project: &Project, image: &Image, run: &Run) -> Option<(Span, String)> {
    let container = project.container(run.container()?);
    container.facts.command.known()?.as_ref()?;
    let Some(Some(Command::Exec(words))) = image.config().entrypoint.known() else { return None };
    let first = words.first()?;
    let name = first.value.rsplit('/').next().unwrap_or(&first.value);
    matches!(name, "tini" | "dumb-init").then(|| (first.span, name.to_owned()))
}
