//! Installs in the image that the lock file does not bind.

use crate::facts::image::{RunStep, Stage};
use crate::facts::install::{Install, Strict, What};
use crate::facts::lock::{Flavour, Manager, manager_of};
use crate::finding::{Edit, Safety};
use crate::model::read::Reading;
use crate::model::{Image, provenance};
use crate::rules::{Cx, Sink};
use crate::source::{FileId, Span};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    for stage in image.stages.reachable(image.stage()) {
        let installs =
            stage.runs.iter().flat_map(|run| run.installs().into_iter().map(move |found| (run, found)));
        for (run, (install, written, span)) in installs {
            if install.what == What::Named || is_strict(cx, image, stage, install) {
                continue;
            }
            let mut known = cx.project.provenance(image.id).installs.iter();
            let known = known.find(|known| known.at == span);
            if known.is_some_and(|known| known.package.is_none()) {
                continue;
            }
            let manager = install.manager.as_str();
            let lock = known.and_then(|known| lock_before(cx, image, known));
            let message = match (install.what, lock.or_else(|| lock_of(cx, image, install.manager))) {
                (What::Newer, _) => {
                    format!("`{written}` takes versions that no lock file of this commit names")
                }
                (_, Some(false)) => format!(
                    "`{written}` finds no lock file of {manager}: each build takes what is newest that day"
                ),
                _ => format!(
                    "`{written}` takes the lock file for a proposal: the image may get packages that nobody tested"
                ),
            };
            let strict = match install.manager {
                Manager::Npm => "npm ci",
                Manager::Yarn => "yarn install --immutable (--frozen-lockfile before yarn 2)",
                Manager::Pnpm => "pnpm install --frozen-lockfile",
                Manager::Bun => "bun install --frozen-lockfile",
            };
            let mut finding =
                sink.report(span, message).help(format!("copy the lock file before it and write {strict}"));
            if let Some(edit) = strict_form(cx, image, span).filter(|_| install.what == What::All) {
                finding = finding.fix("Let the lock file decide", Safety::Safe, vec![edit]);
            }
            if let Some(keyword) = keyword_on_another_line(cx, image, run, span) {
                finding.related(keyword, "in this RUN");
            }
        }
    }
}

/// The edit that makes an install strict, where its lock file is there before it and agrees with package.json.
fn strict_form(cx: &Cx<'_>, image: &Image, at: Span) -> Option<Edit> {
    let installs = &cx.project.provenance(image.id).installs;
    let install = installs.iter().find(|install| install.at == at && install.is_in_dockerfile)?;
    let package = cx.project.package(install.package?);
    let [lock] = package.locks.as_slice() else { return None };
    let path = &cx.project.sources.file(lock.file).path;
    let sent = cx.project.sent(image)?;
    let inside = sent.path(path).filter(|inside| sent.sends(inside))?;
    let root = cx.project.package_at(&path.parent()?)?;
    let folder = package.folder.relative_to(&root.folder)?;
    let agrees = lock.disagreements(folder, &package.facts, &root.facts, |_| false).is_empty();
    if !agrees || !lock.complete || !image.has_before(inside, install.stage, install.instruction) {
        return None;
    }
    let command = cx.text(at.to(install.last_word?));
    let written = cx.text(at);
    let (program, verb) = written.split_once(' ').unwrap_or((written, ""));
    let after = |length: usize, flag: &str| {
        let end = Span::at(at.file, at.start as usize + length);
        Some(Edit { span: end, text: format!(" {flag}") })
    };
    let length = if matches!(verb, "install" | "i") { written.len() } else { program.len() };
    // Whoever wants no lock file to be read or written says so.
    if lock.manager != install.manager || command.contains("lock") || command.contains("immutable") {
        return None;
    }
    match (lock.flavour, program) {
        (Flavour::Npm(version), "npm")
            if matches!(verb, "install" | "i") && knows_ci(image, install.stage, version) =>
        {
            let start = at.start as usize + program.len() + 1;
            Some(Edit { span: Span::new(at.file, start, at.end as usize), text: "ci".to_owned() })
        }
        (Flavour::YarnClassic, "yarn") => after(length, "--frozen-lockfile"),
        (Flavour::YarnBerry(_), "yarn") => after(length, "--immutable"),
        (Flavour::Pnpm(..), "pnpm") if !verb.starts_with('-') => after(length, "--frozen-lockfile"),
        (Flavour::Bun(_), "bun") if !verb.starts_with('-') => after(length, "--frozen-lockfile"),
        _ => None,
    }
}

/// Whether the npm of a stage is known to have `ci` and to read a lock file of this version: npm comes with the image's
/// Node.js, since 10 with `ci` (npm 6), since 15 with reading `lockfileVersion: 3` (npm 7). What a distribution
/// packs may be older.
fn knows_ci(image: &Image, stage: usize, version: u32) -> bool {
    let node = image.base_of(stage).and_then(|base| base.node());
    let least = if version >= 3 { 15 } else { 10 };
    node.is_some_and(|node| node.major.is_none_or(|major| major >= least))
}

/// The keyword of a RUN whose install stands on a later line.
fn keyword_on_another_line(cx: &Cx<'_>, image: &Image, run: &RunStep, install: Span) -> Option<Span> {
    let keyword = image.tree.instructions.get(run.instruction)?.name.span;
    let lines = cx.project.sources.file(install.file).lines();
    (lines.line_of(keyword.start) != lines.line_of(install.start)).then_some(keyword)
}

fn is_strict(cx: &Cx<'_>, image: &Image, stage: &Stage, install: Install) -> bool {
    match install.strict {
        Strict::Yes => true,
        Strict::No => false,
        Strict::WithCi => stage.config.env.get("CI").is_some() && !is_classic(cx, image, install.manager),
    }
}

/// Yarn 1 does not ask for `CI`.
fn is_classic(cx: &Cx<'_>, image: &Image, manager: Manager) -> bool {
    let lock = image.context.known().and_then(|context| cx.project.sources.find(&context.join("yarn.lock")?));
    let is_classic = |file: FileId| matches!(&cx.project.readings[file.0 as usize], Reading::Lock(lock) if lock.flavour == Flavour::YarnClassic);
    manager == Manager::Yarn && lock.is_some_and(is_classic)
}

/// Whether a lock file of the manager lies there for an install, where all that is known of its package says so.
fn lock_before(cx: &Cx<'_>, image: &Image, install: &provenance::Install) -> Option<bool> {
    let package = cx.project.package(install.package?);
    let Some(lock) = package.locks.iter().find(|lock| lock.manager == install.manager) else {
        return package.locks.is_empty().then_some(false);
    };
    let sent = cx.project.sent(image)?;
    let inside = |file| sent.path(&cx.project.sources.file(file).path);
    // Only where package.json is known to come from the context the lock file is known to be missing beside it.
    image.brought_before(inside(package.file)?, install.stage, install.instruction)?;
    Some(image.has_before(inside(lock.file)?, install.stage, install.instruction))
}

/// Whether the context has a lock file of the manager; `None` when the context is not known.
fn lock_of(cx: &Cx<'_>, image: &Image, manager: Manager) -> Option<bool> {
    let context = image.context.known()?;
    Some(cx.project.sources.below(context).any(|path| manager_of(path.name()) == Some(manager)))
}
