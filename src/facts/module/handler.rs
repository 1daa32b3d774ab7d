//! What a function does that runs when the process shall end: whether it closes something, and whether it exits.

use std::collections::BTreeSet;

use super::{Call, FileFacts, FunctionId, Value, ValueId};
use crate::facts::Why;
use crate::source::{Span, Spanned};

/// What a listener does, itself and by the functions of its file that it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Does {
    /// Calls that end the process.
    pub exits: Vec<Span>,
    /// Calls that close something, with the path that is called: `server.close`.
    pub closes: Vec<Spanned<String>>,
    /// `Ok` when every function that it calls was looked at.
    pub complete: Result<(), Why>,
}

/// Words that functions which close something begin with.
const CLOSING: [&str; 14] = [
    "close",
    "shutdown",
    "stop",
    "disconnect",
    "destroy",
    "end",
    "quit",
    "drain",
    "terminate",
    "dispose",
    "teardown",
    "graceful",
    "cleanup",
    "unsubscribe",
];
/// Methods that are called on anything and end nothing.
const HARMLESS: [&str; 21] = [
    "log",
    "info",
    "warn",
    "error",
    "debug",
    "trace",
    "fatal",
    "then",
    "catch",
    "finally",
    "bind",
    "toString",
    "map",
    "forEach",
    "push",
    "join",
    "unref",
    "all",
    "allSettled",
    "resolve",
    "now",
];
/// Functions that are looked into at most.
const FUNCTIONS: usize = 32;

/// What `listener`, the argument of a call, does.
pub(super) fn does(facts: &FileFacts, listener: Option<ValueId>) -> Does {
    let mut does = Does { exits: Vec::new(), closes: Vec::new(), complete: Ok(()) };
    let Some(listener) = listener else { return Does { complete: Err(Why::Broken), ..does } };
    if facts.is_path(listener, "process.exit") {
        does.exits.push(facts.value_span(listener));
        return does;
    }
    let Some(function) = facts.function_of(listener) else {
        note_by_name(facts, listener, &mut does);
        does.complete = Err(Why::Dynamic);
        return does;
    };
    let mut seen = BTreeSet::from([function]);
    let mut open = vec![function];
    while let Some(function) = open.pop() {
        for call in &facts.calls[facts.function(function).calls.range()] {
            if let Some(next) = look_at(facts, call, &mut does)
                && seen.len() < FUNCTIONS
                && seen.insert(next)
            {
                open.push(next);
            }
        }
    }
    does
}

/// Notes what one call does; gives the function of this file that it calls.
fn look_at(facts: &FileFacts, call: &Call, does: &mut Does) -> Option<FunctionId> {
    let ends = ["process.exit", "process.kill", "process.abort"];
    if ends.iter().any(|path| facts.is_path(call.callee, path)) {
        does.exits.push(facts.span(call.at));
        return None;
    }
    // A function of this file counts by what it does, not by its name.
    if let Some(function) = facts.function_of(call.callee) {
        return Some(function);
    }
    if note_by_name(facts, call.callee, does) {
        return None;
    }
    let known = match facts.value(call.callee) {
        Value::Member { property, .. } => HARMLESS.contains(&facts.name(property)),
        // A name that the file does not declare is one of JavaScript's own: setTimeout, Number.
        Value::Ident(_) => !facts.is_declared(call.callee),
        _ => false,
    };
    if !known && !call.constructs {
        does.complete = Err(Why::Dynamic);
    }
    None
}

/// Notes a call of something whose name says that it closes.
fn note_by_name(facts: &FileFacts, callee: ValueId, does: &mut Does) -> bool {
    let name = match facts.value(callee) {
        Value::Member { property, .. } | Value::Ident(property) => facts.name(property),
        _ => return false,
    };
    let lower = name.trim_start_matches(['_', '#', '$']).to_ascii_lowercase();
    let closing = CLOSING.iter().any(|word| lower.starts_with(word));
    if closing {
        let path = facts.path(callee).unwrap_or_else(|| name.to_owned());
        does.closes.push(Spanned::new(path, facts.value_span(callee)));
    }
    closing
}
