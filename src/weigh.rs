//! What the packages of an install cost: what is printed by `plimsoll weigh`, put together from the graph of what is
//! installed, the sizes that are known, and what the code uses.

mod known;

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::base_images::Libc;
use crate::facts::lock::{EdgeKind, Lock, LockedPackage};
use crate::facts::replacement::{Kind, Replacement};
use crate::facts::size::{COMMITTED, Caches, Committed, Sizes, Source};
use crate::facts::tool;
use crate::model::use_of::Tier;
use crate::model::weight::{self, Graph, Node, Weighed, Weight, duplicates, weigh};
use crate::model::{Project, Run};
use crate::source::{FileId, ProjectPath, Span};

pub use known::{Known, Wanted, Within, known_sizes};

/// What one install puts into an image.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The package that is installed, by its name or its folder.
    pub package: String,
    /// The Dockerfile whose image holds it; `None` where no image is built here.
    pub image: Option<String>,
    /// The target of it that a build names.
    pub target: Option<String>,
    /// The folder of the package.
    pub folder: Option<String>,
    /// The path of the lock file.
    pub lock: String,
    /// The system that it is installed on: `linux x64 musl`.
    pub system: String,
    /// Whether development dependencies are installed, too; `None`: that is not known, and they are left out.
    pub development: Option<bool>,
    /// Bytes of all files of all packages whose size is known.
    pub total: u64,
    /// Number of packages.
    pub packages: usize,
    /// Bytes of packages that several direct dependencies need.
    pub shared: u64,
    /// The packages that several direct dependencies need.
    pub shared_packages: Vec<Held>,
    /// Where sizes are from, with the number of packages.
    pub sources: Vec<(String, usize)>,
    /// True when something is installed beside the lock file: what has no size is then not for this system.
    pub is_installed: bool,
    /// Packages of which no size is known.
    pub unsized_packages: Vec<String>,
    /// The direct dependencies, the one that costs most first.
    pub rows: Vec<Row>,
    /// Direct dependencies of one scope, taken together.
    pub scopes: Vec<Scope>,
    /// Packages that are installed in several versions.
    pub duplicates: Vec<Duplicate>,
    /// Versions of packages that lie at several places of the disk under one entry of the lock file.
    pub copied: Vec<Copied>,
    /// Packages with what only the build of their native code needed, as it lies on this disk: objects, libraries to link.
    pub leftovers: Vec<Held>,
}

/// Direct dependencies of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `@aws-sdk`.
    pub name: String,
    /// How many direct dependencies are of it.
    pub members: usize,
    /// Bytes that go when all of them go, of the packages whose size is known.
    pub saves: u64,
    /// Number of those whose size is not known.
    pub unknown: u64,
}

/// A direct dependency.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name it is asked for by.
    pub name: String,
    /// The version that is installed.
    pub version: Option<String>,
    /// Its entry in package.json.
    pub entry: Span,
    /// Bytes of its own files; `None`: not known.
    pub own: Option<u64>,
    /// Bytes that go when it goes, of the packages whose size is known.
    pub saves: u64,
    /// Bytes of all that it needs, shared or not, of the packages whose size is known.
    pub needs: u64,
    /// Number of packages that it needs and whose size is not known.
    pub needs_unknown: u64,
    /// The packages that go when it goes, itself first.
    pub held: Vec<Held>,
    /// Where code imports it; empty where nothing is known to.
    pub imports: Vec<Span>,
    /// What else may use it, where code is not seen to import it.
    pub other_use: Option<Use>,
    /// The members of it that the code uses; `None` when that cannot be told.
    pub members: Option<Vec<String>>,
    /// True when package.json asks for it for development alone.
    pub is_development: bool,
    /// True for a tool of developers among the dependencies of production, which has no business in an image.
    pub is_tool: bool,
    /// What does the same for less, in words, with the bytes of an install of it where they are known.
    pub instead: Option<String>,
    /// What replaces it by a list of others', where nothing is advised and the image would lose its package.
    pub replacement: Option<Replacement>,
}

/// A package with its own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// `name@version`.
    pub name: String,
    /// Bytes of its own files; `None`: not known.
    pub bytes: Option<u64>,
    /// True when they are perhaps those of another version, out of a table.
    pub is_estimate: bool,
}

