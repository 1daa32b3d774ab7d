//! Connections that a program opens as it starts, with a client that does not try again by itself.
//!
//! Only what is seen: a call at the top of a module that the entry takes in at once, or in a function that is called from
//! there. A file that speaks of trying again is believed.

use std::collections::BTreeSet;

use super::port::{Imports, exported, imported};
use crate::facts::module::{Call, CallId, FileFacts, FunctionId, ImportId, ImportKind, Value, ValueId, When};
use crate::source::{FileId, Span};

/// A connection that fails when its server does not answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The package of the client.
    pub library: &'static str,
    /// The servers that it may be for, by [`crate::facts::server::Server::name`].
    pub servers: &'static [&'static str],
    /// Bytes of the call that connects.
    pub span: Span,
}

const POSTGRES: &[&str] = &["PostgreSQL", "CockroachDB"];
const MYSQL: &[&str] = &["MySQL", "MariaDB"];
/// Those that a mapper of several dialects may be for.
pub const SQL: &[&str] = &["PostgreSQL", "CockroachDB", "MySQL", "MariaDB"];
const AMQP: &[&str] = &["RabbitMQ"];

/// Functions that connect when they are called: module, member, servers. By the libraries' READMEs and source, seen on
/// 2026-11-21. mongoose and mongodb look for a server for 30 seconds, ioredis, redis and kafkajs try again: not here.
const FUNCTIONS: &[(&str, &str, &[&str])] = &[
    ("amqplib", "connect", AMQP),
    ("amqplib/callback_api", "connect", AMQP),
    ("mysql2", "createConnection", MYSQL),
    ("mysql2/promise", "createConnection", MYSQL),
];

/// What is made, and the methods of it that connect: module, member, made with `new`, methods, servers.
type Made = (&'static str, &'static str, bool, &'static [&'static str], &'static [&'static str]);

const METHODS: &[Made] = &[
    ("pg", "Client", true, &["connect"], POSTGRES),
    ("pg", "Pool", true, &["connect", "query"], POSTGRES),
    ("mysql", "createConnection", false, &["connect", "query"], MYSQL),
    ("mysql", "createPool", false, &["getConnection", "query"], MYSQL),
    ("mysql2", "createPool", false, &["getConnection", "query", "execute"], MYSQL),
    ("mysql2/promise", "createPool", false, &["getConnection", "query", "execute"], MYSQL),
    ("sequelize", "", true, &["authenticate", "sync"], SQL),
    ("sequelize", "Sequelize", true, &["authenticate", "sync"], SQL),
    ("typeorm", "DataSource", true, &["initialize"], SQL),
    ("knex", "", false, &["migrate.latest"], SQL),
    ("knex", "knex", false, &["migrate.latest"], SQL),
    ("@prisma/client", "PrismaClient", true, &["$connect"], SQL),
];

/// Packages that call again what has failed, or wait for a port.
const RETRYING: &[&str] = &[
    "p-retry",
    "async-retry",
    "promise-retry",
    "retry",
    "ts-retry",
    "ts-retry-promise",
    "exponential-backoff",
    "cockatiel",
    "wait-port",
    "wait-on",
    "tcp-port-used",
];

/// What code that tries again says.
const AGAIN: &[&str] =
    &["setTimeout", "setInterval", "retr", "Retr", "reconnect", "attempt", "sleep(", "delay("];
const LOOPS: &[&str] = &["while (", "while(", "for (", "for("];

