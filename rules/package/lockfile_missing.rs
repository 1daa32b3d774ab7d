//! Packages that images install without a lock file, with two, or with one that was written for another package.json.

use crate::facts::lock::{Disagreement, Flavour, Lack, Lock, Manager};
use crate::facts::package::{DependencyKind, Range, Version};
use crate::finding::Severity;
use crate::model::provenance::Install;
use crate::model::purpose::Purpose;
use crate::model::{Image, Package};
use crate::rules::{Cx, Sink};
use crate::source::{ProjectPath, Span};

/// Dependencies that a message names.
const NAMED: usize = 3;

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    let Some((image, install)) = installed_by(cx, package) else { return };
    match package.locks.as_slice() {
        [] => none(cx, package, image, install, sink),
        [lock] => out_of_step(cx, package, lock, install, sink),
        locks => several(cx, locks, install, sink),
    }
}

/// The first image that ships and installs the package.
fn installed_by<'a>(cx: &Cx<'a>, package: &Package) -> Option<(&'a Image, &'a Install)> {
    let ships = cx.project.images.iter().filter(|image| image.purpose.decided == Purpose::Ship);
    ships.into_iter().find_map(|image| {
        let installs = &cx.project.provenance(image.id).installs;
        let found = installs.iter().find(|install| install.package == Some(package.id))?;
        Some((image, &**found))
    })
}

fn none(cx: &Cx<'_>, package: &Package, image: &Image, install: &Install, sink: &mut Sink) {
    let depends = |kind| package.facts.of_kind(kind).count();
    let count = depends(DependencyKind::Production) + depends(DependencyKind::Development);
    // Without a section for them a package is not meant to have dependencies.
    let section = package.facts.section(DependencyKind::Production);
    let nothing = count == 0 && section.is_none();
    if nothing || package.facts.dependencies.rest.is_err() || may_be_locked(cx, package) {
        return;
    }
    let outcome = match install.written.ends_with(" ci") {
        true => "fails without a lock file",
        false => "takes what is newest that day",
    };
    let message = match count {
        0 => "nothing will fix the versions of a dependency that is added".to_owned(),
        1 => format!("nothing fixes the versions of the dependency: `{}` {outcome}", install.written),
        _ => {
            format!("nothing fixes the versions of the {count} dependencies: `{}` {outcome}", install.written)
        }
    };
    let section = section.or_else(|| package.facts.section(DependencyKind::Development));
    let place = section.map_or(Span::at(package.file, 0), |section| section.key);
    let manager = install.manager.as_str();
    let mut finding =
        sink.report(place, message).related(install.at, "an image that ships is built so").help(format!(
            "run `{manager} install`, commit the lock file that it writes, and copy it into the image"
        ));
    if count == 0 {
        finding = finding.severity(Severity::Info);
    }
    let manifest = cx.project.sent(image).and_then(|sent| {
        let inside = sent.path(&cx.project.sources.file(package.file).path)?;
        image.taking(inside).first().map(|taken| taken.source)
    });
    if let Some(source) = manifest {
        finding.related(source, "package.json comes alone");
    }
}

/// True when there is a lock file that was not read, or one above whose workspace may hold the package.
fn may_be_locked(cx: &Cx<'_>, package: &Package) -> bool {
    let names =
        ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];
    let has_lock = |folder: &ProjectPath| {
        let mut paths = names.iter().filter_map(|name| folder.join(name));
        paths.any(|path| cx.project.sources.exists(&path))
    };
    let may_hold = |folder: &ProjectPath| {
        let root = cx.project.package_at(folder);
        root.is_some_and(|root| root.facts.workspaces.known().is_none() || package.workspace == Some(root.id))
    };
    let mut folders = package.folder.ancestors();
    folders.next().is_some_and(|own| has_lock(&own))
        || folders.any(|folder| may_hold(&folder) && has_lock(&folder))
}

fn several(cx: &Cx<'_>, locks: &[std::sync::Arc<Lock>], install: &Install, sink: &mut Sink) {
    let path = |lock: &Lock| cx.project.sources.file(lock.file).path.to_string();
    let used = locks.iter().find(|lock| lock.manager == install.manager);
    let Some(used) = used else { return };
    for lock in locks.iter().filter(|lock| lock.manager != used.manager) {
        let message = format!(
            "{} and {} are of two managers: the image installs by {}, and nothing keeps the other in step",
            path(used),
            path(lock),
            used.manager.as_str()
        );
        sink.report(Span::at(lock.file, 0), message)
            .related(install.at, "installs by the other")
            .help(format!("remove {}", path(lock)));
    }
}

fn out_of_step(cx: &Cx<'_>, package: &Package, lock: &Lock, install: &Install, sink: &mut Sink) {
    if lock.manager != install.manager {
        return;
    }
    let path = &cx.project.sources.file(lock.file).path;
    let Some(root) = path.parent().and_then(|folder| cx.project.package_at(&folder)) else { return };
    let Some(folder) = package.folder.relative_to(&root.folder) else { return };
    let members: Vec<&str> = cx
        .project
        .packages
        .iter()
        .filter(|member| member.workspace == Some(root.id))
        .filter_map(|member| member.facts.name.known()?.as_deref())
        .collect();
    let found = lock.disagreements(folder, &package.facts, &root.facts, |name| members.contains(&name));
    let refused: Vec<&Disagreement> = found.iter().filter(|found| is_refused(lock, package, found)).collect();
    let Some(first) = refused.first() else { return };
    let names: Vec<&str> = refused.iter().take(NAMED).map(|found| found.name.as_str()).collect();
    let more = refused.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let outcome = match lock.manager {
        Manager::Npm => "`npm ci` fails, `npm install` resolves anew",
        _ => "a frozen install fails, another resolves anew",
    };
    let message =
        format!("{path} was written for another package.json: {}{more} differ: {outcome}", names.join(", "));
    let message = if refused.len() == 1 { message.replacen(" differ:", " differs:", 1) } else { message };
    let how = match &first.lack {
        Lack::NotLocked => "not in the lock file".to_owned(),
        Lack::OtherSpec { locked } => format!("the lock file was written for {locked}"),
        Lack::Dropped => "in the lock file alone".to_owned(),
    };
    sink.report(first.span, message)
        .label(how)
        .related(Span::at(lock.file, 0), "the lock file")
        .related(install.at, "installs by it")
        .help(format!("run `{} install` and commit what it writes", lock.manager.as_str()));
}

/// Whether the manager refuses to install: npm compares versions with ranges and drops what is too much, the others compare
/// what is written.
fn is_refused(lock: &Lock, package: &Package, found: &Disagreement) -> bool {
    match (&found.lack, lock.flavour) {
        (Lack::NotLocked, _) => true,
        (_, Flavour::Pnpm(..) | Flavour::YarnBerry(_) | Flavour::Bun(_)) => true,
        (Lack::OtherSpec { .. }, Flavour::Npm(_)) => {
            let asked = package.facts.dependency(&found.name).and_then(|asked| Range::parse(&asked.spec));
            let edges = lock.importers.iter().flat_map(|importer| &importer.edges);
            let mut versions = edges
                .filter(|edge| edge.name == found.name)
                .filter_map(|edge| lock.package(edge.target)?.version.as_deref().and_then(version));
            let (Some(range), Some(version)) = (asked, versions.next()) else { return false };
            !range.allows(version)
        }
        _ => false,
    }
}

/// A version is the range that holds it alone.
fn version(text: &str) -> Option<Version> {
    Range::parse(text)?.lowest()
}
