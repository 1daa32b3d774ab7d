//! Packages that ship and have tests that no pipeline runs.

use crate::model::{PackageId, Project};
use crate::rules::{Cx, Sink};

use crate::model::purpose::Purpose;
use crate::source::Span;

pub(crate) fn check(_: &Cx<'_>, project: &Project, sink: &mut Sink) {
    let ships = project.runs.iter().filter(|run| run.purpose.decided == Purpose::Ship && run.is_node());
    let mut packages: Vec<PackageId> = ships.filter_map(|run| project.image(run.image?).package).collect();
    packages.sort();
    packages.dedup();
    if packages.is_empty() {
        return;
    }
    let pipelines = project.pipelines();
    let Some(first) = pipelines.files.first() else { return };
    if pipelines.tests || pipelines.rest.is_err() {
        return;
    }
    for package in packages.into_iter().map(|id| project.package(id)) {
        let Some(script) = package.facts.script("test").filter(|test| !only_says(&test.text.text)) else {
            continue;
        };
        let name =
            package.facts.name.known().cloned().flatten().unwrap_or_else(|| package.folder.to_string());
        sink.report(
            script.name.span,
            format!("no pipeline runs the tests of {name}: what fails them ships all the same"),
        )
        .subject(format!("package {name}"))
        .related(Span::at(*first, 0), "a pipeline without tests")
        .help("run `npm test` before the image is built");
    }
}

/// True for a script that prints and ends, as the one that `npm init` writes: it is no test.
fn only_says(script: &str) -> bool {
    let mut commands = script.split(['&', '|', ';']).map(str::trim).filter(|command| !command.is_empty());
    commands.all(|command| matches!(command.split_whitespace().next(), Some("echo" | "exit" | "true" | ":")))
}
