//! The one pass that draws [`FileFacts`]: a machine with a stack of open nodes and a stack of what their children gave.

mod branch;
mod class;
mod expression;
mod function;
mod literal;
mod module;
mod pattern;

use std::sync::Arc;

use super::{
    Assignment, Binding, Bytes, COOKED, ClassId, Declared, FileFacts, Function, FunctionId, Name, Run, Value,
    ValueAt, ValueId,
};
use crate::source::FileId;
use crate::syntax::Parsed;
use crate::syntax::script::{self, Dialect, Kind, Node, Role, Script, Step};

/// Draws the facts of a file. A text over the limit gives facts that are not `complete`, and an issue.
pub fn read(file: FileId, text: Arc<str>, dialect: Dialect) -> Parsed<FileFacts> {
    let parsed = script::parse(file, &text, dialect);
    let facts = match &parsed.tree {
        Some(script) => draw(file, text, script),
        None => FileFacts::new(file, text),
    };
    Parsed { tree: facts, issues: parsed.issues }
}

/// Draws the facts of a parsed text.
pub fn draw(file: FileId, text: Arc<str>, script: &Script) -> FileFacts {
    let mut reader = Reader::new(FileFacts::new(file, Arc::clone(&text)));
    for step in script.walk(&text) {
        match step {
            Step::Enter(node) => reader.enter(node),
            Step::Leaf(node) => reader.leaf(node),
            Step::Leave => reader.leave(),
        }
    }
    reader.finish()
}

/// What a child gave to its parent.
#[derive(Clone, Copy)]
struct Slot {
    kind: Kind,
    role: Role,
    at: Bytes,
    /// The name it is written with, or the key of a pair.
    name: Option<Name>,
    /// What it is worth; `None` when it is computed.
    value: Option<ValueId>,
    /// The decorators that stand in it, of a member.
    decorators: Run,
}

/// A node that is open.
struct Frame {
    node: Node,
    /// Slots below this are of outer nodes.
    slots: usize,
    /// Lengths of the arenas when it was entered: values of which no fact was made are cut off again.
    values: usize,
    items: usize,
    entries: usize,
    facts: usize,
    /// Lengths of other arenas when it was entered, for nodes that own a run of them.
    calls: usize,
    imported: usize,
    bindings: usize,
    /// What a declaration's keyword says.
    declares: Declares,
    /// Parts of an `if` or `? :` that were met so far, and the bytes of its condition.
    parts: u8,
    condition: Bytes,
    /// True when a branch begins with it.
    branches: bool,
}

/// The keyword of a declaration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declares {
    Nothing,
    Const,
    Let,
    Var,
}

struct Reader {
    facts: FileFacts,
    slots: Vec<Slot>,
    frames: Vec<Frame>,
    functions: Vec<FunctionId>,
    classes: Vec<ClassId>,
    scopes: Vec<Scope>,
    /// The branches that are open, as indexes.
    branches: Vec<u32>,
    /// Number of `try` that are open.
    tries: u32,
    /// Number of facts made so far that refer to values.
    made: usize,
}

/// The bytes in which a declaration holds.
#[derive(Clone, Copy)]
struct Scope {
    at: Bytes,
    /// True for a function's, where `var` belongs.
    function: bool,
}

impl Reader {
    fn new(facts: FileFacts) -> Reader {
        Reader {
            facts,
            slots: Vec::new(),
            frames: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            scopes: Vec::new(),
            branches: Vec::new(),
            tries: 0,
            made: 0,
        }
    }

