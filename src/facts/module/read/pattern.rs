//! Declarations: which names a pattern binds, and to what. A pattern is read as the value it looks like.

use super::{Declares, Frame, Reader, Slot};
use crate::facts::module::{Bytes, Declared, ImportId, Imported, ImportedName, Run, Value, ValueId};
use crate::syntax::script::{Kind, Role};

impl Reader {
    /// `pattern = default` in a pattern.
    pub(super) fn close_default(&mut self, frame: &Frame, slot: &mut Slot) {
        let (Some(left), Some(right)) = (self.child(frame, Role::Left), self.child(frame, Role::Right))
        else {
            return;
        };
        let first = self.keep(left);
        let otherwise = self.keep(right);
        slot.name = left.name;
        slot.value = Some(self.push(Value::Or { first, otherwise }, slot.at));
    }

    /// A parameter of TypeScript, whose default stands beside its pattern.
    pub(super) fn close_parameter(&mut self, frame: &Frame, slot: &mut Slot) {
        let pattern = self.child(frame, Role::Pattern).or_else(|| self.child(frame, Role::Name));
        let Some(pattern) = pattern else { return };
        let first = self.keep(pattern);
        slot.name = pattern.name;
        slot.value = Some(match self.child(frame, Role::Value) {
            Some(default) => {
                let otherwise = self.keep(default);
                self.push(Value::Or { first, otherwise }, slot.at)
            }
            None => first,
        });
    }

    pub(super) fn close_parameters(&mut self, frame: &Frame, slot: &mut Slot) {
        let function = self.function();
        let scope = self.scope(Declares::Let);
        let mut count = 0;
        for index in self.children(frame) {
            let Slot { value: Some(pattern), at, .. } = self.slots[index] else { continue };
            let parameter = self.push(Value::Parameter(function, count), at);
            self.bind_pattern(pattern, parameter, Declared::Variable, scope);
            count += 1;
        }
        self.facts.functions[function.0 as usize].parameters = count;
        slot.value = None;
    }

    pub(super) fn close_declarator(&mut self, frame: &Frame) {
        let Some(Slot { value: Some(pattern), at, .. }) = self.child(frame, Role::Name) else { return };
        let declares = self.frames.last().map_or(Declares::Nothing, |parent| parent.declares);
        let declared = if declares == Declares::Const { Declared::Once } else { Declared::Variable };
        let value = match self.child(frame, Role::Value) {
            Some(value) => self.keep(value),
            None => self.push(Value::Undefined, at),
        };
        self.name_required(pattern, value);
        let scope = self.scope(declares);
        self.bind_pattern(pattern, value, declared, scope);
    }

    /// The names that `const x = require("y")` and `const { a, b: c } = await import("y")` take from it.
    fn name_required(&mut self, pattern: ValueId, value: ValueId) {
        let Value::Call(call) = self.facts.value(value) else { return };
        let at = self.facts.call(call).at;
        let Some(last) = self.facts.imports.last().filter(|import| import.at == at) else { return };
        if !last.names.is_empty() {
            return;
        }
        let start = self.facts.imported.len() as u32;
        match self.facts.value(pattern) {
            Value::Ident(local) => {
                self.facts.imported.push(ImportedName {
                    imported: Imported::Whole,
                    local: Some(local),
                    type_only: false,
                });
            }
            Value::Object(entries) => {
                for index in entries.range() {
                    let entry = self.facts.entries[index];
                    let Some(key) = entry.key else { continue };
                    let local = match self.facts.value(entry.value) {
                        Value::Ident(local) => Some(local),
                        _ => None,
                    };
                    let imported = Imported::Named(key);
                    self.facts.imported.push(ImportedName { imported, local, type_only: false });
                }
            }
            _ => return,
        }
        let end = self.facts.imported.len() as u32;
        if let Some(import) = self.facts.imports.last_mut() {
            import.names = Run { start, end };
        }
    }

    /// The names of a pattern, each bound to its part of `value`.
    pub(super) fn bind_pattern(
        &mut self,
        pattern: ValueId,
        value: ValueId,
        declared: Declared,
        scope: Bytes,
    ) {
        for (name, part) in self.parts(pattern, value) {
            if let Value::Ident(name) = self.facts.value(name) {
                self.bind(name, part, declared, scope);
            }
        }
    }

    pub(super) fn assign_pattern(&mut self, pattern: ValueId, value: ValueId) {
        for (target, part) in self.parts(pattern, value) {
            self.assign(target, part);
        }
    }

    /// The targets in a pattern and the part of `value` that each gets, without recursion.
    fn parts(&mut self, pattern: ValueId, value: ValueId) -> Vec<(ValueId, ValueId)> {
        let mut parts = Vec::new();
        let mut open = vec![(pattern, value)];
        while let Some((pattern, value)) = open.pop() {
            let at = self.facts.values[pattern.0 as usize].at;
            match self.facts.value(pattern) {
                Value::Ident(_) | Value::Member { .. } => parts.push((pattern, value)),
                Value::Or { first, otherwise } => {
                    let part = self.push(Value::Or { first: value, otherwise }, at);
                    open.push((first, part));
                }
                Value::Object(entries) => {
                    for index in entries.range() {
                        let entry = self.facts.entries[index];
                        let part = match entry.key {
                            Some(property) => self.push(Value::Member { object: value, property }, at),
                            None => self.push(Value::Other, at),
                        };
                        open.push((entry.value, part));
                    }
                }
                Value::List(items) => {
                    for index in items.range() {
                        let part = self.push(Value::Other, at);
                        open.push((self.facts.items[index], part));
                    }
                }
                Value::Spread(rest) => {
                    let part = self.push(Value::Other, at);
                    open.push((rest, part));
                }
                _ => {}
            }
        }
        parts
    }

    /// `for (const x of list)` and `catch (error)`.
    pub(super) fn close_binder(&mut self, frame: &Frame) {
        let scope = self.scope(frame.declares);
        self.scopes.pop();
        let caught = frame.node.kind == Kind::Catch;
        let pattern = self.child(frame, if caught { Role::Parameter } else { Role::Left });
        let Some(Slot { value: Some(pattern), at, .. }) = pattern else { return };
        let value = match self.child(frame, Role::Right).filter(|_| self.has(frame, Kind::OfToken)) {
            Some(list) => {
                let list = self.keep(list);
                self.push(Value::Each(list), at)
            }
            None => self.push(Value::Other, at),
        };
        if frame.declares == Declares::Nothing && !caught {
            self.assign_pattern(pattern, value);
        } else {
            self.bind_pattern(pattern, value, Declared::Once, scope);
        }
    }

    pub(super) fn close_enum(&mut self, frame: &Frame) {
        let (Some(Slot { name: Some(name), .. }), Some(Slot { value: Some(body), .. })) =
            (self.child(frame, Role::Name), self.child(frame, Role::Body))
        else {
            return;
        };
        let scope = self.scope(Declares::Const);
        self.bind(name, body, Declared::Once, scope);
    }

    /// Binds a name that an import takes, for the whole file.
    pub(super) fn bind_import(&mut self, import: ImportId, name: ImportedName) {
        let Some(local) = name.local else { return };
        let at = Bytes { start: local.start, end: local.end };
        let value = self.push(Value::Import(import, name.imported), at);
        let scope = Bytes { start: 0, end: self.facts.text.len() as u32 };
        self.bind(local, value, Declared::Once, scope);
    }
}
