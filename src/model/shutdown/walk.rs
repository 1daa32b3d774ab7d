//! Through a handler in the order in which it runs: what it has waited for when it closes something or ends the process.

use std::collections::BTreeSet;

use super::follow::{At, Given, World};
use super::server::{self, Server};
use super::{Close, End, Handling, Moment, Target, Waits};
use crate::facts::Why;
use crate::facts::module::{
    Act, Await, Bytes, Call, CallId, FileFacts, FunctionId, Value, ValueId, act, is_exit,
};
use crate::source::{FileId, Span};

/// Functions that may stand in each other.
const DEPTH: usize = 10;
/// Calls that one handler may cost.
const CALLS: usize = 2_000;

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    servers: &'w [Server],
    active: Vec<(FileId, FunctionId)>,
    given: Vec<Given<'a>>,
    calls: usize,
    found: Handling,
}

/// A function of a file.
type FunctionAt<'a> = (&'a FileFacts, FunctionId);

/// What the function does that `call` gives to `process` as a listener.
pub(super) fn handling(world: &World<'_>, servers: &[Server], at: Span, call: CallId) -> Option<Handling> {
    let facts = world.facts(at.file)?;
    let found = Handling { at, ends: Vec::new(), closes: Vec::new(), drains: Vec::new(), complete: Ok(()) };
    let mut walk = Walk { world, servers, active: Vec::new(), given: Vec::new(), calls: CALLS, found };
    match facts.argument(facts.call(call), 1) {
        Some(listener) => walk.listener(facts, facts.call(call), listener),
        None => walk.found.complete = Err(Why::Broken),
    }
    Some(walk.found)
}

impl<'a> Walk<'_, 'a> {
    fn listener(&mut self, facts: &'a FileFacts, call: &Call, listener: ValueId) {
        if is_exit(facts, listener) {
            // The listener gets the name of the signal as its code, which Node takes for 0 or for an error, by version.
            let code = crate::facts::Fact::Unknown(Why::Dynamic);
            self.end(facts.span(call.at), Some(code), Moment::START);
            self.found.complete = Err(Why::Unsupported);
            return;
        }
        let functions = self.functions(facts, listener);
        if functions.is_empty() {
            self.found.complete = Err(Why::Dynamic);
        }
        for function in functions {
            self.function(function, Moment::START);
        }
    }

    fn end(&mut self, span: Span, code: Option<crate::facts::Fact<i64>>, moment: Moment) {
        self.found.ends.push(End { span, code, moment });
    }

    fn lost(&mut self, why: Why) -> Waits {
        self.found.complete = Err(why);
        Waits { unknown: true, ..Waits::default() }
    }

    /// A time that another module or a caller writes out.
    fn milliseconds(&self, facts: &'a FileFacts, value: ValueId) -> Option<f64> {
        let ends = self.world.settle(At { facts, value }, &self.given);
        let [end] = ends.as_slice() else { return None };
        end.facts.milliseconds(end.value).known().copied()
    }

    /// The functions of the project that a value is.
    fn functions(&self, facts: &'a FileFacts, value: ValueId) -> Vec<FunctionAt<'a>> {
        if let Some(function) = facts.function_of(value) {
            return vec![(facts, function)];
        }
        let ends = self.world.settle(At { facts, value }, &self.given);
        ends.into_iter().filter_map(|end| Some((end.facts, end.facts.function_of(end.value)?))).collect()
    }

    /// Goes through a function; what it comes to is what a caller waits for who waits for it.
    fn function(&mut self, (facts, id): FunctionAt<'a>, moment: Moment) -> Waits {
        let key = (facts.file, id);
        if self.active.contains(&key) {
            return Waits::default();
        }
        if self.active.len() >= DEPTH {
            return self.lost(Why::Unsupported);
        }
        self.active.push(key);
        let waits = self.body(facts, id, moment);
        self.active.pop();
        waits
    }

    fn body(&mut self, facts: &'a FileFacts, id: FunctionId, moment: Moment) -> Waits {
        let range = facts.function(id).calls.range();
        let whole = facts.function(id).at;
        let mut awaits = facts.awaits.iter().filter(|wait| wait.function == id).peekable();
        let mut now = moment;
        let mut done: Vec<(Bytes, Waits)> = Vec::new();
        for call in facts.calls[range].iter().filter(|call| call.function == id) {
            while let Some(wait) = awaits.next_if(|wait| {
                wait.at.end <= call.at.start || (wait.at.end <= call.at.end && wait.at.start > call.at.start)
            }) {
                now.after = now.after.then(awaited(wait, &done));
            }
            let Some(left) = self.calls.checked_sub(1) else { return self.lost(Why::Unsupported) };
            self.calls = left;
            let waits = self.call(facts, call, within(facts, whole, call, now), &done);
            done.push((call.at, waits));
        }
        let mut after = now.after;
        for wait in awaits {
            after = after.then(awaited(wait, &done));
        }
        done.iter().fold(after, |all, (_, waits)| all.and(*waits))
    }

    /// What one call does, and what waiting for it waits for.
    fn call(&mut self, facts: &'a FileFacts, call: &Call, now: Moment, done: &[(Bytes, Waits)]) -> Waits {
        let inner = inside(call.at, done);
        let functions = self.functions(facts, call.callee);
        if !functions.is_empty() {
            return inner.then(self.called(facts, call, functions, now));
        }
        let span = facts.span(call.at);
        let own = match act(facts, call) {
            Act::Exit(code) => {
                self.end(span, Some(code), now);
                Waits::default()
            }
            Act::Raise => {
                self.end(span, None, now);
                Waits::default()
            }
            Act::Timer(time, value) => {
                let elsewhere = || value.and_then(|value| self.milliseconds(facts, value));
                let time = time.known().copied().or_else(elsewhere);
                let delay =
                    Waits { delay: time.unwrap_or(0.0), some_delay: time.is_none(), ..Waits::default() };
                delay.and(self.callbacks(facts, call, later(now, delay)))
            }
            Act::Close(object) => self.close(facts, call, object, now),
            Act::Drain(_) => {
                self.found.drains.push(span);
                Waits::default()
            }
            Act::Now => self.callbacks(facts, call, now),
            Act::Then => {
                let failing = facts.method(call).is_some_and(|(_, method)| method == "catch");
                let mut moment = later(now, inner);
                moment.failing |= failing;
                moment.certain &= !failing;
                self.callbacks(facts, call, moment)
            }
            Act::Event => {
                let moment = Moment { certain: false, ..later(now, UNKNOWN) };
                self.callbacks(facts, call, moment).and(UNKNOWN)
            }
            Act::Nothing => self.callbacks(facts, call, later(now, OTHER)).and(OTHER),
            Act::Unknown => {
                self.callbacks(facts, call, Moment { certain: false, ..later(now, UNKNOWN) });
                self.lost(Why::Dynamic)
            }
        };
        inner.and(own)
    }

    /// A call of functions of the project.
    fn called(
        &mut self,
        facts: &'a FileFacts,
        call: &Call,
        functions: Vec<FunctionAt<'a>>,
        now: Moment,
    ) -> Waits {
        let arguments: Vec<At<'a>> =
            facts.arguments(call).iter().map(|value| At { facts, value: *value }).collect();
        let several = functions.len() > 1;
        let mut all = Waits::default();
        for (home, function) in functions {
            self.given.push(Given { file: home.file, function, arguments: arguments.clone() });
            let moment = Moment { certain: now.certain && !several, ..now };
            all = all.and(self.function((home, function), moment));
            self.given.pop();
        }
        // Functions that are handed on run somewhere in there.
        let moment = Moment { certain: false, ..later(now, all.and(UNKNOWN)) };
        all.and(self.callbacks(facts, call, moment))
    }

    fn close(&mut self, facts: &'a FileFacts, call: &Call, object: ValueId, now: Moment) -> Waits {
        let target = server::target(self.world, self.servers, facts, object, &self.given);
        let waits = match &target {
            Target::Servers(_) => Waits { server: true, ..Waits::default() },
            Target::Package(_) => OTHER,
            Target::Unknown => UNKNOWN,
        };
        self.found.closes.push(Close { span: facts.span(call.at), target, moment: now });
        waits.and(self.callbacks(facts, call, later(now, waits)))
    }

    /// The functions that a call is given, reached at `moment`.
    fn callbacks(&mut self, facts: &'a FileFacts, call: &Call, moment: Moment) -> Waits {
        let mut all = Waits::default();
        let rejects = facts.method(call).is_some_and(|(_, method)| method == "then");
        let mut seen = BTreeSet::new();
        for (index, argument) in facts.arguments(call).iter().enumerate() {
            let mut moment = moment;
            if rejects && index > 0 {
                (moment.certain, moment.failing) = (false, true);
            }
            if is_exit(facts, *argument) {
                let code = crate::facts::Fact::Unknown(Why::Dynamic);
                self.end(facts.value_span(*argument), Some(code), moment);
                continue;
            }
            if !may_be_function(facts, *argument) {
                continue;
            }
            for function in self.functions(facts, *argument) {
                if seen.insert((function.0.file, function.1)) {
                    all = all.and(self.function(function, moment));
                }
            }
        }
        all
    }
}

