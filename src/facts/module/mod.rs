//! What a script file says: imports, calls, bindings, functions, classes, exports. Drawn in one pass over the syntax;
//! everything that judges code stands on these facts and never on syntax.
//!
//! Values are a flat arena, so that no depth of nesting costs stack. Names are ranges of the file's own text.

mod answer;
mod binding;
mod branch;
mod child;
mod client;
mod ecosystem;
mod folder;
mod handler;
mod listen;
mod loader;
mod logs;
mod path;
mod read;
mod route;
mod schedule;
mod signal;
mod state;
mod stays;
mod usage;
mod value;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use answer::{Taker, imports_module, loads_server, taker, takers};
pub use branch::When;
pub use child::{Child, ChildKind, children};
pub use client::{Client, answers_close, clients, endless_intervals, waits_for_close};
pub use ecosystem::{ManagedApp, Workers, managed, managed_data};
pub use folder::{ImportFolder, import_folder};
pub use handler::{Act, act, is_exit};
pub use listen::{Listen, listens};
pub(crate) use listen::{host, port};
pub use logs::{LogSink, LogTo, logs};
pub use path::{Path, is_device};
pub use read::{draw, read};
pub use route::{Route, global_prefix, routes};
pub use schedule::{Schedule, schedules};
pub use signal::{ListensBy, SignalHandler, listens_for_itself, signals};
pub use state::{Kept, KeptWhat, kept};
pub use usage::{Usage, usage};
pub use value::{Key, ModuleMember};

use crate::source::{FileId, Span};
use crate::syntax::script::Generated;

/// A range of the text that facts keep: an identifier, or the text of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    start: u32,
    end: u32,
}

/// A range of bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Bytes {
    /// True when `offset` lies in the range.
    pub fn holds(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    /// True when all of `other` lies in the range.
    pub fn contains(self, other: Bytes) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A run of neighbours in one of the arenas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Index of the first.
    pub start: u32,
    /// Index after the last.
    pub end: u32,
}

impl Run {
    /// The run as a range that indexes its arena.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of neighbours.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// True when there are none.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Index of a value in [`FileFacts::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

/// Index of a call in [`FileFacts::calls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// Index of a function in [`FileFacts::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// Index of a class in [`FileFacts::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

/// Index of an import in [`FileFacts::imports`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportId(pub u32);

impl FunctionId {
    /// The body of the file itself.
    pub const MODULE: FunctionId = FunctionId(0);
}

/// What an expression is, as far as facts go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Something that is computed.
    Other,
    /// `undefined`, or a variable without a value.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string, or a template without holes.
    Text(Name),
    /// A name: of a variable, or `this`, `super`, `import`.
    Ident(Name),
    /// `object.property`, also written `object["property"]`.
    Member {
        /// What the property is of.
        object: ValueId,
        /// Its name.
        property: Name,
    },
    /// What a call or `new` gives.
    Call(CallId),
    /// An array, as a run of [`FileFacts::items`].
    List(Run),
    /// An object, as a run of [`FileFacts::entries`].
    Object(Run),
    /// A function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
    /// `first || otherwise`, `first ?? otherwise`, or a pattern's default.
    Or {
        /// What holds when it is there.
        first: ValueId,
        /// What holds else.
        otherwise: ValueId,
    },
    /// `...value` in a list or an object.
    Spread(ValueId),
    /// An element of a list: what a `for…of` binds.
    Each(ValueId),
    /// A parameter of a function.
    Parameter(FunctionId, u32),
    /// What an import binds.
    Import(ImportId, Imported),
}

/// What is taken from a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The default export.
    Default,
    /// The whole module: `* as x`, or what `require` gives.
    Whole,
    /// One export.
    Named(Name),
}

/// A value and where it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueAt {
    /// What it is.
    pub value: Value,
    /// Its bytes.
    pub at: Bytes,
}

/// An entry of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Its key; `None` when it is computed or the entry is a spread.
    pub key: Option<Name>,
    /// Its value.
    pub value: ValueId,
}

/// How a module is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportKind {
    /// `import … from "x"`.
    Static,
    /// `require("x")`.
    Require,
    /// `import("x")`.
    Dynamic,
    /// `export … from "x"`.
    Reexport,
    /// `import x = require("x")`.
    ImportEquals,
}

