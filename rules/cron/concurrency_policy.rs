//! CronJobs that leave it open what happens when a run takes longer than the period.

use crate::facts::{Fact, Origin};
use crate::finding::Safety;
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::syntax::edit::New;

pub(crate) fn check(_: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(cron) = object.facts.workload().and_then(|workload| workload.cron) else { return };
    // A policy that is written is a decision, whichever it is.
    let Fact::Known { origin: Origin::Default { owner, .. }, .. } = cron.concurrency_policy else { return };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let finding = sink.report(
        owner,
        format!(
            "CronJob{name} has no concurrencyPolicy: a run that takes longer than its period runs beside the next one"
        ),
    )
    .help("set `concurrencyPolicy: Forbid` or `Replace`, or `Allow` where runs may overlap");
    let forbid = New::from("Forbid");
    if let Some(edits) = object.facts.set(owner, "concurrencyPolicy", &forbid, &["timeZone", "schedule"]) {
        finding.fix("Write `concurrencyPolicy: Forbid`: a run waits for the one before", Safety::Safe, edits);
    }
}
