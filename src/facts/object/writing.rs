//! How a field of an object is written anew: exact edits of the file that it stands in.

use super::{Object, Pair};
use crate::finding::Edit;
use crate::source::Span;
use crate::syntax::edit::{self, New, Place};
use crate::syntax::tree::{Entry, Format, Ref, Tree};

impl Object {
    /// Edits that set `key` in the mapping that is the value of the key at `owner`, after the first of `after` that is
    /// there. A null is replaced. `None` when that cannot be exact.
    pub fn set(&self, owner: Span, key: &str, value: &New, after: &[&str]) -> Option<Vec<Edit>> {
        set_in(self.entry_at(owner)?.value, key, value, after)
    }

    /// The same for the mapping of exactly these bytes, such as an item of a list.
    pub fn set_at(&self, mapping: Span, key: &str, value: &New, after: &[&str]) -> Option<Vec<Edit>> {
        set_in(self.node_at(mapping)?, key, value, after)
    }

    /// Edits that take the entry away whose value is at `value`.
    pub fn take_away(&self, value: Span) -> Option<Vec<Edit>> {
        let node = self.node_at(value)?;
        let mapping = node.parent()?;
        let entry = mapping.written_entries().find(|entry| entry.value == node)?;
        edit::remove_entry(mapping, entry.key.str()?)
    }

    /// Edits that make a Service of another type a `ClusterIP`: without ports of nodes, and without the fields that are
    /// refused then.
    pub fn as_cluster_ip(&self) -> Option<Vec<Edit>> {
        const REFUSED: [&str; 6] = [
            "externalTrafficPolicy",
            "healthCheckNodePort",
            "allocateLoadBalancerNodePorts",
            "loadBalancerClass",
            "loadBalancerIP",
            "loadBalancerSourceRanges",
        ];
        let spec = self.root.get("spec")?;
        let mut edits = self.replace(spec.get("type")?.span, &New::from("ClusterIP"))?;
        let refused = REFUSED.iter().filter_map(|key| spec.get(key));
        let ports = spec.get("ports").map_or(&[] as &[_], |ports| ports.items());
        for value in refused.chain(ports.iter().filter_map(|port| port.get("nodePort"))) {
            edits.extend(self.take_away(value.span)?);
        }
        self.together(edits)
    }

    /// Edits that make a Deployment a StatefulSet, with a headless Service of this name at the end of its file that leads to
    /// `port` of the pods with these labels. Its volumes stay as they are.
    pub fn as_stateful_set(&self, service: &str, labels: &[Pair], port: i64) -> Option<Vec<Edit>> {
        let [tree] = self.trees.as_slice() else { return None };
        let spec = self.root.field("spec")?;
        if !self.is("apps", "Deployment") || tree.format == Format::Json || tree.text.contains('\r') {
            return None;
        }
        let mut edits = self.replace(self.kind.span, &New::from("StatefulSet"))?;
        edits.extend(self.set(spec.key_span, "serviceName", &New::from(service), &["replicas"])?);
        if let Some(strategy) = spec.value.get("strategy") {
            edits.extend(self.take_away(strategy.span)?);
        }
        let selector = labels
            .iter()
            .map(|label| Some(format!("    {}: {}\n", label.key.value, plain(label.value.known()?)?)));
        let selector = selector.collect::<Option<String>>()?;
        let namespace = match self.namespace().known()? {
            Some(namespace) => format!("  namespace: {}\n", plain(namespace)?),
            None => String::new(),
        };
        let start = if tree.text.ends_with('\n') { "" } else { "\n" };
        let text = format!(
            "{start}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {service}\n{namespace}spec:\n  clusterIP: None\n  selector:\n{selector}  ports:\n    - port: {port}\n"
        );
        edits.push(Edit { span: Span::at(tree.file, tree.text.len()), text });
        self.together(edits)
    }

    /// Edits of several calls, where they can be applied together.
    pub fn together(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        let reads = |tree: &Tree| {
            let own: Vec<Edit> = edits.iter().filter(|edit| edit.span.file == tree.file).cloned().collect();
            edit::reads_after(tree, &own)
        };
        self.trees.iter().all(|tree| reads(tree)).then_some(edits)
    }

    /// Edits that write another value in the place of the scalar at `span`.
    pub fn replace(&self, span: Span, value: &New) -> Option<Vec<Edit>> {
        edit::replace_scalar(self.node_at(span)?, value)
    }

    /// The entry whose key is at `key`.
    fn entry_at(&self, key: Span) -> Option<Entry<'_>> {
        let node = self.node_at(key)?;
        node.parent()?.written_entries().find(|entry| entry.key == node)
    }

    /// The innermost node at exactly these bytes.
    fn node_at(&self, span: Span) -> Option<Ref<'_>> {
        let tree = self.trees.iter().find(|tree| tree.file == span.file)?;
        tree.nodes().map(|id| tree.at(id)).filter(|node| node.span() == span).last()
    }
}

fn set_in(mapping: Ref<'_>, key: &str, value: &New, after: &[&str]) -> Option<Vec<Edit>> {
    if !mapping.is_mapping() || mapping.target()? != mapping {
        return None;
    }
    let is = |entry: &Entry<'_>, key: &str| entry.key.str() == Some(key);
    if let Some(entry) = mapping.written_entries().find(|entry| is(entry, key)) {
        return edit::replace_scalar(entry.value, value);
    }
    let place = after.iter().find_map(|key| mapping.written_entries().position(|entry| is(&entry, key)));
    edit::insert_entry(mapping, place.map_or(Place::Last, Place::After), key, value)
}

/// A text that YAML reads as itself without quotes.
fn plain(text: &str) -> Option<&str> {
    let is_word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    (is_plain && !is_word.contains(&text.to_ascii_lowercase().as_str())).then_some(text)
}
