//! COPY of a whole build context from which no ignore file leaves anything out.

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
    let place = if context.is_root() { "the root of the project" } else { context.as_str() };
    // Only the folder of the Dockerfile is where people put it by mistake.
    let astray = dockerfile.parent().and_then(|folder| sources.find(&folder.join(".dockerignore")?));
    let message = match astray {
        Some(_) => format!(
            "everything in {place} is copied into the image: its .dockerignore is where Docker does not look"
        ),
        None => {
            format!("everything in {place} is copied into the image: no .dockerignore leaves anything out")
        }
    };
    let help = match astray {
        Some(_) => format!("move it to {place}, which is the build context"),
        None => format!("put a .dockerignore with at least node_modules, .git and .env into {place}"),
    };
    let mut finding = sink.report(first, message).help(help);
    if let Some(file) = astray {
        finding = finding.related(Span::at(file, 0), "never read");
    }
    wholes.fold(finding, |finding, span| finding.related(span, "here too"));
}