/// One import.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Import {
    /// How it is written.
    pub kind: ImportKind,
    /// The module's name, also where `path.join(__dirname, …)` puts it together; `None` when code computes it.
    pub specifier: Option<Name>,
    /// Bytes of the specifier with its quotes, or of the argument that is computed.
    pub specifier_at: Bytes,
    /// Bytes of the statement or call.
    pub at: Bytes,
    /// True when only types are taken, so that nothing is loaded at run time.
    pub type_only: bool,
    /// True in a `try` and what belongs to it: it may fail.
    pub tried: bool,
    /// The function it stands in.
    pub function: FunctionId,
    /// What it takes, as a run of [`FileFacts::imported`].
    pub names: Run,
}

/// One name that an import takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImportedName {
    /// What it is in the other module.
    pub imported: Imported,
    /// Its name here; for a re-export the name it is exported under.
    pub local: Option<Name>,
    /// True for `type` names.
    pub type_only: bool,
}

/// A call or a `new`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: ValueId,
    /// The arguments, as a run of [`FileFacts::items`].
    pub arguments: Run,
    /// True for `new`.
    pub constructs: bool,
    /// Bytes of all of it.
    pub at: Bytes,
    /// The function it stands in.
    pub function: FunctionId,
    /// The bytes of the statement that is nothing but this call, perhaps awaited: nobody keeps what it gives.
    pub statement: Option<Bytes>,
}

/// Code that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Await {
    /// Bytes of all of it.
    pub at: Bytes,
    /// The function it stands in.
    pub function: FunctionId,
}

/// A function, method, or the file's own body (the first).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Function {
    /// The name it is written with.
    pub name: Option<Name>,
    /// The function it stands in; its own id for the file's body.
    pub parent: FunctionId,
    /// Number of parameters.
    pub parameters: u32,
    /// The calls in it and in the functions within, as a run of [`FileFacts::calls`].
    pub calls: Run,
    /// The call that it is an argument of, and which argument.
    pub passed_to: Option<(CallId, u32)>,
    /// Its bytes.
    pub at: Bytes,
}

/// A class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: Option<Name>,
    /// What it extends.
    pub extends: Option<ValueId>,
    /// Its decorators, as a run of [`FileFacts::decorators`].
    pub decorators: Run,
    /// Its methods and fields, as a run of [`FileFacts::members`].
    pub members: Run,
    /// Its bytes.
    pub at: Bytes,
}

/// A method or field of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// Its name; `None` when it is computed.
    pub name: Option<Name>,
    /// The function of a method, or what a field is set to.
    pub value: ValueId,
    /// Its decorators, as a run of [`FileFacts::decorators`].
    pub decorators: Run,
    /// Its bytes.
    pub at: Bytes,
}

/// How a name comes to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It keeps its value: `const`, an import, a function, a class, an enum, a loop's variable.
    Once,
    /// It may be given another: `let`, `var`, a parameter.
    Variable,
}

/// A name and the value it is given where it is declared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// Its value.
    pub value: ValueId,
    /// Whether the value stays.
    pub declared: Declared,
    /// The bytes in which the name means this.
    pub scope: Bytes,
}

/// `target = value`, or a change in place, whose value is [`Value::Other`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assignment {
    /// What is set.
    pub target: ValueId,
    /// What it is set to.
    pub value: ValueId,
    /// The function it stands in.
    pub function: FunctionId,
}

/// Something that a module gives to others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Export {
    /// The name; [`Imported::Whole`] for `module.exports = …`, `export = …` and `export * from`.
    pub name: Imported,
    /// What it is; for a re-export the import's value.
    pub value: ValueId,
}

/// Code that runs only where a condition holds, or only where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The condition.
    pub condition: Bytes,
    /// Whether the condition holds where the code runs.
    pub holds: bool,
    /// The code.
    pub at: Bytes,
    /// The branch that it stands in.
    pub outer: Option<u32>,
    /// True for what `catch` does.
    pub fails: bool,
}

