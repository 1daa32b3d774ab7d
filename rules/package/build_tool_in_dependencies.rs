//! Tools among the packages that `--omit=dev` keeps, where an image ships them and no running code imports them.

use crate::facts::base_images::Runtime;
use crate::facts::image::CopyStep;
use crate::facts::install::What;
use crate::facts::package::{Dependency, DependencyKind, moved};
use crate::facts::tool;
use crate::finding::{Edit, Safety};
use crate::model::purpose::Purpose;
use crate::model::{Image, Package, Run};
use crate::rules::{Cx, Sink};
use crate::source::FileId;

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    let ships = |run: &&Run| is_shipped_by(cx, package, run);
    let runs: Vec<&Run> = cx.project.runs.iter().filter(ships).collect();
    if runs.is_empty() {
        return;
    }
    let dependencies = package.facts.of_kind(DependencyKind::Production);
    let mut tools = dependencies
        .filter(|entry| tool::purpose_of(entry.package_name()).is_some() && !is_used(entry, &runs));
    let Some(first) = tools.next() else { return };
    let others: Vec<&Dependency> = tools.collect();
    let named = match &others[..] {
        [] => format!("{} is", first.name),
        [other] => format!("{} and {} are", first.name, other.name),
        [other, rest @ ..] => format!("{}, {} and {} more are", first.name, other.name, rest.len()),
    };
    let finding =
        sink.report(first.key, format!("the image ships tools for development: {named} in dependencies"));
    let finding =
        finding.help("move to devDependencies what only builds and tests, and build in a stage of its own");
    let finding = others.iter().fold(finding, |finding, other| finding.also(other.key, "a tool too"));
    let names: Vec<&str> = [first].iter().chain(&others).map(|entry| entry.name.as_str()).collect();
    // Plugins are named in texts, and loaded by others.
    let is_unnamed = |run: &Run| {
        run.program.as_ref().is_some_and(|program| !program.mentions(&cx.project.sources, &names))
    };
    if runs.iter().all(|run| is_unnamed(run) && cx.project.leaves_out(package, run, &names))
        && let Some((title, safety, edits)) = fix(cx, package, &names)
    {
        finding.fix(title, safety, edits);
    }
}

/// Moves the entries, in the lock file too where that can be done as npm does it.
fn fix(cx: &Cx<'_>, package: &Package, names: &[&str]) -> Option<(String, Safety, Vec<Edit>)> {
    let text = |file: FileId| cx.project.sources.file(file).text();
    let mut edits = vec![moved::in_package(package.file, text(package.file), names)?];
    let title = format!("Move {} to devDependencies", names.join(", "));
    match package.locks.as_slice() {
        [] => Some((title, Safety::Unsafe, edits)),
        [lock] => match moved::in_lock(lock, text(lock.file), names) {
            Some(more) => {
                edits.extend(more);
                Some((format!("{title}, in the lock file too"), Safety::Safe, edits))
            }
            None => {
                let title = format!("{title}; the lock file must then be made anew");
                Some((title, Safety::Unsafe, edits))
            }
        },
        _ => None,
    }
}

/// True when the run is of an image with Node that ships the packages of this one's install.
fn is_shipped_by(cx: &Cx<'_>, package: &Package, run: &Run) -> bool {
    let Some(image) = run.image.map(|image| cx.project.image(image)) else { return false };
    image.package == Some(package.id)
        && run.purpose.decided == Purpose::Ship
        && matches!(run.runtime.known(), Some(Runtime::Node(_)))
        && has_packages(image)
}

/// True when the shipped stage is known to install packages, or to take them from another stage.
fn has_packages(image: &Image) -> bool {
    let installs = image
        .lineage()
        .flat_map(|stage| &stage.runs)
        .any(|run| run.installs().iter().any(|(install, ..)| install.what == What::All));
    installs || image.lineage().flat_map(|stage| &stage.copies).any(|copy| takes_packages(image, copy))
}

fn takes_packages(image: &Image, copy: &CopyStep) -> bool {
    let Some(from) = copy.from.stage().and_then(|index| image.stages.stages.get(index)) else { return false };
    copy.sources.iter().filter_map(|source| source.value.known()).any(|source| {
        let source = source.trim_end_matches('/');
        source.ends_with("node_modules") || from.config.workdir.known().is_some_and(|folder| folder == source)
    })
}

/// What the running code imports is no tool to it. Of code that cannot be followed, nothing is known.
fn is_used(entry: &Dependency, runs: &[&Run]) -> bool {
    runs.iter().any(|run| match &run.program {
        Some(program) => program.reached.packages.contains_key(&entry.name),
        None => tool::is_library_too(entry.package_name()),
    })
}
