//! The arena that YAML and JSON are read into: every key, value and item is a node with its bytes.
//!
//! Scalars keep their text as written; what it means (a boolean, a number) is asked with a [`Schema`], because
//! Kubernetes, Compose and GitHub read the same bytes differently. Aliases are edges, never copies. Nothing in
//! here recurses over the input.

mod builder;

use std::sync::Arc;

pub(super) use builder::Builder;
use rustc_hash::FxHashSet;

use crate::source::{FileId, Span};

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

pub(super) const NONE: u32 = u32::MAX;

/// Which language the text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2 as granit reads it.
    Yaml,
    /// JSON, with comments and trailing commas where the file kind allows them.
    Json,
}

/// Who reads the scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `sigs.k8s.io/yaml`, which is YAML 1.1: `yes`, `on` and `0644` are not text.
    Kubernetes,
    /// compose-go: YAML 1.1 booleans are text, merge keys are known.
    Compose,
    /// The core schema of YAML 1.2, and JSON.
    Core,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes; every JSON string.
    Double,
    /// A block that keeps its line ends: `|`.
    Literal,
    /// A block that folds its lines: `>`.
    Folded,
}

/// The text of a scalar: bytes of the file where they can serve as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The bytes `start..end` of the file.
    Verbatim(u32, u32),
    /// The bytes `start..end` of the texts that escapes, folding or quoting made other than the file's.
    Cooked(u32, u32),
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar; an absent value (`key:`) is a plain scalar of no text and an empty span.
    Scalar(Style, Text),
    /// A sequence; `true` for the flow form `[a, b]`.
    Sequence(bool),
    /// A mapping; `true` for the flow form `{a: b}`. Its children are key, value, key, value.
    Mapping(bool),
    /// An alias to an anchored node; `None` when there is no such anchor.
    Alias(Option<NodeId>),
}

/// One node, in few bytes: a manifest has one for about every ten of its own.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    parent: u32,
    next: u32,
    content: Content,
}

/// What a node is and holds.
#[derive(Clone, Copy, Debug)]
enum Content {
    Scalar(Style, Text),
    Collection {
        is_mapping: bool,
        is_flow: bool,
        first: u32,
        /// Number of children.
        len: u32,
    },
    Alias(Option<NodeId>),
}

impl Node {
    pub(super) fn kind(&self) -> Kind {
        match self.content {
            Content::Scalar(style, text) => Kind::Scalar(style, text),
            Content::Collection { is_mapping: true, is_flow, .. } => Kind::Mapping(is_flow),
            Content::Collection { is_flow, .. } => Kind::Sequence(is_flow),
            Content::Alias(target) => Kind::Alias(target),
        }
    }

    /// Number of children: items of a sequence, keys and values of a mapping.
    pub(super) fn len(&self) -> usize {
        match self.content {
            Content::Collection { len, .. } => len as usize,
            _ => 0,
        }
    }
}

/// Tag and anchor of a node that has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Props {
    /// The tag as written, resolved by handles (`tag:yaml.org,2002:str`).
    pub tag: Option<Box<str>>,
    /// Bytes of the tag.
    pub tag_span: Option<(u32, u32)>,
    /// Bytes of the anchor, with its `&`.
    pub anchor_span: Option<(u32, u32)>,
}

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root; `None` when nothing of it could be read or it is empty.
    pub root: Option<NodeId>,
    /// Its bytes.
    pub start: u32,
    /// The end of its bytes.
    pub end: u32,
    /// False when an error cut it: what is there may be judged, what is missing may not.
    pub complete: bool,
}

/// A comment with its mark (`#`, `//`, `/*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its first byte.
    pub start: u32,
    /// The end of its bytes, without the line end.
    pub end: u32,
}

/// A YAML stream or a JSON text as nodes with bytes.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The file it was read from.
    pub file: FileId,
    /// The file's text.
    pub text: Arc<str>,
    /// Its language.
    pub format: Format,
    /// Who reads its scalars; set by the kind of the file.
    pub schema: Schema,
    /// Its documents in order; a JSON text has one.
    pub documents: Vec<Document>,
    /// Its comments in order.
    pub comments: Vec<Comment>,
    pub(super) nodes: Vec<Node>,
    /// The few nodes that have tags or anchors, in the order of the text.
    props: Vec<(NodeId, Props)>,
    cooked: String,
    /// Mappings with merge keys or equal keys: rare, so a mapping that is not in here is read as it is written.
    pub(super) tangled: FxHashSet<NodeId>,
}