const UNKNOWN: Waits = Waits { server: false, other: false, unknown: true, delay: 0.0, some_delay: false };
const OTHER: Waits = Waits { server: false, other: true, unknown: false, delay: 0.0, some_delay: false };

fn later(now: Moment, waits: Waits) -> Moment {
    Moment { after: now.after.then(waits), ..now }
}

fn may_be_function(facts: &FileFacts, value: ValueId) -> bool {
    matches!(facts.value(value), Value::Function(_) | Value::Ident(_) | Value::Member { .. } | Value::Call(_))
}

/// What the calls within some bytes wait for together.
fn inside(at: Bytes, done: &[(Bytes, Waits)]) -> Waits {
    let inner = done.iter().filter(|(bytes, _)| at.contains(*bytes));
    inner.fold(Waits::default(), |all, (_, waits)| all.and(*waits))
}

/// What an `await` waits for: its outermost call, which has what is in it. Without a call, nobody can tell.
fn awaited(wait: &Await, done: &[(Bytes, Waits)]) -> Waits {
    match done.iter().rev().find(|(bytes, _)| wait.at.contains(*bytes)) {
        Some((_, waits)) => waits.and(OTHER),
        None => UNKNOWN,
    }
}

/// The moment of a call, by the conditions between it and its function.
fn within(facts: &FileFacts, function: Bytes, call: &Call, now: Moment) -> Moment {
    let mut moment = now;
    let around = facts.branches.iter().filter(|branch| {
        branch.at.contains(call.at) && function.contains(branch.at) && branch.at != function
    });
    for branch in around {
        moment.certain = false;
        moment.failing |= branch.fails;
    }
    moment
}
