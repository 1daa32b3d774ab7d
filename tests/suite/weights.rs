//! What package managers installed, against what lock files say and what the walk over the disk finds.
//! `scripts/make-weight-fixtures` makes the installs and lists them with Node's own functions; the lists are kept in
//! testdata/weights, the installs are read when PLIMSOLL_INSTALLS names their folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll::facts::base_images::Libc;
use plimsoll::facts::lock::{self, EdgeKind, Flavour, Importer, Lock, Manager, Target};
use plimsoll::facts::package::Package;
use plimsoll::facts::size::disk::{self, DiskEdge, Installed};
use plimsoll::facts::size::{Caches, Size, Sizes, Source};
use plimsoll::model::weight;
use plimsoll::source::FileId;
use plimsoll::syntax::json;
use serde::Deserialize;

/// What the script lists of an install.
#[derive(Deserialize)]
struct Listing {
    bytes: u64,
    once: u64,
    importers: Vec<ListedImporter>,
    packages: Vec<Listed>,
}

/// For each name the kind and the path of what Node finds.
type Edges = BTreeMap<String, (String, Option<String>)>;

#[derive(Deserialize)]
struct ListedImporter {
    folder: String,
    edges: Edges,
}

#[derive(Deserialize)]
struct Listed {
    at: String,
    name: Option<String>,
    version: Option<String>,
    bytes: u64,
    files: u64,
    edges: Edges,
}

impl Listed {
    fn id(&self) -> Option<String> {
        Some(format!("{}@{}", self.name.as_ref()?, self.version.as_ref()?))
    }
}

fn cases() -> Vec<(String, PathBuf)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/weights"));
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut cases: Vec<(String, PathBuf)> = names.map(|name| (name.clone(), folder.join(name))).collect();
    cases.sort();
    assert!(cases.len() >= 16, "fixtures are missing: {}", cases.len());
    cases
}

fn listing(case: &Path) -> Listing {
    serde_json::from_str(&fs::read_to_string(case.join("weights.json")).unwrap()).unwrap()
}

fn lock_of(case: &Path) -> Lock {
    let found = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = found.into_iter().find(|name| lock::manager_of(name).is_some()).unwrap();
    let parsed = lock::read(FileId(0), &name, fs::read_to_string(case.join(&name)).unwrap().into());
    assert!(parsed.issues.is_empty() && parsed.tree.complete, "{}: {:?}", case.display(), parsed.issues);
    parsed.tree
}

fn importers_of(case: &Path, lock: &Lock, listing: &Listing) -> Vec<Importer> {
    let package = |folder: &str| {
        let text: Arc<str> = fs::read_to_string(case.join(folder).join("package.json")).unwrap().into();
        Package::read(&json::parse(FileId(1), text, json::Dialect::Strict).tree)
    };
    let folders = listing.importers.iter().map(|importer| importer.folder.as_str());
    folders.map(|folder| lock.importer(folder, &package(folder)).unwrap()).collect()
}

/// What an importer or a package gets by which name: `name@version`, or the member of the workspace.
type Answers = BTreeMap<String, String>;

/// A graph by `name@version`, and by folder for members of the workspace: what each of the same name and version gets.
type Graph = BTreeMap<String, BTreeSet<Answers>>;

fn graph_on_disk(listing: &Listing) -> Graph {
    let by_path: BTreeMap<&str, &Listed> =
        listing.packages.iter().map(|package| (package.at.as_str(), package)).collect();
    let answers = |edges: &Edges| -> Answers {
        let found = edges.iter().filter_map(|(name, (_, at))| {
            let at = at.as_ref()?;
            Some((name.clone(), by_path.get(at.as_str()).map_or(Some(at.clone()), |package| package.id())?))
        });
        found.collect()
    };
    let mut graph = Graph::new();
    for package in &listing.packages {
        let Some(id) = package.id() else { continue };
        graph.entry(id).or_default().insert(answers(&package.edges));
    }
    for importer in &listing.importers {
        graph.entry(importer.folder.clone()).or_default().insert(answers(&importer.edges));
    }
    graph
}

