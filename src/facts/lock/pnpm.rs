//! pnpm-lock.yaml of lock versions 5, 6 and 9.
//!
//! Source: real files of pnpm 7 to 10 and pnpm's own description of dependency paths. Up to version 6 `packages` has
//! the graph; from 9 on `packages` has what is the same for every set of peers and `snapshots` the graph. A file may
//! hold several documents (pnpm 11 puts its own tools first): the last one is the project's.

use rustc_hash::{FxHashMap, FxHashSet};

use super::read::{Reading, flag, folder_from, platform, replaced, split_name, text};
use super::{Edge, EdgeKind, Flags, Flavour, Importer, LockedPackage, Target};
use crate::source::Span;
use crate::syntax::tree::{Entry, Ref, Tree};

/// Sections of an importer and of a package.
const SECTIONS: [(&str, EdgeKind); 3] = [
    ("dependencies", EdgeKind::Production),
    ("optionalDependencies", EdgeKind::Optional),
    ("devDependencies", EdgeKind::Development),
];

/// How often the bytes of a file may be copied into packages that share an entry.
const MAX_SHARE: usize = 16;
/// Longest path that a system opens.
const MAX_PATH: usize = 4096;

pub(super) fn read(tree: &Tree, reading: &mut Reading) {
    let documents = tree.roots().filter(|root| root.get("lockfileVersion").is_some());
    let Some(root) = documents.last() else {
        return reading
            .not_this(Span::at(tree.file, 0), "this is no lock file of pnpm: it has no `lockfileVersion`");
    };
    let Some(version) = root.get("lockfileVersion").and_then(Ref::str).and_then(version) else {
        return reading.not_this(root.span(), "`lockfileVersion` is no version");
    };
    reading.lock.flavour = Flavour::Pnpm(version.0, version.1);
    reading.lock.index.replaced = replaced(root);
    let style = if version.0 < 6 { Style::Slash } else { Style::At };
    let mut keys = Keys { style, by_key: FxHashMap::default(), by_folder: FxHashMap::default() };
    let graph = packages(root, style, &mut keys, reading);
    let importers: Vec<(&str, Ref<'_>, Span)> = match root.get("importers") {
        Some(importers) => {
            let entries = importers.entries().map(|entry| (entry.key, entry.value));
            let named = entries.filter_map(|(key, value)| Some((key.str()?, value, key.span())));
            named.filter(|(folder, ..)| folder.len() <= MAX_PATH).collect()
        }
        None => vec![(".", root, Span::at(tree.file, root.span().start as usize))],
    };
    for (at, (folder, _, span)) in (0u32..).zip(&importers) {
        let folder = folder_from("", folder).unwrap_or_else(|| (*folder).to_owned());
        keys.by_folder.insert(folder.clone(), at);
        reading.lock.importers.push(Importer { folder, name: None, span: *span, edges: Vec::new() });
    }
    for (at, (_, value, _)) in importers.iter().enumerate() {
        let folder = reading.lock.importers[at].folder.clone();
        reading.lock.importers[at].edges = edges_of_importer(*value, &folder, &keys);
    }
    for (at, (value, base)) in graph.into_iter().enumerate() {
        let edges = edges_of_package(value, base, &keys);
        reading.lock.packages[at].edges = edges;
    }
}

/// `5.4`, `'6.0'`, `5.4-inlineSpecifiers`.
fn version(text: &str) -> Option<(u32, u32)> {
    let numbers = text.split('-').next()?;
    let (major, minor) = numbers.split_once('.').unwrap_or((numbers, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// How name and version stand together in a key.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// `/name/1.0.0_peer@2.0.0`
    Slash,
    /// `/name@1.0.0(peer@2.0.0)`, from version 9 on without the slash.
    At,
}

/// Reads the entries; gives what each says of the graph, and what it says for every set of peers.
fn packages<'t>(
    root: Ref<'t>,
    style: Style,
    keys: &mut Keys<'t>,
    reading: &mut Reading,
) -> Vec<(Ref<'t>, Option<Ref<'t>>)> {
    let mut graph = Vec::new();
    let listed = || root.get("packages").into_iter().flat_map(Ref::entries);
    let bases: FxHashMap<&str, Entry<'t>> =
        listed().filter_map(|entry| Some((entry.key.str()?, entry))).collect();
    let snapshots = root.get("snapshots").filter(|at| at.is_mapping());
    let entries: Vec<Entry<'t>> = match snapshots {
        Some(snapshots) => snapshots.entries().collect(),
        None => listed().collect(),
    };
    // Many snapshots may share one entry: what is copied from it stays in proportion to the file.
    let mut budget = MAX_SHARE * (root.span().len() + 1024);
    for entry in entries {
        let Some(key) = entry.key.str() else {
            reading.bad_entry(entry.key.span(), "the key of a package is no text");
            continue;
        };
        let base = match snapshots {
            Some(_) => bases.get(without_peers(key, style)).map(|base| base.value),
            None => Some(entry.value),
        };
        let cost = base.filter(|_| snapshots.is_some()).map_or(0, |base| base.span().len());
        if cost > budget {
            reading.bad_entry(
                entry.key.span(),
                "more sets of peers than one package can have: the rest is not read",
            );
            break;
        }
        budget -= cost;
        let Some(package) = package(key, style, entry, base) else {
            reading
                .bad_entry(entry.key.span(), format!("{key:.200} does not name a package and its version"));
            continue;
        };
        keys.by_key.insert(key, reading.lock.packages.len() as u32);
        reading.lock.packages.push(package);
        graph.push((entry.value, base));
    }
    graph
}

