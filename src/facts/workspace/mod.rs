//! Which packages of a repository are installed together, and which lock file and package a path belongs to.
//!
//! Only declarations are followed: `workspaces` of package.json (npm, yarn, bun), `packages` of pnpm-workspace.yaml.
//! Nothing is read in here: paths come from outside.

mod glob;

use std::collections::BTreeSet;

use super::lock::manager_of;
use super::package::Package;
use super::{Fact, Origin, Why};
use crate::source::{ProjectPath, Span, Spanned};
use crate::syntax::tree::{Ref, Tree};

/// A package whose install brings the packages below it along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The folder of the package that declares it.
    pub root: ProjectPath,
    /// Where it is declared.
    pub declared: Declared,
    /// The patterns, as written.
    pub patterns: Vec<Spanned<String>>,
    /// The folders of its members, in order, without the root.
    pub members: BTreeSet<ProjectPath>,
}

/// Where a workspace is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// `workspaces` of package.json.
    PackageJson,
    /// `packages` of pnpm-workspace.yaml: pnpm does not read `workspaces`.
    PnpmWorkspace,
}

/// Names of lock files, in the order in which they are taken when several stand in one folder.
const LOCK_FILES: [&str; 6] =
    ["npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

impl Workspace {
    /// The workspace that patterns declare in `root`, among the folders that hold a package.json.
    pub fn new<'a>(
        root: ProjectPath,
        declared: Declared,
        patterns: Vec<Spanned<String>>,
        folders: impl IntoIterator<Item = &'a ProjectPath>,
    ) -> Workspace {
        let members = glob::Patterns::new(patterns.iter().map(|pattern| pattern.value.as_str()));
        let is_member = |folder: &&ProjectPath| {
            folder.relative_to(&root).is_some_and(|below| !below.is_empty() && members.holds(below))
        };
        let members = folders.into_iter().filter(is_member).cloned().collect();
        Workspace { root, declared, patterns, members }
    }

    /// The workspace that a package.json declares, among the folders that hold one. `None` when it declares none.
    pub fn of_package<'a>(
        root: ProjectPath,
        package: &Package,
        folders: impl IntoIterator<Item = &'a ProjectPath>,
    ) -> Option<Workspace> {
        let patterns = package.workspaces.known()?.clone()?;
        Some(Workspace::new(root, Declared::PackageJson, patterns, folders))
    }

    /// True for the root and for each member.
    pub fn holds(&self, folder: &ProjectPath) -> bool {
        *folder == self.root || self.members.contains(folder)
    }
}

/// The patterns of a pnpm-workspace.yaml; `Known(None)` when it only has settings.
pub fn pnpm_patterns(tree: &Tree) -> Fact<Option<Vec<Spanned<String>>>> {
    let owner = tree.root().map_or_else(|| Span::at(tree.file, 0), Ref::span);
    if !tree.documents.iter().all(|document| document.complete) {
        return Fact::Unknown(Why::Broken);
    }
    let Some(packages) = tree.root().and_then(|root| root.get("packages")) else {
        return Fact::Known { value: None, origin: Origin::Default { owner, source: "pnpm" } };
    };
    let patterns = packages.items().map(|item| Some(Spanned::new(item.str()?.to_owned(), item.span())));
    match patterns.collect() {
        Some(patterns) if packages.is_sequence() => Fact::written(Some(patterns), packages.span()),
        _ => Fact::Unknown(Why::Broken),
    }
}

/// The folder of the package that a path belongs to: the nearest one upwards with a package.json. `exists` answers for files.
pub fn package_of(path: &ProjectPath, exists: impl Fn(&ProjectPath) -> bool) -> Option<ProjectPath> {
    path.ancestors().skip(1).find(|folder| folder.join("package.json").is_some_and(|file| exists(&file)))
}

/// The lock files that an install of the package in `folder` reads, the one that wins first: those beside it, else
/// those at the root of the workspace that holds it. Several are of several managers: which is right is not said here.
pub fn lock_files(
    folder: &ProjectPath,
    workspaces: &[Workspace],
    exists: impl Fn(&ProjectPath) -> bool,
) -> Vec<ProjectPath> {
    let beside = |folder: &ProjectPath| -> Vec<ProjectPath> {
        let files = LOCK_FILES.iter().filter_map(|name| folder.join(name)).filter(|file| exists(file));
        let mut found: Vec<ProjectPath> = files.collect();
        // Of one manager the first is taken: npm-shrinkwrap.json, and the text of bun before its binary.
        found.dedup_by_key(|file| manager_of(file.name()));
        found
    };
    let mut holding: Vec<&Workspace> =
        workspaces.iter().filter(|workspace| workspace.members.contains(folder)).collect();
    holding.sort_by_key(|workspace| std::cmp::Reverse(workspace.root.as_str().len()));
    let roots = holding.into_iter().map(|workspace| &workspace.root);
    std::iter::once(folder).chain(roots).map(beside).find(|files| !files.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn workspace(root: &str, patterns: &[&str], folders: &[&str]) -> Vec<String> {
        let spanned = |text: &&str| Spanned::new((*text).to_owned(), Span::at(FileId(0), 0));
        let folders: Vec<ProjectPath> = folders.iter().map(|folder| path(folder)).collect();
        let patterns = patterns.iter().map(spanned).collect();
        let found = Workspace::new(path(root), Declared::PackageJson, patterns, &folders);
        found.members.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn members_are_what_the_patterns_hold() {
        let folders =
            ["", "packages/a", "packages/b/inner", "packages/.hidden", "apps/web", "apps/old", "packages"];
        assert_eq!(workspace("", &["packages/*"], &folders), ["packages/a"]);
        assert_eq!(
            workspace("", &["./packages/**/"], &folders),
            ["packages", "packages/a", "packages/b/inner"]
        );
        assert_eq!(workspace("", &["apps/*", "!apps/old"], &folders), ["apps/web"]);
        assert_eq!(workspace("", &["{apps,packages}/*", "!**/old"], &folders), ["apps/web", "packages/a"]);
        assert_eq!(workspace("apps", &["w?b"], &folders), ["apps/web"]);
        assert_eq!(workspace("", &["**"], &["node_modules/x", "a/node_modules/y", "a"]), ["a"]);
    }

    #[test]
    fn a_member_is_covered_by_the_lock_file_of_its_root() {
        let files =
            ["yarn.lock", "package.json", "apps/web/package.json", "tools/package.json", "tools/x/a.js"];
        let exists = |file: &ProjectPath| files.contains(&file.as_str());
        let spanned = Spanned::new("apps/*".to_owned(), Span::at(FileId(0), 0));
        let folders = [path("apps/web"), path("tools")];
        let all = [Workspace::new(path(""), Declared::PackageJson, vec![spanned], &folders)];
        assert_eq!(lock_files(&path("apps/web"), &all, exists), [path("yarn.lock")]);
        assert_eq!(lock_files(&path("tools"), &all, exists), []);
        assert_eq!(package_of(&path("tools/x/a.js"), exists), Some(path("tools")));
        assert_eq!(package_of(&path("README.md"), exists), Some(path("")));
    }

    #[test]
    fn shrinkwrap_is_taken_before_package_lock() {
        let files = ["npm-shrinkwrap.json", "package-lock.json", "yarn.lock"];
        let exists = |file: &ProjectPath| files.contains(&file.as_str());
        assert_eq!(lock_files(&path(""), &[], exists), [path("npm-shrinkwrap.json"), path("yarn.lock")]);
    }
}
