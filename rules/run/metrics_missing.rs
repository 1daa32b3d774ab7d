//! Servers that measure nothing of themselves.

use crate::facts::object::Role;
use crate::model::Run;
use crate::model::chain::End;
use crate::rules::{Cx, Sink};

/// Words in the names of packages that measure.
const MEASURES: [&str; 14] = [
    "prom-client",
    "prometheus",
    "opentelemetry",
    "dd-trace",
    "datadog",
    "newrelic",
    "elastic-apm",
    "metrics",
    "swagger-stats",
    "applicationinsights",
    "instana",
    "dynatrace",
    "statsd",
    "prom-bundle",
];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let Some(listen) = program.listens.first().filter(|_| container.facts.role == Role::Main) else { return };
    let measures = |name: &String| MEASURES.iter().any(|word| name.contains(word));
    if program.reached.complete().is_err() || program.reached.packages.keys().any(measures) || preloads(run) {
        return;
    }
    sink.report(
        listen.span,
        "nothing measures the process: its event loop, heap and garbage collection show nowhere",
    )
    .related(container.facts.anchor, "it runs in this container")
    .help("collect the defaults of prom-client and serve them on /metrics, or load OpenTelemetry");
}

/// True when something is loaded before the program: agents are.
fn preloads(run: &Run) -> bool {
    let options = ["-r", "--require", "--import", "--loader", "--experimental-loader"];
    let loads =
        |word: &str| options.iter().any(|option| word == *option || word.starts_with(&format!("{option}=")));
    let flags = match &run.chain.end {
        End::Node { flags, .. } => flags.iter().any(|flag| loads(&flag.value)),
        _ => false,
    };
    let by_variable = match run.environment.get("NODE_OPTIONS") {
        Ok(Some(value)) => value.known().is_none_or(|text| text.split_whitespace().any(loads)),
        Ok(None) => false,
        Err(_) => true,
    };
    flags || by_variable
}
