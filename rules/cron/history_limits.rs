//! CronJobs that keep too many finished Jobs, no failed one, or what nobody chose.

use crate::facts::{Fact, Origin};
use crate::finding::{Edit, Safety};
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::edit::New;

/// More Jobs than anybody reads: each stays with its pods in the API server and in the lists of people.
const MANY: i64 = 10;

const SUCCESSFUL: &str = "successfulJobsHistoryLimit";
const FAILED: &str = "failedJobsHistoryLimit";

pub(crate) fn check(_: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(cron) = object.facts.workload().and_then(|workload| workload.cron) else { return };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    for (key, fact) in [(SUCCESSFUL, &cron.successful_history), (FAILED, &cron.failed_history)] {
        // The defaults are neither.
        let (Some(value), Some(at)) = (fact.known(), fact.span()) else { continue };
        if *value > MANY {
            sink.report(at, format!("CronJob{name} keeps {value} finished Jobs with their pods and logs"))
                .help(format!("set `{key}` to 10 or less, and keep logs where logs are kept"));
        } else if *value == 0 && key == FAILED {
            sink.report(
                at,
                format!("CronJob{name} keeps no failed Job: nothing is left to see why it failed"),
            )
            .help(format!("set `{key}: 1` or more"));
        }
    }
    let Some((owner, missing)) = missing(&cron.successful_history, &cron.failed_history) else { return };
    let finding = sink
        .report(
            owner,
            format!("CronJob{name} does not say how many Jobs it keeps: of those that failed only the last is left"),
        )
        .help(format!("set `{SUCCESSFUL}` and `{FAILED}`: the defaults are 3 and 1"));
    if let Some(edits) = explicit(object, owner, missing) {
        finding.fix("Write the defaults, 3 and 1, where they can be seen and changed", Safety::Safe, edits);
    }
}

/// The place of both limits, when neither is written.
fn missing(successful: &Fact<i64>, failed: &Fact<i64>) -> Option<(Span, [(&'static str, i64); 2])> {
    let default = |fact: &Fact<i64>| match fact {
        Fact::Known { value, origin: Origin::Default { owner, .. } } => Some((*owner, *value)),
        _ => None,
    };
    let ((owner, successful), (_, failed)) = (default(successful)?, default(failed)?);
    Some((owner, [(SUCCESSFUL, successful), (FAILED, failed)]))
}

fn explicit(object: &Object, owner: Span, missing: [(&'static str, i64); 2]) -> Option<Vec<Edit>> {
    let after = ["concurrencyPolicy", "timeZone", "schedule"];
    let edits = missing.map(|(key, value)| object.facts.set(owner, key, &New::from(value), &after));
    let [Some(mut first), Some(second)] = edits else { return None };
    match (&mut first[..], &second[..]) {
        // Two entries at one place are one edit.
        ([one], [other]) if one.span == other.span => one.text.push_str(&other.text),
        _ => first.extend(second),
    }
    object.facts.together(first)
}
