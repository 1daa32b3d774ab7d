//! Signals that code handles: listeners on `process`, and libraries that put such listeners there.

use super::{Call, CallId, FileFacts, Function, FunctionId, Value, ValueId};
use crate::facts::{Found, Why};
use crate::source::{Span, Spanned};

/// A signal that code listens for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalHandler {
    /// Its name: `SIGTERM`.
    pub signal: String,
    /// Who listens.
    pub by: ListensBy,
    /// The call that adds the listener, where the code itself gives one to `process`.
    pub listener: Option<CallId>,
    /// Bytes of the name, where it is written; else of the call.
    pub named_at: Span,
}

/// Who listens for a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListensBy {
    /// `process.on` in this file.
    Process,
    /// A library, which then closes what it was given.
    Library(&'static str),
    /// A library that only runs a function before the process ends as it would have without it.
    Hook(&'static str),
}

/// The methods of an emitter that add a listener.
const LISTEN: [&str; 5] = ["on", "once", "addListener", "prependListener", "prependOnceListener"];
/// Look-ups of all calls of one function that a file may cost.
const SEARCHES: usize = 8;
/// Steps from a name to what it may be.
const STEPS: usize = 16;

/// The signals that the code of a file listens for. `rest` is an error when a name is computed.
pub fn signals(facts: &FileFacts) -> Found<SignalHandler> {
    let mut finder = Finder { facts, searches: SEARCHES, found: Found::default() };
    for (index, call) in facts.calls.iter().enumerate() {
        if let Some((object, method)) = facts.method(call) {
            if LISTEN.contains(&method) && is_process(facts, object) {
                finder.listener(CallId(index as u32));
            } else if method == "enableShutdownHooks" {
                finder.nest(call);
            } else if method == "register" {
                finder.plugin(call);
            }
        }
        finder.library(call);
    }
    finder.found
}

/// True for a package that listens for SIGTERM as soon as it is loaded, for work of its own: it closes no server and does not end
/// the process. Source: googleapis/nodejs-spanner 8.6.0, src/index.ts, line 2203; read on 2026-11-21.
pub fn listens_for_itself(package: &str) -> bool {
    matches!(package, "@google-cloud/spanner")
}

/// True for `process`, also behind a chain of listeners that were added to it.
fn is_process(facts: &FileFacts, object: ValueId) -> bool {
    let mut at = object;
    for _ in 0..STEPS {
        match facts.value(at) {
            Value::Call(call) => match facts.method(facts.call(call)) {
                Some((object, method)) if LISTEN.contains(&method) => at = object,
                _ => break,
            },
            _ => break,
        }
    }
    let known = facts.resolve(at);
    let by_name = facts.is_path(known, "process") && !facts.is_declared(known);
    by_name
        || facts.is_path(known, "globalThis.process")
        || facts.is_path(known, "global.process")
        || facts.module_member(known).is_some_and(|found| found.module == "process" && found.member.is_none())
}

struct Finder<'f> {
    facts: &'f FileFacts,
    searches: usize,
    found: Found<SignalHandler>,
}

