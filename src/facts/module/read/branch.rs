//! Branches: which part of an `if`, `? :` or `&&` a node is.

use super::{Frame, Reader};
use crate::facts::module::{Branch, Bytes};
use crate::syntax::script::Kind;

impl Frame {
    /// Notes the next part of an `if` or `? :`; the number of those before it.
    pub(super) fn next_part(&mut self, at: Bytes) -> u8 {
        if self.parts == 0 {
            self.condition = at;
        }
        self.parts = self.parts.saturating_add(1);
        self.parts - 1
    }
}

impl Reader {
    /// Opens a branch when the node at `at` is one. Nodes without children hold no code that anybody asks for.
    pub(super) fn open_branch(&mut self, at: Bytes) -> bool {
        let Some(parent) = self.frames.last_mut() else { return false };
        let found = match parent.node.kind {
            Kind::If | Kind::Ternary => match parent.next_part(at) {
                1 => Some((parent.condition, true)),
                2 => Some((parent.condition, false)),
                _ => None,
            },
            // What stands behind `&&`: the left side is read by then.
            Kind::Binary => {
                let slots = &self.slots[parent.slots..];
                let joins = slots.last().is_some_and(|slot| slot.kind == Kind::AndToken);
                slots.first().filter(|_| joins).map(|left| (left.at, true))
            }
            _ => None,
        };
        let Some((condition, holds)) = found else { return false };
        let outer = self.branches.last().copied();
        self.branches.push(self.facts.branches.len() as u32);
        self.facts.branches.push(Branch { condition, holds, at, outer });
        true
    }
}
