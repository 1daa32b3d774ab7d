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
    text: &'s str,
    /// Steps of a path that was spelt out, the next one last.
    spelt: Vec<Step>,
    /// The names of that path.
    names: Vec<Node>,
    grammar: &'static Grammar,
    open: Vec<Kind>,
    next: Next,
}

/// Where the walk goes from the cursor's node.
#[derive(Clone, Copy)]
enum Next {
    Here,
    Child,
    Sibling,
    Done,
}

impl<'s> Walk<'s> {
    pub(super) fn new(tree: &'s Tree, text: &'s str, dialect: Dialect) -> Walk<'s> {
        Walk {
            cursor: tree.walk(),
            text,
            spelt: Vec::new(),
            names: Vec::new(),
            grammar: grammar(dialect),
            open: Vec::new(),
            next: Next::Here,
        }
    }

    fn leave(&mut self) -> Step {
        self.open.pop();
        self.next = if self.open.is_empty() { Next::Done } else { Next::Sibling };
        Step::Leave
    }

    /// The step for the cursor's node; `None` when it is passed over.
    fn arrive(&mut self) -> Option<Step> {
        let node = self.cursor.node();
        let kind = self.grammar.kind(node.kind_id());
        self.next = Next::Sibling;
        // Recovery from an error sometimes takes code for a type: then it is walked all the same.
        if kind == Kind::Skipped && !(node.is_named() && node.has_error()) {
            return None;
        }
        let role = match self.open.last() {
            Some(parent) if parent.reads_children() => self.grammar.role(self.cursor.field_id()),
            _ => Role::None,
        };
        let at = Node { kind, role, start: node.start_byte() as u32, end: node.end_byte() as u32 };
        if kind.is_leaf() {
            return Some(Step::Leaf(at));
        }
        if kind == Kind::Member && self.spell(at) && !node.has_error() {
            return self.spelt.pop();
        }
        self.spelt.clear();
        self.open.push(kind);
        self.next = Next::Child;
        Some(Step::Enter(at))
    }

    /// Makes the steps of `a.b.c` from its text: a third of all nodes stand in such paths, and the cursor is slow. False
    /// for any other member expression.
    fn spell(&mut self, path: Node) -> bool {
        let start = path.start as usize;
        let Some(text) = self.text.get(start..path.end as usize) else { return false };
        let is_name = |name: &str| {
            let bytes = name.as_bytes();
            !bytes.first().is_none_or(u8::is_ascii_digit)
                && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        };
        self.names.clear();
        let mut at = path.start;
        for name in text.split('.') {
            let is_first = self.names.is_empty();
            if !is_name(name) || self.names.len() > MOST_NAMES || (is_first && KEYWORDS.contains(&name)) {
                return false;
            }
            let end = at + name.len() as u32;
            let (kind, role) =
                if is_first { (Kind::Identifier, Role::Object) } else { (Kind::Property, Role::Property) };
            self.names.push(Node { kind, role, start: at, end });
            at = end + 1;
        }
        let Some((first, rest)) = self.names.split_first() else { return false };
        for name in rest.iter().rev() {
            self.spelt.extend([Step::Leave, Step::Leaf(*name)]);
        }
        self.spelt.push(Step::Leaf(*first));
        for name in rest {
            let role = if name.end == path.end { path.role } else { Role::Object };
            self.spelt.push(Step::Enter(Node { kind: Kind::Member, role, start: path.start, end: name.end }));
        }
        !rest.is_empty()
    }
}

/// Longer paths are left to the cursor.
const MOST_NAMES: usize = 32;

/// Words that are no identifiers where a path begins.
const KEYWORDS: [&str; 8] = ["this", "super", "import", "new", "undefined", "null", "true", "false"];

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if let Some(step) = self.spelt.pop() {
            return Some(step);
        }
        loop {
            match self.next {
                Next::Done => return None,
                Next::Here => {}
                // The cursor stays on a node without children: leaving it must not go up.
                Next::Child if !self.cursor.goto_first_child() => return Some(self.leave()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::parse;

    /// Paths that are spelt out give the steps that the cursor gives: with a text of blanks nothing is spelt.
    #[test]
    fn spelt_paths_are_the_cursors() {
        let own = include_str!("../../../testdata/script/express-server.js");
        let near_misses = "a.b; a.b.c(d.e); this.x; a?.b; a.#b; a .b; a./**/b; new.target; import.meta.url; 1..a; undefined.a; \
            ä.b; a.b\n.c; ({a: b.c}); a.b.c.d = e.f; f(a.b, ...c.d); a.b`x`; delete a.b; typeof a.b.c; a.";
        for text in [own, near_misses] {
            for dialect in [Dialect::JavaScript, Dialect::TypeScript, Dialect::Tsx] {
                let script = parse(FileId(0), text, dialect).tree.unwrap();
                let blanks = " ".repeat(text.len());
                let spelt: Vec<Step> = script.walk(text).collect();
                let walked: Vec<Step> = script.walk(&blanks).collect();
                assert_eq!(spelt, walked, "{dialect:?}");
            }
        }
    }
}
