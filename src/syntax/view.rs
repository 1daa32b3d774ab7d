//! Mappings as their readers see them: aliases and merge keys (`<<`) resolved, the last of equal keys kept.
//!
//! Values keep the bytes they are written with: an entry that a merge key brings in points at the anchored mapping.

use rustc_hash::FxHashSet;
use std::borrow::Cow;

use super::tree::{Document, Entry, Format, Kind, NodeId, Ref, Schema, Style, Tree};

impl<'t> Ref<'t> {
    /// The entries of a mapping as its reader sees them: through aliases and merge keys, the last of equal keys.
    /// None for anything else.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let mapping = self.target().filter(|at| at.is_mapping());
        let (resolved, written) = match mapping {
            Some(at) if at.is_tangled() => (resolve(at), None),
            other => (Vec::new(), other),
        };
        resolved.into_iter().chain(written.into_iter().flat_map(Ref::written_entries))
    }

    /// The value of a key, through aliases and merge keys; of equal keys the last.
    pub fn get(self, key: &str) -> Option<Ref<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The entry of a key, through aliases and merge keys; of equal keys the last.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        let mapping = self.target().filter(|at| at.is_mapping())?;
        if mapping.is_tangled() {
            return resolve(mapping).into_iter().find(|entry| entry.key.is_key(key));
        }
        mapping.written_entries().find(|entry| entry.key.is_key(key))
    }

    /// The value at the end of these keys; a key of digits also picks an item of a sequence, counted from 0.
    pub fn at_path(self, keys: &[&str]) -> Option<Ref<'t>> {
        keys.iter().try_fold(self, |at, key| match at.is_sequence() {
            true => at.items().nth(key.parse().ok()?),
            false => at.get(key),
        })
    }

    /// True when, as a key, it has this text.
    fn is_key(self, key: &str) -> bool {
        self.key_text().is_some_and(|text| text == key)
    }

    /// True when the entries as written are not the entries as read: a merge key or equal keys are among them.
    pub(super) fn is_tangled(self) -> bool {
        self.tree.tangled.contains(&self.id)
    }

    /// True for a key that merges: `<<` without quotes, or tagged `!!merge`.
    pub fn is_merge_key(self) -> bool {
        if self.tree.format == Format::Json || self.str() != Some("<<") {
            return false;
        }
        match self.props().and_then(|props| props.tag.as_deref()) {
            Some(tag) => tag == "tag:yaml.org,2002:merge",
            None => matches!(self.kind(), Kind::Scalar(Style::Plain, _)),
        }
    }

    /// The document it stands in.
    pub fn document(self) -> Option<&'t Document> {
        let start = self.span().start;
        let documents = &self.tree.documents;
        documents[..documents.partition_point(|document| document.start <= start)].last()
    }
}

/// The mappings that the value of a merge key names, the first of them winning. Others are no mapping at all.
pub(super) fn merged(value: Ref<'_>) -> Vec<Ref<'_>> {
    let target = value.target();
    match target.map(|at| at.kind()) {
        Some(Kind::Mapping(_)) => target.into_iter().collect(),
        Some(Kind::Sequence(_)) => {
            value.items().filter_map(Ref::target).filter(|item| item.is_mapping()).collect()
        }
        _ => Vec::new(),
    }
}

/// The entries of a mapping, merge keys resolved.
///
/// Work goes from what wins to what loses: the first of equal keys is kept, and a mapping that was merged already
/// has nothing to add, so that each is walked once however often it is named.
fn resolve(mapping: Ref<'_>) -> Vec<Entry<'_>> {
    let mut found: Vec<Entry<'_>> = Vec::new();
    let mut keys: FxHashSet<Cow<'_, str>> = FxHashSet::default();
    let mut visited: FxHashSet<NodeId> = FxHashSet::default();
    let mut pending: Vec<Work<'_>> = vec![Work::Mapping(mapping)];
    while let Some(work) = pending.pop() {
        let mapping = match work {
            Work::Entry(entry) => {
                let key = entry.key.key_text();
                if key.is_none_or(|key| keys.insert(key)) {
                    found.push(entry);
                }
                continue;
            }
            Work::Mapping(mapping) => mapping,
        };
        if !visited.insert(mapping.id) {
            continue;
        }
        let (merges, own): (Vec<_>, Vec<_>) =
            mapping.written_entries().partition(|entry| entry.key.is_merge_key());
        if mapping.tree.schema != Schema::Kubernetes {
            // yaml.v3 and js-yaml: what is written wins over what is merged, wherever it stands.
            for entry in merges.into_iter().rev() {
                pending.extend(merged(entry.value).into_iter().rev().map(Work::Mapping));
            }
            pending.extend(own.into_iter().map(Work::Entry));
            continue;
        }
        // go-yaml v2 sets keys in the order of the text: a merge key after a key overrides it.
        for entry in mapping.written_entries() {
            match entry.key.is_merge_key() {
                true => pending.extend(merged(entry.value).into_iter().rev().map(Work::Mapping)),
                false => pending.push(Work::Entry(entry)),
            }
        }
    }
    found.reverse();
    found
}

enum Work<'t> {
    Entry(Entry<'t>),
    Mapping(Ref<'t>),
}

/// A key that a mapping holds before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duplicate {
    pub(super) first: NodeId,
    pub(super) second: NodeId,
}

/// Finds equal keys, and notes which mappings must be resolved before they are read.
pub(super) fn untangle(tree: &mut Tree) -> Vec<Duplicate> {
    let mut duplicates = Vec::new();
    let mut tangled = Vec::new();
    for id in tree.nodes() {
        let mapping = tree.at(id);
        if !matches!(mapping.kind(), Kind::Mapping(_)) {
            continue;
        }
        let before = duplicates.len();
        find_duplicates(mapping, &mut duplicates);
        let has_merge = || mapping.written_entries().any(|entry| entry.key.is_merge_key());
        if duplicates.len() > before || has_merge() {
            tangled.push(id);
        }
    }
    tree.tangled.extend(tangled);
    duplicates
}

fn find_duplicates(mapping: Ref<'_>, duplicates: &mut Vec<Duplicate>) {
    /// Up to here comparing each key with each is cheaper than a set.
    const FEW: usize = 8;
    let keys = || {
        let entries = mapping.written_entries().filter(|entry| !entry.key.is_merge_key());
        entries.filter_map(|entry| Some((entry.key.key_text()?, entry.key.id)))
    };
    if mapping.len() / 2 > FEW {
        let mut seen = rustc_hash::FxHashMap::default();
        for (text, second) in keys() {
            if let Some(first) = seen.insert(text, second) {
                duplicates.push(Duplicate { first, second });
            }
        }
        return;
    }
    let mut seen: [Option<(Cow<'_, str>, NodeId)>; FEW] = Default::default();
    for (count, (text, second)) in keys().enumerate() {
        let equal = seen[..count].iter().flatten().rev().find(|(before, _)| *before == text);
        if let Some((_, first)) = equal {
            duplicates.push(Duplicate { first: *first, second });
        }
        seen[count] = Some((text, second));
    }
}
