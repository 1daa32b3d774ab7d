//! Secrets that are written into the environment of a container.

use crate::facts::Fact;
use crate::facts::object::EnvValue;
use crate::facts::secret::{self, Secret};
use crate::finding::Severity;
use crate::model::Container;
use crate::rules::{Cx, Sink};

pub(crate) fn check(_: &Cx<'_>, container: &Container, sink: &mut Sink) {
    for variable in container.facts.env.items.iter().map(|variable| &variable.value) {
        let EnvValue::Literal(fact @ Fact::Known { value, .. }) = &variable.value else { continue };
        let Some(at) = fact.span() else { continue };
        let name = variable.name.value.as_str();
        let Some(found) = secret::of_variable(name, value) else { continue };
        let (what, severity) = match found {
            Secret::Recognised(what) => (format!("{name} holds {what}"), Severity::Error),
            Secret::Named => (format!("{name} is a secret and is written out"), Severity::Warning),
            Secret::WellKnown => (format!("{name} holds a value that everybody knows"), Severity::Warning),
        };
        sink.report(at, format!("{what}: it is in the manifest for all who read the repository or the pod"))
            .severity(severity)
            .related(variable.name.span, "the variable")
            .help(format!("put it into a Secret that is not in the repository, and name that: `valueFrom: {{secretKeyRef: {{name: …, key: {name}}}}}`"));
    }
}
