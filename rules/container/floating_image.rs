//! Images of containers whose name leaves open what runs tomorrow.

use crate::facts::{Fact, base_images, server};
use crate::model::Container;
use crate::rules::{Cx, Sink};
use crate::syntax::image_ref::ImageRef;

pub(crate) fn check(_: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let Fact::Known { value: Some(text), origin } = &container.facts.image else { return };
    let image = ImageRef::parse(text);
    let pull = container.facts.pull_policy.known().and_then(Option::as_deref);
    if image.digest().is_some() || pull == Some("Never") {
        return;
    }
    let fault = match image.tag() {
        Some("latest") => "is whatever was pushed last: two pods of one Deployment may run different code",
        None if image.is_literal() && !is_stand_in(container, &image) => {
            "has no tag, which means latest: two pods of one Deployment may run different code"
        }
        _ => return,
    };
    let at = origin.span().unwrap_or(container.facts.anchor);
    sink.report(at, format!("{text} {fault}"))
        .help("name a release: the tag that CI pushed for this commit, or its digest");
}

/// A bare word that is no image of Docker Hub's own is a name that a tool replaces (skaffold, kustomize, tilt).
fn is_stand_in(container: &Container, image: &ImageRef) -> bool {
    let is_bare = image.registry.is_none() && !image.repository.text.contains('/');
    let is_public = || server::of_image(image, &[]).is_some() || base_images::lookup(image).is_some();
    is_bare && (container.image.known().is_some() || !is_public())
}
