//! Branches: which part of an `if`, `? :`, `&&`, `||`, `switch` or `try` a node is.

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
    pub(super) fn open_branch(&mut self, kind: Kind, at: Bytes) -> bool {
        let Some(parent) = self.frames.last_mut() else { return false };
        let found = match parent.node.kind {
            Kind::If | Kind::Ternary => match parent.next_part(at) {
                1 => Some((parent.condition, true)),
                2 => Some((parent.condition, false)),
                _ => None,
            },
            // What stands behind `&&`, `||` and `??`: the left side is read by then.
            Kind::Binary => {
                let slots = &self.slots[parent.slots..];
                let holds = slots.last().and_then(|slot| match slot.kind {
                    Kind::AndToken => Some(true),
                    Kind::OrToken | Kind::NullishToken => Some(false),
                    _ => None,
                });
                slots.first().zip(holds).map(|(left, holds)| (left.at, holds))
            }
            // Nothing is written that would decide these.
            _ if matches!(kind, Kind::Catch | Kind::Case) => {
                Some((Bytes { start: at.start, end: at.start }, true))
            }
            _ => None,
        };
        let Some((condition, holds)) = found else { return false };
        let fails = kind == Kind::Catch;
        let outer = self.branches.last().copied();
        self.branches.push(self.facts.branches.len() as u32);
        self.facts.branches.push(Branch { condition, holds, at, outer, fails });
        true
    }
}