    fn enter(&mut self, node: Node) {
        let at = Bytes { start: node.start, end: node.end };
        if self.frames.is_empty() {
            let whole = Bytes { start: 0, end: self.facts.text.len() as u32 };
            self.open_function(whole);
        }
        let branches = self.open_branch(node.kind, at);
        self.frames.push(Frame {
            node,
            slots: self.slots.len(),
            values: self.facts.values.len(),
            items: self.facts.items.len(),
            entries: self.facts.entries.len(),
            facts: self.made,
            calls: self.facts.calls.len(),
            imported: self.facts.imported.len(),
            bindings: self.facts.bindings.len(),
            declares: Declares::Nothing,
            parts: 0,
            condition: at,
            branches,
        });
        match node.kind {
            Kind::Function | Kind::FunctionDeclaration | Kind::Method => self.open_function(at),
            Kind::Class | Kind::ClassDeclaration => self.open_class(at),
            Kind::Block | Kind::ForIn | Kind::For | Kind::Catch => {
                self.scopes.push(Scope { at, function: false });
            }
            Kind::Try => self.tries += 1,
            _ => {}
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.branches {
            self.branches.pop();
        }
        let slot = self.close(&frame);
        self.slots.truncate(frame.slots);
        let wanted = self.frames.last().is_some_and(|parent| parent.node.kind.reads_children());
        if self.made == frame.facts && (!wanted || (slot.value.is_none() && slot.name.is_none())) {
            self.facts.values.truncate(frame.values);
            self.facts.items.truncate(frame.items);
            self.facts.entries.truncate(frame.entries);
        }
        if wanted {
            self.slots.push(slot);
        }
    }

    /// What a node gives to its parent, after its children are all read.
    fn close(&mut self, frame: &Frame) -> Slot {
        let node = frame.node;
        let mut slot = Slot {
            kind: node.kind,
            role: node.role,
            at: Bytes { start: node.start, end: node.end },
            name: None,
            value: None,
            decorators: Run::default(),
        };
        match node.kind {
            Kind::Block | Kind::For => {
                self.scopes.pop();
            }
            Kind::Try => self.tries -= 1,
            Kind::ForIn | Kind::Catch => self.close_binder(frame),
            Kind::Function | Kind::FunctionDeclaration | Kind::Method => {
                self.close_function(frame, &mut slot)
            }
            Kind::Class | Kind::ClassDeclaration => self.close_class(frame, &mut slot),
            Kind::ClassBody => self.close_class_body(frame),
            Kind::Declarator => self.close_declarator(frame),
            Kind::Import => self.close_import(frame),
            Kind::ImportClause | Kind::ImportSpecifier | Kind::NamespaceImport => {
                self.close_import_name(frame)
            }
            Kind::ImportRequire => self.close_import_require(frame, &mut slot),
            Kind::Export => self.close_export(frame),
            Kind::ExportSpecifier | Kind::NamespaceExport => self.close_export_name(frame),
            Kind::Parameters => self.close_parameters(frame, &mut slot),
            _ => self.close_expression(frame, &mut slot),
        }
        slot
    }

    /// The slots of a node's children. They are copied out one by one: reading them makes new values.
    fn children(&self, frame: &Frame) -> std::ops::Range<usize> {
        frame.slots..self.slots.len()
    }

    fn child(&self, frame: &Frame, role: Role) -> Option<Slot> {
        self.slots[frame.slots..].iter().find(|slot| slot.role == role).copied()
    }

    fn has(&self, frame: &Frame, kind: Kind) -> bool {
        self.slots[frame.slots..].iter().any(|slot| slot.kind == kind)
    }

    fn leaf(&mut self, node: Node) {
        let Some(parent) = self.frames.last_mut() else { return };
        match node.kind {
            Kind::ConstToken => parent.declares = Declares::Const,
            Kind::LetToken => parent.declares = Declares::Let,
            Kind::VarToken => parent.declares = Declares::Var,
            _ => {}
        }
        let at = Bytes { start: node.start, end: node.end };
        if matches!(parent.node.kind, Kind::If | Kind::Ternary) {
            parent.next_part(at);
        }
        if !parent.node.kind.reads_children() {
            return;
        }
        let name = Name { start: node.start, end: node.end };
        let mut slot = Slot {
            kind: node.kind,
            role: node.role,
            at,
            name: None,
            value: None,
            decorators: Run::default(),
        };
        match node.kind {
            Kind::Identifier | Kind::Shorthand | Kind::ShorthandPattern | Kind::Keyword => {
                slot.name = Some(name);
                slot.value = Some(self.push(Value::Ident(name), at));
            }
            Kind::Property => slot.name = Some(name),
            Kind::String => {
                let text = self.string(at);
                slot.name = text;
                slot.value = text.map(|text| self.push(Value::Text(text), at));
            }
            Kind::Number => slot.value = self.number(at),
            Kind::True => slot.value = Some(self.push(Value::Bool(true), at)),
            Kind::False => slot.value = Some(self.push(Value::Bool(false), at)),
            Kind::Null => slot.value = Some(self.push(Value::Null, at)),
            Kind::Undefined => slot.value = Some(self.push(Value::Undefined, at)),
            _ => {}
        }
        self.slots.push(slot);
    }

    fn push(&mut self, value: Value, at: Bytes) -> ValueId {
        let id = ValueId(self.facts.values.len() as u32);
        self.facts.values.push(ValueAt { value, at });
        id
    }

    /// The value of a slot that a fact will refer to.
    fn keep(&mut self, slot: Slot) -> ValueId {
        slot.value.unwrap_or_else(|| self.push(Value::Other, slot.at))
    }

    fn source(&self, at: Bytes) -> &str {
        self.facts.text.get(at.start as usize..at.end as usize).unwrap_or("")
    }

    fn cook(&mut self, text: &str) -> Name {
        let start = self.facts.cooked.len() as u32;
        self.facts.cooked.push_str(text);
        Name { start: start | COOKED, end: self.facts.cooked.len() as u32 }
    }

    fn function(&self) -> FunctionId {
        self.functions.last().copied().unwrap_or(FunctionId::MODULE)
    }

    fn scope(&self, declares: Declares) -> Bytes {
        let found = self.scopes.iter().rev().find(|scope| declares != Declares::Var || scope.function);
        found.map_or(Bytes { start: 0, end: self.facts.text.len() as u32 }, |scope| scope.at)
    }

    fn bind(&mut self, name: Name, value: ValueId, declared: Declared, scope: Bytes) {
        self.made += 1;
        self.facts.bindings.push(Binding { name, value, declared, scope });
    }

    fn assign(&mut self, target: ValueId, value: ValueId) {
        self.made += 1;
        let function = self.function();
        self.facts.assignments.push(Assignment { target, value, function });
    }

    fn open_function(&mut self, at: Bytes) {
        let id = FunctionId(self.facts.functions.len() as u32);
        let parent = self.functions.last().copied().unwrap_or(id);
        let calls = self.facts.calls.len() as u32;
        self.facts.functions.push(Function {
            name: None,
            parent,
            parameters: 0,
            calls: Run { start: calls, end: calls },
            passed_to: None,
            at,
        });
        self.functions.push(id);
        self.scopes.push(Scope { at, function: true });
    }

    fn finish(mut self) -> FileFacts {
        if let Some(module) = self.facts.functions.first_mut() {
            module.calls.end = self.facts.calls.len() as u32;
        }
        let mut facts = self.facts;
        facts.complete = true;
        facts.generated = script::generated(&facts.text);
        facts.index();
        facts.loads_unseen = facts.has_unseen_loads();
        facts
    }
}
