//! Servers that are started through npm, Yarn, pnpm or bun.

use crate::model::Run;
use crate::model::chain::{Delivery, Role, Step};
use crate::rules::{Cx, Sink};

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
    draft.help(help);
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
            "the server is started by `{command}`: SIGTERM gets through on this image, but another program lives in each pod"
        ),
        Delivery::Unknown(_) => format!(
            "the server is started by `{command}`: whether SIGTERM reaches it depends on versions that are not written down"
        ),
    }
}