/// A package that is installed in several versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name.
    pub name: String,
    /// Its versions.
    pub versions: Vec<String>,
    /// Bytes of all but the largest, as far as they are known.
    pub bytes: u64,
    /// Number of those whose size is not known.
    pub unknown: u64,
}

/// A version of a package that lies at several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// `name@version`.
    pub name: String,
    /// How many places.
    pub places: u32,
    /// Bytes of all but one of them.
    pub bytes: u64,
}

/// How a dependency may be used that no program is seen to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// Something names it, here first.
    Named(Span),
    /// A package or a compiler loads it: its name.
    LoadedBy(String),
    /// Nothing that was read names it.
    Nowhere,
}

impl Row {
    /// Number of packages that go with it and whose size is not known.
    pub fn without_size(&self) -> u64 {
        without_size(&self.held)
    }
}

/// Number of packages whose size is not known.
pub fn without_size(held: &[Held]) -> u64 {
    held.iter().filter(|one| one.bytes.is_none()).count() as u64
}

/// Why a package is installed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reason {
    /// `name@version`.
    pub package: String,
    /// The package whose install brings it, by its name or its folder.
    pub install: String,
    /// The path of the lock file.
    pub lock: String,
    /// Shortest ways to it, from a direct dependency to the package itself.
    pub chains: Vec<Vec<String>>,
    /// Number of direct dependencies that lead to it.
    pub dependencies: usize,
    /// What all ways go through, beside the package itself.
    pub through: Option<String>,
}

/// What each install of a project costs. `root` is the project's folder on disk: packages that are installed there, and the
/// caches of package managers, tell sizes.
pub fn sheets(project: &Project, root: &Path, caches: &Caches, committed: Option<&Committed>) -> Vec<Sheet> {
    let all = project.weighed();
    let sizes = sizes_of(project, &all, root, caches, committed);
    all.iter().map(|weighed| sheet(project, weighed, &sizes[&weighed.lock.file])).collect()
}