impl Finder<'_> {
    fn add(&mut self, call: &Call, signal: &str, by: ListensBy, listener: Option<CallId>, named_at: Span) {
        if signal.starts_with("SIG") {
            let handler = SignalHandler { signal: signal.to_owned(), by, listener, named_at };
            self.found.items.push(Spanned::new(handler, self.facts.span(call.at)));
        }
    }

    fn add_all(&mut self, call: &Call, signals: &[&str], by: ListensBy) {
        for signal in signals {
            self.add(call, signal, by, None, self.facts.callee_span(call));
        }
    }

    /// Adds the signals of a list that code writes; `default` when it writes none.
    fn add_listed(
        &mut self,
        call: &Call,
        list: Result<Option<ValueId>, Why>,
        default: &[&str],
        by: ListensBy,
    ) {
        let names = match list {
            Ok(None) => return self.add_all(call, default, by),
            Ok(Some(list)) => self.names_in(list).or_else(|_| self.names(list)),
            Err(why) => Err(why),
        };
        match names {
            Ok(names) => {
                for (name, span) in names {
                    for signal in name.split_whitespace() {
                        self.add(call, signal, by, None, span);
                    }
                }
            }
            Err(why) => self.found.rest = Err(why),
        }
    }

    /// `process.on("SIGTERM", …)`.
    fn listener(&mut self, id: CallId) {
        let call = self.facts.call(id);
        let Some(event) = self.facts.argument(call, 0) else { return };
        match self.names(event) {
            Ok(names) => {
                let signals = names.into_iter().filter(|(name, _)| name.starts_with("SIG"));
                for (name, span) in signals {
                    self.add(call, &name, ListensBy::Process, Some(id), span);
                }
            }
            Err(why) => self.found.rest = Err(why),
        }
    }

    /// The texts that a name may be: itself, the elements of a loop, what callers give for a parameter.
    fn names(&mut self, value: ValueId) -> Result<Vec<(String, Span)>, Why> {
        let facts = self.facts;
        let value = facts.resolve(value);
        match facts.value(value) {
            Value::Text(name) => Ok(vec![(facts.name(name).to_owned(), facts.value_span(value))]),
            // `ShutdownSignal.SIGTERM` and the like: enums whose members are named as what they stand for.
            Value::Member { property, .. } if facts.name(property).starts_with("SIG") => {
                Ok(vec![(facts.name(property).to_owned(), facts.value_span(value))])
            }
            Value::Each(list) => self.names_in(list),
            Value::Parameter(function, index) => self.given(function, index),
            _ => Err(Why::Dynamic),
        }
    }

    /// The texts in a list: an array, `Object.keys(…)`, a `Set`.
    fn names_in(&self, list: ValueId) -> Result<Vec<(String, Span)>, Why> {
        let facts = self.facts;
        let mut names = Vec::new();
        let mut open = vec![list];
        let mut steps = 0;
        while let Some(list) = open.pop() {
            steps += 1;
            if steps > STEPS {
                return Err(Why::Dynamic);
            }
            let list = facts.resolve(list);
            match facts.value(list) {
                Value::List(items) => {
                    for item in &facts.items[items.range()] {
                        let item = facts.resolve(*item);
                        match facts.value(item) {
                            Value::Text(name) => {
                                names.push((facts.name(name).to_owned(), facts.value_span(item)))
                            }
                            Value::Member { property, .. } if facts.name(property).starts_with("SIG") => {
                                names.push((facts.name(property).to_owned(), facts.value_span(item)));
                            }
                            Value::Spread(inner) => open.push(inner),
                            _ => return Err(Why::Dynamic),
                        }
                    }
                }
                Value::Call(call) => {
                    let call = facts.call(call);
                    let inner = facts.argument(call, 0).ok_or(Why::Dynamic)?;
                    if facts.is_path(call.callee, "Object.keys") {
                        names.extend(self.keys(inner)?);
                    } else if call.constructs && facts.is_path(call.callee, "Set")
                        || facts.is_path(call.callee, "Object.freeze")
                    {
                        open.push(inner);
                    } else {
                        return Err(Why::Dynamic);
                    }
                }
                _ => return Err(Why::Dynamic),
            }
        }
        names.sort_by_key(|(_, span)| span.start);
        Ok(names)
    }

    fn keys(&self, object: ValueId) -> Result<Vec<(String, Span)>, Why> {
        let facts = self.facts;
        let object = facts.resolve(object);
        let Value::Object(entries) = facts.value(object) else { return Err(Why::Dynamic) };
        let entries = &facts.entries[entries.range()];
        let key = |entry: &super::Entry| Some((facts.name(entry.key?).to_owned(), facts.value_span(object)));
        entries.iter().map(|entry| key(entry).ok_or(Why::Dynamic)).collect()
    }

    /// What a parameter is given: by `list.forEach(name => …)`, or by all calls of its function in this file.
    fn given(&mut self, id: FunctionId, index: u32) -> Result<Vec<(String, Span)>, Why> {
        let facts = self.facts;
        let function = facts.function(id);
        if let Some((call, 0)) = function.passed_to
            && let Some((list, "forEach" | "map")) = facts.method(facts.call(call))
            && index == 0
        {
            return self.names_in(list);
        }
        self.searches = self.searches.checked_sub(1).ok_or(Why::Dynamic)?;
        let callers = self.callers(function, id);
        if callers.is_empty() {
            return Err(Why::Dynamic);
        }
        let mut names = Vec::new();
        for call in callers {
            let argument = facts.argument(call, index as usize).ok_or(Why::Dynamic)?;
            let argument = facts.resolve(argument);
            let Value::Text(name) = facts.value(argument) else { return Err(Why::Dynamic) };
            names.push((facts.name(name).to_owned(), facts.value_span(argument)));
        }
        Ok(names)
    }

    fn callers(&self, function: &Function, id: FunctionId) -> Vec<&Call> {
        let Some(name) = function.name.map(|name| self.facts.name(name)) else { return Vec::new() };
        let calls = self.facts.calls.iter().filter(|call| {
            self.facts.is_path(call.callee, name) && self.facts.function_of(call.callee) == Some(id)
        });
        calls.collect()
    }

    /// `app.enableShutdownHooks()` of Nest: all of its signals when none are named.
    fn nest(&mut self, call: &Call) {
        // Source: nestjs/nest, packages/common/enums/shutdown-signal.enum.ts.
        const ALL: [&str; 11] = [
            "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV",
            "SIGUSR2", "SIGTERM",
        ];
        let by = ListensBy::Library("@nestjs/core");
        self.add_listed(call, Ok(self.facts.argument(call, 0)), &ALL, by);
    }

    /// `fastify.register(require("fastify-graceful-shutdown"))`.
    fn plugin(&mut self, call: &Call) {
        let plugin = self.facts.argument(call, 0).and_then(|plugin| self.facts.module_member(plugin));
        if plugin.is_some_and(|plugin| plugin.module == "fastify-graceful-shutdown") {
            let by = ListensBy::Library("fastify-graceful-shutdown");
            self.add_all(call, &["SIGTERM", "SIGINT"], by);
        }
    }

    fn library(&mut self, call: &Call) {
        let facts = self.facts;
        if !matches!(facts.value(call.callee), Value::Ident(_) | Value::Member { .. } | Value::Call(_)) {
            return;
        }
        let Some(row) = facts.module_member(call.callee).and_then(|found| {
            let fits = |row: &&Library| {
                row.module == found.module && (row.member.is_none() || row.member == found.member)
            };
            LIBRARIES.iter().find(fits)
        }) else {
            return;
        };
        if row.constructs != call.constructs {
            return;
        }
        let options = row.options.and_then(|index| facts.argument(call, index));
        let option = |key: &str| options.map_or(Ok(None), |options| facts.entry(options, key));
        if row.module == "moleculer" {
            let skips = option("skipProcessEventRegistration");
            match skips.map(|skips| skips.map(|skips| facts.value(facts.resolve(skips)))) {
                Ok(None | Some(Value::Bool(false))) => self.add_all(call, row.signals, row.by),
                Ok(Some(Value::Bool(true))) => {}
                Ok(Some(_)) | Err(_) => self.found.rest = Err(Why::Dynamic),
            }
            return;
        }
        if row.module == "@godaddy/terminus" {
            // `signal` comes on top of `signals`, and is SIGTERM when it is not set (terminus, lib/terminus.js).
            self.add_listed(call, option("signal"), row.signals, row.by);
            return self.add_listed(call, option("signals"), &[], row.by);
        }
        self.add_listed(call, option("signals"), row.signals, row.by);
    }
}

