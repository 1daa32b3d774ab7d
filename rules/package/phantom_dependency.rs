//! Packages that code imports and that no package.json asks for.

use crate::facts::lock::Manager;
use crate::finding::Severity;
use crate::model::Package;
use crate::model::phantom::Phantom;
use crate::rules::{Cx, Sink};

/// Further imports that are shown.
const MOST_SHOWN: usize = 3;

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    for phantom in cx.project.phantoms(package) {
        report(cx, package, phantom, sink);
    }
}

fn report(cx: &Cx<'_>, package: &Package, phantom: &Phantom, sink: &mut Sink) {
    let (Some(first), Some(direct)) = (phantom.places.first(), phantom.way.first()) else { return };
    let name = &phantom.name;
    let by = brought_by(&phantom.way);
    let (at, severity, message) = match &phantom.missing {
        Some(missing) if missing.at_start => (
            missing.at,
            Some(Severity::Error),
            format!(
                "the server ends as soon as it starts: {name} is in no package.json, and the image leaves out {direct}, which brings it"
            ),
        ),
        Some(missing) => (
            missing.at,
            Some(Severity::Warning),
            format!(
                "this import fails: {name} is in no package.json, and the image leaves out {direct}, which brings it"
            ),
        ),
        None if phantom.development => (
            *first,
            None,
            format!("{name} is in no package.json: {by}, which an install for production leaves out"),
        ),
        None if phantom.versions > 1 => (
            *first,
            None,
            format!(
                "{name} is in no package.json: {direct} and others bring {} versions, and which one is found here may change",
                phantom.versions
            ),
        ),
        None => {
            (*first, None, format!("{name} is in no package.json: {by}, and goes or changes when that does"))
        }
    };
    let mut finding = sink.report(at, message).subject(name.clone());
    if let Some(severity) = severity {
        finding = finding.severity(severity);
    }
    finding = finding.related(
        phantom.entry,
        if phantom.way.len() == 1 { "brings it" } else { "the way to it begins here" },
    );
    if let Some(by) = phantom.missing.as_ref().and_then(|missing| missing.by) {
        finding = finding.related(by, "without development dependencies");
    }
    for other in phantom.places.iter().filter(|place| **place != at).take(MOST_SHOWN) {
        finding = finding.related(*other, "imported here, too");
    }
    finding.help(help(cx, package, phantom));
}

/// Through whom it comes: `express brings it`.
fn brought_by(way: &[String]) -> String {
    match way {
        [direct] => format!("it is there only because {direct} brings it"),
        [direct, next] => format!("it is there only because {direct} brings {next}, which brings it"),
        [direct, between @ .., last] => {
            format!(
                "it is there only because {direct} brings {last} (through {}), which brings it",
                between.join(", ")
            )
        }
        [] => String::new(),
    }
}

fn help(cx: &Cx<'_>, package: &Package, phantom: &Phantom) -> String {
    let name = &phantom.name;
    let asked = match &phantom.version {
        Some(version) => format!("{name}@{version}"),
        None => name.clone(),
    };
    let member = package.workspace.is_some_and(|root| root != package.id);
    let own = package.facts.name.known().and_then(Option::as_deref).unwrap_or(package.folder.as_str());
    let command = match (phantom.manager, member) {
        (Manager::Npm, false) => format!("npm install {asked}"),
        (Manager::Npm, true) => format!("npm install -w {own} {asked}"),
        (Manager::Yarn, false) => format!("yarn add {asked}"),
        (Manager::Yarn, true) => format!("yarn workspace {own} add {asked}"),
        (Manager::Pnpm, false) => format!("pnpm add {asked}"),
        (Manager::Pnpm, true) => format!("pnpm --filter {own} add {asked}"),
        (Manager::Bun, _) => format!("bun add {asked}"),
    };
    let file = cx.project.sources.file(package.file).path.as_str();
    let which = match phantom.version {
        Some(_) => String::new(),
        None => format!(", at the version of `node_modules/{name}`"),
    };
    format!("ask for it in {file}: `{command}`{which}")
}
