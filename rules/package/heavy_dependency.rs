//! Dependencies that weigh much more than what the code uses them for needs.

use crate::facts::heavy::{self, FEW, Heavy, When};
use crate::facts::package::{Dependency, DependencyKind};
use crate::finding::Severity;
use crate::model::imports::Imports;
use crate::model::{Package, Run};
use crate::rules::{Cx, Sink};

/// Bytes from which a package is worth a warning.
const MUCH: u64 = 20_000_000;

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    let dependencies = package.facts.of_kind(DependencyKind::Production);
    let known: Vec<&Dependency> =
        dependencies.filter(|entry| heavy::of(entry.package_name()).next().is_some()).collect();
    if known.is_empty() {
        return;
    }
    let runs: Vec<&Run> =
        cx.project.runs.iter().filter(|run| cx.project.ships_packages_of(package, run)).collect();
    if runs.is_empty() {
        return;
    }
    for entry in known {
        let seen = cx.project.imports_of(&entry.name, &runs);
        let Some(heavy) = heavy::of(entry.package_name()).find(|heavy| holds(heavy, &seen, &runs)) else {
            continue;
        };
        report(entry, &heavy, &seen, sink);
    }
}

fn holds(heavy: &Heavy, seen: &Imports, runs: &[&Run]) -> bool {
    let is_old = |run: &&&Run| {
        let major = run.node().and_then(|version| version.major);
        heavy.since_node.is_some_and(|since| major.is_some_and(|major| major < since))
    };
    if runs.iter().any(|run| is_old(&run)) {
        return false;
    }
    let is_known = seen.complete && seen.usage.rest.is_ok();
    match &heavy.when {
        When::Always => true,
        When::Used(members) => seen.usage.uses(members),
        When::Unused(members) => is_known && !seen.usage.uses(members),
        When::Few(member) => is_known && (1..=FEW).contains(&parts(seen, member)),
    }
}

/// How many members of a member are used.
fn parts(seen: &Imports, member: &str) -> usize {
    let of = |used: &&String| used.split_once('.').is_some_and(|(head, _)| head == member);
    seen.usage.members.iter().filter(of).count()
}

fn report(entry: &Dependency, heavy: &Heavy, seen: &Imports, sink: &mut Sink) {
    let megabytes = (heavy.bytes + 500_000) / 1_000_000;
    let day = heavy.seen.map_or_else(String::new, |day| format!(", as of {day}"));
    let weight = format!("about {megabytes} MB unpacked ({}{day})", heavy.version);
    let name = entry.package_name();
    let use_ = match &heavy.when {
        When::Always => "what does the same is lighter".to_owned(),
        When::Used(members) => format!("for `{}`, which lighter ones have", members.join("`, `")),
        When::Unused(_) if seen.usage.members.is_empty() => "nothing of it is used".to_owned(),
        When::Unused(members) => format!("`{}` is never used", members[0]),
        When::Few(member) => match parts(seen, member) {
            1 => "one part of it is used".to_owned(),
            count => format!("{count} parts of it are used"),
        },
    };
    let severity = if heavy.bytes >= MUCH { Severity::Warning } else { Severity::Info };
    let finding = sink
        .report(entry.key, format!("{name} brings {weight} into the image, and {use_}"))
        .severity(severity)
        .help(format!("instead: {}", heavy.instead));
    seen.places.iter().take(3).fold(finding, |finding, at| finding.related(*at, "imported here"));
}
