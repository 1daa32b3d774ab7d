//! Dependencies that weigh much more than what the code uses them for needs.

use crate::facts::heavy::{self, Heavy};
use crate::facts::package::{Dependency, DependencyKind};
use crate::facts::size::COMMITTED;
use crate::finding::Severity;
use crate::model::advice::Advice;
use crate::model::weight::Saving;
use crate::model::{Package, Run};
use crate::rules::{Cx, Sink};

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
        let imports = cx.project.imports_of(&entry.name, &runs);
        if let Some(advice) = cx.project.advice(entry.package_name(), &entry.name, &imports, &runs) {
            report(cx, entry, &advice, &runs, sink);
        }
    }
}

fn report(cx: &Cx<'_>, entry: &Dependency, advice: &Advice<'_>, runs: &[&Run], sink: &mut Sink) {
    let (name, heavy, reason) = (entry.package_name(), &advice.heavy, advice.reason());
    let of_run = |run: &&Run| cx.project.saving(run.image?, &entry.name);
    // Images may be for several systems: the one that holds most of it tells.
    let (bytes, message) = match runs.iter().filter_map(of_run).max() {
        Some(Saving { packages, bytes: Some(bytes) }) => (bytes, by_sizes(name, packages, bytes)),
        _ => (heavy.bytes, by_table(name, heavy)),
    };
    let reaches = |option: &str| {
        let megabytes = u64::try_from(cx.option_integer(option)).unwrap_or(0);
        bytes >= megabytes.saturating_mul(1_000_000)
    };
    if !reaches("speak-at") {
        return;
    }
    let severity = if reaches("warn-at") { Severity::Warning } else { Severity::Info };
    let finding = sink
        .report(entry.key, format!("{message}, and {reason}"))
        .severity(severity)
        .help(format!("instead: {}", heavy.instead));
    advice.imports.places.iter().take(3).fold(finding, |finding, at| finding.related(*at, "imported here"));
}

fn by_sizes(name: &str, packages: usize, bytes: u64) -> String {
    let packages = if packages == 1 { "1 package".to_owned() } else { format!("{packages} packages") };
    let megabytes = bytes as f64 / 1e6;
    format!("removing {name} takes {megabytes:.1} MB and {packages} out of the image, by {COMMITTED}")
}

fn by_table(name: &str, heavy: &Heavy) -> String {
    let megabytes = (heavy.bytes + 500_000) / 1_000_000;
    let day = heavy.seen.map_or_else(String::new, |day| format!(", as of {day}"));
    format!("{name} brings about {megabytes} MB unpacked ({}{day}) into the image", heavy.version)
}
