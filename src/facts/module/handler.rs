//! What one call does on the way out: whether it ends the process, closes something, waits, or only says something.

use super::{Call, FileFacts, ModuleMember, Value, ValueId};
use crate::facts::{Fact, Why};

/// What a call does, as far as its file tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// It ends the process with this code.
    Exit(Fact<i64>),
    /// It sends the process a signal.
    Raise,
    /// Its function runs, or what waits for it goes on, after so many milliseconds; with the value that says them.
    Timer(Fact<f64>, Option<ValueId>),
    /// It closes what it is called on, or what it was made to close.
    Close(ValueId),
    /// It ends the connections of what it is called on.
    Drain(ValueId),
    /// Its functions run at once.
    Now,
    /// Its functions run when what it is called on is done; those of `catch` when that failed.
    Then,
    /// Its functions run when something happens.
    Event,
    /// It does nothing of these.
    Nothing,
    /// Nobody can tell.
    Unknown,
}

/// Words that functions which close something begin with.
const CLOSING: [&str; 15] = [
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
    "forceshutdown",
];
/// Methods that end nothing, whatever they are called on.
const HARMLESS: [&str; 42] = [
    "log",
    "info",
    "warn",
    "warning",
    "error",
    "debug",
    "trace",
    "fatal",
    "verbose",
    "silly",
    "notice",
    "critical",
    "bind",
    "toString",
    "toISOString",
    "getTime",
    "valueOf",
    "push",
    "join",
    "unref",
    "ref",
    "now",
    "write",
    "flush",
    "flushSync",
    "forceFlush",
    "captureException",
    "captureMessage",
    "trackEvent",
    "trackTrace",
    "toFixed",
    "includes",
    "indexOf",
    "keys",
    "values",
    "entries",
    "stringify",
    "removeListener",
    "removeAllListeners",
    "removeEventListener",
    "child",
    "has",
];
/// Methods that call the functions they are given at once, and `new Promise`.
const NOW: [&str; 12] = [
    "forEach",
    "map",
    "filter",
    "some",
    "every",
    "reduce",
    "flatMap",
    "all",
    "allSettled",
    "race",
    "any",
    "resolve",
];

/// What a call does that leads to no function of the project.
pub fn act(facts: &FileFacts, call: &Call) -> Act {
    if let Some(act) = of_process(facts, call) {
        return act;
    }
    if settles(facts, call.callee) {
        return Act::Nothing;
    }
    if let Some(act) = of_language(facts, call) {
        return act;
    }
    if let Some(object) = promised_close(facts, call.callee) {
        return Act::Close(object);
    }
    if let Some((object, method)) = facts.method(call) {
        return of_method(facts, object, method);
    }
    match facts.module_member(call.callee) {
        Some(found) if !is_relative(&found) => of_package(facts, call, &found),
        _ => Act::Unknown,
    }
}

/// True for `resolve` and `reject`, which the function of `new Promise` is given.
fn settles(facts: &FileFacts, callee: ValueId) -> bool {
    let Value::Parameter(function, 0 | 1) = facts.value(facts.resolve(callee)) else { return false };
    let Some((call, 0)) = facts.function(function).passed_to else { return false };
    facts.call(call).constructs && is_global(facts, facts.call(call).callee, "Promise")
}

/// True for a path that a value is written as, whose first name nothing in the file declares.
fn is_global(facts: &FileFacts, value: ValueId, path: &str) -> bool {
    facts.is_path(value, path) && !facts.is_declared(facts.root_of(value))
}

/// True when a value is the function that ends the process.
pub fn is_exit(facts: &FileFacts, value: ValueId) -> bool {
    let imported = facts.module_member(value).map(|found| (found.module, found.member));
    ["process.exit", "process.reallyExit", "process.abort"].iter().any(|path| is_global(facts, value, path))
        || imported == Some(("process", Some("exit")))
}

fn of_process(facts: &FileFacts, call: &Call) -> Option<Act> {
    if is_exit(facts, call.callee) {
        return Some(Act::Exit(code(facts, call)));
    }
    if !is_global(facts, call.callee, "process.kill") {
        return None;
    }
    let own = facts.argument(call, 0).is_some_and(|pid| facts.is_path(facts.resolve(pid), "process.pid"));
    Some(if own { Act::Raise } else { Act::Unknown })
}

