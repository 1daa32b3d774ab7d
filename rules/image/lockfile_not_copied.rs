//! Installs in an image before which the lock file of the package was not copied.

use crate::facts::image::{CopyFrom, RunStep, Stage};
use crate::facts::lock::{Lock, Manager};
use crate::finding::{Edit, Safety};
use crate::model::provenance::Install;
use crate::model::sent::{Sent, Taken};
use crate::model::{Image, Package};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Some(sent) = cx.project.sent(image) else { return };
    for install in &cx.project.provenance(image.id).installs {
        let Some(package) = install.package.map(|id| cx.project.package(id)) else { continue };
        if !is_followed(image, install) {
            continue;
        }
        let own = package.locks.iter().find(|lock| lock.manager == install.manager);
        match (own, package.locks.first()) {
            (Some(lock), _) => not_there(cx, (image, &sent), install, (package, lock), sink),
            (None, Some(other)) if is_other_manager(install.manager, other) => {
                of_another(cx, install, other, sink);
            }
            _ => {}
        }
    }
}

/// bun reads the lock files of the others.
fn is_other_manager(manager: Manager, lock: &Lock) -> bool {
    lock.manager != manager && manager != Manager::Bun
}

fn of_another(cx: &Cx<'_>, install: &Install, lock: &Lock, sink: &mut Sink) {
    let path = &cx.project.sources.file(lock.file).path;
    let (manager, other) = (install.manager.as_str(), lock.manager.as_str());
    let message = format!("`{}` does not obey {path}, which is {other}'s", install.written);
    sink.report(install.at, message)
        .related(Span::at(lock.file, 0), format!("{manager} has no lock file of its own here"))
        .help(format!("install with {other}, or commit a lock file of {manager} in its place"));
}

fn not_there(
    cx: &Cx<'_>,
    (image, sent): (&Image, &Sent<'_>),
    install: &Install,
    (package, lock): (&Package, &Lock),
    sink: &mut Sink,
) {
    let path = &cx.project.sources.file(lock.file).path;
    let Some(inside) = sent.path(path) else { return };
    let manifest = &cx.project.sources.file(package.file).path;
    let Some(manifest) = sent.path(manifest) else { return };
    // Only where package.json is known to come from the context the lock file is known to be missing beside it.
    let Some(copied) = image.brought_before(manifest, install.stage, install.instruction) else { return };
    let is_copied = image.has_before(inside, install.stage, install.instruction);
    if is_copied && sent.sends(inside) {
        return;
    }
    let name = path.name();
    let outcome = match install.written.ends_with(" ci") {
        true => "has nothing to go by and fails",
        false => "takes the newest release of everything that day",
    };
    let decided = sent.decided_by(inside).filter(|_| is_copied).map(|line| line.span);
    let message = match decided {
        Some(line) => {
            format!("`{}` leaves {inside} out of the context: `{}` {outcome}", cx.text(line), install.written)
        }
        None => format!("{inside} is not copied before `{}`, which {outcome}", install.written),
    };
    let finding = sink
        .report(decided.unwrap_or(copied.source), message)
        .related(install.at, "installs without it")
        .related(Span::at(lock.file, 0), "the lock file");
    if decided.is_some() {
        finding.help(format!("add `!{inside}` behind it")).related(copied.source, "copied from here");
        return;
    }
    let finding = finding.help(format!("copy {name} together with package.json"));
    if let Some(edit) = beside_manifest(cx, &copied, inside) {
        finding.fix(format!("Copy {name}, too"), Safety::Safe, vec![edit]);
    }
}

/// The edit that adds the lock file to the sources of the COPY that names the package.json of the same folder.
fn beside_manifest(cx: &Cx<'_>, copied: &Taken<'_>, lock: &str) -> Option<Edit> {
    if copied.copy.from != CopyFrom::Context {
        return None;
    }
    let written = cx.text(copied.source);
    let to_folder = copied.copy.dest.value.known().is_some_and(|dest| dest.ends_with('/'))
        || copied.copy.dest_in_base.as_deref() == Some("");
    let head = written.strip_suffix("package.json").filter(|_| copied.by_name && to_folder)?;
    let folder = head.trim_start_matches("./").trim_end_matches('/');
    let (lock_folder, name) = lock.rsplit_once('/').unwrap_or(("", lock));
    let is_plain = !written.contains(['"', '$', '\\', ' ']);
    let end = Span::at(copied.source.file, copied.source.end as usize);
    (is_plain && folder == lock_folder).then(|| Edit { span: end, text: format!(" {head}{name}") })
}

/// True when all that may have brought files before the install is known.
fn is_followed(image: &Image, install: &Install) -> bool {
    let Some(stage) = image.stages.stages.get(install.stage) else { return false };
    let is_before = |at: usize| at <= install.instruction;
    let copies = |stage: &Stage| {
        stage.copies.iter().filter(|copy| is_before(copy.instruction)).all(|copy| {
            let is_known = copy.sources.iter().all(|source| source.value.known().is_some());
            is_known
                && copy.exclude.is_empty()
                && copy.inline == 0
                && !copy.parents
                && matches!(copy.from, CopyFrom::Context | CopyFrom::Stage(_))
        })
    };
    let makes_lock = |run: &RunStep| {
        let is_mounted = run.mounts.iter().any(|(mount, _)| mount.kind() == "bind");
        let words = ["package-lock", "yarn.lock", "pnpm-lock", "shrinkwrap", "pnpm import", "git clone"];
        is_mounted || run.script().is_some_and(|script| words.iter().any(|word| script.text.contains(word)))
    };
    image.stages.lineage(stage).all(|stage| {
        copies(stage) && !stage.runs.iter().filter(|run| is_before(run.instruction)).any(makes_lock)
    })
}