impl Tree {
    /// The documents' roots that there are.
    pub fn roots(&self) -> impl Iterator<Item = Ref<'_>> {
        self.documents.iter().filter_map(|document| document.root).map(|root| self.at(root))
    }

    /// The root of the first document.
    pub fn root(&self) -> Option<Ref<'_>> {
        self.roots().next()
    }

    /// A cursor on a node.
    pub fn at(&self, id: NodeId) -> Ref<'_> {
        Ref { tree: self, id }
    }

    /// Every node, in the order of the text: a collection comes before what it holds.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The bytes that a text means.
    pub(super) fn resolve(&self, text: Text) -> Option<&str> {
        match text {
            Text::Verbatim(start, end) => self.text.get(start as usize..end as usize),
            Text::Cooked(start, end) => self.cooked.get(start as usize..end as usize),
        }
    }

    pub(super) fn props_of(&self, id: NodeId) -> Option<&Props> {
        let at = self.props.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.props[at].1)
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True when there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// A cursor on a node: cheap to copy, and all that consumers of a tree see.
///
/// [`Ref::get`], [`Ref::entries`], [`Ref::items`] and [`Ref::str`] look through aliases; [`Ref::get`] and
/// [`Ref::entries`] also through merge keys (`<<`), whose entries keep the bytes they are written with.
#[derive(Clone, Copy, Debug)]
pub struct Ref<'t> {
    /// The tree.
    pub tree: &'t Tree,
    /// The node.
    pub id: NodeId,
}

impl PartialEq for Ref<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.tree, other.tree)
    }
}

/// A key of a mapping with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: Ref<'t>,
    /// The value.
    pub value: Ref<'t>,
}

impl<'t> Entry<'t> {
    /// From the first byte of the key to the last of the value. Key and value stand in one file.
    pub fn span(&self) -> Span {
        self.key.span().to(self.value.span())
    }
}

impl<'t> Ref<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.id.0 as usize]
    }

    /// Its bytes: for a block collection from its first key or `-` to the end of its last child.
    pub fn span(self) -> Span {
        let node = self.node();
        Span { file: self.tree.file, start: node.start, end: node.end }
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind()
    }

    /// The node it stands for: itself, or what an alias leads to (in few steps; `None` for a dangling or cyclic one).
    pub fn target(self) -> Option<Ref<'t>> {
        let mut at = self;
        for _ in 0..32 {
            match at.kind() {
                Kind::Alias(target) => at = self.tree.at(target?),
                _ => return Some(at),
            }
        }
        None
    }

    /// The node that holds it.
    pub fn parent(self) -> Option<Ref<'t>> {
        let parent = self.node().parent;
        (parent != NONE).then(|| self.tree.at(NodeId(parent)))
    }

    /// Children in order: items of a sequence; keys and values of a mapping by turns. Aliases are not followed.
    pub fn children(self) -> impl Iterator<Item = Ref<'t>> {
        let mut next = match self.node().content {
            Content::Collection { first, .. } => first,
            _ => NONE,
        };
        std::iter::from_fn(move || {
            (next != NONE).then(|| {
                let child = self.tree.at(NodeId(next));
                next = child.node().next;
                child
            })
        })
    }

    /// Number of children: items of a sequence, keys and values of a mapping.
    pub(crate) fn len(self) -> usize {
        self.node().len()
    }

    /// Tag and anchor.
    pub fn props(self) -> Option<&'t Props> {
        self.tree.props_of(self.id)
    }

    /// True for a mapping, also through an alias.
    pub fn is_mapping(self) -> bool {
        self.target().is_some_and(|at| matches!(at.kind(), Kind::Mapping(_)))
    }

    /// True for a sequence, also through an alias.
    pub fn is_sequence(self) -> bool {
        self.target().is_some_and(|at| matches!(at.kind(), Kind::Sequence(_)))
    }

    /// Items of a sequence; none for anything else.
    pub fn items(self) -> impl Iterator<Item = Ref<'t>> {
        let sequence = self.target().filter(|at| matches!(at.kind(), Kind::Sequence(_)));
        sequence.into_iter().flat_map(Ref::children)
    }

    /// The entries as they are written: merge keys are entries like others, nothing is resolved.
    pub fn written_entries(self) -> impl Iterator<Item = Entry<'t>> {
        let mapping = self.target().filter(|at| matches!(at.kind(), Kind::Mapping(_)));
        mapping.into_iter().flat_map(|mapping| {
            let mut children = mapping.children();
            std::iter::from_fn(move || Some(Entry { key: children.next()?, value: children.next()? }))
        })
    }

    /// The text of a scalar as its language cooks it, also through an alias; `None` for a collection.
    pub fn str(self) -> Option<&'t str> {
        match self.target()?.kind() {
            Kind::Scalar(_, text) => self.tree.resolve(text),
            _ => None,
        }
    }
}
