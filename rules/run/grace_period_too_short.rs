//! Programs that are killed before the time is over that they give themselves.

use crate::facts::Fact;
use crate::facts::command::Command;
use crate::facts::object::Handler;
use crate::finding::Severity;
use crate::model::Run;
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// The time between the wish to stop and SIGKILL, in seconds, and what of it is spent before SIGTERM.
struct Grace {
    seconds: f64,
    at: Span,
    is_written: bool,
    before: Option<(f64, Span)>,
}

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(grace) = grace(cx, run).filter(|_| run.is_node() && run.stays(cx.project)) else { return };
    if grace.seconds <= 0.0 {
        sink.report(
            grace.at,
            "a grace period of 0 kills the process at once: no handler of SIGTERM ever runs",
        )
        .severity(Severity::Error)
        .help("leave the field out for 30 seconds, or write what a stop takes");
        return;
    }
    let own = run.program.as_ref().and_then(|program| program.shutdown.own_time());
    let before = grace.before.map_or(0.0, |(seconds, _)| seconds);
    let needs = before + own.map_or(0.0, |(milliseconds, _)| milliseconds / 1000.0);
    if needs < grace.seconds {
        return;
    }
    let spent = match (grace.before, own) {
        (Some(_), Some((own, _))) => {
            format!("preStop takes {before} s and the program gives itself {} s", own / 1000.0)
        }
        (Some(_), None) => format!("preStop alone takes {before} s"),
        (None, _) => format!("the program gives itself {needs} s"),
    };
    let default = if grace.is_written { "" } else { ", which is the default" };
    let message = format!("{spent}, and is killed after {} s{default}", grace.seconds);
    let mut draft = sink.report(grace.at, message);
    if let Some((_, at)) = grace.before {
        draft = draft.related(at, "this runs before SIGTERM, within the grace period");
    }
    if let Some((milliseconds, at)) = own {
        draft = draft.related(at, format!("reached {} s after SIGTERM", milliseconds / 1000.0));
    }
    let field = if run.container().is_some() { "terminationGracePeriodSeconds" } else { "stop_grace_period" };
    let unit = if run.container().is_some() { "" } else { "s" };
    draft.help(format!("write `{field}: {}{unit}`, or shorten the timer", (needs + 5.0).ceil()));
}

fn grace(cx: &Cx<'_>, run: &Run) -> Option<Grace> {
    if let Some(id) = run.container() {
        let container = cx.project.container(id);
        let template = cx.project.workload(container.workload).facts.template.as_ref()?;
        let Fact::Known { value, origin } = &template.grace_period else { return None };
        let before = container
            .facts
            .pre_stop
            .known()
            .and_then(Option::as_ref)
            .and_then(|handler| Some((pause(handler)?, container.facts.pre_stop.span()?)));
        let is_written = !matches!(origin, crate::facts::Origin::Default { .. });
        return Some(Grace { seconds: *value as f64, at: origin.span()?, is_written, before });
    }
    let service = cx.project.compose_services.get(run.service()?.0 as usize)?;
    let Fact::Known { value, origin } = &service.facts.stop_grace_period else { return None };
    let is_written = !matches!(origin, crate::facts::Origin::Default { .. });
    let at = if is_written { origin.span()? } else { service.facts.name.span };
    Some(Grace { seconds: *value, at, is_written, before: None })
}

/// The seconds that a hook sleeps: `sleep: {seconds: 10}`, `["sleep", "10"]`, `["sh", "-c", "sleep 10"]`.
fn pause(handler: &Handler) -> Option<f64> {
    match handler {
        Handler::Sleep { seconds } => Some((*seconds.known()?)? as f64),
        Handler::Exec { command } => {
            let Some(Command::Exec(words)) = command.known()?.as_ref() else { return None };
            let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
            let script = match words[..] {
                [_, "-c", script] => script.to_owned(),
                _ => words.join(" "),
            };
            let (program, time) = script.trim().split_once(' ')?;
            let time = time.trim().trim_end_matches('s');
            let time = time.parse().ok().filter(|time: &f64| time.is_finite());
            time.filter(|_| program.ends_with("sleep"))
        }
        _ => None,
    }
}