/// What one script file says.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// The file.
    pub file: FileId,
    /// False when the file was too large to be read: then nothing else here says anything.
    pub complete: bool,
    /// How the file shows that a tool wrote it.
    pub generated: Option<Generated>,
    /// True when a call that is no import here loads a module by a computed name.
    pub loads_unseen: bool,
    /// Imports, in the order in which they end.
    pub imports: Vec<Import>,
    /// Names that imports take.
    pub imported: Vec<ImportedName>,
    /// Calls; a call stands behind the calls within it.
    pub calls: Vec<Call>,
    /// Functions, outer before inner; the first is the file's body.
    pub functions: Vec<Function>,
    /// Classes, outer before inner.
    pub classes: Vec<Class>,
    /// Methods and fields.
    pub members: Vec<Member>,
    /// Decorators: what stands behind the `@`.
    pub decorators: Vec<ValueId>,
    /// Exports.
    pub exports: Vec<Export>,
    /// Declared names, those of one name together, inner scopes first.
    pub bindings: Vec<Binding>,
    /// What is waited for, inner before outer.
    pub awaits: Vec<Await>,
    /// Assignments, in the order of the text.
    pub assignments: Vec<Assignment>,
    /// Branches of `if`, `? :`, `&&`, `||`, `switch` and `catch`, in the order in which they begin, outer before inner.
    pub branches: Vec<Branch>,
    /// All values.
    pub values: Vec<ValueAt>,
    /// Elements of lists and arguments of calls.
    pub items: Vec<ValueId>,
    /// Entries of objects.
    pub entries: Vec<Entry>,
    /// Indices of assignments to plain names, sorted by name.
    assigned: Vec<u32>,
    text: Arc<str>,
    cooked: String,
}

/// The bit of a [`Name`] that is kept beside the text, because escapes stood in it.
const COOKED: u32 = 1 << 31;

impl FileFacts {
    fn new(file: FileId, text: Arc<str>) -> FileFacts {
        FileFacts {
            file,
            complete: false,
            generated: None,
            loads_unseen: false,
            imports: Vec::new(),
            imported: Vec::new(),
            calls: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            members: Vec::new(),
            decorators: Vec::new(),
            exports: Vec::new(),
            bindings: Vec::new(),
            awaits: Vec::new(),
            assignments: Vec::new(),
            branches: Vec::new(),
            values: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            assigned: Vec::new(),
            text,
            cooked: String::new(),
        }
    }

    /// Gives memory back that was kept free to read into: for facts that stay.
    pub fn shrink(&mut self) {
        self.values.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.bindings.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.items.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.branches.shrink_to_fit();
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        let (text, start): (&str, u32) = if name.start & COOKED == 0 {
            (&self.text, name.start)
        } else {
            (&self.cooked, name.start & !COOKED)
        };
        text.get(start as usize..name.end as usize).unwrap_or("")
    }

    /// Bytes as a span of the file.
    pub fn span(&self, at: Bytes) -> Span {
        Span { file: self.file, start: at.start, end: at.end }
    }

    /// The text of some bytes.
    pub fn text_at(&self, at: Bytes) -> &str {
        self.text.get(at.start as usize..at.end as usize).unwrap_or("")
    }

    /// The text of a value, as it is written.
    pub fn text_at_value(&self, id: ValueId) -> &str {
        self.values.get(id.0 as usize).map_or("", |value| self.text_at(value.at))
    }

    /// What a value is, as it is written.
    pub fn value(&self, id: ValueId) -> Value {
        self.values.get(id.0 as usize).map_or(Value::Other, |value| value.value)
    }

    /// Where a value is written.
    pub fn value_span(&self, id: ValueId) -> Span {
        self.values.get(id.0 as usize).map_or(Span::at(self.file, 0), |value| self.span(value.at))
    }

    /// A call.
    pub fn call(&self, id: CallId) -> &Call {
        &self.calls[id.0 as usize]
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The arguments of a call.
    pub fn arguments(&self, call: &Call) -> &[ValueId] {
        &self.items[call.arguments.range()]
    }

    /// Argument number `index` of a call, from 0; `None` too when a spread stands before it.
    pub fn argument(&self, call: &Call, index: usize) -> Option<ValueId> {
        let arguments = self.arguments(call);
        let spread = |id: &ValueId| matches!(self.value(*id), Value::Spread(_));
        arguments.get(index).copied().filter(|_| !arguments[..=index].iter().any(spread))
    }

    /// The text of an import's specifier, when it is written out.
    pub fn specifier(&self, import: &Import) -> Option<&str> {
        import.specifier.map(|name| self.name(name))
    }

    /// The bytes of the property or name at the end of what is called: `on` of `process.on(…)`.
    pub fn callee_span(&self, call: &Call) -> Span {
        match self.value(call.callee) {
            Value::Member { property, .. } if property.start & COOKED == 0 => {
                Span { file: self.file, start: property.start, end: property.end }
            }
            _ => self.value_span(call.callee),
        }
    }
}
