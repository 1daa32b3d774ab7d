//! Services that start beside their database instead of after it.

use crate::facts::compose::{Dependency, waits};
use crate::facts::server::{Keeps, Server};
use crate::finding::Severity;
use crate::model::opening::{Opening, SQL};
use crate::model::{ComposeService, Project};
use crate::rules::{Cx, Sink};
use crate::source::Spanned;

pub(crate) fn check(cx: &Cx<'_>, service: &ComposeService, sink: &mut Sink) {
    for dependency in &service.facts.depends_on.items {
        let Some(other) = cx.project.beside(service, &dependency.value.service.value) else { continue };
        match dependency.value.condition.known().map(String::as_str) {
            Some("service_healthy") => never_healthy(cx.project, dependency, other, sink),
            Some("service_started") if !waits_itself(cx, service) => {
                let server = cx.project.server_of(other).filter(|server| server.keeps != Keeps::Nothing);
                let Some(server) = server else { continue };
                if let Some(opening) = opening(cx.project, service, server) {
                    too_early(cx.project, service, dependency, (other, server), opening, sink);
                }
            }
            _ => {}
        }
    }
}

/// It waits for what never comes: compose gives up.
fn never_healthy(
    project: &Project,
    dependency: &Spanned<Dependency>,
    other: &ComposeService,
    sink: &mut Sink,
) {
    let Some(None) = project.health_of(other).known() else { return };
    let name = &other.facts.name.value;
    let message =
        format!("{name} has no health check to wait for: `docker compose up` ends with an error here");
    let span = dependency.value.condition.span().unwrap_or(dependency.span);
    sink.report(span, message)
        .severity(Severity::Error)
        .related(other.facts.name.span, format!("{name} is here, and its image brings no check along"))
        .help(format!("give {name} a `healthcheck`{}", project.server_of(other).map_or("", example)));
}

fn too_early(
    project: &Project,
    service: &ComposeService,
    dependency: &Spanned<Dependency>,
    (other, server): (&ComposeService, &Server),
    opening: &Opening,
    sink: &mut Sink,
) {
    let (name, dependent) = (&other.facts.name.value, &service.facts.name.value);
    let health = project.health_of(other);
    let restarts = service.facts.restart.known().is_some_and(|restart| restart != "no");
    let consequence = match restarts {
        true => "its first starts may fail until it does",
        false => "its one attempt to connect may fail, and nothing starts it again",
    };
    let message =
        format!("{dependent} starts as soon as {name} does, before {} answers: {consequence}", server.name);
    let help = match health.known() {
        Some(None) => {
            format!("write `condition: service_healthy` and give {name} a `healthcheck`{}", example(server))
        }
        _ => "write `condition: service_healthy`".to_owned(),
    };
    let finding = sink.report(dependency.value.service.span, message);
    let finding = finding.related(
        opening.span,
        format!("the connection is opened here, and {} does not try again", opening.library),
    );
    let finding = if restarts { finding.severity(Severity::Info) } else { finding };
    match health.known() {
        Some(Some(check)) => finding.related(*check, "this check tells when it is ready"),
        _ => finding.related(other.facts.name.span, format!("{name} is here")),
    }
    .help(help);
}

/// The connection that the service's own program opens to such a server as it starts, and once.
fn opening<'p>(project: &'p Project, service: &ComposeService, server: &Server) -> Option<&'p Opening> {
    let run = project.run_of(service.id)?;
    run.image?;
    let depended = service.facts.depends_on.items.iter().filter_map(|dependency| {
        project.server_of(project.beside(service, &dependency.value.service.value)?)
    });
    // A mapper of several dialects has one of them: which, its configuration says.
    let is_only = depended.filter(|server| SQL.contains(&server.name)).count() == 1;
    let fits =
        |opening: &&Opening| opening.servers.contains(&server.name) && (opening.servers != SQL || is_only);
    run.program.as_ref()?.openings.iter().find(fits)
}

/// True for a service that is no program of the project, or whose start waits for something by itself.
fn waits_itself(cx: &Cx<'_>, service: &ComposeService) -> bool {
    if cx.project.server_of(service).is_some() {
        return true;
    }
    let steps = cx.project.run_of(service.id).map_or(&[] as &[_], |run| &run.chain.steps);
    let in_chain =
        steps.iter().any(|step| waits(&step.command) || step.at.is_some_and(|at| waits(cx.text(at))));
    let facts = &service.facts;
    let written = [&facts.entrypoint, &facts.command]
        .into_iter()
        .filter_map(|command| command.known()?.as_ref()?.span());
    in_chain || written.into_iter().any(|span| waits(cx.text(span)))
}

/// How the server's own tools see that it is ready.
fn example(server: &Server) -> &'static str {
    match server.name {
        "PostgreSQL" => ": `test: [\"CMD-SHELL\", \"pg_isready -U postgres\"]`",
        "MySQL" => ": `test: [\"CMD\", \"mysqladmin\", \"ping\"]`",
        "MariaDB" => ": `test: [\"CMD\", \"healthcheck.sh\", \"--connect\", \"--innodb_initialized\"]`",
        "MongoDB" => ": `test: [\"CMD\", \"mongosh\", \"--eval\", \"db.adminCommand('ping')\"]`",
        "Redis" => ": `test: [\"CMD\", \"redis-cli\", \"ping\"]`",
        "Valkey" => ": `test: [\"CMD\", \"valkey-cli\", \"ping\"]`",
        "RabbitMQ" => ": `test: [\"CMD\", \"rabbitmq-diagnostics\", \"-q\", \"ping\"]`",
        _ => "",
    }
}
