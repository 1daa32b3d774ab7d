//! CronJobs of which nobody said how often a run is tried again, or when one that hangs is over.

use crate::facts::object::Workload;
use crate::facts::{Fact, Origin};
use crate::finding::{Safety, Severity};
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::edit::New;

pub(crate) fn check(_: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(workload) = object.facts.workload() else { return };
    let Some(job) = workload.cron.as_ref().and(workload.job.as_ref()) else { return };
    let unlimited = match job.backoff_limit {
        Fact::Known { origin: Origin::Default { owner, .. }, .. } => Some(owner),
        _ => None,
    };
    let hang = hang(&workload);
    let Some(at) = unlimited.or(hang.as_ref().map(|hang| hang.at)) else { return };
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let message = match (unlimited, &hang) {
        (Some(_), None) => {
            format!("CronJob{name} has no backoffLimit: a run that fails is tried six times again")
        }
        (None, Some(hang)) => format!("CronJob{name} has no activeDeadlineSeconds: {}", hang.consequence),
        _ => format!(
            "CronJob{name} has neither backoffLimit nor activeDeadlineSeconds: a run that fails is tried six times again, and {}",
            hang.as_ref().map_or("", |hang| hang.consequence)
        ),
    };
    let mut finding = sink.report(at, message);
    finding = match &hang {
        None => finding.help("set `backoffLimit` to the number of retries that do no harm: 0 when a run must not be repeated"),
        Some(_) => finding.help("set `backoffLimit` to the retries that do no harm, and `activeDeadlineSeconds` to more than the longest run takes"),
    };
    match (hang.map(|hang| hang.forbids), unlimited) {
        (Some(Some(policy)), _) => {
            finding.severity(Severity::Warning).related(policy, "no run starts while another is there");
        }
        (None, Some(owner)) => {
            let edits = object.facts.set(owner, "backoffLimit", &New::from(3), &["activeDeadlineSeconds"]);
            if let Some(edits) = edits {
                finding.fix(
                    "Write `backoffLimit: 3`: half as many retries as by default",
                    Safety::Unsafe,
                    edits,
                );
            }
        }
        _ => {}
    }
}

/// A run that hangs, and nothing that ends it.
struct Hang {
    /// Where a deadline would stand.
    at: Span,
    /// The policy by which it holds up all others.
    forbids: Option<Span>,
    consequence: &'static str,
}

fn hang(workload: &Workload) -> Option<Hang> {
    let (cron, job) = (workload.cron.as_ref()?, workload.job.as_ref()?);
    let Fact::Known { value: None, origin: Origin::Default { owner, .. } } = &job.active_deadline else {
        return None;
    };
    if workload.template.as_ref()?.active_deadline.known()?.is_some() {
        return None;
    }
    match &cron.concurrency_policy {
        Fact::Known { value, origin } if value == "Forbid" => Some(Hang {
            at: *owner,
            forbids: origin.span(),
            consequence: "one that hangs is never ended, and no later run starts",
        }),
        // Nobody decided that runs may be beside each other: those that hang become more and more.
        Fact::Known { origin: Origin::Default { .. }, .. } => Some(Hang {
            at: *owner,
            forbids: None,
            consequence: "one that hangs is never ended, and the next ones join it",
        }),
        _ => None,
    }
}
