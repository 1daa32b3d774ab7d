//! Images of containers whose name leaves open what runs tomorrow.

use crate::facts::object::WorkloadKind;
use crate::facts::{Fact, Why, base_images, server};
use crate::model::Container;
use crate::model::build::{Build, BuiltBy};
use crate::rules::{Cx, Sink};
use crate::syntax::image_ref::ImageRef;

const LATEST: &str = "is whatever was pushed last";

pub(crate) fn check(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let pull = container.facts.pull_policy.known().and_then(Option::as_deref);
    if pull == Some("Never") {
        return;
    }
    let Fact::Known { value: Some(text), origin } = &container.facts.image else {
        return filled_in_later(cx, container, sink);
    };
    let image = ImageRef::parse(text);
    if image.digest().is_some() {
        return;
    }
    let fault = match image.tag() {
        Some("latest") => LATEST,
        None if image.is_literal() && !is_stand_in(cx, container, &image) => "has no tag, which means latest",
        _ => return,
    };
    let at = origin.span().unwrap_or(container.facts.anchor);
    sink.report(at, format!("{text} {fault}: {}", outcome(cx, container))).help(HELP);
}

const HELP: &str = "name a release: the tag that CI pushed for this commit, or its digest";

/// What comes of it: only some kinds have pods beside each other.
fn outcome(cx: &Cx<'_>, container: &Container) -> String {
    match cx.project.workload(container.workload).facts.kind {
        WorkloadKind::Pod => "a restart may run other code".to_owned(),
        WorkloadKind::Job | WorkloadKind::CronJob => "the next run may be of other code".to_owned(),
        kind => format!("two pods of one {kind:?} may run different code"),
    }
}

/// A name that is a placeholder or holds a variable, with a tag that is written out.
fn filled_in_later(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let is_open = matches!(container.facts.image, Fact::Unknown(Why::Placeholder | Why::Variable));
    let tag = container.facts.written_tag.as_ref().filter(|tag| is_open && tag.value == "latest");
    if let Some(tag) = tag {
        let tag_as_written = cx.text(tag.span).trim_matches(['"', '\'']);
        sink.report(tag.span, format!("{tag_as_written} {LATEST}: {}", outcome(cx, container))).help(HELP);
    }
}

/// What skaffold or Tilt builds they name anew when they apply it; a bare word that is no image of Docker Hub's own is a
/// name that some such tool replaces.
fn is_stand_in(cx: &Cx<'_>, container: &Container, image: &ImageRef) -> bool {
    let builds = container.image.known().map_or(&[] as &[_], |id| &cx.project.image(*id).builds);
    let is_replaced = |build: &Build| {
        matches!(build.by, BuiltBy::Skaffold | BuiltBy::Tilt)
            && build.names.iter().any(|name| ImageRef::parse(name).name() == image.name())
    };
    if builds.iter().any(is_replaced) {
        return true;
    }
    let is_bare = image.registry.is_none() && !image.repository.text.contains('/');
    let is_public = || server::of_image(image, &[]).is_some() || base_images::lookup(image).is_some();
    is_bare && (container.image.known().is_some() || !is_public())
}
