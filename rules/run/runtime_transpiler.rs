//! Code that is compiled by the process that serves it.

use crate::facts::Fact;
use crate::finding::Severity;
use crate::model::Run;
use crate::model::chain::{End, Role};
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// Modules that compile what is loaded after them, as `--require`, `--import` and `--loader` name them.
const HOOKS: [&str; 16] = [
    "ts-node",
    "tsx",
    "esbuild-register",
    "esbuild-runner",
    "esno",
    "jiti",
    "sucrase",
    "@swc-node",
    "@swc/register",
    "@babel/register",
    "babel-register",
    "tsm",
    "@esbuild-kit",
    "coffeescript",
    "ts-eager",
    "oxc-node",
];

const HELP: &str = "compile in a build stage, copy the result, and start it with `node`";

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    if !run.stays(cx.project) {
        return;
    }
    if let Some(step) = run.taken.as_ref().and_then(|taken| taken.step(Role::Transpiler)) {
        let base = run.image.map_or(run.start, |id| cx.project.image(id).root_stage().from_span);
        let message = format!(
            "{} compiles the code whenever the base image, as is usual, runs this script",
            step.program
        );
        sink.report(step.at.unwrap_or(run.start), message)
            .severity(Severity::Info)
            .related(base, "what starts comes with this base, and is not known")
            .help(HELP);
        return;
    }
    let Some((name, at)) = compiles(run) else { return };
    let message = format!(
        "{name} compiles the code each time a container starts: slower starts, more memory, and a compiler in the image"
    );
    let mut draft = sink.report(run.start, message);
    if let Some(at) = at.filter(|at| !run.start.contains(*at)) {
        draft = draft.related(at, format!("{name} is started here"));
    }
    draft.help(HELP);
}

fn compiles(run: &Run) -> Option<(String, Option<Span>)> {
    if let Some(step) = run.chain.step(Role::Transpiler) {
        return Some((step.program.clone(), step.at));
    }
    let End::Node { flags, .. } = &run.chain.end else { return None };
    let on_the_line = flags.iter().find_map(|flag| Some((hook(&flag.value)?, Some(flag.span))));
    on_the_line.or_else(|| {
        let Ok(Some(Fact::Known { value, origin })) = run.environment.get("NODE_OPTIONS") else {
            return None;
        };
        Some((value.split_whitespace().find_map(hook)?, origin.span()))
    })
}

/// The compiler that an option or its value names.
fn hook(text: &str) -> Option<String> {
    let value = text.split_once('=').map_or(text, |(_, value)| value);
    let is_hook = |hook: &&&str| {
        value.strip_prefix(**hook).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    HOOKS.iter().find(is_hook).map(|hook| (*hook).to_owned())
}
