//! Chains of programs in which SIGTERM gets lost before it reaches node.

use crate::model::Run;
use crate::model::chain::{Delivery, Loss};
use crate::rules::{Cx, Sink};

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
    draft.help(help);
}