/// The code of `process.exit(…)`; 0 when none is given, unless something sets `process.exitCode`.
fn code(facts: &FileFacts, call: &Call) -> Fact<i64> {
    let Some(code) = facts.argument(call, 0) else {
        let set = facts.assignments.iter().any(|set| facts.is_path(set.target, "process.exitCode"));
        if set || !call.arguments.is_empty() {
            return Fact::Unknown(Why::Dynamic);
        }
        return Fact::written(0, facts.span(call.at));
    };
    match facts.value(facts.resolve(code)) {
        Value::Number(number) if number.fract() == 0.0 => {
            Fact::written(number as i64, facts.value_span(code))
        }
        Value::Undefined => Fact::written(0, facts.value_span(code)),
        _ => Fact::Unknown(Why::Dynamic),
    }
}

/// Timers, promises and the other things that JavaScript and Node bring.
fn of_language(facts: &FileFacts, call: &Call) -> Option<Act> {
    let from = facts.module_member(call.callee);
    if let Some(found) = &from
        && matches!(found.module, "timers" | "timers/promises")
    {
        return Some(timer(facts, call, usize::from(found.module == "timers")));
    }
    let Value::Ident(name) = facts.value(call.callee) else {
        let root = facts.root_of(call.callee);
        let Value::Ident(name) = facts.value(root) else { return None };
        let known = ["console", "Math", "JSON", "Date", "Object", "Number", "Array", "String", "Symbol"];
        let global = known.contains(&facts.name(name)) && !facts.is_declared(root);
        return global.then_some(Act::Nothing);
    };
    if facts.is_declared(call.callee) {
        return None;
    }
    Some(match facts.name(name) {
        "setTimeout" => timer(facts, call, 1),
        "setInterval" => Act::Event,
        "setImmediate" | "queueMicrotask" | "Promise" => Act::Now,
        // Names that nothing declares are JavaScript's own, but for globals that somebody made.
        "clearTimeout" | "clearInterval" | "clearImmediate" | "Number" | "String" | "Boolean" | "Date"
        | "Error" | "Set" | "Map" | "Array" | "Object" | "parseInt" | "parseFloat" | "require" | "import"
        | "Symbol" | "BigInt" | "TypeError" | "AbortController" => Act::Nothing,
        _ => Act::Unknown,
    })
}

fn timer(facts: &FileFacts, call: &Call, index: usize) -> Act {
    let time = facts.argument(call, index);
    let known = match time {
        Some(time) => facts.milliseconds(time),
        None => Fact::written(0.0, facts.span(call.at)),
    };
    Act::Timer(known, time)
}

fn of_method(facts: &FileFacts, object: ValueId, method: &str) -> Act {
    if facts.is_path(object, "process") && !facts.is_declared(object) {
        return match method {
            "nextTick" => Act::Now,
            "on" | "once" => Act::Event,
            _ => Act::Nothing,
        };
    }
    let plain = method.trim_start_matches(['_', '#', '$']);
    match plain {
        "then" | "catch" | "finally" => Act::Then,
        "closeIdleConnections" | "closeAllConnections" => Act::Drain(object),
        "on" | "once" | "addListener" => Act::Event,
        _ if NOW.contains(&plain) => Act::Now,
        _ if is_closing(plain) => Act::Close(object),
        _ if HARMLESS.contains(&plain) => Act::Nothing,
        _ => Act::Unknown,
    }
}

/// A function of a package that is neither called like one that closes, nor was given something to close, closes no
/// server: it knows of none.
fn of_package(facts: &FileFacts, call: &Call, found: &ModuleMember<'_>) -> Act {
    if found.module == "events" || found.module == "stream" {
        return Act::Unknown;
    }
    let name = found.member.unwrap_or(found.module);
    let gets = facts.arguments(call).iter().any(|value| {
        !matches!(facts.value(facts.resolve(*value)), Value::Text(_) | Value::Number(_) | Value::Bool(_))
    });
    let sounds = |word: &&str| name.to_ascii_lowercase().contains(*word);
    if gets || CLOSING.iter().any(sounds) { Act::Unknown } else { Act::Nothing }
}

fn is_relative(found: &ModuleMember<'_>) -> bool {
    found.module.starts_with('.') || found.module.starts_with('/')
}

/// True for the name of a function that closes something.
fn is_closing(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    CLOSING.iter().any(|word| lower.starts_with(word))
}

