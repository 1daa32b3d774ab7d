//! Dependencies that weigh much more than what the code uses them for needs.

use crate::facts::heavy::{self, FEW, Heavy, When};
use crate::facts::module::{Usage, usage};
use crate::facts::package::{Dependency, DependencyKind};
use crate::finding::Severity;
use crate::model::purpose::Purpose;
use crate::model::{Package, Run};
use crate::rules::{Cx, Sink};
use crate::source::Span;

/// Bytes from which a package is worth a warning.
const MUCH: u64 = 20_000_000;

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    let dependencies = package.facts.of_kind(DependencyKind::Production);
    let known: Vec<&Dependency> =
        dependencies.filter(|entry| heavy::of(entry.package_name()).next().is_some()).collect();
    if known.is_empty() {
        return;
    }
    let runs: Vec<&Run> = cx.project.runs.iter().filter(|run| ships(cx, package, run)).collect();
    if runs.is_empty() {
        return;
    }
    for entry in known {
        let seen = seen(cx, entry, &runs);
        let Some(heavy) = heavy::of(entry.package_name()).find(|heavy| holds(heavy, &seen, &runs)) else {
            continue;
        };
        report(entry, &heavy, &seen, sink);
    }
}

/// True for a run of an image that is known to ship the packages of this one's install.
fn ships(cx: &Cx<'_>, package: &Package, run: &Run) -> bool {
    let Some(image) = run.image.map(|id| cx.project.image(id)) else { return false };
    let is_of = |id| id == package.id || Some(id) == package.workspace;
    let folders = &cx.project.provenance(image.id).folders;
    let brought = folders
        .iter()
        .any(|modules| modules.by.as_ref().is_some_and(|install| install.package.is_some_and(is_of)));
    run.purpose.decided == Purpose::Ship && run.is_node() && image.package == Some(package.id) && brought
}

/// What the programs use of a dependency.
struct Seen {
    usage: Usage,
    /// Where they import it.
    imports: Vec<Span>,
    /// True when all that runs was seen.
    complete: bool,
}

fn seen(cx: &Cx<'_>, entry: &Dependency, runs: &[&Run]) -> Seen {
    let mut seen = Seen { usage: Usage::default(), imports: Vec::new(), complete: true };
    for run in runs {
        let Some(program) = &run.program else {
            seen.complete = false;
            continue;
        };
        seen.complete &= program.reached.complete().is_ok();
        for span in program.reached.packages.get(&entry.name).into_iter().flatten() {
            if seen.imports.contains(span) {
                continue;
            }
            seen.imports.push(*span);
            if let Some(facts) = cx.project.scripts.facts(&cx.project.sources, span.file) {
                seen.usage.join(usage(facts, &entry.name));
            }
        }
    }
    seen
}

fn holds(heavy: &Heavy, seen: &Seen, runs: &[&Run]) -> bool {
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
fn parts(seen: &Seen, member: &str) -> usize {
    let of = |used: &&String| used.split_once('.').is_some_and(|(head, _)| head == member);
    seen.usage.members.iter().filter(of).count()
}

fn report(entry: &Dependency, heavy: &Heavy, seen: &Seen, sink: &mut Sink) {
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
    seen.imports.iter().take(3).fold(finding, |finding, at| finding.related(*at, "imported here"));
}
