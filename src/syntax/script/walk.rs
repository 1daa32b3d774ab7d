//! One pass over a script's nodes, without recursion: how deep a text nests costs heap, never stack.

use tree_sitter::{Tree, TreeCursor};

use super::Dialect;
use super::kind::{Grammar, Kind, Role, grammar};
use super::spelt::{self, Rest};

/// A node of a script. Offsets are bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What it is to its parent; [`Role::None`] where the parent does not tell its children apart.
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
    text: &'s [u8],
    dialect: Dialect,
    grammar: &'static Grammar,
    open: Vec<Open>,
    next: Next,
    /// Steps that were read from the text, and how many of them are given out.
    spelt: Vec<Step>,
    given: usize,
}

/// A node that is open.
#[derive(Clone, Copy)]
struct Open {
    kind: Kind,
    start: u32,
    end: u32,
}

/// Where the walk goes from the cursor's node.
#[derive(Clone, Copy)]
enum Next {
    Here,
    Child,
    Sibling,
    /// No sibling follows that is worth a look. The cursor is slow to find that out.
    Parent,
    Done,
}

impl<'s> Walk<'s> {
    pub(super) fn new(tree: &'s Tree, text: &'s str, dialect: Dialect) -> Walk<'s> {
        Walk {
            cursor: tree.walk(),
            text: text.as_bytes(),
            dialect,
            grammar: grammar(dialect),
            open: Vec::new(),
            next: Next::Here,
            spelt: Vec::new(),
            given: 0,
        }
    }

    fn leave(&mut self) -> Step {
        let end = self.open.pop().map_or(0, |node| node.end);
        if self.open.is_empty() {
            self.next = Next::Done;
        } else {
            self.pass(end);
        }
        Step::Leave
    }

    /// Decides where to go from a node that ends at `end`.
    fn pass(&mut self, end: u32) {
        let Some(parent) = self.open.last() else { return self.next = Next::Sibling };
        self.next = match spelt::rest(self.text, parent.kind, end, parent.end) {
            Rest::End => Next::Parent,
            Rest::Property(start) => {
                let (kind, role) = (Kind::Property, Role::Property);
                self.spelt.push(Step::Leaf(Node { kind, role, start, end: parent.end }));
                Next::Parent
            }
            Rest::More => Next::Sibling,
        };
    }

    /// The step for the cursor's node; `None` when it is passed over.
    fn arrive(&mut self) -> Option<Step> {
        let node = self.cursor.node();
        let kind = self.grammar.kind(node.kind_id());
        let end = node.end_byte() as u32;
        // Recovery from an error sometimes takes code for a type: then it is walked all the same.
        if kind == Kind::Mark || (kind == Kind::Skipped && !node.has_error()) {
            self.pass(end);
            return None;
        }
        let start = node.start_byte() as u32;
        let at = Node { kind, role: self.role(kind, start), start, end };
        if kind.is_leaf() {
            self.pass(end);
            return Some(Step::Leaf(at));
        }
        let plain = matches!(kind, Kind::Member | Kind::Arguments | Kind::Array | Kind::Parameters)
            && !node.has_error()
            && spelt::steps(self.text, at, self.dialect, &mut self.spelt);
        if plain {
            self.pass(end);
            return None;
        }
        self.open.push(Open { kind, start, end });
        self.next = Next::Child;
        Some(Step::Enter(at))
    }

    /// What a node is to its parent. The cursor is asked where neither its kind nor its place says so.
    fn role(&self, kind: Kind, start: u32) -> Role {
        match self.open.last() {
            Some(parent) if parent.kind.reads_roles() && !kind.is_token() => match parent.kind {
                Kind::Call if start == parent.start => Role::Function,
                Kind::Call if kind == Kind::Arguments => Role::Arguments,
                Kind::Member if start == parent.start => Role::Object,
                Kind::Member if kind == Kind::Property => Role::Property,
                _ => self.grammar.role(self.cursor.field_id()),
            },
            _ => Role::None,
        }
    }

    /// Goes to the first child, past a bracket; false when there is none.
    fn descend(&mut self) -> bool {
        match self.open.last() {
            Some(node) if spelt::opens_with_bracket(self.text, node.start) => {
                self.cursor.goto_first_child_for_byte(node.start as usize + 1).is_some()
            }
            _ => self.cursor.goto_first_child(),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.spelt.get(self.given) {
                self.given += 1;
                return Some(*step);
            }
            self.spelt.clear();
            self.given = 0;
            let next = self.next;
            let there = match next {
                Next::Done => return None,
                Next::Here => true,
                Next::Child => self.descend(),
                Next::Sibling => self.cursor.goto_next_sibling(),
                Next::Parent => false,
            };
            if !there {
                // The cursor stays on a node without children: leaving it must not go up.
                if !matches!(next, Next::Child) {
                    self.cursor.goto_parent();
                }
                return Some(self.leave());
            }
            if let Some(step) = self.arrive() {
                return Some(step);
            }
        }
    }
}
