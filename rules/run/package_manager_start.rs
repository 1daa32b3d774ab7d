//! Servers that are started through npm, Yarn, pnpm or bun.

use crate::facts::base_images::Sh;
use crate::finding::Safety;
use crate::model::Run;
use crate::model::chain::{Delivery, End, Role, Step};
use crate::rules::{Cx, Sink, start};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    if !run.stays(cx.project) {
        return;
    }
    let Some(step) = run.chain.step(Role::PackageManager) else { return };
    let mut draft = sink.report(run.start, message(run, step));
    if let Some(at) = step.at.filter(|at| !run.start.contains(*at)) {
        draft = draft.related(at, format!("{} starts here", step.command));
    }
    let help = match run.direct_command() {
        Some(command) => format!("start node itself: CMD {command}"),
        None => "start node itself, with what the script runs: CMD [\"node\", \"…\"]".to_owned(),
    };
    draft = draft.help(help);
    if let Some(edits) = start::node_itself(cx.project, run) {
        draft.fix("Start node itself", Safety::Safe, edits);
    }
}

/// What this version of the package manager does behind this image's shell, as far as that is known.
fn message(run: &Run, step: &Step) -> String {
    let command = &step.command;
    match run.chain.sigterm() {
        Delivery::Lost { .. } | Delivery::ReachesFor { .. } => {
            let sentence = run.chain.sentence().unwrap_or_default();
            format!("the server is started by `{command}`: {sentence}")
        }
        Delivery::Reaches => format!(
            "the server is started by `{command}`: {} hands SIGTERM on{}, and lives in each pod for nothing else",
            with_version(step),
            behind(run)
        ),
        Delivery::Unknown(_) if matches!(run.chain.end, End::Unknown(_)) => format!(
            "the server is started by `{command}`, and what that runs is not known here: nor is whether SIGTERM gets there"
        ),
        Delivery::Unknown(_) => format!(
            "the server is started by `{command}`: whether SIGTERM reaches it depends on versions that are not written down"
        ),
    }
}

/// `npm 11.6.2`, where the version is known.
fn with_version(step: &Step) -> String {
    match step.version.filter(|versions| versions.lowest == versions.highest) {
        Some(versions) => format!("{} {}", step.program, versions.lowest),
        None => step.program.clone(),
    }
}

/// What `/bin/sh` of the image has to do with it: only the shell that gives its place away lets a signal through.
fn behind(run: &Run) -> &'static str {
    let has_shell = run.chain.steps.iter().any(|step| step.role == Role::Shell);
    match run.base.as_ref().and_then(|base| base.sh).filter(|_| has_shell) {
        Some(Sh::Busybox) => " because the BusyBox shell of this image gives its place to node",
        Some(Sh::Bash) => " because the bash of this image gives its place to node",
        _ => "",
    }
}
