//! One pass over a script's nodes, without recursion: how deep a text nests costs heap, never stack.

use tree_sitter::{Tree, TreeCursor};

use super::Dialect;
use super::kind::{Grammar, Kind, Role, grammar};
use super::piece::opens_with_bracket;
use super::spelt::{self, Start};

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
    node: Node,
    /// True when it holds no error.
    sound: bool,
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
        let end = self.open.pop().map_or(0, |open| open.node.end);
        if self.open.is_empty() {
            self.next = Next::Done;
        } else {
            self.pass(end);
        }
        Step::Leave
    }

    /// Decides where to go from a node that ends at `end`.
    fn pass(&mut self, end: u32) {
        let ends = self.open.last().is_some_and(|parent| {
            spelt::ends(self.text, parent.node, parent.sound, end, self.dialect, &mut self.spelt)
        });
        self.next = if ends { Next::Parent } else { Next::Sibling };
    }

    /// The step for the cursor's node; `None` when it is passed over, or read from the text.
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
        let sound = !node.has_error();
        let read = match sound {
            true => spelt::start(self.text, at, self.dialect, &mut self.spelt),
            false => Start::Nothing,
        };
        if matches!(read, Start::Whole) {
            self.pass(end);
            return None;
        }
        self.open.push(Open { node: at, sound });
        if let Start::Until(child) = read {
            self.land(child, start);
            return None;
        }
        self.next = Next::Child;
        Some(Step::Enter(at))
    }

    /// Goes to the child at `offset`, before which all is read from the text. When no child starts there, the text means
    /// something else than it looks like: of its steps only the first stays, which enters the node.
    fn land(&mut self, offset: u32, start: u32) {
        self.next = Next::Child;
        if self.cursor.goto_first_child_for_byte(offset as usize).is_some() {
            let landed = self.cursor.node().start_byte() as u32;
            if landed == offset {
                self.next = Next::Here;
                return;
            }
            if landed == start {
                self.next = Next::Here;
            } else {
                self.cursor.goto_parent();
            }
        }
        self.spelt.truncate(1);
    }

    /// What a node is to its parent. The cursor is asked where neither its kind nor its place says so.
    fn role(&self, kind: Kind, start: u32) -> Role {
        match self.open.last() {
            Some(Open { node: parent, .. }) if parent.kind.reads_roles() && !kind.is_token() => {
                match parent.kind {
                    Kind::Call if start == parent.start => Role::Function,
                    Kind::Call if kind == Kind::Arguments => Role::Arguments,
                    Kind::Member if start == parent.start => Role::Object,
                    Kind::Member if kind == Kind::Property => Role::Property,
                    _ => self.grammar.role(self.cursor.field_id()),
                }
            }
            _ => Role::None,
        }
    }

    /// Goes to the first child, past a bracket; false when there is none.
    fn descend(&mut self) -> bool {
        match self.open.last() {
            Some(Open { node, .. }) if opens_with_bracket(self.text, node.start) => {
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
