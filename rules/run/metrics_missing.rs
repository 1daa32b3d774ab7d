//! Servers that measure nothing of themselves.

use crate::facts::object::{Pair, Role};
use crate::model::{Container, Run};
use crate::rules::{Cx, Sink};

/// Words in the names of packages that measure.
const MEASURES: [&str; 18] = [
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
    "trace-agent",
    "cloud/profiler",
    "opencensus",
    "aws-xray",
];

/// Names of Node's own functions that measure the event loop (nodejs.org, perf_hooks).
const OF_NODE: [&str; 2] = ["monitorEventLoopDelay", "eventLoopUtilization"];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let Some(listen) = program.listens.first().filter(|_| container.facts.role == Role::Main) else { return };
    let measures = |name: &String| MEASURES.iter().any(|word| name.contains(word));
    let itself = program.mentions(&cx.project.sources, &OF_NODE);
    let (modules, are_all) = run.preloaded();
    let preloads = !modules.is_empty() || are_all.is_err();
    let complete = program.reached.complete().is_ok();
    if !complete
        || itself
        || preloads
        || is_instrumented(cx, container)
        || program.reached.packages.keys().any(measures)
    {
        return;
    }
    sink.report(
        listen.span,
        "nothing measures the process: its event loop, heap and garbage collection show nowhere",
    )
    .related(container.facts.anchor, "it runs in this container")
    .help("collect the defaults of prom-client and serve them on /metrics, or load OpenTelemetry");
}

/// True when an operator puts an agent into the container: OpenTelemetry's by `instrumentation.opentelemetry.io/inject-nodejs`,
/// Datadog's by `admission.datadoghq.com/js-lib.version`, and the like.
fn is_instrumented(cx: &Cx<'_>, container: &Container) -> bool {
    let Some(template) = &cx.project.workload(container.workload).facts.template else { return true };
    let words = ["inject-nodejs", "inject-sdk", "js-lib", "dynatrace", "newrelic", "instana"];
    let says = |pair: &Pair| {
        let key = pair.key.value.as_str();
        words.iter().any(|word| key.contains(word)) && pair.value.known().is_none_or(|value| value != "false")
    };
    template.annotations.iter().chain(&template.labels).any(says)
}
