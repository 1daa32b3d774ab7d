//! Secrets that are written into a compose file.

use crate::facts::compose::Environment;
use crate::facts::secret::{Secret, of_variable};
use crate::model::ComposeService;
use crate::rules::{Cx, Sink};
use crate::source::Spanned;

pub(crate) fn check(cx: &Cx<'_>, service: &ComposeService, sink: &mut Sink) {
    for variable in &service.facts.environment.items {
        let (name, value) = (&variable.value.name.value, &variable.value.value);
        let (Some(Some(text)), Some(span)) = (value.known(), value.span()) else { continue };
        // What stands behind `:-` is what somebody has who sets nothing.
        if cx.text(span).contains('$') || is_unasked(cx, service, name, text) {
            continue;
        }
        let message = match of_variable(name, text) {
            Some(Secret::Recognised(kind)) => {
                format!("{name} holds {kind}: whoever can read the repository has it")
            }
            Some(Secret::Named) => format!("{name} is written out: whoever can read the repository has it"),
            Some(Secret::WellKnown) if !is_tried_out(cx, service) => {
                format!("{name} is a default that everybody knows")
            }
            _ => continue,
        };
        sink.report(span, message).help(format!(
            "take it from the environment, `{name}: ${{{name}:?}}`, or from a file by `secrets:`"
        ));
    }
}

/// True for the password of a PostgreSQL that is told to let everybody in without one, there and in the address of whoever calls it.
fn is_unasked(cx: &Cx<'_>, service: &ComposeService, name: &str, text: &str) -> bool {
    let trusts = |variable: &Spanned<Environment>| {
        let value = variable.value.value.known().and_then(Option::as_deref);
        variable.value.name.value == "POSTGRES_HOST_AUTH_METHOD" && value == Some("trust")
    };
    let trusts = |service: &ComposeService| service.facts.environment.items.iter().any(trusts);
    let host = text.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(_, rest)| rest);
    let host = host.and_then(|rest| rest.split([':', '/', '?']).next());
    let mut others = cx.project.together_with(service);
    name == "POSTGRES_PASSWORD" && trusts(service)
        || host.is_some_and(|host| others.any(|other| other.facts.name.value == host && trusts(other)))
}

/// True for a file that starts what Kubernetes runs: there it is tried out on a machine of one's own.
fn is_tried_out(cx: &Cx<'_>, service: &ComposeService) -> bool {
    cx.project
        .together_with(service)
        .any(|other| other.image.known().is_some_and(|image| !cx.project.image(*image).containers.is_empty()))
}
