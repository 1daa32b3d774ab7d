//! What needs ingress-nginx, which is not maintained any more.

use crate::date::Date;
use crate::facts::object::Role;
use crate::model::Object;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::image_ref::ImageRef;

/// Annotations that are ingress-nginx's; those of the company NGINX's controller begin with `nginx.org/`.
const PREFIX: &str = "nginx.ingress.kubernetes.io/";

/// How an IngressClass names the controller.
const CONTROLLER: &str = "k8s.io/ingress-nginx";

pub(crate) fn check(cx: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let is_over = "2026-03-31".parse().is_ok_and(|end: Date| cx.as_of >= end);
    let Some((at, what)) = runs_it(cx, object).or_else(|| is_class(object)).or_else(|| needs_it(cx, object))
    else {
        return;
    };
    if is_over {
        sink.report(
            at,
            format!("{what} ingress-nginx, which was retired in March 2026: its holes stay open"),
        )
        .help("move to a controller that is maintained, or to the Gateway API (ingress2gateway translates)");
    }
}

/// The controller itself.
fn runs_it(cx: &Cx<'_>, object: &Object) -> Option<(Span, String)> {
    let workload = cx.project.workload(object.workload?);
    let containers = workload.facts.template.as_ref()?.containers.iter();
    containers.filter(|container| container.role == Role::Main).find_map(|container| {
        let image = ImageRef::parse(container.image.known()?.as_deref()?);
        let path = image.repository.text.as_str();
        let is_it = path.ends_with("ingress-nginx/controller")
            || path.rsplit('/').next() == Some("nginx-ingress-controller");
        is_it.then(|| Some((container.image.span()?, format!("{} runs", object.facts.kind.value))))?
    })
}

fn is_class(object: &Object) -> Option<(Span, String)> {
    let controller = object.facts.root.at(&["spec", "controller"])?;
    let is_it =
        object.facts.is("networking.k8s.io", "IngressClass") && controller.as_str() == Some(CONTROLLER);
    is_it.then(|| (controller.span, "the IngressClass is for".to_owned()))
}

/// An Ingress with settings for it, or of a class of the unit that is its own. The class `nginx` alone may be either
/// controller's.
fn needs_it(cx: &Cx<'_>, object: &Object) -> Option<(Span, String)> {
    let ingress = object.facts.ingress()?;
    let name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    let what = format!("Ingress{name} is for");
    let class = ingress.class.known()?;
    if class.as_ref().is_some_and(|class| cx.project.is_class_of(object.unit, class, CONTROLLER)) {
        return Some((ingress.class.span()?, what));
    }
    let annotations = object.facts.annotations();
    let own = annotations.iter().find(|annotation| annotation.key.value.starts_with(PREFIX))?;
    class.as_ref().is_none_or(|class| class.contains("nginx")).then_some((own.key.span, what))
}