/// The sizes of the packages of each lock file: several images may be built from one.
fn sizes_of(
    project: &Project,
    all: &[Weighed<'_>],
    root: &Path,
    caches: &Caches,
    committed: Option<&Committed>,
) -> FxHashMap<FileId, Sizes> {
    let mut sizes = FxHashMap::default();
    for lock in all.iter().map(|weighed| weighed.lock) {
        let folder = project.sources.file(lock.file).path.parent().unwrap_or_else(ProjectPath::root);
        let find = || Sizes::find(&root.join(folder.as_str()), lock, caches, committed);
        sizes.entry(lock.file).or_insert_with(find);
    }
    sizes
}

fn sheet(project: &Project, weighed: &Weighed<'_>, sizes: &Sizes) -> Sheet {
    let lock = weighed.lock;
    let graph = weighed.graph();
    let packages: Vec<u32> = graph.packages().map(|(_, package)| package).collect();
    sizes.read_ahead(lock, &packages);
    let size = |package: u32| sizes.of(lock, package).map(|size| size.bytes);
    let weights = weigh(&graph, size);
    let mut held: Vec<Vec<Held>> = graph.roots.iter().map(|_| Vec::new()).collect();
    let mut shared_packages = Vec::new();
    for (node, package) in graph.packages() {
        let known = sizes.of(lock, package);
        let one = Held {
            name: name_of(&lock.packages[package as usize]),
            bytes: known.map(|size| size.bytes),
            is_estimate: known.is_some_and(|size| matches!(size.source, Source::Table { .. })),
        };
        match weights.holders[node as usize] {
            Some(root) => held[root].push(one),
            None => shared_packages.push(one),
        }
    }
    let runs: Vec<&Run> =
        project.runs.iter().filter(|run| weighed.image.is_some() && run.image == weighed.image).collect();
    let uses = other_uses(project, weighed);
    let mut rows: Vec<Row> = weights
        .direct
        .iter()
        .zip(held)
        .map(|(weight, held)| {
            let own = match graph.nodes[graph.roots[weight.root].node as usize] {
                Node::Package(package) => size(package),
                Node::Importer(_) | Node::Start => Some(weight.own),
            };
            row(project, &graph, (weight, own), held, &runs)
        })
        .collect();
    for row in rows.iter_mut().filter(|row| row.imports.is_empty()) {
        row.other_use = uses.get(row.name.as_str()).cloned();
    }
    rows.sort_by(|a, b| b.saves.cmp(&a.saves).then_with(|| a.name.cmp(&b.name)));
    largest_first(&mut shared_packages);
    Sheet {
        package: package_name(project, weighed),
        image: weighed
            .image
            .map(|image| project.sources.file(project.image(image).dockerfile).path.as_str().to_owned()),
        target: weighed.image.and_then(|image| project.image(image).target.clone()),
        folder: weighed.packages.first().map(|id| project.package(*id).folder.to_string()),
        lock: project.sources.file(lock.file).path.as_str().to_owned(),
        system: system(weighed),
        development: weighed.development.known().copied(),
        total: weights.total,
        packages: weights.packages,
        shared: weights.pool,
        shared_packages,
        sources: sources(lock, sizes, &packages),
        is_installed: sizes.installed.is_some(),
        unsized_packages: weights
            .unknown
            .iter()
            .map(|package| name_of(&lock.packages[*package as usize]))
            .collect(),
        rows,
        scopes: weights
            .groups
            .iter()
            .map(|group| Scope {
                name: group.name.clone(),
                members: group.members.len(),
                saves: group.saves,
                unknown: group.unknown,
            })
            .collect(),
        duplicates: duplicates(&graph, size).into_iter().map(duplicate).collect(),
        copied: copied(lock, sizes, &packages),
        leftovers: leftovers(lock, sizes, &packages),
    }
}

fn row(
    project: &Project,
    graph: &Graph<'_>,
    (weight, own): (&Weight, Option<u64>),
    mut held: Vec<Held>,
    runs: &[&Run],
) -> Row {
    let root = &graph.roots[weight.root];
    let package = graph.package(root.node);
    let imports = project.imports_of(&root.name, runs);
    let advised = package.and_then(|package| project.advice(&package.name, &root.name, &imports, runs));
    let instead = advised.as_ref().map(|advice| format!("{}: {}", advice.reason(), advice.heavy.instead));
    // What weighs more than it saves here is not lighter; nor is that known where a size is not.
    let is_lighter = |found: &Replacement| match found.kind {
        Kind::Builtin { .. } => true,
        Kind::Package { bytes } => held.iter().all(|one| one.bytes.is_some()) && bytes < weight.saves,
    };
    let may_go = root.kind.is_for_production() && weight.packages > 0 && advised.is_none();
    let replacement = package
        .filter(|_| may_go)
        .and_then(|package| project.replacement(&package.name, &imports, runs))
        .filter(is_lighter);
    let is_tool = root.kind.is_for_production()
        && imports.places.is_empty()
        && graph.name(root.node).is_some_and(|name| tool::purpose_of(name).is_some());
    largest_first(&mut held);
    Row {
        name: root.name.clone(),
        version: package.and_then(|package| package.version.clone()),
        entry: root.span,
        own,
        saves: weight.saves,
        needs: weight.needs,
        needs_unknown: weight.needs_unknown,
        held,
        members: imports.usage.rest.is_ok().then(|| imports.usage.members.iter().cloned().collect()),
        imports: imports.places,
        other_use: None,
        is_development: root.kind == EdgeKind::Development,
        is_tool,
        instead,
        replacement,
    }
}

fn other_uses<'p>(project: &'p Project, weighed: &Weighed<'_>) -> FxHashMap<&'p str, Use> {
    let packages = weighed.packages.iter().map(|id| project.package(*id));
    let uses = packages.flat_map(|package| project.uses(package));
    let seen = uses.filter_map(|(entry, tier)| {
        let other = match tier {
            Tier::Reached(at) | Tier::Named(at) | Tier::Script(at) => Use::Named(at),
            Tier::Peer(by) | Tier::Brought(by) => Use::LoadedBy(by),
            Tier::Loaded(by) => Use::LoadedBy(by.to_owned()),
            Tier::Nowhere => Use::Nowhere,
            Tier::Unknown(_) => return None,
        };
        Some((entry.name.as_str(), other))
    });
    seen.collect()
}

fn largest_first(held: &mut [Held]) {
    held.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
}

fn duplicate(found: weight::Duplicate<'_>) -> Duplicate {
    let versions = found.versions.iter().map(|(version, _)| (*version).to_owned()).collect();
    Duplicate { name: found.name.to_owned(), versions, bytes: found.bytes, unknown: found.unknown }
}

fn name_of(package: &LockedPackage) -> String {
    match &package.version {
        Some(version) => format!("{}@{version}", package.name),
        None => package.name.clone(),
    }
}

/// The package that the image holds, by its name or its folder.
fn package_name(project: &Project, weighed: &Weighed<'_>) -> String {
    let Some(package) = weighed.packages.first().map(|id| project.package(*id)) else { return String::new() };
    let named = package.facts.name.known().cloned().flatten();
    named
        .unwrap_or_else(|| if package.folder.is_root() { ".".to_owned() } else { package.folder.to_string() })
}

fn system(weighed: &Weighed<'_>) -> String {
    let target = &weighed.target;
    let cpu = if weighed.says_cpu { target.cpu.clone() } else { format!("{} (assumed)", target.cpu) };
    let libc = match target.libc {
        Some(Libc::Glibc) => "glibc",
        Some(Libc::Musl) => "musl",
        Some(Libc::Absent) | None => "any libc",
    };
    format!("{} {cpu} {libc}", target.os)
}

fn leftovers(lock: &Lock, sizes: &Sizes, packages: &[u32]) -> Vec<Held> {
    let names: FxHashSet<String> =
        packages.iter().map(|package| name_of(&lock.packages[*package as usize])).collect();
    let installed = sizes.installed.iter().flat_map(|installed| &installed.packages);
    let mut left: Vec<Held> = installed
        .filter(|package| package.build_leftovers > 0)
        .filter_map(|package| {
            let name = format!("{}@{}", package.name, package.version.as_deref()?);
            names.contains(&name).then_some(Held {
                name,
                bytes: Some(package.build_leftovers),
                is_estimate: false,
            })
        })
        .collect();
    largest_first(&mut left);
    left
}

/// What lies at several places, what costs most first.
fn copied(lock: &Lock, sizes: &Sizes, packages: &[u32]) -> Vec<Copied> {
    let copied = |package: &u32| {
        let size = sizes.of(lock, *package).filter(|size| size.copies > 1)?;
        let name = name_of(&lock.packages[*package as usize]);
        Some(Copied { name, places: size.copies, bytes: size.bytes - size.bytes / u64::from(size.copies) })
    };
    let mut found: Vec<Copied> = packages.iter().filter_map(copied).filter(|one| one.bytes > 0).collect();
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    found
}

/// Where sizes are from, the source of most packages first.
fn sources(lock: &Lock, sizes: &Sizes, packages: &[u32]) -> Vec<(String, usize)> {
    let mut counts: FxHashMap<&'static str, usize> = FxHashMap::default();
    for size in packages.iter().filter_map(|package| sizes.of(lock, *package)) {
        *counts.entry(source_name(size.source)).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Disk => "node_modules",
        Source::NpmCache => "npm's cache",
        Source::PnpmStore => "pnpm's store",
        Source::BerryCache => "yarn's cache",
        Source::Committed => COMMITTED,
        Source::Table { .. } => "a table of plimsoll's, perhaps of other versions",
    }
}

/// Through which dependencies a package comes in, one answer for each version and place of it in each install.
pub fn reasons(project: &Project, name: &str) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for weighed in project.weighed() {
        let graph = weighed.graph();
        for cause in weight::why(&graph, name) {
            reasons.push(Reason {
                package: name_of(&weighed.lock.packages[cause.package as usize]),
                install: package_name(project, &weighed),
                lock: project.sources.file(weighed.lock.file).path.as_str().to_owned(),
                chains: cause
                    .chains
                    .iter()
                    .map(|chain| chain.iter().map(|name| (*name).to_owned()).collect())
                    .collect(),
                dependencies: cause.roots,
                through: cause.dominator.and_then(|node| graph.name(node)).map(str::to_owned),
            });
        }
    }
    // Images of one install say the same.
    let mut seen = FxHashSet::default();
    reasons.retain(|reason| seen.insert(reason.clone()));
    reasons
}
