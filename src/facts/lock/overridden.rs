//! `resolutions` of the root's package.json, applied to the edges of yarn's lock files: yarn keeps what a package asks
//! for as it was published, and replaces it when it builds the graph.

use rustc_hash::FxHashMap;

use super::read::split_name;
use super::{Edge, Flavour, Index, Lock, Target, berry};
use crate::facts::package::{Override, Package, without_range};

impl Lock {
    /// Applies the root's `resolutions`. Does nothing for other managers, whose edges are settled in the file.
    pub fn apply_resolutions(&mut self, root: &Package) {
        if !matches!(self.flavour, Flavour::YarnBerry(_) | Flavour::YarnClassic) {
            return;
        }
        let mut replacements: FxHashMap<&str, Vec<&Override>> = FxHashMap::default();
        for item in root.overrides.items.iter().filter(|item| item.value.section == "resolutions") {
            replacements.entry(item.value.name()).or_default().push(&item.value);
        }
        if replacements.is_empty() {
            return;
        }
        let patches = patches(&self.index);
        let Lock { packages, importers, index, .. } = self;
        let packages = packages.iter_mut().map(|package| (package.name.as_str(), &mut package.edges));
        let importers = importers
            .iter_mut()
            .map(|importer| (importer.name.as_deref().unwrap_or(""), &mut importer.edges));
        for (asking, edges) in packages.chain(importers) {
            for edge in edges.iter_mut().filter(|edge| edge.target != Target::Above) {
                let Some(choices) = replacements.get(edge.name.as_str()) else { continue };
                let fitting = choices.iter().take(MAX_CHOICES).find(|choice| fits(choice, asking, edge));
                let replaced = fitting.and_then(|choice| answer(index, &patches, &edge.name, &choice.spec));
                edge.target = replaced.unwrap_or(edge.target);
            }
        }
    }
}

/// Resolutions of one name that are tried; a project has one or two.
const MAX_CHOICES: usize = 64;

fn fits(choice: &Override, asking: &str, edge: &Edge) -> bool {
    let of_spec = choice.path.last().and_then(|last| split_name(last)).is_none_or(|(_, wanted)| {
        let plain = |spec: &str| spec.strip_prefix("npm:").unwrap_or(spec).to_owned();
        plain(wanted) == plain(&edge.spec)
    });
    let of_parent = match choice.path.len() {
        0 => false,
        1 => true,
        length => without_range(&choice.path[length - 2]) == asking,
    };
    of_spec && of_parent
}

/// Descriptors with a patch, by name: the files keep them with more behind than package.json writes.
fn patches(index: &Index) -> FxHashMap<String, Vec<(String, Target)>> {
    let mut patches: FxHashMap<String, Vec<(String, Target)>> = FxHashMap::default();
    for (descriptor, target) in &index.answers {
        if let Some((name, spec)) = split_name(descriptor)
            && spec.starts_with("patch:")
        {
            patches.entry(name.to_owned()).or_default().push((spec.to_owned(), *target));
        }
    }
    for found in patches.values_mut() {
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found.truncate(MAX_CHOICES);
    }
    patches
}

fn answer(
    index: &Index,
    patches: &FxHashMap<String, Vec<(String, Target)>>,
    name: &str,
    spec: &str,
) -> Option<Target> {
    let direct = berry::answer(index, name, spec);
    direct.or_else(|| {
        let of_name = patches.get(name).filter(|_| spec.starts_with("patch:"))?;
        let without_place = spec.split("::").next().unwrap_or(spec);
        let source = spec.split('#').next().unwrap_or(spec);
        let begins = |with: &str| of_name.iter().find(|(found, _)| found.starts_with(with));
        Some(begins(without_place).or_else(|| begins(source))?.1)
    })
}
