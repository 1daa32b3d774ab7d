//! Connections that code opens when its file is loaded: databases, caches and queues, by the library that opens them.

use super::{Call, CallId, FileFacts, FunctionId, Value, ValueId};
use crate::source::Span;

/// A connection that is opened at the top of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The module that opens it.
    pub library: &'static str,
    /// What closes it, as code is written.
    pub closed_by: &'static str,
    /// True when Node does not end by itself while it is open.
    pub holds: bool,
    /// The call that opens it.
    pub call: CallId,
    /// Bytes of the call.
    pub span: Span,
}

struct Row {
    module: &'static str,
    member: Option<&'static str>,
    constructs: bool,
    closed_by: &'static str,
    holds: bool,
}

const fn row(
    module: &'static str,
    member: Option<&'static str>,
    constructs: bool,
    closed_by: &'static str,
    holds: bool,
) -> Row {
    Row { module, member, constructs, closed_by, holds }
}

/// By the libraries' READMEs and API pages, seen on 2026-11-20. A pool that closes what is idle by itself (pg: after 10
/// seconds), and a client that connects with its first query, does not hold the process.
const ROWS: &[Row] = &[
    row("mongoose", Some("connect"), false, "mongoose.disconnect()", true),
    row("mongoose", Some("createConnection"), false, "connection.close()", true),
    row("mongodb", Some("MongoClient"), true, "client.close()", false),
    row("pg", Some("Pool"), true, "pool.end()", false),
    row("mysql", Some("createPool"), false, "pool.end()", false),
    row("mysql", Some("createConnection"), false, "connection.end()", false),
    row("mysql2", Some("createPool"), false, "pool.end()", false),
    row("mysql2/promise", Some("createPool"), false, "pool.end()", false),
    row("ioredis", None, true, "redis.quit()", true),
    row("ioredis", Some("Redis"), true, "redis.quit()", true),
    row("redis", Some("createClient"), false, "client.quit()", false),
    row("@prisma/client", Some("PrismaClient"), true, "prisma.$disconnect()", false),
    row("sequelize", None, true, "sequelize.close()", false),
    row("sequelize", Some("Sequelize"), true, "sequelize.close()", false),
    row("knex", None, false, "knex.destroy()", false),
    row("amqplib", Some("connect"), false, "connection.close()", true),
    row("bullmq", Some("Worker"), true, "worker.close()", true),
    row("bullmq", Some("Queue"), true, "queue.close()", true),
    row("bull", None, true, "queue.close()", true),
    row("mqtt", Some("connect"), false, "client.end()", true),
    row("nats", Some("connect"), false, "connection.drain()", true),
];

/// The connections that the file opens at its top level.
pub fn clients(facts: &FileFacts) -> Vec<Client> {
    let imports = |import: &super::Import| {
        facts.specifier(import).is_some_and(|module| ROWS.iter().any(|row| row.module == module))
    };
    if !facts.imports.iter().any(imports) {
        return Vec::new();
    }
    let calls = facts.calls.iter().enumerate();
    calls.filter_map(|(index, call)| client(facts, CallId(index as u32), call)).collect()
}

fn client(facts: &FileFacts, id: CallId, call: &Call) -> Option<Client> {
    if call.function != FunctionId::MODULE {
        return None;
    }
    let found = facts.module_member(call.callee)?;
    let fits = |row: &&Row| {
        row.module == found.module && row.member == found.member && row.constructs == call.constructs
    };
    let row = ROWS.iter().find(fits)?;
    let span = facts.span(call.at);
    Some(Client { library: row.module, closed_by: row.closed_by, holds: row.holds, call: id, span })
}

/// True when something in the file waits for a server or the process to have closed: what it then does is part of the way
/// out, whoever closes. Listeners, hooks of Fastify, and methods that Nest calls.
pub fn waits_for_close(facts: &FileFacts) -> bool {
    let waits = |call: &Call| {
        let Some((_, method)) = facts.method(call) else { return false };
        let to = || facts.argument(call, 0).and_then(|event| facts.text_of(event));
        match method {
            "on" | "once" => matches!(to(), Some("close" | "beforeExit")),
            "addHook" => matches!(to(), Some("onClose" | "preClose")),
            _ => false,
        }
    };
    // docs.nestjs.com, Lifecycle events.
    const OF_NEST: [&str; 3] = ["onModuleDestroy", "beforeApplicationShutdown", "onApplicationShutdown"];
    let mut names = facts.members.iter().filter_map(|member| member.name);
    facts.calls.iter().any(waits) || names.any(|name| OF_NEST.contains(&facts.name(name)))
}

/// True when the file's answers may tell clients to end their connections: `setHeader("Connection", "close")`.
pub fn answers_close(facts: &FileFacts) -> bool {
    let is = |value: Option<ValueId>, wanted: &str| {
        value.and_then(|value| facts.text_of(value)).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    };
    let one = |call: &Call| is(facts.argument(call, 0), "connection") && is(facts.argument(call, 1), "close");
    let several = |headers: &ValueId| {
        ["Connection", "connection"].iter().any(|key| is(facts.entry(*headers, key).ok().flatten(), "close"))
    };
    facts.calls.iter().any(|call| {
        let sets = facts.method(call).is_some_and(|(_, method)| {
            matches!(method, "setHeader" | "header" | "headers" | "set" | "append" | "writeHead")
        });
        sets && (one(call) || facts.arguments(call).iter().any(several))
    })
}

/// The intervals that the file starts at its top level and that nobody can stop, as their handle is not kept.
pub fn endless_intervals(facts: &FileFacts) -> Vec<Span> {
    let endless = |call: &&Call| {
        call.function == FunctionId::MODULE
            && call.statement.is_some()
            && matches!(facts.value(call.callee), Value::Ident(name) if facts.name(name) == "setInterval")
            && !facts.is_declared(call.callee)
    };
    facts.calls.iter().filter(endless).map(|call| facts.span(call.at)).collect()
}
