//! What a value comes down to: names followed to what they were given, members of known objects, what a module gives.

use super::{
    Call, CallId, FileFacts, FunctionId, Import, ImportId, ImportKind, Imported, Name, Value, ValueId,
};
use crate::facts::{Fact, Why};

/// Names and members that one question follows at most.
const STEPS: usize = 24;

/// A read of an environment variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Its name.
    pub name: Name,
    /// What the code takes when it is not set.
    pub otherwise: Option<ValueId>,
}

/// Something that a module gives: `createServer` of `node:http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleMember<'f> {
    /// The import.
    pub import: ImportId,
    /// The module as the specifier names it, without `node:`.
    pub module: &'f str,
    /// The member; `None` for the module itself or its default export.
    pub member: Option<&'f str>,
}

impl FileFacts {
    /// What a value is after its names are followed. A name that is not known stays what it is.
    pub fn resolve(&self, id: ValueId) -> ValueId {
        let mut steps = STEPS;
        self.resolve_within(id, &mut steps)
    }

    fn resolve_within(&self, mut id: ValueId, steps: &mut usize) -> ValueId {
        while *steps > 0 {
            *steps -= 1;
            let next = match self.value(id) {
                Value::Ident(name) => self.lookup(name),
                Value::Member { object, property } => self.member_of(object, property, steps),
                _ => None,
            };
            match next {
                Some(next) => id = next,
                None => return id,
            }
        }
        id
    }

    /// The value of `property` in an object that stands in this file.
    fn member_of(&self, object: ValueId, property: Name, steps: &mut usize) -> Option<ValueId> {
        let object = self.resolve_within(object, steps);
        let wanted = self.name(property);
        match self.value(object) {
            Value::Object(entries) => {
                let entries = &self.entries[entries.range()];
                // A spread or a computed key behind it may set it again.
                let known_from = entries.iter().rposition(|entry| entry.key.is_none()).map_or(0, |at| at + 1);
                let named = |key: Name| self.name(key) == wanted;
                entries[known_from..]
                    .iter()
                    .rev()
                    .find(|entry| entry.key.is_some_and(named))
                    .map(|entry| entry.value)
            }
            Value::Class(class) => {
                let members = &self.members[self.classes[class.0 as usize].members.range()];
                let named = |key: Name| self.name(key) == wanted;
                members.iter().find(|member| member.name.is_some_and(named)).map(|member| member.value)
            }
            Value::Ident(name) if matches!(self.name(name), "this") => {
                let class = self.class_around(name.start)?;
                let members = &self.members[class.members.range()];
                let named = |key: Name| self.name(key) == wanted;
                members.iter().find(|member| member.name.is_some_and(named)).map(|member| member.value)
            }
            _ => None,
        }
    }

    fn class_around(&self, offset: u32) -> Option<&super::Class> {
        let before = self.classes.partition_point(|class| class.at.start <= offset);
        self.classes[..before].iter().rev().take(STEPS).find(|class| class.at.holds(offset))
    }

    /// A value after resolving, when it is a string.
    pub fn text_of(&self, id: ValueId) -> Option<&str> {
        match self.value(self.resolve(id)) {
            Value::Text(name) => Some(self.name(name)),
            _ => None,
        }
    }

