//! The gate that every edit passes: the text is read again, and nothing but what was meant may be different.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::finding::Edit;
use crate::syntax::scalar::Value;
use crate::syntax::tree::{Format, Kind, NodeId, Ref, Tree};
use crate::syntax::{Parsed, json, yaml};

use super::{New, apply};

/// What an edit means to change.
pub(super) enum Change<'c> {
    Replace { node: NodeId, value: &'c New },
    Insert { holder: NodeId, at: usize, key: Option<&'c str>, value: &'c New },
    Remove { holder: NodeId, at: usize },
}

impl Change<'_> {
    /// The node that changes.
    fn node(&self) -> NodeId {
        match self {
            Change::Replace { node, .. } => *node,
            Change::Insert { holder, .. } | Change::Remove { holder, .. } => *holder,
        }
    }
}

/// The edits, when they do what they are meant to and no more.
pub(super) fn pass(tree: &Tree, edits: Vec<Edit>, change: &Change<'_>) -> Option<Vec<Edit>> {
    if is_shared(tree.at(change.node())) {
        return None;
    }
    let text: Arc<str> = apply(&tree.text, &edits)?.into();
    let after = read(tree, text.clone());
    if is_worse(tree, &after) || !is_same(tree, &after.tree, change) {
        return None;
    }
    (!breaks_json(tree, text)).then_some(edits)
}

/// True when the edits do not overlap and the text reads no worse after them.
pub(super) fn reads(tree: &Tree, edits: &[Edit]) -> bool {
    let Some(text) = apply(&tree.text, edits) else { return false };
    let text: Arc<str> = text.into();
    !is_worse(tree, &read(tree, text.clone())) && !breaks_json(tree, text)
}

/// True when the new text has more faults than the old one, which is read again only to count them.
fn is_worse(tree: &Tree, after: &Parsed<Tree>) -> bool {
    !after.issues.is_empty() && after.issues.len() > read(tree, tree.text.clone()).issues.len()
}

/// True for strict JSON that is none any more.
fn breaks_json(tree: &Tree, text: Arc<str>) -> bool {
    let strict = |text: Arc<str>| json::parse(tree.file, text, json::Dialect::Strict).issues.is_empty();
    tree.format == Format::Json && !strict(text) && strict(tree.text.clone())
}

/// True when an alias names the node or what holds it: a change would show in both places.
fn is_shared(node: Ref<'_>) -> bool {
    let holders: Vec<NodeId> =
        std::iter::successors(Some(node), |node| node.parent()).map(|node| node.id).collect();
    let mut nodes = node.tree.nodes().map(|id| node.tree.at(id));
    nodes.any(|other| matches!(other.kind(), Kind::Alias(Some(target)) if holders.contains(&target)))
}

fn read(tree: &Tree, text: Arc<str>) -> Parsed<Tree> {
    match tree.format {
        Format::Yaml => yaml::parse(tree.file, text, tree.schema),
        Format::Json => json::parse(tree.file, text, json::Dialect::Comments),
    }
}

