//! A compose image whose name leaves open what it will be tomorrow.

use crate::model::{ComposeService, build::BuiltBy};
use crate::rules::{Cx, Sink};
use crate::syntax::image_ref::ImageRef;

pub(crate) fn check(cx: &Cx<'_>, service: &ComposeService, sink: &mut Sink) {
    let facts = &service.facts;
    let (Some(None), Some(Some(name)), Some(span)) =
        (facts.build.known(), facts.image.known(), facts.image.span())
    else {
        return;
    };
    let image = ImageRef::parse(name);
    if !image.is_literal() || image.digest().is_some() || is_made_here(cx, service, &image) {
        return;
    }
    let fault = match image.tag() {
        None => "has no tag: what runs is whatever was latest on the day it was pulled",
        Some("latest") => "is whatever was latest on the day it was pulled",
        Some(_) => return,
    };
    sink.report(span, format!("{name} {fault}")).help("write a tag that names a release, or a digest");
}

/// True for an image that another service of the project, or a script beside it, builds under this name.
fn is_made_here(cx: &Cx<'_>, service: &ComposeService, image: &ImageRef) -> bool {
    let Some(made) = service.image.known() else { return false };
    let builds = cx.project.image(*made).builds.iter();
    let local =
        builds.filter(|build| matches!(build.by, BuiltBy::Compose | BuiltBy::Command | BuiltBy::Bake));
    let mut names = local.filter(|build| !build.pushed).flat_map(|build| &build.names);
    names.any(|name| ImageRef::parse(name).name() == image.name())
}
