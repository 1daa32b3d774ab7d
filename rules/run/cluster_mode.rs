//! Code that starts itself several times in one container.

use crate::facts::module::{ChildKind, When, Workers};
use crate::finding::Severity;
use crate::model::{Run, RunBy};
use crate::rules::{Cx, Sink};
use crate::source::{Span, Spanned};

/// Processes of the same program in a container.
struct Cluster<'a> {
    by: &'a str,
    at: Span,
    workers: Option<Spanned<Workers>>,
}

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let severity = match run.by {
        RunBy::Container(_) => Severity::Warning,
        // Nothing in the project says where it runs.
        RunBy::Image => Severity::Info,
        RunBy::Compose(_) => return,
    };
    let Some(cluster) = cluster(run).filter(|_| run.stays(cx.project)) else { return };
    let how_many = match cluster.workers.as_ref().map(|workers| workers.value) {
        Some(Workers::Count(count)) => format!("{count} processes"),
        Some(Workers::PerCpu) => {
            "one process for each CPU of the node, whatever the pod may use of them".to_owned()
        }
        // Of two at least: a first one, and one that works.
        None => "a first process and as many workers as it is told".to_owned(),
    };
    let limit = run.container().and_then(|id| {
        let limit = cx.project.container(id).facts.resources.cpu_limit.as_ref();
        let span = limit.span()?;
        Some((limit.known()?.as_ref()?.milli(), span))
    });
    let below = match (cluster.workers.as_ref().map(|workers| workers.value), limit) {
        (Some(Workers::Count(count)), Some((milli, span))) if milli < i128::from(count) * 1000 => {
            Some((milli, span))
        }
        _ => None,
    };
    let message = match below {
        Some((milli, _)) => format!(
            "{} starts {how_many} under a limit of {} CPU: they take turns, and each request waits for the others",
            cluster.by,
            milli as f64 / 1000.0
        ),
        None => format!(
            "{} starts {how_many} in one container: scaling, probes and memory limits see them as one",
            cluster.by
        ),
    };
    let severity = if below.is_some() { Severity::Error } else { severity };
    let mut draft = sink.report(cluster.at, message).severity(severity);
    if let Some(workers) = cluster.workers.filter(|workers| !cluster.at.contains(workers.span)) {
        draft = draft.related(workers.span, "the number of processes");
    }
    if let Some((_, span)) = limit {
        draft = draft.related(span, "the limit that they share");
    }
    if !run.start.contains(cluster.at) {
        draft = draft.related(run.start, "the container starts with this");
    }
    let package = cx.project.package_of(&cx.project.sources.file(cluster.at.file).path);
    if let Some(dependency) = package.and_then(|package| package.facts.dependency(cluster.by)) {
        draft = draft.related(dependency.key, "the package that does it");
    }
    draft.help("run one process in each pod, and set `replicas` or an autoscaler");
}

fn cluster(run: &Run) -> Option<Cluster<'_>> {
    if let Some(workers) = &run.chain.workers {
        let manager = run.chain.steps.iter().find(|step| step.program.starts_with("pm2"));
        let by = manager.map_or("pm2", |step| step.program.as_str());
        return Some(Cluster { by, at: workers.span, workers: Some(workers.clone()) });
    }
    let children = run.program.as_ref()?.children.iter();
    children.filter(|child| child.reached == When::Production).find_map(|child| match &child.kind {
        ChildKind::Worker(workers) => {
            Some(Cluster { by: child.library, at: child.span, workers: workers.clone() })
        }
        _ => None,
    })
}
