//! bun.lock: JSON with trailing commas; `workspaces` are the importers, `packages` what is installed, by place.
//!
//! The key of a package is the path of names it is found by (`send/debug`); its value is an array whose first item is
//! `name@version` and in which an object says what it asks for.

use rustc_hash::{FxHashMap, FxHashSet};

use super::read::{Reading, folder_from, platform, replaced, split_name};
use super::scopes::{ROOT, Scope, Scopes};
use super::{Edge, EdgeKind, Flags, Flavour, Importer, LockedPackage, Target};
use crate::source::Span;
use crate::syntax::tree::{Entry, Ref, Tree};

/// Longest key and deepest nesting that is read.
const MAX_KEY: usize = 4096;
const MAX_NAMES: usize = 128;

pub(super) fn read(tree: &Tree, reading: &mut Reading) {
    let Some(root) = tree.root().filter(|root| root.is_mapping()) else {
        return reading.not_this(Span::at(tree.file, 0), "this is no lock file of bun: it holds no object");
    };
    let version =
        root.get("lockfileVersion").and_then(Ref::as_i64).and_then(|version| u32::try_from(version).ok());
    reading.lock.flavour = version.map_or(Flavour::Unknown, Flavour::Bun);
    reading.lock.index.replaced = replaced(root);
    let workspaces: Vec<Entry<'_>> = root
        .get("workspaces")
        .into_iter()
        .flat_map(Ref::entries)
        .filter(|entry| entry.value.is_mapping())
        .collect();
    for entry in &workspaces {
        reading.lock.importers.push(Importer {
            folder: entry.key.str().unwrap_or("").to_owned(),
            name: entry.value.get("name").and_then(Ref::str).map(str::to_owned),
            span: entry.key.span(),
            edges: Vec::new(),
        });
    }
    let by_folder: FxHashMap<String, u32> =
        (0u32..).zip(&reading.lock.importers).map(|(at, importer)| (importer.folder.clone(), at)).collect();
    let mut scopes = Scopes::new();
    let mut infos: Vec<(&str, Option<Ref<'_>>)> = Vec::new();
    for entry in root.get("packages").into_iter().flat_map(Ref::entries) {
        let key = entry.key.str().unwrap_or("");
        if key.len() > MAX_KEY || key.matches('/').count() > MAX_NAMES {
            reading.bad_entry(entry.key.span(), "no installed package has a path of this length");
            continue;
        }
        let Some((name, reference)) = entry.value.items().next().and_then(Ref::str).and_then(split_name)
        else {
            reading.bad_entry(
                entry.span(),
                format!("the entry of {key:.200} does not begin with name and version"),
            );
            continue;
        };
        if let Some(folder) = reference.strip_prefix("workspace:") {
            let inside = by_folder.get(&folder_from("", folder).unwrap_or_default());
            put(&mut scopes, key, inside.map_or(Target::Outside, |at| Target::Importer(*at)));
            continue;
        }
        put(&mut scopes, key, Target::Package(reading.lock.packages.len() as u32));
        let info = entry.value.items().find(|item| item.is_mapping());
        infos.push((key, info));
        reading.lock.packages.push(package(key, name, reference, info, entry));
    }
    scopes.nest(|key| Some(parent(key).unwrap_or("")).filter(|_| !key.is_empty()));
    for (at, entry) in workspaces.iter().enumerate() {
        let name = entry.value.get("name").and_then(Ref::str).filter(|_| entry.key.str() != Some(""));
        let scope = name.and_then(|name| scopes.find(name)).unwrap_or(ROOT);
        reading.lock.importers[at].edges = edges(scope, Some(entry.value), true, &scopes);
    }
    for (at, (key, info)) in infos.into_iter().enumerate() {
        let scope = scopes.find(key).unwrap_or(ROOT);
        reading.lock.packages[at].edges = edges(scope, info, false, &scopes);
    }
}

fn package(key: &str, name: &str, reference: &str, info: Option<Ref<'_>>, entry: Entry<'_>) -> LockedPackage {
    let installed_as = last(key).to_owned();
    let strings: Vec<&str> = entry.value.items().skip(1).filter_map(Ref::str).collect();
    let released = reference.starts_with(|first: char| first.is_ascii_digit());
    LockedPackage {
        name: name.to_owned(),
        alias: (installed_as != name).then_some(installed_as),
        version: released.then(|| reference.to_owned()),
        key: key.to_owned(),
        span: entry.key.span(),
        resolved: if released {
            strings.first().filter(|address| address.contains("://")).map(|address| (*address).to_owned())
        } else {
            Some(reference.to_owned())
        },
        integrity: strings.last().filter(|sum| sum.starts_with("sha")).map(|sum| (*sum).to_owned()),
        flags: Flags::default(),
        platform: info.map(platform).unwrap_or_default(),
        edges: Vec::new(),
    }
}

/// The path of names without its last; `None` for one name. A scope is no name of its own.
fn parent(key: &str) -> Option<&str> {
    let (above, _) = key.rsplit_once('/')?;
    let last_above = above.rsplit('/').next().unwrap_or(above);
    if !last_above.starts_with('@') {
        return Some(above);
    }
    above.rsplit_once('/').map(|(above, _)| above)
}

/// The last name of a path of names.
fn last(key: &str) -> &str {
    &key[parent(key).map_or(0, |above| above.len() + 1)..]
}

/// What has this path is found by its last name from the place above it, and is a place itself.
fn put<'t>(scopes: &mut Scopes<'t>, key: &'t str, target: Target) {
    scopes.at(key);
    let above = parent(key).map_or(ROOT, |above| scopes.at(above));
    scopes.put(above, last(key), target);
}

fn edges<'t>(scope: Scope, info: Option<Ref<'t>>, of_importer: bool, scopes: &Scopes<'t>) -> Vec<Edge> {
    let Some(info) = info else { return Vec::new() };
    let optional_peers: FxHashSet<&str> =
        info.get("optionalPeers").into_iter().flat_map(Ref::items).filter_map(Ref::str).collect();
    let mut edges = Vec::new();
    let mut add = |section: &str, kind: EdgeKind| {
        for asked in info.get(section).into_iter().flat_map(Ref::entries) {
            let Some(name) = asked.key.str() else { continue };
            let kind = if kind == EdgeKind::Peer && optional_peers.contains(name) {
                EdgeKind::OptionalPeer
            } else {
                kind
            };
            edges.push(Edge {
                name: name.to_owned(),
                spec: asked.value.str().unwrap_or("").to_owned(),
                kind,
                target: scopes.answer(scope, name),
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
