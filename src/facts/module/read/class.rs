//! Classes: their members and decorators.

use super::{Declares, Frame, Reader, Slot};
use crate::facts::module::{Bytes, Class, ClassId, Declared, Member, Run, Value};
use crate::syntax::script::{Kind, Role};

impl Reader {
    pub(super) fn open_class(&mut self, at: Bytes) {
        let id = ClassId(self.facts.classes.len() as u32);
        let none = Run::default();
        self.facts.classes.push(Class { name: None, extends: None, decorators: none, members: none, at });
        self.classes.push(id);
    }

    pub(super) fn close_class(&mut self, frame: &Frame, slot: &mut Slot) {
        let Some(id) = self.classes.pop() else { return };
        self.made += 1;
        let name = self.child(frame, Role::Name).and_then(|name| name.name);
        let heritage =
            self.slots[frame.slots..].iter().find(|child| child.kind == Kind::ClassHeritage).copied();
        let extends = heritage.map(|heritage| self.keep(heritage));
        let decorators = self.close_decorators(frame);
        let class = &mut self.facts.classes[id.0 as usize];
        class.name = name;
        class.extends = extends;
        class.decorators = decorators;
        let value = self.push(Value::Class(id), slot.at);
        slot.value = Some(value);
        slot.name = name;
        if let (Some(name), Kind::ClassDeclaration) = (name, frame.node.kind) {
            let scope = self.scope(Declares::Const);
            self.bind(name, value, Declared::Once, scope);
        }
    }

    /// The decorators among a node's children.
    pub(super) fn close_decorators(&mut self, frame: &Frame) -> Run {
        let start = self.facts.decorators.len() as u32;
        for index in self.children(frame) {
            if self.slots[index].kind == Kind::Decorator {
                let decorator = self.keep(self.slots[index]);
                self.facts.decorators.push(decorator);
                self.made += 1;
            }
        }
        Run { start, end: self.facts.decorators.len() as u32 }
    }

    /// The members of the innermost class. A decorator stands before its member or in it, as the grammar has it.
    pub(super) fn close_class_body(&mut self, frame: &Frame) {
        let Some(id) = self.classes.last().copied() else { return };
        self.made += 1;
        let start = self.facts.members.len() as u32;
        let mut decorators = self.facts.decorators.len() as u32;
        for index in self.children(frame) {
            let child = self.slots[index];
            if child.kind == Kind::Decorator {
                let decorator = self.keep(child);
                self.facts.decorators.push(decorator);
                continue;
            }
            if !matches!(child.kind, Kind::Method | Kind::Field) {
                continue;
            }
            let value = self.keep(child);
            let end = self.facts.decorators.len() as u32;
            let before = Run { start: decorators, end };
            let decorated = if before.is_empty() { child.decorators } else { before };
            self.facts.members.push(Member { name: child.name, value, decorators: decorated, at: child.at });
            decorators = end;
        }
        self.facts.classes[id.0 as usize].members = Run { start, end: self.facts.members.len() as u32 };
    }

    pub(super) fn close_field(&mut self, frame: &Frame, slot: &mut Slot) {
        slot.decorators = self.close_decorators(frame);
        let name = self.child(frame, Role::Name).or_else(|| self.child(frame, Role::Property));
        slot.name = name.and_then(|name| name.name);
        slot.value = self.child(frame, Role::Value).and_then(|value| value.value);
    }
}
