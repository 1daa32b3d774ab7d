//! One pass over a script's nodes, without recursion: how deep a text nests costs heap, never stack.

use tree_sitter::{Tree, TreeCursor};

use super::Dialect;
use super::kind::{Grammar, Kind, Role, grammar};

/// A node of a script. Offsets are bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What it is to its parent; [`Role::None`] where the parent is not read from its children.
    pub role: Role,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
}

/// One step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node whose children follow, up to its [`Step::Leave`].
    Enter(Node),
    /// A node without children to look at.
    Leaf(Node),
    /// The end of the innermost node that was entered.
    Leave,
}

/// The steps of a walk.
pub struct Walk<'s> {
    cursor: TreeCursor<'s>,
    grammar: &'static Grammar,
    /// The nodes that are open, with their ends.
    open: Vec<(Kind, u32)>,
    next: Next,
}

/// Where the walk goes from the cursor's node.
#[derive(Clone, Copy)]
enum Next {
    Here,
    Child,
    Sibling,
    /// No sibling follows: the node ends where its parent does. The cursor is slow to find that out.
    Parent,
    Done,
}

impl<'s> Walk<'s> {
    pub(super) fn new(tree: &'s Tree, dialect: Dialect) -> Walk<'s> {
        Walk { cursor: tree.walk(), grammar: grammar(dialect), open: Vec::new(), next: Next::Here }
    }

    fn leave(&mut self) -> Step {
        let end = self.open.pop().map_or(0, |(_, end)| end);
        self.next = if self.open.is_empty() { Next::Done } else { self.after(end) };
        Step::Leave
    }

    /// Where to go from a node that ends at `end`.
    fn after(&self, end: u32) -> Next {
        let is_last = self.open.last().is_some_and(|(_, parent)| *parent == end);
        if is_last { Next::Parent } else { Next::Sibling }
    }

    /// The step for the cursor's node; `None` when it is passed over.
    fn arrive(&mut self) -> Option<Step> {
        let node = self.cursor.node();
        let kind = self.grammar.kind(node.kind_id());
        let end = node.end_byte() as u32;
        self.next = self.after(end);
        // Recovery from an error sometimes takes code for a type: then it is walked all the same.
        if kind == Kind::Skipped && !(node.is_named() && node.has_error()) {
            return None;
        }
        let role = match self.open.last() {
            Some((parent, _)) if parent.reads_children() => self.grammar.role(self.cursor.field_id()),
            _ => Role::None,
        };
        let at = Node { kind, role, start: node.start_byte() as u32, end };
        if kind.is_leaf() {
            return Some(Step::Leaf(at));
        }
        self.open.push((kind, end));
        self.next = Next::Child;
        Some(Step::Enter(at))
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            match self.next {
                Next::Done => return None,
                Next::Here => {}
                // The cursor stays on a node without children: leaving it must not go up.
                Next::Child if !self.cursor.goto_first_child() => return Some(self.leave()),
                Next::Parent => {
                    self.cursor.goto_parent();
                    return Some(self.leave());
                }
                Next::Sibling if !self.cursor.goto_next_sibling() => {
                    self.cursor.goto_parent();
                    return Some(self.leave());
                }
                Next::Child | Next::Sibling => {}
            }
            if let Some(step) = self.arrive() {
                return Some(step);
            }
        }
    }
}
