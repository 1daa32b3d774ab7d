//! Packages with the workspaces and lock files that they belong to.

use std::sync::Arc;

use super::read::{Files, Reading};
use super::{Package, PackageId};
use crate::facts::lock::Lock;
use crate::facts::workspace::{Declared, Workspace, lock_files, pnpm_patterns};
use crate::source::ProjectPath;

/// The packages of a project, in the order of their folders.
pub(crate) fn packages(files: &Files) -> Vec<Package> {
    let mut packages: Vec<Package> = files
        .iter()
        .filter_map(|(id, file, reading)| {
            let Reading::Package(facts, _) = reading else { return None };
            let folder = file.path.parent()?;
            let id_later = PackageId(0);
            Some(Package {
                id: id_later,
                file: id,
                folder,
                facts: facts.clone(),
                workspace: None,
                locks: Vec::new(),
                app: None,
            })
        })
        .collect();
    packages.sort_by(|a, b| a.folder.cmp(&b.folder));
    for (index, package) in packages.iter_mut().enumerate() {
        package.id = PackageId(index as u32);
    }
    let folders: Vec<ProjectPath> = packages.iter().map(|package| package.folder.clone()).collect();
    let workspaces = workspaces(files, &packages, &folders);
    // The nearer of two workspaces that claim a package comes later and has it.
    for workspace in &workspaces {
        let Ok(root) = folders.binary_search(&workspace.root) else { continue };
        for member in workspace.members.iter().filter_map(|member| folders.binary_search(member).ok()) {
            packages[member].workspace = Some(PackageId(root as u32));
        }
    }
    for package in &mut packages {
        let paths = lock_files(&package.folder, &workspaces, |path| files.sources.exists(path));
        package.locks = paths.iter().filter_map(|path| lock_at(files, path)).collect();
    }
    packages
}

/// The workspaces that package.json and pnpm-workspace.yaml files declare, outer ones first.
fn workspaces(files: &Files, packages: &[Package], folders: &[ProjectPath]) -> Vec<Workspace> {
    let declared = packages
        .iter()
        .filter_map(|package| Workspace::of_package(package.folder.clone(), &package.facts, folders));
    let of_pnpm = files.iter().filter_map(|(_, file, reading)| {
        let Reading::Data(tree) = reading else { return None };
        if !matches!(file.path.name(), "pnpm-workspace.yaml" | "pnpm-workspace.yml") {
            return None;
        }
        let patterns = pnpm_patterns(tree).known()?.clone()?;
        Some(Workspace::new(file.path.parent()?, Declared::PnpmWorkspace, patterns, folders))
    });
    let mut workspaces: Vec<Workspace> = declared.chain(of_pnpm).collect();
    workspaces.sort_by_key(|workspace| workspace.root.as_str().len());
    workspaces
}

fn lock_at(files: &Files, path: &ProjectPath) -> Option<Arc<Lock>> {
    match files.reading(files.sources.find(path)?) {
        Reading::Lock(lock) => Some(lock.clone()),
        _ => None,
    }
}
