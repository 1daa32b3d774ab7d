//! One stage that builds and ships itself: what only the build needs is shipped.

use crate::facts::system_package::{Tool, left_by, tool};
use crate::model::chain::Role;
use crate::model::{Image, Project};
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::shell::{self, ShellCommand};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    if image.is_base || image.parent.is_some() || !image.runs_node(cx.project) {
        return;
    }
    let [stage] = image.stages.reachable(image.stage())[..] else { return };
    let evidence = evidence(cx.project, image);
    let Some((_, what)) = evidence.first() else { return };
    let message =
        format!("one stage builds and ships itself: {what}, and what that needs stays in the image");
    let finding = sink
        .report(stage.from_span, message)
        .help("build in a first stage, and copy what the server needs into a second one");
    evidence.iter().fold(finding, |finding, (at, what)| finding.related(*at, what.clone()));
}

/// What shows that the stage does more than the server needs.
fn evidence(project: &Project, image: &Image) -> Vec<(Span, String)> {
    let provenance = project.provenance(image.id);
    let mut found: Vec<(Span, String)> = Vec::new();
    for script in &provenance.scripts {
        if let Some(what) = of_script(&script.name) {
            found.push((script.at, format!("the script {} {what}", script.name)));
        }
    }
    for run in image.lineage().flat_map(|stage| &stage.runs).filter_map(|run| run.script()) {
        let script = shell::parse(run);
        let builds = script.commands.iter().filter_map(|command| Some((command.span, of_command(command)?)));
        found.extend(builds.map(|(at, program)| (at, format!("{program} builds"))));
        let tools = left_by(&script).into_iter().filter(|package| tool(&package.value) == Some(Tool::Builds));
        found.extend(tools.map(|package| (package.span, format!("{} is installed", package.value))));
    }
    let runs = project.runs.iter().filter(|run| run.image == Some(image.id));
    for step in runs.flat_map(|run| &run.chain.steps) {
        let bundles = step.role == Role::DevServer
            && !matches!(step.program.as_str(), "nodemon" | "node-dev" | "supervisor");
        if let Some(at) = step.at.filter(|_| bundles) {
            found.push((at, format!("{} builds when the container starts", step.program)));
        }
    }
    found.dedup_by_key(|(at, _)| *at);
    found
}

/// What a script of package.json does, by its name.
fn of_script(name: &str) -> Option<&'static str> {
    let first = name.split([':', '-', '_', '.']).next()?;
    match first {
        "build" | "compile" | "bundle" | "dist" | "tsc" | "webpack" => Some("builds"),
        "test" | "tests" | "e2e" | "lint" | "coverage" => Some("tests"),
        _ => None,
    }
}

/// The program, for a command that compiles or bundles.
fn of_command(command: &ShellCommand) -> Option<String> {
    let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
    // A script of one member of a workspace.
    if let ["pnpm", "--filter" | "-F" | "-C" | "--dir", _, rest @ ..] | ["yarn", "workspace", _, rest @ ..] =
        &words[..]
        && let ["run", name, ..] | [name, ..] = rest
        && of_script(name) == Some("builds")
    {
        return Some(format!("the script {name}"));
    }
    let words = match words[..] {
        ["npx" | "exec" | "bunx", ..] => &words[1..],
        ["yarn" | "pnpm" | "npm", "exec", ..] => &words[2..],
        ["yarn" | "pnpm", ..] => &words[1..],
        _ => &words[..],
    };
    let program = words.first()?.rsplit('/').next()?;
    let builds = match words {
        [_, "build", ..] => matches!(
            program,
            "next"
                | "nest"
                | "vite"
                | "ng"
                | "nuxt"
                | "remix"
                | "react-scripts"
                | "vue-cli-service"
                | "turbo"
                | "nx"
                | "ncc"
                | "esbuild"
        ),
        _ => matches!(program, "tsc" | "webpack" | "rollup" | "esbuild" | "parcel" | "tsup"),
    };
    builds.then(|| program.to_owned())
}
