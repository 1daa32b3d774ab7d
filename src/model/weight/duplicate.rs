//! Packages that are installed in several versions.

use std::collections::BTreeMap;

use super::graph::Graph;

/// A package in several versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its versions, in the order of their text, each with how many entries of the lock file have it.
    pub versions: Vec<(&'a str, usize)>,
    /// Bytes of all entries but the largest, as far as they are known.
    pub bytes: u64,
    /// Number of entries whose size is not known.
    pub unknown: u64,
}

/// The packages of a graph that are there in several versions, what costs most first.
pub fn duplicates<'a>(graph: &Graph<'a>, size: impl Fn(u32) -> Option<u64>) -> Vec<Duplicate<'a>> {
    let mut by_name: BTreeMap<&str, Vec<(&str, Option<u64>)>> = BTreeMap::new();
    for (node, package) in graph.packages() {
        let Some(locked) = graph.package(node) else { continue };
        let Some(version) = locked.version.as_deref() else { continue };
        by_name.entry(&locked.name).or_default().push((version, size(package)));
    }
    let mut found: Vec<Duplicate<'a>> =
        by_name.into_iter().filter_map(|(name, entries)| duplicate(name, &entries)).collect();
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(b.name)));
    found
}

fn duplicate<'a>(name: &'a str, entries: &[(&'a str, Option<u64>)]) -> Option<Duplicate<'a>> {
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    entries.iter().for_each(|(version, _)| *versions.entry(version).or_default() += 1);
    let sizes = || entries.iter().filter_map(|(_, bytes)| *bytes);
    let unknown = entries.iter().filter(|(_, bytes)| bytes.is_none()).count() as u64;
    let bytes = sizes().sum::<u64>() - sizes().max().unwrap_or(0);
    (versions.len() > 1).then(|| Duplicate { name, versions: versions.into_iter().collect(), bytes, unknown })
}
