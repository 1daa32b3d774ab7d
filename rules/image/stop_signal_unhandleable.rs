//! STOPSIGNAL that no program can handle, or that this one does not.

use crate::facts::Fact;
use crate::facts::image::signal_name;
use crate::finding::{Edit, Safety, Severity};
use crate::model::Image;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Fact::Known { value: Some(signal), .. } = &image.config().stop_signal else { return };
    let Some(at) = image.config().stop_signal.span() else { return };
    let name = signal_name(signal);
    let edit = Edit { span: at, text: "SIGTERM".to_owned() };
    if matches!(name.as_str(), "SIGKILL" | "SIGSTOP") {
        let what = if name == "SIGKILL" {
            "every stop kills the server in the middle of its requests, and no handler runs"
        } else {
            "a stop freezes the server until the grace period is over, and then kills it"
        };
        sink.report(at, format!("STOPSIGNAL {signal} cannot be handled: {what}"))
            .help("write `STOPSIGNAL SIGTERM`, or drop the line: that is the default")
            .fix("Stop with SIGTERM", Safety::Safe, vec![edit]);
        return;
    }
    let runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id) && run.is_node());
    for run in runs {
        let Some(program) = run.program.as_ref().filter(|program| program.signals.rest.is_ok()) else {
            continue;
        };
        let handled = |name: &str| program.signals.items.iter().find(|found| found.value.signal == name);
        let (None, Some(other)) = (handled(&name), handled("SIGTERM")) else { continue };
        if name == "SIGTERM" {
            return;
        }
        let message = format!(
            "STOPSIGNAL {signal} is what the server gets when it stops, and the code handles SIGTERM: the handler never runs"
        );
        sink.report(at, message)
            .severity(Severity::Error)
            .related(other.span, "this is not called")
            .help("write `STOPSIGNAL SIGTERM`, or drop the line: that is the default")
            .fix("Stop with SIGTERM", Safety::Safe, vec![edit]);
        return;
    }
}
