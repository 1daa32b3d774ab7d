//! Probes that can only fail: nothing listens on their port, serves their path, or has their program.

use crate::facts::command::Command;
use crate::facts::object::{Handler, PortRef, Probe};
use crate::model::route::Answers;
use crate::model::{Container, Run};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let mut told: Vec<String> = Vec::new();
    for (key, probe) in container.probes() {
        let Some(fault) = fault(cx, run, container, probe) else { continue };
        if told.contains(&fault.what) {
            continue;
        }
        told.push(fault.what.clone());
        let consequence = match key {
            "readinessProbe" => "the pod never gets requests",
            _ => "the container is restarted again and again",
        };
        let finding =
            sink.report(fault.at, format!("the {key} {}: {consequence}", fault.what)).help(fault.help);
        if let Some((span, note)) = fault.related {
            finding.related(span, note);
        }
    }
}

struct Fault {
    at: Span,
    what: String,
    help: String,
    related: Option<(Span, &'static str)>,
}

fn fault(cx: &Cx<'_>, run: &Run, container: &Container, probe: &Probe) -> Option<Fault> {
    match &probe.handler {
        Handler::Http { path, port, host, .. } => {
            if !matches!(host.known(), Some(None)) {
                return None;
            }
            let at = port.span().unwrap_or(probe.key);
            port_fault(cx, run, container, port.known()?.as_ref()?, at, "httpGet").or_else(|| {
                if !is_asked(cx, run, container, port.known()?.as_ref()?) {
                    return None;
                }
                path_fault(
                    cx,
                    run,
                    path.known()?,
                    path.span().filter(|_| path.is_written()).unwrap_or(probe.key),
                )
            })
        }
        Handler::Tcp { host, .. } if !matches!(host.known(), Some(None)) => None,
        Handler::Tcp { port, .. } => port_fault(
            cx,
            run,
            container,
            port.known()?.as_ref()?,
            port.span().unwrap_or(probe.key),
            "tcpSocket",
        ),
        Handler::Grpc { port } => {
            port_fault(cx, run, container, port.known()?.as_ref()?, port.span().unwrap_or(probe.key), "grpc")
        }
        Handler::Exec { command } => program_fault(cx, run, command.known()?.as_ref()?),
        _ => None,
    }
}

fn port_fault(
    cx: &Cx<'_>,
    run: &Run,
    container: &Container,
    port: &PortRef,
    at: Span,
    kind: &str,
) -> Option<Fault> {
    let Some(number) = container.port_number(port) else {
        let PortRef::Name(name) = port else { return None };
        let ports = &container.facts.ports;
        let known = ports.rest.is_ok() && ports.items.iter().all(|port| port.value.name.known().is_some());
        return known.then(|| Fault {
            at,
            what: format!("asks a port named {name}, and the container declares none of this name"),
            help: "name the port in `ports` of the container, or write its number".to_owned(),
            related: None,
        });
    };
    let ports = run.serving.ports()?;
    let alone = is_alone(cx, container);
    let server = run.serving.on(number);
    let Some(server) = server else {
        let shown: Vec<String> = ports.iter().map(u16::to_string).collect();
        let first = run.serving.servers.first()?;
        return alone.then(|| Fault {
            at,
            what: format!("asks port {number}, and the process listens on {}", shown.join(" and ")),
            help: format!("ask port {}", shown.first().map_or("", String::as_str)),
            related: Some((
                first.port.span().unwrap_or(first.at),
                "the port that is listened on is decided here",
            )),
        });
    };
    let (speaks, other) = match kind {
        "grpc" if server.is_http() => ("gRPC", "an HTTP server"),
        "httpGet" if server.is_grpc() => ("HTTP", "a gRPC server"),
        _ => return None,
    };
    Some(Fault {
        at,
        what: format!("speaks {speaks} to {other}"),
        help: "use the probe of the server's protocol: httpGet or grpc".to_owned(),
        related: Some((server.at, "the server listens here")),
    })
}

/// No other container of the pod could answer.
fn is_alone(cx: &Cx<'_>, container: &Container) -> bool {
    let workload = cx.project.workload(container.workload);
    workload.facts.template.as_ref().is_some_and(|template| {
        template.running().count() == 1 && template.rest.is_ok() && !template.is_injected()
    })
}

/// True when the probe's port is this process's.
fn is_asked(cx: &Cx<'_>, run: &Run, container: &Container, port: &PortRef) -> bool {
    let listens = container.port_number(port).is_some_and(|number| run.serving.on(number).is_some());
    listens || is_alone(cx, container)
}

fn path_fault(cx: &Cx<'_>, run: &Run, path: &str, at: Span) -> Option<Fault> {
    let program = run.program.as_ref().filter(|_| run.is_node())?;
    // Several servers: which of them has which routes is not known.
    if program.listens.len() != 1 || program.answers(&cx.project.sources, path) != Answers::No {
        return None;
    }
    Some(Fault {
        at,
        what: format!("asks for {path}, and the code has no such route: 404 counts as failed"),
        help: "serve the path, or ask for one that is served".to_owned(),
        related: program.listens.first().map(|listen| (listen.span, "this server answers it")),
    })
}

fn program_fault(cx: &Cx<'_>, run: &Run, command: &Command) -> Option<Fault> {
    let Command::Exec(words) = command else { return None };
    let first = words.first()?;
    let missing = |program: &str| cx.project.run_has_program(run, program) == Some(false);
    let fault = |program: &str, at: Span| Fault {
        at,
        what: format!("runs {program}, which is not in the image"),
        help: "ask by httpGet, tcpSocket or grpc, which need no program; or install it".to_owned(),
        related: None,
    };
    if missing(&first.value) {
        return Some(fault(&first.value, first.span));
    }
    // `sh -c "curl … || exit 1"`: the first word of the script.
    let is_shell = matches!(first.value.rsplit('/').next(), Some("sh" | "bash" | "ash"));
    let script = words.get(2).filter(|_| is_shell && words.get(1).is_some_and(|word| word.value == "-c"))?;
    let mut parts = script.value.split_whitespace();
    let program = parts
        .next()
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)))?;
    let others = script.value.matches("||").count();
    let fails = others == 0 || script.value.contains("|| exit 1") && others == 1;
    (fails && missing(program)).then(|| fault(program, script.span))
}