fn graph_of_lock(lock: &Lock, importers: &[Importer]) -> Graph {
    let here = |at: u32| lock.packages[at as usize].platform.allows("linux", "x64", "glibc");
    let id = |at: u32| {
        let package = &lock.packages[at as usize];
        format!("{}@{}", package.name, package.version.as_deref().unwrap_or("?"))
    };
    let answers = |edges: &[lock::Edge]| -> Answers {
        let found = edges.iter().filter_map(|edge| match edge.target {
            Target::Package(at) if here(at) => Some((edge.name.clone(), id(at))),
            Target::Importer(at) => Some((edge.name.clone(), lock.importers[at as usize].folder.clone())),
            _ => None,
        });
        found.collect()
    };
    let mut graph = Graph::new();
    let mut open: Vec<u32> = Vec::new();
    for importer in importers {
        graph.entry(importer.folder.clone()).or_default().insert(answers(&importer.edges));
        open.extend(importer.edges.iter().filter_map(|edge| index(edge.target)));
    }
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if here(at) && seen.insert(at) {
            let edges = &lock.packages[at as usize].edges;
            graph.entry(id(at)).or_default().insert(answers(edges));
            open.extend(edges.iter().filter_map(|edge| index(edge.target)));
        }
    }
    graph
}

fn index(target: Target) -> Option<u32> {
    match target {
        Target::Package(at) => Some(at),
        _ => None,
    }
}

/// What is on disk and in no reached entry of the lock file: yarn leaves the system's conditions of a package out of what
/// the package itself needs.
const NOT_REACHED: [&str; 2] = ["@emnapi/runtime@1.11.3", "tslib@2.9.1"];

/// True when the file has no list of systems for some packages: yarn 1 keeps none, npm 11.6 no C library. What `npm ci`
/// installs from such a file is all of it.
fn may_be_for_others(case: &str, lock: &Lock) -> bool {
    lock.flavour == Flavour::YarnClassic || case == "npm-11"
}

/// Packages that an importer gets by optional edges alone.
fn optional(lock: &Lock, importers: &[Importer]) -> BTreeSet<String> {
    let firm = |edges: &[lock::Edge]| -> Vec<u32> {
        let firm = edges.iter().filter(|edge| edge.kind != EdgeKind::Optional);
        firm.filter_map(|edge| index(edge.target)).collect()
    };
    let mut open: Vec<u32> = importers.iter().flat_map(|importer| firm(&importer.edges)).collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if seen.insert(at) {
            open.extend(firm(&lock.packages[at as usize].edges));
        }
    }
    let rest = (0u32..).zip(&lock.packages).filter(|(at, _)| !seen.contains(at));
    rest.map(|(_, package)| format!("{}@{}", package.name, package.version.as_deref().unwrap_or("?")))
        .collect()
}

#[test]
fn lock_files_and_disks_have_one_graph() {
    for (name, case) in cases() {
        let listing = listing(&case);
        let lock = lock_of(&case);
        let disk = graph_on_disk(&listing);
        let importers = importers_of(&case, &lock, &listing);
        let locked = graph_of_lock(&lock, &importers);
        let optional =
            if may_be_for_others(&name, &lock) { optional(&lock, &importers) } else { BTreeSet::new() };
        for id in disk.keys().filter(|id| !locked.contains_key(*id)) {
            assert!(name.starts_with("yarn-4-pn") && NOT_REACHED.contains(&id.as_str()), "{name}: {id}");
        }
        for id in locked.keys().filter(|id| !disk.contains_key(*id)) {
            assert!(optional.contains(id), "{name}: {id} is not installed");
        }
        for (id, installed) in &disk {
            let Some(answers) = locked.get(id) else { continue };
            let mut answers = answers.clone();
            let is_there = |answer: &String| !optional.contains(answer) || disk.contains_key(answer);
            answers = answers
                .into_iter()
                .map(|each| each.into_iter().filter(|(_, answer)| is_there(answer)).collect())
                .collect();
            // yarn 1 does not record the members of a workspace.
            let is_recorded =
                |answer: &String| lock.flavour != Flavour::YarnClassic || !answer.starts_with("packages/");
            let installed: BTreeSet<Answers> = installed
                .iter()
                .map(|each| each.clone().into_iter().filter(|(_, answer)| is_recorded(answer)).collect())
                .collect();
            assert_eq!(installed, answers, "{name}: {id}");
        }
    }
}