/// The connections that the program of this entry opens as it starts. `loads` says whether it reaches a package.
pub(super) fn openings<'f>(
    entry: &'f FileFacts,
    loads: &dyn Fn(&str) -> bool,
    imports: &Imports<'f>,
) -> Vec<Opening> {
    let clients = FUNCTIONS.iter().map(|row| row.0).chain(METHODS.iter().map(|row| row.0));
    let package = |module: &'static str| {
        module.split_once('/').filter(|_| !module.starts_with('@')).map_or(module, |parts| parts.0)
    };
    if !clients.into_iter().any(|module| loads(package(module))) || RETRYING.iter().any(|one| loads(one)) {
        return Vec::new();
    }
    let mut seen: BTreeSet<(FileId, u32)> = BTreeSet::from([(entry.file, FunctionId::MODULE.0)]);
    let mut waiting = vec![(entry, FunctionId::MODULE)];
    let mut found = Vec::new();
    while let Some((facts, function)) = waiting.pop() {
        let mut go = |facts: &'f FileFacts, function: FunctionId| {
            if seen.insert((facts.file, function.0)) {
                waiting.push((facts, function));
            }
        };
        if function == FunctionId::MODULE {
            for (index, import) in facts.imports.iter().enumerate() {
                let at_once = import.function == FunctionId::MODULE && import.kind != ImportKind::Dynamic;
                if at_once
                    && !import.type_only
                    && facts.when(import.at.start) == When::Production
                    && let Some(next) = imports(facts, ImportId(index as u32))
                {
                    go(next, FunctionId::MODULE);
                }
            }
        }
        for index in facts.function(function).calls.range() {
            let call = facts.call(CallId(index as u32));
            if call.function != function || facts.when(call.at.start) != When::Production {
                continue;
            }
            match opening(facts, call, imports) {
                Some(opening) if !tries_again(facts, call) => found.push(opening),
                Some(_) => {}
                None => {
                    called(facts, call, imports).into_iter().for_each(|(facts, function)| go(facts, function))
                }
            }
        }
    }
    found
}

/// The functions that a call runs, and those that it is given to run once something has begun.
fn called<'f>(facts: &'f FileFacts, call: &Call, imports: &Imports<'f>) -> Vec<(&'f FileFacts, FunctionId)> {
    let function_at = |value: ValueId| match facts.function_of(value) {
        Some(function) => Some((facts, function)),
        None => {
            let (import, names) = imported(facts, value)?;
            let next = imports(facts, import)?;
            Some((next, next.function_of(exported(next, &names)?)?))
        }
    };
    let mut found: Vec<_> = function_at(call.callee).into_iter().collect();
    if facts.method(call).is_some_and(|(_, name)| matches!(name, "then" | "listen")) {
        found.extend(
            facts.arguments(call).iter().filter_map(|argument| Some((facts, facts.function_of(*argument)?))),
        );
    }
    found
}

fn opening<'f>(facts: &'f FileFacts, call: &Call, imports: &Imports<'f>) -> Option<Opening> {
    let span = facts.span(call.at);
    if let Some((module, member)) = facts.module_path(call.callee) {
        let row = FUNCTIONS.iter().find(|row| row.0 == module && row.1 == member && !call.constructs);
        if let Some((library, _, servers)) = row.copied() {
            return Some(Opening { library, servers, span });
        }
    }
    let (mut object, method) = facts.method(call)?;
    let mut name = method.to_owned();
    if let Value::Member { object: inner, property } = facts.value(object)
        && facts.name(property) == "migrate"
    {
        (object, name) = (inner, format!("migrate.{method}"));
    }
    let is_method = |row: &&Made| row.3.contains(&name.as_str());
    if !METHODS.iter().any(|row| is_method(&row)) {
        return None;
    }
    let of = |facts: &FileFacts, value: ValueId| {
        let (_, made) = facts.call_of(value)?;
        let (module, member) = facts.module_path(made.callee)?;
        let fits = |row: &&Made| row.0 == module && row.1 == member && row.2 == made.constructs;
        METHODS.iter().filter(is_method).find(fits)
    };
    let row = of(facts, object).or_else(|| {
        let (import, names) = imported(facts, object)?;
        let next = imports(facts, import)?;
        of(next, exported(next, &names)?)
    })?;
    Some(Opening { library: row.0, servers: row.4, span })
}

/// True for a call in a loop, or in a file that starts something again after a while.
fn tries_again(facts: &FileFacts, call: &Call) -> bool {
    let text = facts.text();
    let around = facts.function(call.function).at;
    let before = text.get(around.start as usize..call.at.start as usize).unwrap_or(text);
    AGAIN.iter().any(|word| text.contains(word)) || LOOPS.iter().any(|word| before.contains(word))
}
