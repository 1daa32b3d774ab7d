//! Expressions: calls and what their arguments are.

use super::{Frame, Reader, Slot};
use crate::facts::module::{
    Await, Bytes, Call, CallId, Entry, Export, Import, ImportKind, Imported, Name, Run, Value, ValueId,
};
use crate::syntax::script::{Kind, Role};

impl Reader {
    pub(super) fn close_expression(&mut self, frame: &Frame, slot: &mut Slot) {
        match frame.node.kind {
            Kind::Call => self.close_call(frame, slot, false),
            Kind::New => self.close_call(frame, slot, true),
            Kind::Member => self.close_member(frame, slot),
            Kind::Subscript => self.close_subscript(frame, slot),
            Kind::Arguments | Kind::Array | Kind::ArrayPattern => self.close_list(frame, slot),
            Kind::Object | Kind::ObjectPattern | Kind::EnumBody => self.close_object(frame, slot),
            Kind::Pair | Kind::PairPattern => self.close_pair(frame, slot),
            Kind::Spread | Kind::RestPattern => {
                let inner = self.slots[frame.slots..].first().copied();
                let inner = self.keep(inner.unwrap_or(*slot));
                slot.value = Some(self.push(Value::Spread(inner), slot.at));
            }
            Kind::Template if !self.has(frame, Kind::Substitution) => {
                slot.name = self.string(slot.at);
                slot.value = slot.name.map(|text| self.push(Value::Text(text), slot.at));
            }
            Kind::Wrapper | Kind::Decorator | Kind::ClassHeritage => {
                let inner = self.slots[frame.slots..].first();
                slot.value = inner.and_then(|inner| inner.value);
            }
            Kind::Await => {
                self.facts.awaits.push(Await { at: slot.at, function: self.function() });
                slot.value = self.slots[frame.slots..].first().and_then(|inner| inner.value);
            }
            Kind::Statement => self.close_statement(frame, slot),
            Kind::Assertion => slot.value = self.slots[frame.slots..].last().and_then(|inner| inner.value),
            Kind::Computed => {
                let inner = self.slots[frame.slots..].first().copied();
                slot.name = inner.filter(|inner| inner.kind == Kind::String).and_then(|inner| inner.name);
            }
            Kind::Binary => self.close_binary(frame, slot),
            Kind::Unary => self.close_unary(frame, slot),
            Kind::Assignment => self.close_assignment(frame, slot),
            Kind::Update => {
                if let Some(target) =
                    self.slots[frame.slots..].iter().find(|child| child.value.is_some()).copied()
                {
                    let target = self.keep(target);
                    let changed = self.push(Value::Other, slot.at);
                    self.assign(target, changed);
                }
            }
            Kind::DefaultPattern => self.close_default(frame, slot),
            Kind::Parameter => self.close_parameter(frame, slot),
            Kind::Field => self.close_field(frame, slot),
            Kind::Enum => self.close_enum(frame),
            _ => {}
        }
    }

    fn close_call(&mut self, frame: &Frame, slot: &mut Slot, constructs: bool) {
        let Some(callee) = self.child(frame, Role::Function) else { return };
        let arguments = match self.child(frame, Role::Arguments).and_then(|arguments| arguments.value) {
            Some(list) => match self.facts.value(list) {
                Value::List(run) => run,
                _ => Run::default(),
            },
            None => Run::default(),
        };
        let callee_value = self.keep(callee);
        let id = CallId(self.facts.calls.len() as u32);
        let function = self.function();
        self.made += 1;
        let call =
            Call { callee: callee_value, arguments, constructs, at: slot.at, function, statement: None };
        self.facts.calls.push(call);
        slot.value = Some(self.push(Value::Call(id), slot.at));
        self.note_passed_functions(id, arguments);
        if !constructs {
            self.note_import_call(callee, arguments, slot.at);
        }
    }

    fn note_passed_functions(&mut self, call: CallId, arguments: Run) {
        for (index, argument) in arguments.range().enumerate() {
            if let Value::Function(function) = self.facts.value(self.facts.items[argument]) {
                self.facts.functions[function.0 as usize].passed_to = Some((call, index as u32));
            }
        }
    }

    /// `require("x")` and `import("x")` are imports as well as calls.
    fn note_import_call(&mut self, callee: Slot, arguments: Run, at: Bytes) {
        let kind = match callee.name.map(|name| self.facts.name(name)) {
            Some("import") if callee.kind == Kind::Keyword => ImportKind::Dynamic,
            Some("require") if callee.kind == Kind::Identifier => ImportKind::Require,
            _ => return,
        };
        let Some(&argument) = self.facts.items[arguments.range()].first() else { return };
        let specifier = match self.facts.value(argument) {
            Value::Text(text) => Some(text),
            Value::Call(call) => self.beside_this_file(call),
            _ => None,
        };
        let names = self.facts.imported.len() as u32;
        self.facts.imports.push(Import {
            kind,
            specifier,
            specifier_at: self.facts.values[argument.0 as usize].at,
            at,
            type_only: false,
            tried: self.tries > 0,
            function: self.function(),
            names: Run { start: names, end: names },
        });
    }

    /// `path.join(__dirname, "jobs", "mail.js")` is the specifier `./jobs/mail.js`.
    fn beside_this_file(&mut self, call: CallId) -> Option<Name> {
        let call = *self.facts.call(call);
        let joins = ["path.join", "path.resolve", "join", "resolve"];
        if !joins.iter().any(|path| self.facts.is_path(call.callee, path)) {
            return None;
        }
        let (first, parts) = self.facts.arguments(&call).split_first()?;
        let here = ["__dirname", "import.meta.dirname"];
        if !here.iter().any(|path| self.facts.is_path(*first, path)) {
            return None;
        }
        let mut specifier = ".".to_owned();
        for part in parts {
            let Value::Text(text) = self.facts.value(*part) else { return None };
            // An absolute part would start `path.resolve` anew.
            let text = Some(self.facts.name(text)).filter(|text| !text.starts_with('/'))?;
            specifier.push('/');
            specifier.push_str(text.strip_prefix("./").unwrap_or(text));
        }
        Some(self.cook(&specifier))
    }

