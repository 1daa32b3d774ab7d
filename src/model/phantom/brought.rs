//! What one install puts where a package's modules find it, and through which dependencies.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::Phantom;
use crate::facts::lock::{Flavour, Importer, Lock, Places};
use crate::model::weight::{Graph, Target, Ways};
use crate::model::{Package, PackageId, Project, Run};
use crate::source::ProjectPath;

/// The install that a package's modules find packages in.
pub(super) struct Installed<'p> {
    lock: &'p Lock,
    places: Places<'p>,
    /// The folder of the package, from the lock file's.
    folder: String,
    /// Without development dependencies, then with them.
    brought: [Brought<'p>; 2],
    is_alone: bool,
}

/// What an install brings.
struct Brought<'p> {
    graph: Graph<'p>,
    ways: Ways,
    /// The nodes of the entries of the lock file.
    nodes: FxHashMap<u32, u32>,
}

impl<'p> Brought<'p> {
    fn of(lock: &'p Lock, importers: &[Importer], development: bool) -> Brought<'p> {
        let target = Target { os: "linux", cpu: "x64".to_owned(), libc: None, development };
        let graph = Graph::of_all(lock, importers, &target);
        let nodes = graph.packages().map(|(node, package)| (package, node)).collect();
        Brought { ways: Ways::of(&graph), nodes, graph }
    }
}

impl<'p> Installed<'p> {
    /// That of a package which runs ship; `None` when it keeps packages apart, or when it is not known how.
    pub(super) fn of(project: &'p Project, package: &'p Package, runs: &[&Run]) -> Option<Installed<'p>> {
        let manager = runs.iter().find_map(|run| project.installed_for(run, package))?;
        let lock = package.locks.iter().find(|lock| lock.manager == manager).filter(|lock| lock.complete)?;
        if !project.is_flat(package, lock) {
            return None;
        }
        let root = project.sources.file(lock.file).path.parent()?;
        let packages: Vec<PackageId> =
            std::iter::once(package.id).chain(package.workspace.filter(|root| *root != package.id)).collect();
        let importers: Vec<Importer> = project.importers(lock, &packages)?;
        Some(Installed {
            lock,
            places: Places::of(lock),
            folder: package.folder.relative_to(&root)?.to_owned(),
            brought: [false, true].map(|development| Brought::of(lock, &importers, development)),
            is_alone: lock.importers.len() <= 1 && package.facts.workspaces.known() == Some(&None),
        })
    }

    /// True when nobody but the package asks for anything of the install.
    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// What the package finds by a name, with the way by which it comes; its places are left open. `None` when it finds nothing,
    /// or when that comes by another way than its dependencies.
    pub(super) fn brings(&self, name: &str) -> Option<Phantom> {
        let found = self.places.find(&self.folder, name);
        let node = |brought: &Brought<'_>| found.iter().find_map(|entry| brought.nodes.get(entry)).copied();
        let production = node(&self.brought[0]);
        let brought = &self.brought[usize::from(production.is_none())];
        let (root, names) = brought.ways.to(&brought.graph, production.or_else(|| node(brought))?)?;
        let (_, way) = names.split_last().filter(|(_, way)| !way.is_empty())?;
        let versions: BTreeSet<Option<&str>> =
            found.iter().map(|entry| self.lock.packages[*entry as usize].version.as_deref()).collect();
        Some(Phantom {
            name: name.to_owned(),
            places: Vec::new(),
            version: versions.first().copied().flatten().filter(|_| versions.len() == 1).map(str::to_owned),
            versions: versions.len(),
            manager: self.lock.manager,
            entry: root.span,
            way: way.iter().map(|name| (*name).to_owned()).collect(),
            development: production.is_none(),
            missing: None,
        })
    }
}

impl Project {
    /// True when an install puts all packages, or one of each name, where everybody finds them.
    fn is_flat(&self, package: &Package, lock: &Lock) -> bool {
        let text = |name: &str| {
            let mut folders = package.folder.ancestors();
            let file = folders.find_map(|folder: ProjectPath| self.sources.find(&folder.join(name)?))?;
            Some(self.sources.file(file).text_once()?.trim_start_matches('\u{feff}').replace(' ', ""))
        };
        let says = |name: &str, words: &[&str]| {
            text(name)
                .is_some_and(|text| words.iter().any(|word| text.lines().any(|line| line.starts_with(word))))
        };
        let manifest = || {
            self.sources.file(package.workspace.map_or(package.file, |root| self.package(root).file)).text()
        };
        match lock.flavour {
            Flavour::Npm(_) => {
                let apart = ["install-strategy=", "global-style", "legacy-bundling"];
                !says(".npmrc", &apart) || says(".npmrc", &["install-strategy=hoisted"])
            }
            Flavour::YarnClassic => !manifest().contains("\"nohoist\""),
            Flavour::YarnBerry(_) => {
                says(".yarnrc.yml", &["nodeLinker:node-modules", "nodeLinker:\"node-modules\""])
                    && !says(".yarnrc.yml", &["nmHoistingLimits"])
                    && !manifest().contains("hoistingLimits")
            }
            Flavour::Pnpm(..) => {
                says(".npmrc", &["shamefully-hoist=true", "node-linker=hoisted"])
                    || says("pnpm-workspace.yaml", &["shamefullyHoist:true", "nodeLinker:hoisted"])
            }
            Flavour::Bun(_) => {
                let mut folders = package.folder.ancestors();
                !folders
                    .any(|folder| folder.join("bunfig.toml").is_some_and(|file| self.sources.exists(&file)))
            }
            Flavour::Unknown => false,
        }
    }
}
