//! Workers of which nobody can tell that they hang.

use crate::facts::object::{Role, WorkloadKind};
use crate::model::Run;
use crate::model::reach::Program;
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// Packages whose programs wait for messages or for the clock, with what they do.
const WORKS: [(&str, &str); 20] = [
    ("amqplib", "takes messages from RabbitMQ"),
    ("amqp-connection-manager", "takes messages from RabbitMQ"),
    ("bullmq", "takes jobs from a queue"),
    ("bull", "takes jobs from a queue"),
    ("bee-queue", "takes jobs from a queue"),
    ("kafkajs", "takes messages from Kafka"),
    ("node-rdkafka", "takes messages from Kafka"),
    ("@confluentinc/kafka-javascript", "takes messages from Kafka"),
    ("nats", "takes messages from NATS"),
    ("mqtt", "takes messages from MQTT"),
    ("sqs-consumer", "takes messages from SQS"),
    ("@google-cloud/pubsub", "takes messages from Pub/Sub"),
    ("@temporalio/worker", "runs workflows"),
    ("graphile-worker", "takes jobs from a queue"),
    ("pg-boss", "takes jobs from a queue"),
    ("agenda", "runs jobs by the clock"),
    ("node-cron", "runs jobs by the clock"),
    ("cron", "runs jobs by the clock"),
    ("node-schedule", "runs jobs by the clock"),
    ("bree", "runs jobs by the clock"),
];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let facts = &container.facts;
    let kind = cx.project.workload(container.workload).facts.kind;
    let is_bare = facts.ports.items.is_empty()
        && [&facts.readiness, &facts.liveness, &facts.startup]
            .iter()
            .all(|probe| matches!(probe.known(), Some(None)));
    let serves = !program.listens.is_empty() || run.serving.rest.is_err();
    if serves
        || !is_bare
        || facts.role != Role::Main
        || matches!(kind, WorkloadKind::Pod | WorkloadKind::KnativeService)
    {
        return;
    }
    let Some((what, at)) = works(program) else { return };
    let name = facts.name.known().map_or_else(String::new, |name| format!(" {name}"));
    let message =
        format!("container{name} {what} and has neither port nor probe: when it hangs, nothing notices");
    sink.report(facts.anchor, message).related(at, "the program waits for work with this").help(
        "let it touch a file after each piece of work and ask for its age in an exec livenessProbe, or serve a small health route",
    );
}

fn works(program: &Program) -> Option<(&'static str, Span)> {
    WORKS.iter().find_map(|(package, what)| {
        let spans = program.reached.packages.get(*package)?;
        Some((*what, *spans.first()?))
    })
}