/// The server behind `promisify(server.close)`, also with `.bind(server)`, or behind `server.close.bind(server)`.
fn promised_close(facts: &FileFacts, callee: ValueId) -> Option<ValueId> {
    let mut at = callee;
    for _ in 0..6 {
        let resolved = facts.resolve(at);
        match facts.value(resolved) {
            Value::Call(id) => {
                let call = facts.call(id);
                at = match facts.method(call) {
                    Some((inner, "bind")) => inner,
                    Some((_, "promisify")) | None => facts.argument(call, 0)?,
                    _ => return None,
                };
            }
            Value::Member { object, property } if at != callee => {
                return is_closing(facts.name(property)).then_some(object);
            }
            _ => return None,
        }
    }
    None
}

impl FileFacts {
    /// The name that a path of members and calls begins with.
    pub(super) fn root_of(&self, value: ValueId) -> ValueId {
        let mut at = value;
        for _ in 0..24 {
            at = match self.value(at) {
                Value::Member { object, .. } => object,
                Value::Call(call) => self.call(call).callee,
                _ => return at,
            };
        }
        at
    }

    /// A time in milliseconds that code writes out, also as a product: `30 * 1000`. What an environment variable may set
    /// is unknown.
    pub fn milliseconds(&self, value: ValueId) -> Fact<f64> {
        let resolved = self.resolve(value);
        if self.environment(resolved).is_some() {
            return Fact::Unknown(Why::Variable);
        }
        let span = self.value_span(resolved);
        match self.value(resolved) {
            Value::Number(number) => Fact::written(number, span),
            Value::Other => {
                let text = self.text.get(span.range()).unwrap_or("");
                let factor = |part: &str| part.trim().replace('_', "").parse::<f64>().ok();
                let product = text.split('*').map(factor).try_fold(1.0, |all, part| Some(all * part?));
                product.map_or(Fact::Unknown(Why::Dynamic), |product| Fact::written(product, span))
            }
            _ => Fact::Unknown(Why::Dynamic),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    fn last(text: &str) -> String {
        let facts = super::super::read(FileId(0), Arc::from(text), Dialect::JavaScript).tree;
        match act(&facts, facts.calls.last().unwrap()) {
            Act::Exit(code) => format!("exit {:?}", code.known()),
            Act::Timer(time, _) => format!("timer {:?}", time.known()),
            Act::Close(object) => format!("close {}", facts.path(object).unwrap_or_default()),
            Act::Drain(object) => format!("drain {}", facts.path(object).unwrap_or_default()),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn calls_are_known_by_what_they_are_made_on() {
        for (text, expected) in [
            ("process.exit()", "exit Some(0)"),
            ("process.exit(failed ? 1 : 0)", "exit None"),
            ("const { exit } = require('node:process'); exit(2)", "exit Some(2)"),
            ("process.kill(process.pid, signal)", "Raise"),
            ("process.kill(child.pid)", "Unknown"),
            ("setTimeout(f, 30 * 1000)", "timer Some(30000.0)"),
            ("setTimeout(f, process.env.WAIT || 5000)", "timer None"),
            ("import { setTimeout as sleep } from 'timers/promises'; sleep(5_000)", "timer Some(5000.0)"),
            ("server.close()", "close server"),
            ("prisma.$disconnect()", "close prisma"),
            ("const end = promisify(server.close).bind(server); end()", "close server"),
            ("server.closeIdleConnections()", "drain server"),
            ("import { flushTelemetry } from 'telemetry'; flushTelemetry()", "Nothing"),
            ("import { shutdownTelemetry } from 'telemetry'; shutdownTelemetry()", "Unknown"),
            ("import { wrap } from 'x'; wrap(server)", "Unknown"),
            ("import { f } from './x'; f()", "Unknown"),
            ("console.log('bye')", "Nothing"),
            ("logger.info('bye')", "Nothing"),
            ("WIKI.kernel.leave()", "Unknown"),
            ("work().then(f)", "Then"),
        ] {
            assert_eq!(last(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_promise_gives_to_its_function_closes_nothing() {
        for (text, expected) in [
            ("new Promise((resolve) => start(() => resolve(1)))", Act::Nothing),
            ("take((resolve) => start(() => resolve(1)))", Act::Unknown),
        ] {
            let facts = super::super::read(FileId(0), Arc::from(text), Dialect::JavaScript).tree;
            let call = facts.calls.iter().find(|call| facts.is_path(call.callee, "resolve")).unwrap();
            assert_eq!(act(&facts, call), expected, "{text}");
        }
    }
}