/// The graph that is weighed holds what is installed, each place of it, and all of its bytes.
#[test]
fn weighed_graphs_hold_what_is_installed() {
    let target =
        weight::Target { os: "linux", cpu: "x64".to_owned(), libc: Some(Libc::Glibc), development: true };
    for (name, case) in cases() {
        let listing = listing(&case);
        let lock = lock_of(&case);
        let importers = importers_of(&case, &lock, &listing);
        let graph = weight::Graph::of_all(&lock, &importers, &target);
        let id = |at: u32| {
            let package = &lock.packages[at as usize];
            format!("{}@{}", package.name, package.version.as_deref().unwrap_or("?"))
        };
        let bytes: BTreeMap<String, u64> =
            listing.packages.iter().filter_map(|package| Some((package.id()?, package.bytes))).collect();
        let mut weighed: Vec<String> = graph.packages().map(|(_, at)| id(at)).collect();
        let installed = listing.packages.iter().filter_map(|package| Some((package.id()?, package.bytes)));
        let not_reached = |id: &String| name.starts_with("yarn-4-pn") && NOT_REACHED.contains(&id.as_str());
        let installed: Vec<(String, u64)> = installed.filter(|(id, _)| !not_reached(id)).collect();
        let total: u64 = installed.iter().map(|(_, bytes)| bytes).sum();
        let mut installed: Vec<String> = installed.into_iter().map(|(id, _)| id).collect();
        // What `npm install` left out as it wrote the lock file, `npm ci` installs from it.
        weighed.retain(|id| name != "npm-11" || !id.contains("linuxmusl"));
        weighed.sort();
        installed.sort();
        assert_eq!(weighed, installed, "{name}");
        let weights = weight::weigh(&graph, |at| bytes.get(&id(at)).copied());
        let saved: u64 = weights.direct.iter().map(|weight| weight.saves).sum();
        assert_eq!((weights.total, saved + weights.pool), (total, total), "{name}");
    }
}

/// The folder that `scripts/make-weight-fixtures` works in.
fn installs() -> Option<PathBuf> {
    let folder = std::env::var_os("PLIMSOLL_INSTALLS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: PLIMSOLL_INSTALLS does not name the folder of scripts/make-weight-fixtures");
    }
    folder
}

fn kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Production => "production",
        EdgeKind::Development => "development",
        EdgeKind::Optional => "optional",
        EdgeKind::Peer => "peer",
        EdgeKind::OptionalPeer => "optional-peer",
    }
}

fn edges_of(installed: &Installed, edges: &[DiskEdge]) -> Edges {
    let path = |target: Target| match target {
        Target::Package(at) => installed.path_of(&installed.packages[at as usize]),
        Target::Importer(at) => Some(installed.importers[at as usize].folder.clone()),
        _ => None,
    };
    edges.iter().map(|edge| (edge.name.clone(), (kind(edge.kind).to_owned(), path(edge.target)))).collect()
}

#[test]
fn the_walk_finds_what_node_finds() {
    let Some(installs) = installs() else { return };
    for (name, case) in cases() {
        let listing = listing(&case);
        let lock = lock_of(&case);
        let importers = lock.importers.iter().map(|importer| importer.folder.as_str());
        let installed = disk::walk(&installs.join("projects").join(&name), importers).unwrap();
        assert!(installed.complete, "{name}");
        assert_eq!(installed.plug_and_play, name == "yarn-4-pnp");
        // What stays in an archive is not on disk, and who finds whom only yarn's own table says.
        let listed: Vec<&Listed> =
            listing.packages.iter().filter(|package| !package.at.starts_with(".yarn/cache/")).collect();
        assert_eq!(installed.packages.len(), listed.len(), "{name}");
        for (package, listed) in installed.packages.iter().zip(listed) {
            let at = installed.path_of(package).unwrap();
            assert_eq!((at.as_str(), package.bytes), (listed.at.as_str(), Some(listed.bytes)), "{name}");
            assert_eq!((package.files, &package.version), (listed.files, &listed.version), "{name}: {at}");
            assert!(listed.name.as_ref().is_none_or(|name| *name == package.name), "{name}: {at}");
            if !installed.plug_and_play {
                assert_eq!(edges_of(&installed, &package.edges), listed.edges, "{name}: {at}");
            }
        }
        if installed.plug_and_play {
            continue;
        }
        assert_eq!(installed.once, listing.once, "{name}");
        assert_eq!(
            installed.packages.iter().filter_map(|package| package.bytes).sum::<u64>(),
            listing.bytes,
            "{name}"
        );
        for (importer, listed) in installed.importers.iter().zip(&listing.importers) {
            assert_eq!(importer.folder, listed.folder, "{name}");
            assert_eq!(edges_of(&installed, &importer.edges), listed.edges, "{name}: {}", importer.folder);
        }
    }
}

