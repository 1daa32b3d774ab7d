//! Jobs that a server starts by the clock, inside of itself.

use crate::facts::module::Schedule;
use crate::finding::Severity;
use crate::model::Run;
use crate::rules::{Cx, Sink};

/// Places that one finding shows beside its own.
const MOST: usize = 5;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let copies = cx.project.copies_of(run);
    // What runs every few seconds only a process can do: it is a fault when several do it.
    let counts = |one: &&Schedule| one.is_job && !one.locked && (copies.is_some() || !one.often);
    let mut jobs = program.schedules.iter().filter(counts);
    let Some(first) = jobs.next().filter(|_| copies.is_some() || !program.listens.is_empty()) else {
        return;
    };
    let others: Vec<&Schedule> = jobs.collect();
    let library = first.library;
    let what = match others.len() {
        0 => "a job".to_owned(),
        more => format!("{} jobs", more + 1),
    };
    let is = if others.is_empty() { "it is" } else { "they are" };
    let message = match copies {
        Some(copies) if copies.scaled => {
            format!("{library} runs {what} in every replica, of which there may be {}", copies.count)
        }
        Some(copies) => {
            format!("{library} runs {what} in every replica: each time {is} done {} times", copies.count)
        }
        None => format!(
            "{library} runs {what} inside the server: {is} cut off by each rollout, and doubled by a second replica"
        ),
    };
    let mut finding = sink.report(first.span, message);
    if let Some(copies) = copies {
        let said = if copies.scaled { "scaled here" } else { "the number of replicas" };
        finding = finding.severity(Severity::Error).related(copies.at, said);
    }
    for other in others.iter().take(MOST) {
        finding = finding.related(other.span, "another job");
    }
    if let Some(switch) = program.schedules.iter().find(|one| !one.is_job) {
        finding = finding.related(switch.span, "the scheduler is switched on here");
    }
    finding.related(run.start, "the process starts here").help(match copies {
        Some(_) => "make it a CronJob that runs the same image with `concurrencyPolicy: Forbid`, or let a lock that all replicas share decide who does it",
        None => "make it a CronJob that runs the same image with `concurrencyPolicy: Forbid`",
    });
}
