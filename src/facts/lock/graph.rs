//! Walks over a lock file's edges: what an importer gets, with development dependencies or without.

use rustc_hash::FxHashMap;

use super::{Edge, EdgeKind, Importer, Lock, LockedPackage, Target};
use crate::facts::package::{Dependency, DependencyKind, Package};

/// What can be reached from an importer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// By index into [`Lock::packages`].
    pub packages: Vec<bool>,
    /// By index into [`Lock::importers`].
    pub importers: Vec<bool>,
}

impl Reach {
    /// Number of packages.
    pub fn count(&self) -> usize {
        self.packages.iter().filter(|reached| **reached).count()
    }

    /// True when an edge leads to something that is reached.
    pub fn has(&self, target: Target) -> bool {
        match target {
            Target::Package(at) => self.packages.get(at as usize).copied().unwrap_or(false),
            Target::Importer(at) => self.importers.get(at as usize).copied().unwrap_or(false),
            Target::Above | Target::Outside | Target::Missing => false,
        }
    }
}

impl Lock {
    /// What is installed for an importer; without `development`, what an install with `--omit=dev` leaves. Packages of
    /// other systems count. Development dependencies of linked importers are not theirs to bring.
    pub fn reach(&self, importer: &Importer, development: bool) -> Reach {
        self.walk(importer, |edge| development || edge.kind != EdgeKind::Development, |_| true)
    }

    /// The packages that nothing but development needs any more once these entries of an importer are development
    /// dependencies. `None` when others would be recorded in another way, too.
    pub fn only_for_development(&self, importer: &Importer, names: &[&str]) -> Option<Vec<&LockedPackage>> {
        let stays = |edge: &Edge| edge.kind != EdgeKind::Development && !names.contains(&edge.name.as_str());
        let before = self.reach(importer, false);
        let after = self.walk(importer, stays, |_| true);
        let is_firm = |edge: &Edge| !edge.kind.may_miss();
        let firm_before =
            self.walk(importer, |edge| edge.kind != EdgeKind::Development && is_firm(edge), is_firm);
        let firm_after = self.walk(importer, |edge| stays(edge) && is_firm(edge), is_firm);
        let mut left = Vec::new();
        for (at, package) in self.packages.iter().enumerate() {
            // What is needed by development, and by production only if it can be had, is marked so.
            if after.packages[at] && firm_before.packages[at] && !firm_after.packages[at] {
                return None;
            }
            if before.packages[at] && !after.packages[at] {
                if package.flags.dev || package.flags.dev_optional {
                    return None;
                }
                left.push(package);
            }
        }
        Some(left)
    }

    /// What edges lead to: of the importer those that `first` lets pass, then those of `further` that are not for
    /// development.
    fn walk(
        &self,
        importer: &Importer,
        first: impl Fn(&Edge) -> bool,
        further: impl Fn(&Edge) -> bool,
    ) -> Reach {
        let mut reach = Reach {
            packages: vec![false; self.packages.len()],
            importers: vec![false; self.importers.len()],
        };
        let mut open: Vec<Target> = Vec::new();
        open.extend(importer.edges.iter().filter(|edge| first(edge)).map(|edge| edge.target));
        while let Some(target) = open.pop() {
            if reach.has(target) {
                continue;
            }
            let edges = match target {
                Target::Package(at) if (at as usize) < self.packages.len() => {
                    reach.packages[at as usize] = true;
                    &self.packages[at as usize].edges
                }
                Target::Importer(at) if (at as usize) < self.importers.len() => {
                    reach.importers[at as usize] = true;
                    &self.importers[at as usize].edges
                }
                _ => continue,
            };
            let production = edges.iter().filter(|edge| edge.kind != EdgeKind::Development && further(edge));
            open.extend(production.map(|edge| edge.target));
        }
        reach
    }

    /// The entries of a package, by its own name, that are reached.
    pub fn reached<'a>(&'a self, reach: &'a Reach, name: &'a str) -> impl Iterator<Item = &'a LockedPackage> {
        let reached = self.packages.iter().zip(&reach.packages).filter(|(_, reached)| **reached);
        reached.map(|(package, _)| package).filter(move |package| package.name == name)
    }

    /// The importer of a folder (from the folder of the lock file) as its package.json asks: the recorded one where the
    /// format tells kinds apart, else the entries of package.json answered as the manager answers them. `None` when the
    /// file records its importers and this is none of them.
    pub fn importer(&self, folder: &str, package: &Package) -> Option<Importer> {
        let recorded = self.importers.iter().find(|importer| importer.folder == folder);
        if !self.importers.is_empty() && !self.is_berry() {
            return recorded.cloned();
        }
        if self.is_berry() && recorded.is_none() {
            return None;
        }
        let asked = package.dependencies.items.iter().map(|item| &item.value);
        // Resolutions were applied to the recorded edges.
        let settled: FxHashMap<&str, Target> = recorded
            .into_iter()
            .flat_map(|own| &own.edges)
            .map(|edge| (edge.name.as_str(), edge.target))
            .collect();
        let answered = |dependency: &Dependency| Edge {
            name: dependency.name.clone(),
            spec: dependency.spec.clone(),
            kind: kind(dependency),
            target: settled.get(dependency.name.as_str()).copied().unwrap_or_else(|| self.answer(dependency)),
            span: dependency.key,
        };
        Some(Importer {
            folder: folder.to_owned(),
            name: package.name.known().cloned().flatten(),
            span: recorded.map_or(package.span, |importer| importer.span),
            edges: asked.map(answered).collect(),
        })
    }

    /// True for a file of yarn 2 or later.
    pub(crate) fn is_berry(&self) -> bool {
        matches!(self.flavour, super::Flavour::YarnBerry(_))
    }

    /// Who answers an entry of package.json, where the file itself does not say.
    fn answer(&self, dependency: &Dependency) -> Target {
        if dependency.kind == DependencyKind::Peer {
            return Target::Above;
        }
        let by_name = || self.index.answers.get(&dependency.name).copied();
        let descriptor = format!("{}@{}", dependency.name, dependency.spec);
        let target = self.index.answers.get(&descriptor).copied().or_else(by_name);
        target.unwrap_or(if is_local(&dependency.spec) { Target::Outside } else { Target::Missing })
    }
}

fn kind(dependency: &Dependency) -> EdgeKind {
    match (dependency.kind, dependency.may_miss) {
        (DependencyKind::Production, true) | (DependencyKind::Optional, _) => EdgeKind::Optional,
        (DependencyKind::Production, false) => EdgeKind::Production,
        (DependencyKind::Development, _) => EdgeKind::Development,
        (DependencyKind::Peer, true) => EdgeKind::OptionalPeer,
        (DependencyKind::Peer, false) => EdgeKind::Peer,
    }
}

/// True for a folder of the repository, which lock files of yarn 1 and npm 1 do not always record.
pub(super) fn is_local(spec: &str) -> bool {
    ["file:", "link:", "workspace:", "portal:"].iter().any(|protocol| spec.starts_with(protocol))
}