fn without_peers(key: &str, style: Style) -> &str {
    let peers = match style {
        Style::At => key.find('('),
        Style::Slash => key.rfind('/').and_then(|slash| Some(slash + key[slash..].find('_')?)),
    };
    &key[..peers.unwrap_or(key.len())]
}

fn package(key: &str, style: Style, entry: Entry<'_>, base: Option<Ref<'_>>) -> Option<LockedPackage> {
    let said = |field: &str| base.and_then(|base| text(base, field));
    let bare = without_peers(key, style);
    let bare = bare.strip_prefix('/').unwrap_or(bare);
    let split = match style {
        Style::At => split_name(bare),
        Style::Slash => bare.rsplit_once('/'),
    };
    let name = said("name").or_else(|| Some(split?.0.to_owned()))?;
    let in_key = split.map(|(_, version)| version).filter(|version| {
        version.starts_with(|first: char| first.is_ascii_digit()) && !version.contains(['/', ':'])
    });
    let resolution = base.and_then(|base| base.get("resolution"));
    let address = ["tarball", "repo", "directory"].into_iter().find_map(|field| text(resolution?, field));
    let marked = |field: &str| flag(entry.value, field) || base.is_some_and(|base| flag(base, field));
    Some(LockedPackage {
        name,
        alias: None,
        version: said("version").or_else(|| in_key.map(str::to_owned)),
        key: key.to_owned(),
        span: entry.key.span(),
        resolved: address,
        integrity: resolution.and_then(|resolution| text(resolution, "integrity")),
        flags: Flags {
            dev: marked("dev"),
            optional: marked("optional"),
            install_script: marked("requiresBuild"),
            ..Flags::default()
        },
        platform: base.map(platform).unwrap_or_default(),
        edges: Vec::new(),
    })
}

/// Entries by key, importers by folder.
struct Keys<'t> {
    style: Style,
    by_key: FxHashMap<&'t str, u32>,
    by_folder: FxHashMap<String, u32>,
}

impl Keys<'_> {
    /// Who a version as it stands behind a name leads to, from a folder of the repository.
    fn answer(&self, name: &str, version: &str, folder: &str) -> Target {
        if let Some(path) = version.strip_prefix("link:") {
            let inside = folder_from(folder, path).and_then(|folder| self.by_folder.get(&folder));
            return inside.map_or(Target::Outside, |at| Target::Importer(*at));
        }
        let written = match self.style {
            Style::Slash => [format!("/{name}/{version}"), String::new()],
            Style::At => [format!("{name}@{version}"), format!("/{name}@{version}")],
        };
        let keys = written.iter().map(String::as_str).chain([version]);
        let found = keys.filter_map(|key| self.by_key.get(key)).next();
        found.map_or(Target::Missing, |at| Target::Package(*at))
    }
}

fn edges_of_importer(importer: Ref<'_>, folder: &str, keys: &Keys<'_>) -> Vec<Edge> {
    let specs: FxHashMap<&str, &str> = importer
        .get("specifiers")
        .into_iter()
        .flat_map(Ref::entries)
        .filter_map(|entry| Some((entry.key.str()?, entry.value.str()?)))
        .collect();
    let mut edges = Vec::new();
    for (section, kind) in SECTIONS {
        for asked in importer.get(section).into_iter().flat_map(Ref::entries) {
            let Some(name) = asked.key.str() else { continue };
            let inline = asked.value.get("specifier").and_then(Ref::str);
            let version = asked.value.str().or_else(|| asked.value.get("version")?.str());
            edges.push(Edge {
                name: name.to_owned(),
                spec: inline.or_else(|| specs.get(name).copied()).unwrap_or("").to_owned(),
                kind,
                target: version.map_or(Target::Missing, |version| keys.answer(name, version, folder)),
                span: asked.key.span(),
            });
        }
    }
    edges
}

fn edges_of_package(package: Ref<'_>, base: Option<Ref<'_>>, keys: &Keys<'_>) -> Vec<Edge> {
    let section = |name: &str| base.and_then(|base| base.get(name)).into_iter().flat_map(Ref::entries);
    let peers: FxHashSet<&str> = section("peerDependencies").filter_map(|entry| entry.key.str()).collect();
    let optional: FxHashSet<&str> = section("peerDependenciesMeta")
        .filter(|entry| flag(entry.value, "optional"))
        .filter_map(|entry| entry.key.str())
        .collect();
    let mut edges = Vec::new();
    for (section, kind) in &SECTIONS[..2] {
        for asked in package.get(section).into_iter().flat_map(Ref::entries) {
            let (Some(name), Some(version)) = (asked.key.str(), asked.value.str()) else { continue };
            // Peers that were found stand among the dependencies.
            let kind = match (peers.contains(name), optional.contains(name)) {
                (true, true) => EdgeKind::OptionalPeer,
                (true, false) => EdgeKind::Peer,
                _ => *kind,
            };
            edges.push(Edge {
                name: name.to_owned(),
                spec: version.to_owned(),
                kind,
                target: keys.answer(name, version, ""),
                span: asked.key.span(),
            });
        }
    }
    edges
}
