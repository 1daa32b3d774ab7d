//! A server that keeps data, and whose data go with the pod.

use crate::facts::keeping::{Keeping, keeping};
use crate::facts::object::{Container, WorkloadKind};
use crate::facts::server::{self, Keeps, Server};
use crate::finding::Severity;
use crate::model::Workload;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, workload: &Workload, sink: &mut Sink) {
    let Some(template) = &workload.facts.template else { return };
    if matches!(workload.facts.kind, WorkloadKind::Job | WorkloadKind::CronJob | WorkloadKind::KnativeService)
    {
        return;
    }
    for container in template.main() {
        let server = server::of_container(container).filter(|server| server.keeps != Keeps::Nothing);
        let Some(server) = server.filter(|server| !keeps_nothing(server, container)) else { continue };
        let found = keeping(&workload.facts, template, container, server);
        let (at, what, help) = match found {
            Keeping::Unsure => continue,
            Keeping::Nowhere => (container.anchor, "no volume".to_owned(), "mount a claim"),
            Keeping::WithPod(at) => (at, "an emptyDir".to_owned(), "mount a claim"),
            Keeping::Elsewhere(at) => (at, "a claim that it does not write to".to_owned(), "mount the claim"),
        };
        let consequence = match server.keeps {
            Keeps::InMemory => "what it holds is gone with the pod",
            _ => "its data are gone with the pod",
        };
        let folder = server.data.first().map_or("", |folder| folder);
        let finding = sink
            .report(at, format!("{} runs on {what}: {consequence}", server.name))
            .severity(severity(server, is_built(cx, workload, container)))
            .help(format!("{help} at `{folder}` (a volumeClaimTemplate of a StatefulSet)"));
        if let Some(image) = container.image.span() {
            finding.related(image, format!("the image of {}", server.name));
        }
    }
}

/// True for an image that the project builds: what it is filled with when it is built is there again in the next pod.
fn is_built(cx: &Cx<'_>, workload: &Workload, container: &Container) -> bool {
    let mut containers = workload.containers.iter().map(|id| cx.project.container(*id));
    containers.any(|own| own.facts.anchor == container.anchor && own.image.known().is_some())
}

fn severity(server: &Server, is_built: bool) -> Severity {
    match (server.keeps, server.name) {
        (Keeps::InMemory, _) => Severity::Info,
        // What waits in a queue was written elsewhere before, and what has gone through is gone anyway.
        (_, "RabbitMQ" | "ActiveMQ") => Severity::Warning,
        _ if is_built => Severity::Warning,
        _ => Severity::Error,
    }
}

/// Words that say that nothing is to be kept, or start the part of a server that keeps nothing.
fn keeps_nothing(server: &Server, container: &Container) -> bool {
    use crate::facts::command::Command;
    let commands = [&container.command, &container.args].map(|command| command.known()?.as_ref());
    let words = commands.into_iter().flatten().flat_map(|command| match command {
        Command::Exec(words) => words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(),
        Command::Shell(script) => vec![script.text.as_str()],
    });
    let mut words =
        words.flat_map(|word| if word.is_empty() { vec![""] } else { word.split_whitespace().collect() });
    let mut is_save = false;
    words.any(|word| {
        let empty = matches!(word, "" | "\"\"" | "''");
        let is_off = is_save && empty || word.starts_with("--save=") && word.len() <= "--save=''".len();
        is_save = word == "--save";
        let is_part = matches!(word, "mongos" | "redis-sentinel" | "--sentinel" | "inMemory");
        (server.keeps == Keeps::InMemory && is_off) || is_part
    })
}
