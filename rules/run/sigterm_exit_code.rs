//! Processes that stop in good order and report a failure.

use crate::model::Run;
use crate::model::shutdown::End;
use crate::rules::{Cx, Sink};

/// 128 + SIGINT and 128 + SIGTERM: what a shell would say of a process that the signal ended, said on purpose.
const BY_SIGNAL: [i64; 2] = [130, 143];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    for handling in &program.shutdown.handlers {
        let failed = handling.ends.iter().find_map(|end| Some((end, failure(end)?)));
        let Some((end, code)) = failed else { continue };
        let message = format!(
            "the orderly way out ends with code {code}: each stop of the pod is recorded as a failure"
        );
        let draft = sink.report(end.span, message).help("write `process.exit(0)`");
        if !handling.at.contains(end.span) {
            draft.related(handling.at, "called when SIGTERM comes");
        }
        return;
    }
}

/// The code of an end that is no emergency exit: nothing failed before, and no timer ran out.
fn failure(end: &End) -> Option<i64> {
    let code = *end.code.as_ref()?.known()?;
    let moment = end.moment;
    let orderly = moment.certain && !moment.failing && moment.after.delay == 0.0 && !moment.after.some_delay;
    (orderly && code != 0 && !BY_SIGNAL.contains(&code)).then_some(code)
}
