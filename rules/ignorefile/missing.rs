//! COPY of a whole build context from which no ignore file leaves anything out.

use crate::finding::Severity;
use crate::model::Image;
use crate::model::context::ignorefile_of;
use crate::model::sent::whole_context;
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let sources = &cx.project.sources;
    let Some(context) = image.context.known() else { return };
    let dockerfile = &sources.file(image.dockerfile).path;
    if ignorefile_of(dockerfile, context, sources).is_some() {
        return;
    }
    let copies = image.stages.reachable(image.stage()).into_iter().flat_map(|stage| &stage.copies);
    let mut wholes = copies.filter_map(whole_context);
    let Some(first) = wholes.next() else { return };
    let into = into(image);
    let is_nodes = image.runs_node(cx.project) || !cx.project.provenance(image.id).installs.is_empty();
    let place = if context.is_root() { "the root of the project" } else { context.as_str() };
    // Only the folder of the Dockerfile is where people put it by mistake.
    let astray = dockerfile.parent().and_then(|folder| sources.find(&folder.join(".dockerignore")?));
    let message = match astray {
        Some(_) => format!(
            "everything in {place} is copied into the {into}: its .dockerignore is where Docker does not look"
        ),
        None => {
            format!("everything in {place} is copied into the {into}: no .dockerignore leaves anything out")
        }
    };
    let help = match astray {
        Some(_) => format!("move it to {place}, which is the build context"),
        None if !is_nodes => format!("put a .dockerignore with at least .git and .env into {place}"),
        None => format!("put a .dockerignore with at least node_modules, .git and .env into {place}"),
    };
    let mut finding = sink.report(first, message).help(help);
    if !is_nodes {
        finding = finding.severity(Severity::Info);
    }
    if let Some(file) = astray {
        finding = finding.related(Span::at(file, 0), "never read");
    }
    wholes.fold(finding, |finding, span| finding.related(span, "here too"));
}

/// Where it goes: what a stage only builds from need not be in the one that is shipped.
fn into(image: &Image) -> &'static str {
    let in_own = image.lineage().flat_map(|stage| &stage.copies).any(|copy| whole_context(copy).is_some());
    if in_own || image.holds(".git/HEAD") { "image" } else { "build" }
}
