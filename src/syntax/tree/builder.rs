//! Builds a tree from the events of a parser, bottom of a stack up. Only the readers of `syntax` use it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Content, Format, Kind, NONE, Node, NodeId, Props, Schema, Text, Tree};
use crate::source::FileId;

/// A [`Tree`] on its way, with the collections that are still open.
#[derive(Debug)]
pub(in crate::syntax) struct Builder {
    pub(in crate::syntax) tree: Tree,
    /// Open collections, and the last child of each.
    open: Vec<(NodeId, u32)>,
}

impl Builder {
    pub(in crate::syntax) fn new(file: FileId, text: Arc<str>, format: Format, schema: Schema) -> Builder {
        let tree = Tree {
            file,
            text,
            format,
            schema,
            documents: Vec::new(),
            comments: Vec::new(),
            nodes: Vec::new(),
            props: Vec::new(),
            cooked: String::new(),
            tangled: FxHashSet::default(),
        };
        Builder { tree, open: Vec::new() }
    }

    /// Number of open collections.
    pub(in crate::syntax) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The innermost open collection and the end of its last child, its start when it has none.
    pub(in crate::syntax) fn innermost(&self) -> Option<(NodeId, usize)> {
        let (id, last) = *self.open.last()?;
        let node = &self.tree.nodes[id.0 as usize];
        let end = if last == NONE { node.start } else { self.tree.nodes[last as usize].end };
        Some((id, end as usize))
    }

    /// True for a collection that is not closed yet.
    pub(in crate::syntax) fn is_open(&self, id: NodeId) -> bool {
        self.open.iter().any(|(open, _)| *open == id)
    }

    /// Notes the anchor of the node that was added last.
    pub(in crate::syntax) fn anchor(&mut self, start: usize, end: usize) {
        let Some(last) = self.tree.nodes.len().checked_sub(1) else { return };
        let last = NodeId(last as u32);
        let props = &mut self.tree.props;
        if props.last().is_none_or(|(id, _)| *id != last) {
            props.push((last, Props::default()));
        }
        if let Some((_, props)) = props.last_mut() {
            props.anchor_span = Some((start as u32, end as u32));
        }
    }

    /// Keeps a text that is not the file's.
    pub(in crate::syntax) fn cook(&mut self, text: &str) -> Text {
        let start = self.tree.cooked.len() as u32;
        self.tree.cooked.push_str(text);
        Text::Cooked(start, self.tree.cooked.len() as u32)
    }

    /// Adds a node under the innermost open collection.
    pub(in crate::syntax) fn add(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        props: Option<Props>,
    ) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.props.extend(props.map(|props| (id, props)));
        let parent = self.open.last().map_or(NONE, |(parent, _)| parent.0);
        let collection =
            |is_mapping, is_flow| Content::Collection { is_mapping, is_flow, first: NONE, len: 0 };
        let content = match kind {
            Kind::Scalar(style, text) => Content::Scalar(style, text),
            Kind::Sequence(is_flow) => collection(false, is_flow),
            Kind::Mapping(is_flow) => collection(true, is_flow),
            Kind::Alias(target) => Content::Alias(target),
        };
        self.tree.nodes.push(Node { start: start as u32, end: end as u32, parent, next: NONE, content });
        if let Some((parent, last)) = self.open.last_mut() {
            if let Content::Collection { first, len, .. } = &mut self.tree.nodes[parent.0 as usize].content {
                *len += 1;
                if *last == NONE {
                    *first = id.0;
                }
            }
            if *last != NONE {
                self.tree.nodes[*last as usize].next = id.0;
            }
            *last = id.0;
        }
        id
    }

    /// Adds a collection and makes it the innermost open one.
    pub(in crate::syntax) fn open(&mut self, kind: Kind, start: usize, props: Option<Props>) -> NodeId {
        let id = self.add(kind, start, start, props);
        self.open.push((id, NONE));
        id
    }

    /// Closes the innermost open collection, which ends at `end`.
    pub(in crate::syntax) fn close(&mut self, end: usize) -> Option<NodeId> {
        let (id, _) = self.open.pop()?;
        self.tree.nodes[id.0 as usize].end = end as u32;
        Some(id)
    }

    /// The tree, in no more memory than it needs.
    pub(in crate::syntax) fn finish(self) -> Tree {
        let mut tree = self.tree;
        tree.nodes.shrink_to_fit();
        tree.comments.shrink_to_fit();
        tree.documents.shrink_to_fit();
        tree.cooked.shrink_to_fit();
        tree
    }
}