/// Where the managers keep what they fetched for the installs.
fn caches(installs: &Path) -> Caches {
    let home = installs.join("home");
    Caches {
        npm: Some(home.join(".npm")),
        pnpm: Some(home.join(".local/share/pnpm/store")),
        berry: Some(home.join(".local/share/yarn/berry/cache")),
    }
}

#[test]
fn every_installed_package_has_its_bytes() {
    let Some(installs) = installs() else { return };
    for (name, case) in cases() {
        let lock = lock_of(&case);
        let sizes = Sizes::find(&installs.join("projects").join(&name), &lock, &Caches::default(), None);
        let listing = listing(&case);
        let listed: BTreeMap<String, &Listed> =
            listing.packages.iter().filter_map(|package| Some((package.id()?, package))).collect();
        let mut found = BTreeSet::new();
        for (at, package) in (0u32..).zip(&lock.packages) {
            let id = format!("{}@{}", package.name, package.version.as_deref().unwrap_or("?"));
            let Some(listed) = listed.get(&id) else { continue };
            let is_archive = listed.at.starts_with(".yarn/cache/");
            let source = if is_archive { Source::BerryCache } else { Source::Disk };
            assert_eq!(
                sizes.of(&lock, at),
                Some(Size { bytes: listed.bytes, copies: 1, source }),
                "{name}: {id}"
            );
            found.insert(id);
        }
        assert_eq!(found.len(), listed.len(), "{name}");
    }
}

#[test]
fn caches_say_what_the_disk_says() {
    let Some(installs) = installs() else { return };
    let npm = Caches { pnpm: None, berry: None, ..caches(&installs) };
    let pnpm = Caches { npm: None, berry: None, ..caches(&installs) };
    let berry = Caches { npm: None, pnpm: None, ..caches(&installs) };
    for (name, case) in cases() {
        let lock = lock_of(&case);
        let (caches, source) = match lock.manager {
            Manager::Npm | Manager::Bun => (&npm, Source::NpmCache),
            Manager::Pnpm => (&pnpm, Source::PnpmStore),
            Manager::Yarn if name.starts_with("yarn-4") => (&berry, Source::BerryCache),
            // yarn 1 has a cache of its own; its sums are those of npm's.
            Manager::Yarn => (&npm, Source::NpmCache),
        };
        let nothing = tempfile::tempdir().unwrap();
        let in_cache = Sizes::find(nothing.path(), &lock, caches, None);
        let on_disk = Sizes::find(&installs.join("projects").join(&name), &lock, &Caches::default(), None);
        let all: Vec<u32> = (0..lock.packages.len() as u32).collect();
        in_cache.read_ahead(&lock, &all);
        let mut found = (0, 0, 0);
        for at in all {
            let cached = in_cache.of(&lock, at).filter(|size| size.source == source);
            let Some(size) = on_disk.of(&lock, at).filter(|size| size.source == Source::Disk) else {
                continue;
            };
            found.0 += 1;
            found.1 += size.bytes;
            let Some(cached) = cached else { continue };
            found.2 += 1;
            assert_eq!(cached.bytes, size.bytes, "{name}: {}", lock.packages[at as usize].key);
        }
        eprintln!("{name}: {} on disk with {} bytes, {} of them in the cache", found.0, found.1, found.2);
        assert!(found.0 > 2 && (found.2 == found.0 || lock.manager != Manager::Npm), "{name}: {found:?}");
    }
}
