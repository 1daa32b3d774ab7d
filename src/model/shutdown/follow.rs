//! What a value of one module is, through the modules that it comes from.

use std::cell::Cell;

use crate::facts::module::{CallId, ClassId, FileFacts, FunctionId, Imported, Value, ValueId};
use crate::facts::resolve::{Resolution, Resolver};
use crate::model::reach::Scripts;
use crate::source::{FileId, Sources};

/// Names and members that one question follows at most, over all modules.
const STEPS: usize = 32;
/// Members of members that one question follows at most.
const DEPTH: usize = 4;
/// Searches for all calls of one function that a program may cost.
const SEARCHES: usize = 8;

/// A value of a file.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) facts: &'a FileFacts,
    pub(super) value: ValueId,
}

/// What a function was given where it was called.
pub(super) struct Given<'a> {
    pub(super) file: FileId,
    pub(super) function: FunctionId,
    pub(super) arguments: Vec<At<'a>>,
}

/// The modules of a program.
pub(super) struct World<'a> {
    files: &'a [FileId],
    sources: &'a Sources,
    resolver: &'a Resolver,
    scripts: &'a Scripts,
    searches: Cell<usize>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        files: &'a [FileId],
        sources: &'a Sources,
        resolver: &'a Resolver,
        scripts: &'a Scripts,
    ) -> World<'a> {
        World { files, sources, resolver, scripts, searches: Cell::new(SEARCHES) }
    }

    pub(super) fn facts(&self, file: FileId) -> Option<&'a FileFacts> {
        self.scripts.facts(self.sources, file)
    }

    /// What a value may be after its names are followed. A value that leads nowhere stays what it is.
    pub(super) fn settle(&self, at: At<'a>, given: &[Given<'a>]) -> Vec<At<'a>> {
        self.settle_within(at, given, DEPTH)
    }

    fn settle_within(&self, at: At<'a>, given: &[Given<'a>], depth: usize) -> Vec<At<'a>> {
        let mut open = vec![at];
        let mut ends = Vec::new();
        let mut steps = 0;
        while let Some(at) = open.pop() {
            steps += 1;
            let at = At { value: at.facts.resolve(at.value), ..at };
            match self.step(at, given, depth).filter(|_| steps < STEPS) {
                Some(next) => open.extend(next),
                None => ends.push(at),
            }
        }
        ends
    }

    /// What one value leads to; `None` when it is what it is.
    fn step(&self, at: At<'a>, given: &[Given<'a>], depth: usize) -> Option<Vec<At<'a>>> {
        let facts = at.facts;
        if let Some(found) = facts.module_member(at.value)
            && let Some(file) = self.imported_file(facts, found.module)
        {
            return self.export(file, found.member).map(|export| vec![export]);
        }
        let here = |value| At { facts, value };
        match facts.value(at.value) {
            Value::Ident(name) => {
                let holds = |value: &ValueId| !matches!(facts.value(*value), Value::Null | Value::Undefined);
                let possible = facts.possible(name).into_iter().filter(holds).map(here);
                Some(possible.collect::<Vec<_>>()).filter(|possible| !possible.is_empty())
            }
            Value::Member { object, property } => {
                let depth = depth.checked_sub(1)?;
                let name = facts.name(property);
                if facts.is_path(object, "this") {
                    return self.set_on_this(facts, name);
                }
                let objects = self.settle_within(here(object), given, depth);
                let members: Vec<At<'a>> =
                    objects.into_iter().filter_map(|object| self.member(object, name)).flatten().collect();
                Some(members).filter(|members| !members.is_empty())
            }
            Value::Parameter(function, index) => self.given(facts, function, index, given),
            Value::Or { first, otherwise } => Some(vec![here(first), here(otherwise)]),
            Value::Call(call) => wrapped(facts, call).map(|value| vec![here(value)]),
            _ => None,
        }
    }

    /// The file of the project that a module's name means.
    fn imported_file(&self, facts: &FileFacts, module: &str) -> Option<FileId> {
        match self.resolver.resolve(self.sources, &self.sources.file(facts.file).path, module) {
            Resolution::File(path) => self.sources.find(&path),
            _ => None,
        }
    }

    /// What a file exports under a name; `None`: its default, or all that it is.
    fn export(&self, file: FileId, name: Option<&str>) -> Option<At<'a>> {
        let mut file = file;
        for _ in 0..DEPTH {
            let facts = self.facts(file)?;
            let is = |export: &Imported| match (export, name) {
                (Imported::Named(export), Some(name)) => facts.name(*export) == name,
                (Imported::Default, None) => true,
                _ => false,
            };
            if let Some(export) = facts.exports.iter().find(|export| is(&export.name)) {
                return Some(At { facts, value: export.value });
            }
            let whole = facts.exports.iter().filter(|export| export.name == Imported::Whole);
            let mut next = None;
            for export in whole {
                let value = facts.resolve(export.value);
                match (facts.value(value), name) {
                    (Value::Object(_), Some(name)) => {
                        if let Ok(Some(value)) = facts.entry(value, name) {
                            return Some(At { facts, value });
                        }
                    }
                    (Value::Import(..), Some(_)) => {
                        let found = facts.module_member(value)?;
                        next = next.or(self.imported_file(facts, found.module));
                    }
                    (_, None) => return Some(At { facts, value }),
                    _ => {}
                }
            }
            file = next?;
        }
        None
    }

    /// All values that `this.name` is set to in a file.
    fn set_on_this(&self, facts: &'a FileFacts, name: &str) -> Option<Vec<At<'a>>> {
        let sets = facts.assignments.iter().filter(|set| match facts.value(set.target) {
            Value::Member { object, property } => {
                facts.is_path(object, "this") && facts.name(property) == name
            }
            _ => false,
        });
        let values: Vec<At<'a>> = sets
            .filter(|set| !matches!(facts.value(set.value), Value::Null | Value::Undefined))
            .take(STEPS)
            .map(|set| At { facts, value: set.value })
            .collect();
        Some(values).filter(|values| !values.is_empty())
    }

    /// A member of an object that is written out, or of an instance of a class of the project.
    fn member(&self, object: At<'a>, name: &str) -> Option<Vec<At<'a>>> {
        let facts = object.facts;
        match facts.value(object.value) {
            Value::Object(_) => {
                let value = facts.entry(object.value, name).ok()??;
                Some(vec![At { facts, value }])
            }
            Value::Class(class) => self.member_of_class(facts, class, name),
            Value::Call(call) if facts.call(call).constructs => {
                let callee = At { facts, value: facts.call(call).callee };
                let class = self.settle_within(callee, &[], 1).into_iter().next()?;
                match class.facts.value(class.value) {
                    Value::Class(id) => self.member_of_class(class.facts, id, name),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn member_of_class(&self, facts: &'a FileFacts, class: ClassId, name: &str) -> Option<Vec<At<'a>>> {
        let members = &facts.members[facts.classes[class.0 as usize].members.range()];
        let named = |member: &&crate::facts::module::Member| {
            member.name.is_some_and(|member| facts.name(member) == name)
        };
        match members.iter().find(named) {
            Some(member) if matches!(facts.value(member.value), Value::Function(_)) => {
                Some(vec![At { facts, value: member.value }])
            }
            _ => self.set_on_this(facts, name),
        }
    }

    /// What a parameter is given: where the walk came from, else by all calls of its function.
    fn given(
        &self,
        facts: &'a FileFacts,
        function: FunctionId,
        index: u32,
        given: &[Given<'a>],
    ) -> Option<Vec<At<'a>>> {
        let came = given.iter().rev().find(|given| given.file == facts.file && given.function == function);
        if let Some(came) = came {
            return came.arguments.get(index as usize).map(|argument| vec![*argument]);
        }
        self.searches.set(self.searches.get().checked_sub(1)?);
        let mut values = Vec::new();
        for caller in self.files.iter().filter_map(|file| self.facts(*file)) {
            for call in &caller.calls {
                if self.calls_function(caller, call.callee, facts.file, function) {
                    let value = caller.argument(call, index as usize)?;
                    values.push(At { facts: caller, value });
                }
            }
        }
        Some(values).filter(|values| !values.is_empty() && values.len() <= STEPS)
    }

    /// Whether a callee is this function, as far as its own file or one import tells.
    fn calls_function(
        &self,
        caller: &'a FileFacts,
        callee: ValueId,
        file: FileId,
        function: FunctionId,
    ) -> bool {
        if caller.file == file {
            return caller.function_of(callee) == Some(function);
        }
        let Some(found) = caller.module_member(callee) else { return false };
        if self.imported_file(caller, found.module) != Some(file) {
            return false;
        }
        self.export(file, found.member).is_some_and(|export| {
            export.facts.file == file && export.facts.function_of(export.value) == Some(function)
        })
    }
}

/// What a call gives back as it got it: a server that a library changed, or that a listener was added to.
fn wrapped(facts: &FileFacts, id: CallId) -> Option<ValueId> {
    const WRAPPERS: [&str; 5] = ["stoppable", "http-shutdown", "killable", "server-destroy", "http-close"];
    const CHAINED: [&str; 6] = ["on", "once", "addListener", "setTimeout", "unref", "ref"];
    let call = facts.call(id);
    if let Some((object, method)) = facts.method(call)
        && CHAINED.contains(&method)
    {
        return Some(object);
    }
    let found = facts.module_member(call.callee)?;
    let first = facts.argument(call, 0)?;
    match (found.module, found.member) {
        ("http-terminator", Some("createHttpTerminator")) => facts.entry(first, "server").ok()?,
        (module, _) if WRAPPERS.contains(&module) => Some(first),
        _ => None,
    }
}
