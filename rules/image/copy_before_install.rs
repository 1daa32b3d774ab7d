//! Sources that are copied before the packages are installed: every change of a file installs them anew.

use crate::facts::image::{CopyFrom, CopyStep};
use crate::facts::lock::Flavour;
use crate::model::provenance::Install;
use crate::model::{Image, Package};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let installs = &cx.project.provenance(image.id).installs;
    for stage in image.stages.reachable(image.stage()) {
        let Some(install) = installs.iter().find(|install| install.stage == stage.index) else { continue };
        let before = stage.copies.iter().filter(|copy| copy.instruction < install.instruction);
        let Some(copy) = before.into_iter().find(|copy| takes_everything(copy)) else { continue };
        if !install.is_in_dockerfile || !can_stand_first(cx, install) {
            continue;
        }
        let Some(source) = copy.sources.first() else { continue };
        let message = format!(
            "all sources are copied before `{}`: whenever any file changes, all packages are installed anew",
            install.written
        );
        sink.report(source.span, message)
            .related(install.at, "runs again after every change")
            .help("copy package.json and the lock file first, install, and copy the sources after that");
    }
}

/// A COPY of the whole context.
fn takes_everything(copy: &CopyStep) -> bool {
    let is_whole = |source: &String| matches!(source.trim_end_matches('/'), "" | "." | "*" | "./*");
    copy.from == CopyFrom::Context
        && copy.sources.iter().any(|source| source.value.known().is_some_and(is_whole))
}

/// True when the install surely needs nothing but package.json and the lock file.
fn can_stand_first(cx: &Cx<'_>, install: &Install) -> bool {
    let Some(package) = install.package.map(|id| cx.project.package(id)) else { return false };
    let scripts = ["preinstall", "install", "postinstall", "prepare"];
    let runs_sources =
        !install.ignores_scripts && scripts.iter().any(|name| package.facts.script(name).is_some());
    !runs_sources && !is_workspace(cx, package) && !needs_files(package)
}

/// A workspace needs the package.json of all its members.
fn is_workspace(cx: &Cx<'_>, package: &Package) -> bool {
    package.workspace.is_some()
        || !matches!(package.facts.workspaces.known(), Some(None))
        || cx.project.packages.iter().any(|member| member.workspace == Some(package.id))
}

/// Folders of the repository that are installed, and yarn's own files.
fn needs_files(package: &Package) -> bool {
    let pinned = package.facts.package_manager.known().and_then(|pin| pin.as_ref()).is_some_and(|pin| {
        let is_first = |version: &String| version.starts_with("1.");
        pin.name == "yarn" && !pin.version.as_ref().is_some_and(is_first)
    });
    let berry = pinned || package.locks.iter().any(|lock| matches!(lock.flavour, Flavour::YarnBerry(_)));
    let local = |spec: &str| {
        ["file:", "link:", "portal:", "patch:", "workspace:"].iter().any(|start| spec.starts_with(start))
    };
    berry || package.facts.dependencies.items.iter().any(|entry| local(&entry.value.spec))
}
