//! The servers of a program, and by which calls code holds them.

use super::Target;
use super::follow::{At, Given, World};
use crate::facts::module::{Call, CallId, FileFacts, Listen, Value, ValueId, When};
use crate::source::{FileId, Span};

/// A server that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Bytes of the call that makes it listen.
    pub at: Span,
    /// The module that it comes from, as far as that is known.
    pub module: Option<String>,
    /// True when it is known what it is, so that what closes it would have been seen.
    pub is_known: bool,
    /// True when no name holds it: nobody can close it.
    pub is_lost: bool,
    /// When it listens.
    pub mode: When,
    /// The calls that give it: who closes what one of these gave closes the server.
    calls: Vec<(FileId, CallId)>,
}

/// Applications that make a server when they listen and cannot be closed themselves.
const APPLICATIONS: [&str; 6] =
    ["express", "koa", "connect", "polka", "@feathersjs/express", "@feathersjs/koa"];
/// Modules whose servers are `http.Server`.
const HTTP: [&str; 3] = ["http", "https", "http2"];
/// Other modules whose servers close what listens.
const SERVERS: [&str; 12] = [
    "net",
    "fastify",
    "@nestjs/core",
    "restify",
    "hono",
    "@hono/node-server",
    "@hapi/hapi",
    "hapi",
    "@grpc/grpc-js",
    "grpc",
    "h3",
    "socket.io",
];

impl Server {
    /// True for a server of Node itself, which waits for its connections when it is closed.
    pub fn is_http(&self) -> bool {
        let module = self.module.as_deref();
        module.is_some_and(|module| HTTP.contains(&module) || APPLICATIONS.contains(&module))
    }
}

/// The server that a call makes listen; `None` when the call cannot be found again.
pub(super) fn server(world: &World<'_>, listen: &Listen) -> Option<Server> {
    let facts = world.facts(listen.span.file)?;
    let index = facts.calls.iter().position(|call| facts.span(call.at) == listen.span)?;
    let call = &facts.calls[index];
    let mut calls = vec![(facts.file, CallId(index as u32))];
    let mut module = listen.server.clone();
    let mut is_application = false;
    if let Some((object, _)) = facts.method(call) {
        for end in world.settle(At { facts, value: object }, &[]) {
            let Value::Call(made) = end.facts.value(end.value) else { continue };
            let maker = maker_of(end.facts, end.facts.call(made));
            is_application |= maker.is_some_and(|maker| APPLICATIONS.contains(&maker));
            module = module.or_else(|| maker.map(str::to_owned));
            if maker.is_none_or(|maker| !APPLICATIONS.contains(&maker)) {
                calls.push((end.facts.file, made));
            }
        }
    }
    let is_lost = is_application && call.statement.is_some();
    let is_known = is_application || calls.len() > 1;
    Some(Server { at: listen.span, module, is_known, is_lost, mode: mode(facts, call), calls })
}

/// The module of `http.createServer(app)`, `express()`, `NestFactory.create(…)`.
fn maker_of<'f>(facts: &'f FileFacts, call: &Call) -> Option<&'f str> {
    let found = match facts.module_member(call.callee) {
        Some(found) => found,
        None => facts.method(call).and_then(|(object, _)| facts.module_member(object))?,
    };
    Some(found.module).filter(|module| !module.starts_with('.'))
}

/// When a call runs. That the file is the program's entry is no condition.
fn mode(facts: &FileFacts, call: &Call) -> When {
    let is_main = |text: &str| ["require.main", "import.meta.main"].iter().any(|main| text.contains(main));
    let around = facts.branches.iter().filter(|branch| branch.at.contains(call.at));
    let decisive = around.filter(|branch| !is_main(facts.text_at(branch.condition))).count();
    if decisive == 0 { When::Production } else { facts.when(call.at.start) }
}

/// What a call on `object` closes.
pub(super) fn target<'a>(
    world: &World<'a>,
    servers: &[Server],
    facts: &'a FileFacts,
    object: ValueId,
    given: &[Given<'a>],
) -> Target {
    let mut closed = Vec::new();
    let mut package = None;
    for end in world.settle(At { facts, value: object }, given) {
        let value = end.facts.value(end.value);
        if let Value::Call(call) = value {
            let same = |server: &Server| server.calls.contains(&(end.facts.file, call));
            let hits: Vec<usize> = (0..servers.len()).filter(|index| same(&servers[*index])).collect();
            if !hits.is_empty() {
                closed.extend(hits);
                continue;
            }
        }
        match package_of(end.facts, end.value) {
            Some(module) => package = Some(module),
            None => return Target::Unknown,
        }
    }
    match (closed.is_empty(), package) {
        (false, _) => Target::Servers(closed),
        (true, Some(module)) => Target::Package(module),
        (true, None) => Target::Unknown,
    }
}

/// The package that a value is of or was made by, when it was given nothing that may be a server.
fn package_of(facts: &FileFacts, value: ValueId) -> Option<String> {
    let module = match facts.value(value) {
        Value::Call(id) => {
            let call = facts.call(id);
            let given: String =
                facts.arguments(call).iter().map(|value| facts.text_at_value(*value)).collect();
            let given = given.to_ascii_lowercase();
            if given.contains("server") || given.contains("app") {
                return None;
            }
            maker_of(facts, call)?
        }
        _ => facts.module_member(value)?.module,
    };
    let is_server = [&APPLICATIONS[..], &HTTP, &SERVERS].iter().any(|list| list.contains(&module));
    let is_package = !module.starts_with(['.', '/', '#', '~']) && !module.starts_with("@/");
    (is_package && !is_server).then(|| module.to_owned())
}
