//! package-lock.json of npm 7 and later (`lockfileVersion` 2 and 3): one map from folders to what lies in them.
//!
//! Source: npm's documentation of package-lock.json. A key with `node_modules/` in it is an installed package or a link
//! to a folder of the repository; any other key is such a folder.

use rustc_hash::{FxHashMap, FxHashSet};

use super::read::{Reading, flag, folder_from, platform, text};
use super::scopes::Scopes;
use super::{Edge, EdgeKind, Flags, Flavour, Importer, LockedPackage, Target};
use crate::syntax::tree::{Entry, Ref, Tree};

/// Longest path that a system opens.
const MAX_KEY: usize = 4096;
/// Folders in each other; deep trees in use have about twenty.
const MAX_FOLDERS: usize = 128;

/// Who stands behind a key.
#[derive(Clone, Copy)]
enum Holder {
    Importer(usize),
    Package(usize),
}

pub(super) fn read(tree: &Tree, version: u32, reading: &mut Reading) {
    reading.lock.flavour = Flavour::Npm(version);
    let Some(packages) = tree.root().and_then(|root| root.get("packages")).filter(|at| at.is_mapping())
    else {
        let at = tree.root().map_or_else(|| crate::source::Span::at(tree.file, 0), Ref::span);
        return reading
            .bad_entry(at, "`packages` is not there or is no object: nothing of this lock file can be read");
    };
    let mut folders = Scopes::new();
    let mut holders: Vec<(Holder, Entry<'_>)> = Vec::new();
    let mut links: Vec<(&str, Entry<'_>)> = Vec::new();
    for entry in packages.entries() {
        let key = entry.key.str().unwrap_or("");
        if !entry.value.is_mapping() {
            reading.bad_entry(entry.span(), format!("the entry of {key:.200} is no object"));
            continue;
        }
        if key.len() > MAX_KEY || key.matches('/').count() > MAX_FOLDERS {
            reading.bad_entry(entry.key.span(), "no installed package has a path of this length");
            continue;
        }
        match place(key) {
            None => {
                holders.push((Holder::Importer(reading.lock.importers.len()), entry));
                reading.lock.importers.push(importer(key, entry));
                folders.at(key);
            }
            Some(_) if flag(entry.value, "link") => links.push((key, entry)),
            Some((_, name)) => {
                holders.push((Holder::Package(reading.lock.packages.len()), entry));
                let target = Target::Package(reading.lock.packages.len() as u32);
                reading.lock.packages.push(package(name, entry));
                put(&mut folders, key, target);
            }
        }
    }
    let by_folder: FxHashMap<String, u32> =
        (0u32..).zip(&reading.lock.importers).map(|(at, importer)| (importer.folder.clone(), at)).collect();
    for (key, entry) in links {
        let folder = text(entry.value, "resolved").unwrap_or_default();
        let inside = by_folder.get(&folder).or_else(|| by_folder.get(&folder_from("", &folder)?));
        put(&mut folders, key, inside.map_or(Target::Outside, |at| Target::Importer(*at)));
    }
    folders.nest(above);
    for (holder, entry) in holders {
        let of_importer = matches!(holder, Holder::Importer(_));
        let edges = edges(&folders, entry, of_importer);
        match holder {
            Holder::Importer(at) => reading.lock.importers[at].edges = edges,
            Holder::Package(at) => reading.lock.packages[at].edges = edges,
        }
    }
}

/// The folder and the name of an installed package.
fn place(key: &str) -> Option<(&str, &str)> {
    const MODULES: &str = "node_modules/";
    let at = key.rfind(MODULES).filter(|at| *at == 0 || key[..*at].ends_with('/'))?;
    Some((key[..at].trim_end_matches('/'), &key[at + MODULES.len()..]))
}

/// What is installed at `key` is found by its name from the folder that holds it; it is a folder itself.
fn put<'t>(folders: &mut Scopes<'t>, key: &'t str, target: Target) {
    folders.at(key);
    if let Some((folder, name)) = place(key) {
        let folder = folders.at(folder);
        folders.put(folder, name, target);
    }
}

/// The folder above, inside of the repository: what lies outside of it does not see the root's packages.
fn above(folder: &str) -> Option<&str> {
    match folder.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None => (!folder.is_empty() && folder != "..").then_some(""),
    }
}

fn importer(folder: &str, entry: Entry<'_>) -> Importer {
    Importer {
        folder: folder.to_owned(),
        name: text(entry.value, "name"),
        span: entry.key.span(),
        edges: Vec::new(),
    }
}

fn package(installed_as: &str, entry: Entry<'_>) -> LockedPackage {
    let at = entry.value;
    let name = text(at, "name").unwrap_or_else(|| installed_as.to_owned());
    LockedPackage {
        alias: (name != installed_as).then(|| installed_as.to_owned()),
        name,
        version: text(at, "version"),
        key: entry.key.str().unwrap_or("").to_owned(),
        span: entry.key.span(),
        resolved: text(at, "resolved"),
        integrity: text(at, "integrity"),
        flags: Flags {
            dev: flag(at, "dev"),
            optional: flag(at, "optional"),
            dev_optional: flag(at, "devOptional"),
            peer: flag(at, "peer"),
            bundled: flag(at, "inBundle"),
            install_script: flag(at, "hasInstallScript"),
        },
        platform: platform(at),
        edges: Vec::new(),
    }
}

fn edges<'t>(folders: &Scopes<'t>, entry: Entry<'t>, of_importer: bool) -> Vec<Edge> {
    let folder = entry.key.str().unwrap_or("");
    let start = folders.find(folder);
    let optional = entry.value.get("optionalDependencies");
    let forgiven: FxHashSet<&str> =
        optional.into_iter().flat_map(Ref::entries).filter_map(|entry| entry.key.str()).collect();
    let meta = entry.value.get("peerDependenciesMeta");
    let optional_peers: FxHashSet<&str> = meta
        .into_iter()
        .flat_map(Ref::entries)
        .filter(|entry| flag(entry.value, "optional"))
        .filter_map(|entry| entry.key.str())
        .collect();
    let mut edges = Vec::new();
    let mut add = |section: &str, kind: EdgeKind| {
        for asked in entry.value.get(section).into_iter().flat_map(Ref::entries) {
            let Some(name) = asked.key.str() else { continue };
            let kind = match kind {
                EdgeKind::Production if forgiven.contains(name) => continue,
                EdgeKind::Peer if optional_peers.contains(name) => EdgeKind::OptionalPeer,
                kind => kind,
            };
            let target = start.map_or(Target::Missing, |start| folders.answer(start, name));
            // The folders above one that lies outside are not in the file.
            let outside = target == Target::Missing && folder.starts_with("..");
            edges.push(Edge {
                name: name.to_owned(),
                spec: asked.value.str().unwrap_or("").to_owned(),
                kind,
                target: if outside { Target::Outside } else { target },
                span: asked.key.span(),
            });
        }
    };
    add("dependencies", EdgeKind::Production);
    add("optionalDependencies", EdgeKind::Optional);
    add("peerDependencies", EdgeKind::Peer);
    if of_importer {
        add("devDependencies", EdgeKind::Development);
    }
    edges
}
