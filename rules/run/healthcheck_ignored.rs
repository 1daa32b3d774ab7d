//! HEALTHCHECK in an image whose containers have no probe.

use crate::facts::Fact;
use crate::model::{Container, Run};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(image) = run.image.map(|id| cx.project.image(id)) else { return };
    let Some(container) = run.container().filter(|_| run.stays(cx.project)) else { return };
    let Fact::Known { value: Some(health), .. } = &image.config().healthcheck else { return };
    let Some(at) = health.command.span().filter(|span| span.file == image.dockerfile) else { return };
    if !image.containers.iter().all(|id| has_no_probe(cx.project.container(*id))) {
        return;
    }
    let container = &cx.project.container(container).facts;
    let name = container.name.known().map_or_else(String::new, |name| format!(" {name}"));
    sink.report(at, "Kubernetes does not run HEALTHCHECK, and no container of this image has a probe")
        .related(container.anchor, format!("container{name} has neither readinessProbe nor livenessProbe"))
        .help("ask the same in a readinessProbe of the container");
}

fn has_no_probe(container: &Container) -> bool {
    let facts = &container.facts;
    [&facts.readiness, &facts.liveness, &facts.startup]
        .iter()
        .all(|probe| matches!(probe.known(), Some(None)))
}