    fn close_member(&mut self, frame: &Frame, slot: &mut Slot) {
        let (Some(object), Some(property)) = (
            self.child(frame, Role::Object),
            self.child(frame, Role::Property).and_then(|property| property.name),
        ) else {
            return;
        };
        let object = self.keep(object);
        slot.value = Some(self.push(Value::Member { object, property }, slot.at));
    }

    fn close_subscript(&mut self, frame: &Frame, slot: &mut Slot) {
        let Some(index) = self.child(frame, Role::Index) else { return };
        let literal = matches!(index.kind, Kind::String | Kind::Template);
        let (Some(object), Some(property)) =
            (self.child(frame, Role::Object), index.name.filter(|_| literal))
        else {
            return;
        };
        let object = self.keep(object);
        slot.value = Some(self.push(Value::Member { object, property }, slot.at));
    }

    fn close_list(&mut self, frame: &Frame, slot: &mut Slot) {
        // Values for computed elements are made first: the run of items must have no gap.
        for index in self.children(frame) {
            let kept = self.keep(self.slots[index]);
            self.slots[index].value = Some(kept);
        }
        let start = self.facts.items.len() as u32;
        let Reader { facts, slots, .. } = self;
        facts.items.extend(slots[frame.slots..].iter().filter_map(|child| child.value));
        let run = Run { start, end: facts.items.len() as u32 };
        slot.value = Some(self.push(Value::List(run), slot.at));
    }

    fn close_object(&mut self, frame: &Frame, slot: &mut Slot) {
        for index in self.children(frame) {
            let kept = self.keep(self.slots[index]);
            self.slots[index].value = Some(kept);
        }
        let start = self.facts.entries.len() as u32;
        let Reader { facts, slots, .. } = self;
        let entries = slots[frame.slots..].iter().filter_map(|child| {
            let spread = matches!(child.kind, Kind::Spread | Kind::RestPattern);
            Some(Entry { key: child.name.filter(|_| !spread), value: child.value? })
        });
        facts.entries.extend(entries);
        let run = Run { start, end: facts.entries.len() as u32 };
        slot.value = Some(self.push(Value::Object(run), slot.at));
    }

    /// A statement that is one call keeps the bytes of the whole, with its semicolon.
    fn close_statement(&mut self, frame: &Frame, slot: &Slot) {
        let only = self.slots[frame.slots..].first();
        let Some(value) = only.filter(|only| matches!(only.kind, Kind::Call | Kind::New | Kind::Await))
        else {
            return;
        };
        if let Some(Value::Call(call)) = value.value.map(|value| self.facts.value(value)) {
            self.facts.calls[call.0 as usize].statement = Some(slot.at);
        }
    }

    fn close_pair(&mut self, frame: &Frame, slot: &mut Slot) {
        let key = self.child(frame, Role::Key).or_else(|| self.child(frame, Role::Name));
        slot.name = key.and_then(|key| key.name);
        slot.value = self.child(frame, Role::Value).and_then(|value| value.value);
    }

    fn close_binary(&mut self, frame: &Frame, slot: &mut Slot) {
        if !self.has(frame, Kind::OrToken) && !self.has(frame, Kind::NullishToken) {
            return;
        }
        let (Some(left), Some(right)) = (self.child(frame, Role::Left), self.child(frame, Role::Right))
        else {
            return;
        };
        let first = self.keep(left);
        let otherwise = self.keep(right);
        slot.value = Some(self.push(Value::Or { first, otherwise }, slot.at));
    }

    /// `+x` is worth what `x` is; `-1` is a number.
    fn close_unary(&mut self, frame: &Frame, slot: &mut Slot) {
        let Some(value) = self.child(frame, Role::Argument).and_then(|argument| argument.value) else {
            return;
        };
        if self.has(frame, Kind::PlusToken) {
            slot.value = Some(value);
        } else if self.has(frame, Kind::MinusToken)
            && let Value::Number(number) = self.facts.value(value)
        {
            slot.value = Some(self.push(Value::Number(-number), slot.at));
        }
    }

    fn close_assignment(&mut self, frame: &Frame, slot: &mut Slot) {
        let (Some(left), Some(right)) = (self.child(frame, Role::Left), self.child(frame, Role::Right))
        else {
            return;
        };
        let value = self.keep(right);
        slot.value = Some(value);
        let Some(target) = left.value else { return };
        if matches!(left.kind, Kind::ObjectPattern | Kind::ArrayPattern) {
            self.assign_pattern(target, value);
        } else {
            self.assign(target, value);
            self.note_common_js_export(target, value);
        }
    }

    /// `module.exports = x`, `module.exports.name = x`, `exports.name = x`.
    fn note_common_js_export(&mut self, target: ValueId, value: ValueId) {
        let Value::Member { object, property } = self.facts.value(target) else { return };
        let is = |id: ValueId, text: &str| matches!(self.facts.value(id), Value::Ident(name) if self.facts.name(name) == text);
        let module_exports = |id: ValueId| {
            matches!(self.facts.value(id), Value::Member { object, property }
                if is(object, "module") && self.facts.name(property) == "exports")
        };
        let name = if module_exports(target) {
            Imported::Whole
        } else if is(object, "exports") || module_exports(object) {
            Imported::Named(property)
        } else {
            return;
        };
        self.facts.exports.push(Export { name, value });
    }
}
