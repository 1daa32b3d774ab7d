//! yarn.lock of yarn 2 and later: YAML, one entry per resolution, its key the descriptors that led to it.
//!
//! Source: yarn's documentation of lexicon (descriptor, locator) and real files of versions 4 to 8. Peers are answered
//! by the package above, per place, so that their entries do not say by whom.

use rustc_hash::FxHashSet;

use super::read::{Reading, flag, folder_from, split_name, text};
use super::{Edge, EdgeKind, Flags, Flavour, Importer, LockedPackage, Platform, Target};
use crate::syntax::tree::{Entry, Ref, Tree};

pub(super) fn read(tree: &Tree, reading: &mut Reading) {
    let root = tree.root();
    let version = root.and_then(|root| root.at_path(&["__metadata", "version"])).and_then(Ref::as_i64);
    reading.lock.flavour =
        Flavour::YarnBerry(version.and_then(|version| u32::try_from(version).ok()).unwrap_or(0));
    for entry in root.into_iter().flat_map(Ref::entries) {
        let key = entry.key.str().unwrap_or("");
        if key == "__metadata" {
            continue;
        }
        if read_entry(key, entry, reading).is_none() {
            reading.bad_entry(
                entry.key.span(),
                format!("the entry of {key:.200} has no resolution that can be read"),
            );
        }
    }
    let lock = &mut reading.lock;
    let packages = lock.packages.iter_mut().map(|package| &mut package.edges);
    let importers = lock.importers.iter_mut().map(|importer| &mut importer.edges);
    for edge in packages.chain(importers).flatten() {
        if edge.target == Target::Missing {
            edge.target = answer(&lock.index, &edge.name, &edge.spec).unwrap_or(Target::Missing);
        }
    }
}

/// The entry that a descriptor leads to. Before version 8 the `npm:` of a range is left out where it is asked for.
pub(super) fn answer(index: &super::Index, name: &str, spec: &str) -> Option<Target> {
    let asked = index.answers.get(&format!("{name}@{spec}")).copied();
    asked.or_else(|| index.answers.get(&format!("{name}@npm:{spec}")).copied())
}

fn read_entry(key: &str, entry: Entry<'_>, reading: &mut Reading) -> Option<()> {
    let resolution = entry.value.get("resolution").and_then(Ref::str)?;
    let (name, reference) = split_name(resolution)?;
    let descriptors = key.split(',').map(str::trim).filter(|descriptor| !descriptor.is_empty());
    let target = if let Some(folder) = reference.strip_prefix("workspace:") {
        let at = reading.lock.importers.len() as u32;
        reading.lock.importers.push(Importer {
            folder: folder_from("", folder).unwrap_or_else(|| folder.to_owned()),
            name: Some(name.to_owned()),
            span: entry.key.span(),
            edges: edges(entry.value),
        });
        Target::Importer(at)
    } else {
        let at = reading.lock.packages.len() as u32;
        let installed_as = split_name(key).map_or(name, |(installed_as, _)| installed_as);
        reading.lock.packages.push(LockedPackage {
            name: name.to_owned(),
            alias: (installed_as != name).then(|| installed_as.to_owned()),
            version: text(entry.value, "version"),
            key: key.to_owned(),
            span: entry.key.span(),
            resolved: Some(resolution.to_owned()),
            integrity: text(entry.value, "checksum"),
            flags: Flags::default(),
            platform: entry
                .value
                .get("conditions")
                .and_then(Ref::str)
                .map_or_else(Platform::default, Platform::from_conditions),
            edges: edges(entry.value),
        });
        Target::Package(at)
    };
    for descriptor in descriptors {
        reading.lock.index.answers.entry(descriptor.to_owned()).or_insert(target);
    }
    Some(())
}

fn edges(entry: Ref<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut add = |section: &str, meta: &str, needed: EdgeKind, forgiven: EdgeKind, target: Target| {
        let meta = entry.get(meta).into_iter().flat_map(Ref::entries);
        let may_miss: FxHashSet<&str> =
            meta.filter(|entry| flag(entry.value, "optional")).filter_map(|entry| entry.key.str()).collect();
        for asked in entry.get(section).into_iter().flat_map(Ref::entries) {
            let Some(name) = asked.key.str() else { continue };
            edges.push(Edge {
                name: name.to_owned(),
                spec: asked.value.str().unwrap_or("").to_owned(),
                kind: if may_miss.contains(name) { forgiven } else { needed },
                target,
                span: asked.key.span(),
            });
        }
    };
    add("dependencies", "dependenciesMeta", EdgeKind::Production, EdgeKind::Optional, Target::Missing);
    add("peerDependencies", "peerDependenciesMeta", EdgeKind::Peer, EdgeKind::OptionalPeer, Target::Above);
    edges
}
