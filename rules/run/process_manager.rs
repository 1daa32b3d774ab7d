//! pm2, forever and nodemon as the program that a container starts, or installed in what is shipped.

use crate::facts::Fact;
use crate::facts::image::RunStep;
use crate::finding::Severity;
use crate::model::Run;
use crate::model::chain::{Delivery, Role, Step};
use crate::model::run_mode::developed_in;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::shell;

/// Packages that keep processes alive, or restart them when files change.
const PACKAGES: [&str; 5] = ["pm2", "forever", "nodemon", "supervisor", "node-dev"];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let managers = |step: &&Step| step.role == Role::ProcessManager || step.is_watcher();
    if let Some(step) = run.chain.steps.iter().find(managers).filter(|_| run.stays(cx.project)) {
        let (message, severity) = started(cx, run, step);
        let mut draft = sink.report(run.start, message).severity(severity);
        if let Some(at) = step.at.filter(|at| !run.start.contains(*at)) {
            draft = draft.related(at, format!("{} is started here", step.program));
        }
        if let Some((by, at)) = developed_in(cx.project, run) {
            draft.related(at, "sources are copied into its containers").help(format!(
                "let the image that is deployed start node itself, and {} start {}",
                by.as_str(),
                step.program
            ));
            return;
        }
        draft.help(match run.direct_command() {
            Some(command) => format!("let Kubernetes restart and scale: `CMD {command}`"),
            None => "start node itself, and let Kubernetes restart and scale".to_owned(),
        });
        return;
    }
    let Some(image) = run.image.map(|image| cx.project.image(image)) else { return };
    let runs = image.lineage().flat_map(|stage| &stage.runs);
    let found = runs.into_iter().find_map(|run| {
        let (package, at) = installed(run)?;
        Some((package, at, run.instruction))
    });
    let keyword = |at: usize| image.tree.instructions.get(at).map(|instruction| instruction.name.span);
    if let Some((package, at, instruction)) = found {
        let message = format!("{package} is installed in the image that ships, and nothing there starts it");
        sink.report(keyword(instruction).unwrap_or(at), message)
            .severity(Severity::Info)
            .related(at, "this installs it for the whole system")
            .help(format!("drop `{package}` here: what developers need belongs to devDependencies"));
    }
}

fn started(cx: &Cx<'_>, run: &Run, step: &Step) -> (String, Severity) {
    let command = &step.command;
    if let Some((by, _)) = developed_in(cx.project, run) {
        let message = format!(
            "`{command}` waits for the sources that {} copies in: where nobody does, only a livenessProbe brings a crashed server back",
            by.as_str()
        );
        return (message, Severity::Info);
    }
    if step.is_watcher() {
        let liveness = run.container().map(|id| &cx.project.container(id).facts.liveness);
        let (consequence, severity) = match liveness.and_then(Fact::known) {
            Some(None) => ("Kubernetes never restarts the pod", Severity::Error),
            Some(Some(_)) => ("only the livenessProbe brings the server back", Severity::Warning),
            // The manifest is not in the project, or cannot be read.
            None => ("nothing but a livenessProbe would bring the server back", Severity::Error),
        };
        let message = format!(
            "`{command}` is for developing: after a crash it waits for a file to change instead of ending, and {consequence}"
        );
        return (message, severity);
    }
    let fact = match run.chain.sigterm() {
        Delivery::Lost { .. } | Delivery::ReachesFor { .. } => run.chain.sentence(),
        _ => None,
    };
    let hides = "it restarts crashed processes in secret, and Kubernetes sees a healthy pod";
    let message = match fact {
        Some(fact) => format!("`{command}` starts the server: {hides}; {fact}"),
        None => format!("`{command}` starts the server: {hides}"),
    };
    (message, Severity::Warning)
}

/// A process manager that this RUN installs for the whole system.
fn installed(run: &RunStep) -> Option<(&'static str, Span)> {
    let text = run.script()?;
    if !PACKAGES.iter().any(|package| text.text.contains(package)) {
        return None;
    }
    for command in &shell::parse(text).commands {
        let words = || command.words.iter().filter_map(|word| Some((word.literal()?, word.span)));
        let is_global = words().any(|(word, _)| matches!(word, "-g" | "--global" | "global"));
        let installs = matches!(command.program(), Some("npm" | "yarn" | "pnpm" | "bun"));
        if !is_global || !installs {
            continue;
        }
        for (word, at) in words() {
            let name = word.split('@').next().unwrap_or(word);
            if let Some(package) = PACKAGES.iter().find(|package| **package == name) {
                return Some((package, at));
            }
        }
    }
    None
}