    /// The function that a value is, after resolving; through `.bind(…)` too.
    pub fn function_of(&self, id: ValueId) -> Option<FunctionId> {
        let id = self.resolve(id);
        match self.value(id) {
            Value::Function(function) => Some(function),
            Value::Call(call) => match self.value(self.call(call).callee) {
                Value::Member { object, property } if self.name(property) == "bind" => {
                    match self.value(self.resolve(object)) {
                        Value::Function(function) => Some(function),
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The call that a value is the outcome of, after resolving.
    pub fn call_of(&self, id: ValueId) -> Option<(CallId, &Call)> {
        match self.value(self.resolve(id)) {
            Value::Call(call) => Some((call, self.call(call))),
            _ => None,
        }
    }

    /// The entry `key` of an object literal, after resolving. `Err` when the object is not known, or when something in
    /// it may set the key that cannot be read.
    pub fn entry(&self, object: ValueId, key: &str) -> Result<Option<ValueId>, Why> {
        let Value::Object(entries) = self.value(self.resolve(object)) else { return Err(Why::Dynamic) };
        for entry in self.entries[entries.range()].iter().rev() {
            match entry.key {
                Some(name) if self.name(name) == key => return Ok(Some(entry.value)),
                Some(_) => {}
                None => return Err(Why::Dynamic),
            }
        }
        Ok(None)
    }

    /// The dotted path that a value is written as: `process.on`, `createServer().listen`. At most sixteen parts.
    pub fn path(&self, id: ValueId) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        let mut at = id;
        for _ in 0..STEPS {
            match self.value(at) {
                Value::Member { object, property } => {
                    parts.push(self.name(property));
                    parts.push(".");
                    at = object;
                }
                Value::Call(call) => {
                    parts.push("()");
                    at = self.call(call).callee;
                }
                Value::Ident(name) => {
                    parts.push(self.name(name));
                    parts.reverse();
                    return Some(parts.concat());
                }
                _ => return None,
            }
        }
        None
    }

    /// True when a value is written as these names with dots between them.
    pub fn is_path(&self, id: ValueId, path: &str) -> bool {
        let mut at = id;
        let mut names = path.rsplit('.').peekable();
        while let Some(wanted) = names.next() {
            match self.value(at) {
                Value::Ident(name) => return self.name(name) == wanted && names.peek().is_none(),
                Value::Member { object, property } if self.name(property) == wanted => at = object,
                _ => return false,
            }
        }
        false
    }

    /// The object and the name of the method that a call calls.
    pub fn method(&self, call: &Call) -> Option<(ValueId, &str)> {
        match self.value(call.callee) {
            Value::Member { object, property } => Some((object, self.name(property))),
            _ => None,
        }
    }

    /// The module that a value comes from, and which of its members it is.
    pub fn module_member(&self, id: ValueId) -> Option<ModuleMember<'_>> {
        let mut member = None;
        let mut at = self.resolve(id);
        for _ in 0..STEPS {
            match self.value(at) {
                Value::Member { object, property } => {
                    let name = self.name(property);
                    // What interop layers put between a module and its default export.
                    if name != "default" {
                        if member.is_some() {
                            return None;
                        }
                        member = Some(name);
                    }
                    at = self.resolve(object);
                }
                Value::Import(import, imported) => {
                    if let Imported::Named(name) = imported {
                        if member.is_some() {
                            return None;
                        }
                        member = Some(self.name(name));
                    }
                    return self.of_module(import, member);
                }
                Value::Call(call) => return self.of_module(self.import_of_call(call)?, member),
                _ => return None,
            }
        }
        None
    }

    /// The module that a value comes from, and the dotted path of members below it: `("winston", "transports.File")`; the
    /// path is empty for the module itself or its default export.
    pub fn module_path(&self, id: ValueId) -> Option<(&str, String)> {
        let mut members: Vec<&str> = Vec::new();
        let mut at = self.resolve(id);
        for _ in 0..STEPS {
            let import = match self.value(at) {
                Value::Member { object, property } => {
                    members.extend(Some(self.name(property)).filter(|name| *name != "default"));
                    at = self.resolve(object);
                    continue;
                }
                Value::Import(import, imported) => {
                    if let Imported::Named(name) = imported {
                        members.push(self.name(name));
                    }
                    import
                }
                Value::Call(call) => self.import_of_call(call)?,
                _ => return None,
            };
            members.reverse();
            return Some((self.of_module(import, None)?.module, members.join(".")));
        }
        None
    }

    /// True when the file takes in a module, as its specifier names it, that `wanted` says yes to.
    pub fn imports_any(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.imports.iter().any(|import| {
            let specifier = self.specifier(import).unwrap_or("");
            wanted(specifier.strip_prefix("node:").unwrap_or(specifier))
        })
    }

    fn of_module<'f>(&'f self, import: ImportId, member: Option<&'f str>) -> Option<ModuleMember<'f>> {
        let specifier = self.specifier(&self.imports[import.0 as usize])?;
        let module = specifier.strip_prefix("node:").unwrap_or(specifier);
        Some(ModuleMember { import, module, member })
    }

    /// The import that a call of `require` or `import` makes.
    pub(crate) fn import_of_call(&self, call: CallId) -> Option<ImportId> {
        let at = self.call(call).at;
        let first = self.imports.partition_point(|import| import.at.end < at.end);
        let mut same_end =
            self.imports[first..].iter().take_while(|import| import.at.end == at.end).take(STEPS);
        let called = |import: &Import| matches!(import.kind, ImportKind::Require | ImportKind::Dynamic);
        let index = same_end.position(|import| import.at == at && called(import))?;
        Some(ImportId((first + index) as u32))
    }

    /// The environment variable that a value reads, with its default, after resolving.
    pub fn environment(&self, id: ValueId) -> Option<Key> {
        let id = self.resolve(id);
        match self.value(id) {
            Value::Member { object, property } if self.is_environment(object) => {
                Some(Key { name: property, otherwise: None })
            }
            Value::Or { first, otherwise } => {
                let first = self.unconverted(first);
                match self.value(self.resolve(first)) {
                    Value::Member { object, property } if self.is_environment(object) => {
                        Some(Key { name: property, otherwise: Some(otherwise) })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_environment(&self, object: ValueId) -> bool {
        let object = self.resolve(object);
        self.is_path(object, "process.env") || self.is_path(object, "import.meta.env") || {
            self.module_member(object)
                .is_some_and(|found| found.module == "process" && found.member == Some("env"))
        }
    }

    /// What stands in `Number(x)`, `parseInt(x, 10)`, `String(x)` and the like.
    pub fn unconverted(&self, id: ValueId) -> ValueId {
        let mut at = id;
        for _ in 0..STEPS {
            let resolved = self.resolve(at);
            let Value::Call(call) = self.value(resolved) else { return at };
            let call = self.call(call);
            let converts = [
                "Number",
                "parseInt",
                "String",
                "Number.parseInt",
                "parseFloat",
                "Number.parseFloat",
                "normalizePort",
            ];
            match self.argument(call, 0) {
                Some(inner) if converts.iter().any(|name| self.is_path(call.callee, name)) => at = inner,
                _ => return at,
            }
        }
        at
    }

    /// A number that code writes out, or takes when an environment variable is not set.
    pub fn number(&self, id: ValueId) -> Fact<f64> {
        let mut at = self.unconverted(id);
        for _ in 0..STEPS {
            let resolved = self.resolve(at);
            let span = self.value_span(resolved);
            match self.value(resolved) {
                Value::Number(number) => return Fact::written(number, span),
                Value::Text(name) => {
                    let Ok(number) = self.name(name).trim().parse() else {
                        return Fact::Unknown(Why::Dynamic);
                    };
                    return Fact::written(number, span);
                }
                Value::Or { otherwise, .. } => match self.environment(resolved) {
                    Some(_) => at = self.unconverted(otherwise),
                    None => return Fact::Unknown(Why::Dynamic),
                },
                Value::Member { .. } if self.environment(resolved).is_some() => {
                    return Fact::Unknown(Why::Variable);
                }
                _ => return Fact::Unknown(Why::Dynamic),
            }
        }
        Fact::Unknown(Why::Dynamic)
    }
}
