//! Development dependencies that running code or the build needs after they were left out.

use crate::facts::lock::Manager;
use crate::facts::{Fact, Found};
use crate::model::development::{Need, NeededBy, lifecycle};
use crate::model::provenance::{Install, Ran};
use crate::model::{Image, Run};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(image) = run.image.map(|image| cx.project.image(image)) else { return };
    at_run_time(cx, run, sink);
    let provenance = cx.project.provenance(image.id);
    for install in &provenance.installs {
        in_lifecycle(cx, image, install, sink);
    }
    for script in &provenance.scripts {
        in_build(cx, image, script, sink);
    }
}

/// What the process itself needs: programs that it is started through, and imports.
fn at_run_time(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let modules = cx.project.packages_seen_by(run);
    let Some(Fact::Known { value: false, origin }) = modules.map(|modules| &modules.development) else {
        return;
    };
    for need in cx.project.development_needs(run).items {
        let name = &need.value.name;
        let message = match &need.value.by {
            NeededBy::Import => format!(
                "the server ends as soon as it starts: {name} is imported, and the image leaves it out"
            ),
            NeededBy::Program(program) => format!(
                "the container does not start: {program} comes with {name}, which the image leaves out"
            ),
        };
        let mut finding =
            sink.report(need.span, message).related(need.value.entry, "only here, in devDependencies");
        if let Some(by) = origin.span() {
            finding = finding.related(by, "without development dependencies");
        }
        finding.help(format!("move {name} to dependencies"));
    }
}

/// Scripts that the install itself runs.
fn in_lifecycle(cx: &Cx<'_>, image: &Image, install: &Install, sink: &mut Sink) {
    if install.development != Ok(false) || install.ignores_scripts || !install.is_certain {
        return;
    }
    let Some(package) = install.package.map(|id| cx.project.package(id)) else { return };
    // npm 6, which came with Node.js until 14, is another matter.
    let node = image.base_of(install.stage).and_then(|base| base.node()?.major);
    if install.manager == Manager::Npm && node.is_none_or(|major| major < 15) {
        return;
    }
    for script in lifecycle(install.manager) {
        let needs = cx.project.needs_of_script(package, script);
        let Some(need) = first(cx, image, &needs) else { continue };
        let message = format!(
            "`{}` fails: it leaves {} out and then runs the script {script}, which starts it",
            install.written, need.0.name
        );
        sink.report(install.at, message)
            .related(need.1, format!("the script {script}"))
            .related(need.0.entry, "only here, in devDependencies")
            .help("write `--ignore-scripts` when no package needs an install script, or make the script do nothing without it");
        return;
    }
}

/// Scripts that RUN starts where only production dependencies are.
fn in_build(cx: &Cx<'_>, image: &Image, script: &Ran, sink: &mut Sink) {
    let Fact::Known { value: false, origin } = &script.development else { return };
    // A base that nobody knows may bring the program.
    if image.base_of(script.stage).is_none() {
        return;
    }
    let needs = cx.project.needs_of_script(cx.project.package(script.package), &script.name);
    let Some(need) = first(cx, image, &needs) else { return };
    let message = format!(
        "the build fails: the script {} starts what comes with {}, and it was left out",
        script.name, need.0.name
    );
    let mut finding = sink
        .report(script.at, message)
        .related(need.1, "started here")
        .related(need.0.entry, "only here, in devDependencies");
    if let Some(by) = origin.span() {
        finding = finding.related(by, "without development dependencies");
    }
    finding.help("install all dependencies for the build (`npm ci --include=dev`), and leave them out of the stage that ships");
}

/// The first need, unless the image installs the package by name.
fn first<'n>(cx: &Cx<'_>, image: &Image, needs: &'n Found<Need>) -> Option<(&'n Need, Span)> {
    let need = needs.items.iter().find(|need| !cx.project.names_package(image, &need.value.name))?;
    Some((&need.value, need.span))
}
