//! Ports that do not agree between the code, the image and what sends requests.

use crate::facts::object::Role;
use crate::finding::Severity;
use crate::model::target::{Sender, Target};
use crate::model::{Container, Project, Run};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(ports) = run.serving.ports() else { return };
    let listens = |port: i64| ports.iter().any(|listened| i64::from(*listened) == port);
    let targets = cx.project.targets_of(run);
    let is_sent = |target: &&Target| matches!(target.by, Sender::Service(_) | Sender::Published);
    let container = run.container().map(|id| cx.project.container(id));
    let missed = targets.iter().filter(is_sent).find(|target| !listens(target.port));
    if let Some(target) = missed {
        if container.is_none_or(|container| !others_may_listen(cx.project, container, target.port)) {
            refused(run, &ports, target, &targets, container, sink);
        }
        return;
    }
    if let Some((port, at)) = container.and_then(|container| declared(container, &listens)) {
        report(
            run,
            at,
            format!("the container declares port {port} and the process listens on {}", shown(&ports)),
            sink,
        )
        .severity(Severity::Warning)
        .help("declare the port that is listened on: tools and named ports go by it");
        return;
    }
    if let Some((port, at)) = exposed(cx, run, &listens) {
        report(run, at, format!("EXPOSE names {port} and the process listens on {}", shown(&ports)), sink)
            .severity(Severity::Info)
            .help("expose the port that is listened on, or set the variable that the code takes it from");
    }
}

/// Something sends to a port on which nothing listens.
fn refused(
    run: &Run,
    ports: &[u16],
    target: &Target,
    targets: &[Target],
    container: Option<&Container>,
    sink: &mut Sink,
) {
    let by = target.by.shown();
    // Where all say the same, the code is what differs.
    let all_agree = targets.len() > 1 && targets.iter().all(|other| other.port == target.port);
    let server =
        run.serving.servers.first().map_or(run.start, |server| server.port.span().unwrap_or(server.at));
    let message = format!(
        "{by} sends to port {} and the process listens on {}: connections are refused",
        target.port,
        shown(ports)
    );
    let at = if all_agree { server } else { target.at };
    let mut finding = report(run, at, message, sink);
    for other in targets.iter().filter(|other| other.port == target.port && other.at != at) {
        finding = finding.related(other.at, format!("{} goes to {}", other.by.shown(), other.port));
    }
    let declared = container.into_iter().flat_map(|container| &container.facts.ports.items);
    for port in declared.filter(|port| port.span != at) {
        finding = finding.related(port.span, "the container declares this port");
    }
    finding.help(format!("let all of them say {}", ports.first().copied().unwrap_or_default()));
}

fn report<'s>(run: &Run, at: Span, message: String, sink: &'s mut Sink) -> crate::rules::Draft<'s> {
    let mut finding = sink.report(at, message);
    for server in &run.serving.servers {
        let span = server.port.span().unwrap_or(server.at);
        if span != at {
            finding = finding.related(span, "the port that is listened on is decided here");
        }
    }
    finding
}

/// A declared port that nothing listens on, when none of the declared ones is.
fn declared(container: &Container, listens: &impl Fn(i64) -> bool) -> Option<(i64, Span)> {
    let ports = &container.facts.ports;
    let numbers: Option<Vec<(i64, Span)>> = ports
        .items
        .iter()
        .filter(|port| port.value.protocol.known().is_some_and(|protocol| protocol == "TCP"))
        .map(|port| Some((port.value.number.known().copied().flatten()?, port.value.number.span()?)))
        .collect();
    let numbers = numbers.filter(|_| ports.rest.is_ok() && container.facts.role == Role::Main)?;
    numbers.first().copied().filter(|_| !numbers.iter().any(|(port, _)| listens(*port)))
}

/// An exposed port, when none of the exposed ones is listened on.
fn exposed(cx: &Cx<'_>, run: &Run, listens: &impl Fn(i64) -> bool) -> Option<(u16, Span)> {
    let image = cx.project.image(run.image?);
    let exposed: Option<Vec<((u16, u16), Span)>> =
        image.config().exposed.items.iter().map(|port| Some((port.value.range?, port.span))).collect();
    let exposed = exposed?;
    let is_listened = |(first, last): (u16, u16)| (first..=last).any(|port| listens(i64::from(port)));
    let ((port, _), at) =
        exposed.first().copied().filter(|_| !exposed.iter().any(|(range, _)| is_listened(*range)))?;
    (at.file == image.dockerfile).then_some((port, at))
}

/// Another container of the pod declares the port, or somebody puts one in.
fn others_may_listen(project: &Project, container: &Container, port: i64) -> bool {
    let workload = project.workload(container.workload);
    let Some(template) = &workload.facts.template else { return true };
    let others = template.running().filter(|other| other.anchor != container.facts.anchor);
    let declares = |other: &crate::facts::object::Container| {
        other.ports.items.iter().any(|declared| declared.value.number.known() == Some(&Some(port)))
    };
    template.is_injected() || others.into_iter().any(declares)
}

fn shown(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.join(" and ")
}