/// A library that listens for signals once it is called.
struct Library {
    module: &'static str,
    /// The export that is called; any when `None`.
    member: Option<&'static str>,
    constructs: bool,
    /// Signals it listens for by default, by its README.
    signals: &'static [&'static str],
    /// The argument with its options, where `signals` may stand.
    options: Option<usize>,
    by: ListensBy,
}

const fn library(
    module: &'static str,
    member: Option<&'static str>,
    signals: &'static [&'static str],
    options: Option<usize>,
) -> Library {
    Library { module, member, constructs: false, signals, options, by: ListensBy::Library(module) }
}

/// Libraries by what their READMEs say. `stoppable` and `http-terminator` are not among them: they close a server, and
/// leave it to the code to listen.
const LIBRARIES: &[Library] = &[
    library("@godaddy/terminus", Some("createTerminus"), &["SIGTERM"], Some(1)),
    library("lightship", Some("createLightship"), &["SIGTERM", "SIGHUP", "SIGINT"], Some(0)),
    library("close-with-grace", None, &["SIGTERM", "SIGINT"], None),
    library("http-graceful-shutdown", None, &["SIGINT", "SIGTERM"], Some(1)),
    library("node-graceful-shutdown", None, &["SIGTERM", "SIGINT"], None),
    library("death", None, &["SIGINT", "SIGQUIT", "SIGTERM"], None),
    library("async-exit-hook", None, &["SIGINT", "SIGTERM", "SIGHUP"], None),
    library("exit-hook", None, &["SIGINT", "SIGTERM"], None),
    Library {
        by: ListensBy::Hook("signal-exit"),
        ..library("signal-exit", None, &["SIGHUP", "SIGINT", "SIGTERM"], None)
    },
    Library {
        constructs: true,
        ..library("moleculer", Some("ServiceBroker"), &["SIGINT", "SIGTERM"], Some(0))
    },
    library("moleculer", Some("Runner"), &["SIGINT", "SIGTERM"], None),
];
