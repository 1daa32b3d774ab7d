//! Pipelines that build what ships and that nothing scans for known holes.

use crate::model::Project;
use crate::rules::{Cx, Sink};

use crate::model::build::BuiltBy;
use crate::model::purpose::Purpose;
use crate::source::Span;

pub(crate) fn check(_: &Cx<'_>, project: &Project, sink: &mut Sink) {
    let ships = |run: &&crate::model::Run| run.purpose.decided == Purpose::Ship && run.is_node();
    let Some(run) = project.runs.iter().filter(ships).find(|run| run.image.is_some()) else { return };
    let pipelines = project.pipelines();
    let Some(first) = pipelines.files.first() else { return };
    if pipelines.scans || pipelines.rest.is_err() {
        return;
    }
    let builds = project.images.iter().flat_map(|image| &image.builds);
    let built = builds.filter(|build| build.by == BuiltBy::Ci).map(|build| build.span).next();
    let place = built.unwrap_or(Span::at(*first, 0));
    sink.report(
        place,
        "nothing scans the packages or the image for known holes: one that is published tomorrow goes unnoticed",
    )
    .related(run.start, "this ships")
    .help("add `npm audit --omit=dev --audit-level=high`, or a scanner of images, and run it on a schedule, too");
}