/// True when the new tree is the old one but for the change.
fn is_same(old: &Tree, new: &Tree, change: &Change<'_>) -> bool {
    if old.documents.len() != new.documents.len() {
        return false;
    }
    let mut pairs = Vec::new();
    for (old_document, new_document) in old.documents.iter().zip(&new.documents).rev() {
        match (old_document.root, new_document.root) {
            _ if old_document.complete != new_document.complete => return false,
            (Some(old_root), Some(new_root)) => pairs.push((old.at(old_root), new.at(new_root))),
            (None, None) => {}
            _ => return false,
        }
    }
    let mut found: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    let mut is_made = false;
    while let Some((old, new)) = pairs.pop() {
        found.insert(old.id, new.id);
        if let Change::Replace { node, value } = change
            && *node == old.id
        {
            is_made = true;
            if !is_new(new, value) || !is_same_props(old, new) {
                return false;
            }
            continue;
        }
        if !is_same_node(old, new, &found, change) {
            return false;
        }
        let (mut olds, mut news): (Vec<_>, Vec<_>) = (old.children().collect(), new.children().collect());
        let stride = if matches!(old.kind(), Kind::Mapping(_)) { 2 } else { 1 };
        match change {
            Change::Insert { holder, at, key, value } if *holder == old.id => {
                let range = at * stride..(at + 1) * stride;
                if news.len() < range.end || !is_inserted(&news[range.clone()], *key, value) {
                    return false;
                }
                news.drain(range);
                is_made = true;
            }
            Change::Remove { holder, at } if *holder == old.id => {
                let range = at * stride..(at + 1) * stride;
                if olds.len() < range.end {
                    return false;
                }
                olds.drain(range);
                is_made = true;
            }
            _ => {}
        }
        if olds.len() != news.len() {
            return false;
        }
        pairs.extend(olds.into_iter().zip(news).rev());
    }
    is_made
}

fn is_same_props(old: Ref<'_>, new: Ref<'_>) -> bool {
    let texts = |node: Ref<'_>| {
        let props = node.props();
        let anchor = props.and_then(|props| props.anchor_span);
        let anchor = anchor.map(|(start, end)| node.tree.text[start as usize..end as usize].to_owned());
        (props.and_then(|props| props.tag.clone()), anchor)
    };
    texts(old) == texts(new)
}

fn is_same_node(old: Ref<'_>, new: Ref<'_>, found: &FxHashMap<NodeId, NodeId>, change: &Change<'_>) -> bool {
    let is_kind = match (old.kind(), new.kind()) {
        (Kind::Scalar(old_style, _), Kind::Scalar(new_style, _)) => {
            old_style == new_style && old.str() == new.str() && is_equal(old.value(), new.value())
        }
        (Kind::Sequence(old_flow), Kind::Sequence(new_flow))
        | (Kind::Mapping(old_flow), Kind::Mapping(new_flow)) => {
            // A block that loses its last part is written as brackets.
            old_flow == new_flow || matches!(change, Change::Remove { holder, .. } if *holder == old.id)
        }
        (Kind::Alias(old_target), Kind::Alias(new_target)) => {
            old_target.map(|target| found.get(&target).copied()) == new_target.map(Some)
        }
        _ => false,
    };
    is_kind && is_same_props(old, new)
}

fn is_equal(old: Value<'_>, new: Value<'_>) -> bool {
    match (old, new) {
        (Value::Float(old), Value::Float(new)) => old.to_bits() == new.to_bits(),
        (old, new) => old == new,
    }
}

fn is_inserted(nodes: &[Ref<'_>], key: Option<&str>, value: &New) -> bool {
    match (nodes, key) {
        ([item], None) => is_new(*item, value),
        ([found, item], Some(key)) => found.as_str() == Some(key) && is_new(*item, value),
        _ => false,
    }
}

/// True when the node is this value. Recurses over the new value, which the program made, not over the input.
fn is_new(node: Ref<'_>, value: &New) -> bool {
    match value {
        New::Null => node.value() == Value::Null,
        New::Bool(value) => node.value() == Value::Bool(*value),
        New::Int(value) => node.value() == Value::Int(*value),
        New::Str(value) => node.value() == Value::Str(value),
        New::Sequence(items) => {
            let nodes: Vec<_> = node.children().collect();
            matches!(node.kind(), Kind::Sequence(_))
                && nodes.len() == items.len()
                && nodes.iter().zip(items).all(|(node, item)| is_new(*node, item))
        }
        New::Mapping(entries) => {
            let nodes: Vec<_> = node.written_entries().collect();
            matches!(node.kind(), Kind::Mapping(_))
                && nodes.len() == entries.len()
                && nodes
                    .iter()
                    .zip(entries)
                    .all(|(node, (key, value))| node.key.as_str() == Some(key) && is_new(node.value, value))
        }
    }
}
