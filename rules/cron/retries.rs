//! CronJobs of which nobody said how often a run is tried again, or when one that hangs is over.

use crate::facts::{Fact, Origin};
use crate::finding::{Safety, Severity};
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::syntax::edit::New;

pub(crate) fn check(_: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(workload) = object.facts.workload() else { return };
    let (Some(cron), Some(job), Some(template)) = (&workload.cron, &workload.job, &workload.template) else {
        return;
    };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    if let Fact::Known { value, origin: Origin::Default { owner, .. } } = job.backoff_limit {
        let finding = sink
            .report(owner, format!("CronJob{name} has no backoffLimit: a run that fails is tried {value} times again"))
            .help("set `backoffLimit` to the number of retries that do no harm; 0 when a run must not be repeated");
        let edits = object.facts.set(owner, "backoffLimit", &New::from(3), &["activeDeadlineSeconds"]);
        if let Some(edits) = edits {
            finding.fix("write `backoffLimit: 3`: half as many retries as by default", Safety::Unsafe, edits);
        }
    }
    let Fact::Known { value, origin: Origin::Written(at) } = &cron.concurrency_policy else { return };
    let is_endless =
        [&job.active_deadline, &template.active_deadline].iter().all(|limit| limit.known() == Some(&None));
    if value == "Forbid" && is_endless {
        sink.report(*at, format!("CronJob{name} forbids runs beside each other, and one that hangs is never ended: no later run starts"))
            .severity(Severity::Warning)
            .help("set `activeDeadlineSeconds` in `jobTemplate.spec`: more than the longest run, less than some periods");
    }
}
