//! Dependencies that weigh much more than what the code uses them for needs.

use crate::facts::heavy;
use crate::facts::package::{Dependency, DependencyKind};
use crate::finding::Severity;
use crate::model::advice::Advice;
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
        if let Some(advice) = cx.project.advice(entry.package_name(), &entry.name, &runs) {
            report(entry, &advice, sink);
        }
    }
}

fn report(entry: &Dependency, advice: &Advice, sink: &mut Sink) {
    let heavy = &advice.heavy;
    let megabytes = (heavy.bytes + 500_000) / 1_000_000;
    let day = heavy.seen.map_or_else(String::new, |day| format!(", as of {day}"));
    let weight = format!("about {megabytes} MB unpacked ({}{day})", heavy.version);
    let (name, reason) = (entry.package_name(), advice.reason());
    let severity = if heavy.bytes >= MUCH { Severity::Warning } else { Severity::Info };
    let finding = sink
        .report(entry.key, format!("{name} brings {weight} into the image, and {reason}"))
        .severity(severity)
        .help(format!("instead: {}", heavy.instead));
    advice.imports.places.iter().take(3).fold(finding, |finding, at| finding.related(*at, "imported here"));
}
