//! Dependencies that ship and that nothing names.

use crate::facts::package::{Dependency, DependencyKind};
use crate::facts::tool;
use crate::model::use_of::Tier;
use crate::model::{Package, Run};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    let runs: Vec<&Run> =
        cx.project.runs.iter().filter(|run| cx.project.ships_packages_of(package, run)).collect();
    // What loads by computed names, or out of sight, may load anything.
    let is_seen = |run: &&Run| run.program.as_ref().is_some_and(|program| program.reached.complete().is_ok());
    if runs.is_empty() || !runs.iter().all(is_seen) {
        return;
    }
    let is_unused = |entry: &&Dependency| {
        tool::purpose_of(entry.package_name()).is_none()
            && cx.project.use_of(package, &entry.name) == Tier::Nowhere
    };
    let mut unused = package.facts.of_kind(DependencyKind::Production).filter(is_unused);
    let Some(first) = unused.next() else { return };
    let others: Vec<&Dependency> = unused.collect();
    let name = &first.name;
    let message = match &others[..] {
        [] => format!("{name} is installed into the image, and nothing in the project names it"),
        [other] => format!("{name} and {} are installed into the image, and nothing names them", other.name),
        [other, rest @ ..] => format!(
            "{name}, {} and {} more are installed into the image, and nothing names them",
            other.name,
            rest.len()
        ),
    };
    let finding = sink.report(first.key, message);
    let finding = finding.help("remove what is not used: `npm uninstall` renews the lock file, too");
    others.iter().fold(finding, |finding, other| finding.related(other.key, "named nowhere either"));
}
