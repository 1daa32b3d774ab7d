//! Chains of programs in which SIGTERM gets lost before it reaches node.

use crate::facts::Fact;
use crate::facts::command::Command;
use crate::finding::{Edit, Safety};
use crate::model::Run;
use crate::model::chain::{Delivery, Loss, Role};
use crate::rules::{Cx, Sink, start};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    if !run.is_node() || !run.stays(cx.project) {
        return;
    }
    let Delivery::Lost { step, how } = run.chain.sigterm() else { return };
    let Some(sentence) = run.chain.sentence() else { return };
    let mut draft = sink.report(run.start, sentence);
    let losing = &run.chain.steps[step];
    if let Some(at) = losing.at.filter(|at| !run.start.contains(*at)) {
        let what = match how {
            Loss::Swallowed => "keeps the signal to itself",
            Loss::ChildNotTold => "ends without telling its child",
            Loss::CutOff => "ends before its child has finished",
            Loss::Differs => "loses the signal in every version",
        };
        draft = draft.related(at, format!("{} {what}", losing.program));
    }
    let handler = run.program.iter().flat_map(|program| &program.signals.items);
    if let Some(handler) = handler.into_iter().find(|handler| handler.value.signal == "SIGTERM") {
        draft = draft.related(handler.span, "this handler is never called in time");
    }
    let help = match run.direct_command() {
        Some(command) => format!("start node itself: CMD {command}"),
        None => "start node itself in exec form, or end the script with `exec node …`".to_owned(),
    };
    draft = draft.help(help);
    if let Some(edits) = start::node_itself(cx.project, run) {
        draft.fix("Start node itself", Safety::Safe, edits);
    } else if let Some(edit) = list_form(cx, run) {
        draft.fix("Write the words as a list", Safety::Safe, vec![edit]);
    }
}

/// The list that takes the place of `CMD node server.js`, where nothing but that shell stands before node.
fn list_form(cx: &Cx<'_>, run: &Run) -> Option<Edit> {
    let image = cx.project.image(run.image?);
    let config = image.config();
    let lines = [&config.entrypoint, &config.cmd].into_iter().filter_map(|fact| match fact {
        Fact::Known { value: Some(Command::Shell(line)), .. } => Some(line),
        _ => None,
    });
    let line = lines.into_iter().find(|line| line.span(0, line.text.len()) == run.start)?;
    let (last, before) = run.chain.steps.split_last()?;
    let only_shell = before.iter().filter(|step| step.role == Role::Shell).count() == 1
        && before.iter().all(|step| step.role == Role::Shell || step.program == "docker-entrypoint.sh");
    (only_shell && last.role == Role::Node).then(|| start::list_form(cx.project, image, line))?
}
