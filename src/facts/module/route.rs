//! The routes that code serves, as far as their paths are written out.

use super::{Call, Class, FileFacts, Run, Value, ValueId};
use crate::facts::{Found, Why};
use crate::source::Spanned;

/// A route as it is registered. Routers may be mounted below other paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method in lower case; `all` for any, `use` for a mount.
    pub method: String,
    /// Its path, with a `/` in front.
    pub path: String,
    /// True when Nest's global prefix stands before it.
    pub prefixed: bool,
}

/// Methods of Express, Fastify, Koa routers, Hono and the like that register a route.
pub(super) const METHODS: [&str; 9] =
    ["get", "post", "put", "patch", "delete", "head", "options", "all", "use"];
/// Decorators of Nest's controllers.
const DECORATORS: [&str; 8] = ["Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "All"];
/// Clients and stores whose `get("/…", …)` is no route.
const NO_SERVERS: [&str; 9] =
    ["axios", "got", "superagent", "supertest", "request", "ky", "undici", "nock", "node-cache"];

/// The routes of a file, and the paths below which it mounts others. `rest` is an error when a path is computed.
pub fn routes(facts: &FileFacts) -> Found<Route> {
    let mut found = Found::default();
    for call in &facts.calls {
        if let Some((object, method)) = facts.method(call) {
            match method {
                _ if METHODS.contains(&method) => registered(facts, call, object, method, &mut found),
                "route" => described(facts, call, &mut found),
                "register" => mounted(facts, facts.argument(call, 1), &mut found),
                "prefix" | "basePath" => mount(facts, facts.argument(call, 0), &mut found),
                _ => {}
            }
        } else if call.constructs {
            mounted(facts, facts.argument(call, 0), &mut found);
        }
    }
    for class in &facts.classes {
        controller(facts, class, &mut found);
    }
    found
}

/// `app.get("/x", …, handler)`, `app.route("/x").get(handler)`.
fn registered(facts: &FileFacts, call: &Call, object: ValueId, method: &str, found: &mut Found<Route>) {
    if let Some(path) = chained_route(facts, object) {
        return add(facts, method, path, found);
    }
    if is_client(facts, object) {
        return;
    }
    if takes_pattern(facts, call) {
        found.rest = Err(Why::Dynamic);
        return;
    }
    let arguments = facts.arguments(call);
    let last = arguments.last().map(|last| facts.value(facts.resolve(*last)));
    let handles = matches!(
        last,
        Some(
            Value::Function(_)
                | Value::Ident(_)
                | Value::Member { .. }
                | Value::Call(_)
                | Value::Import(..)
                | Value::List(_)
                | Value::Parameter(..)
        )
    );
    if arguments.len() >= 2 && handles {
        // Koa's router takes a name first.
        let names = |text: &str| !text.starts_with('/') && text != "*";
        let named = facts.text_of(arguments[0]).is_some_and(names) && arguments.len() > 2;
        add(facts, method, arguments[usize::from(named)], found);
    }
}

/// True for `app.get(/pattern/, …)`: facts hold no regular expressions.
fn takes_pattern(facts: &FileFacts, call: &Call) -> bool {
    let (at, callee) = (facts.span(call.at), facts.callee_span(call));
    let rest = facts.text.get(callee.range().end..at.range().end).unwrap_or("").trim_start();
    let first = rest.strip_prefix('(').unwrap_or("").trim_start();
    first.starts_with('/') && !first.starts_with("//") && !first.starts_with("/*")
}

/// The path of `app.route("/x")` behind a chain of methods on it.
fn chained_route(facts: &FileFacts, object: ValueId) -> Option<ValueId> {
    let mut at = object;
    for _ in 0..METHODS.len() {
        let (_, call) = facts.call_of(at)?;
        let (inner, method) = facts.method(call)?;
        if method == "route" {
            return facts.argument(call, 0);
        }
        at = Some(inner).filter(|_| METHODS.contains(&method))?;
    }
    None
}

fn is_client(facts: &FileFacts, object: ValueId) -> bool {
    let made = facts.call_of(object).map(|(_, made)| made.callee);
    let client =
        |value: ValueId| facts.module_member(value).is_some_and(|found| NO_SERVERS.contains(&found.module));
    client(object) || made.is_some_and(client)
}

/// `fastify.route({ method, url })` and hapi's `server.route({ method, path })`.
fn described(facts: &FileFacts, call: &Call, found: &mut Found<Route>) {
    let Some(options) = facts.argument(call, 0) else { return };
    // `app.route("/x", other)` of Hono.
    if facts.text_of(options).is_some() && call.arguments.len() == 2 {
        return mount(facts, Some(options), found);
    }
    if let Value::List(items) = facts.value(facts.resolve(options)) {
        for item in &facts.items[items.range()] {
            one_described(facts, *item, found);
        }
        return;
    }
    one_described(facts, options, found);
}

fn one_described(facts: &FileFacts, options: ValueId, found: &mut Found<Route>) {
    let Ok(method) = facts.entry(options, "method") else {
        // `app.route("/x").get(…)` is found by its methods.
        if facts.text_of(options).is_none() {
            found.rest = Err(Why::Dynamic);
        }
        return;
    };
    let path =
        facts.entry(options, "url").ok().flatten().or_else(|| facts.entry(options, "path").ok().flatten());
    let (Some(method), Some(path)) = (method, path) else { return };
    let method = facts.text_of(method).map_or_else(|| "all".to_owned(), str::to_ascii_lowercase);
    add(facts, &method, path, found);
}

fn add(facts: &FileFacts, method: &str, path: ValueId, found: &mut Found<Route>) {
    let resolved = facts.resolve(path);
    let mut paths = vec![resolved];
    if let Value::List(items) = facts.value(resolved) {
        paths = facts.items[items.range()].to_vec();
    }
    for path in paths {
        match facts.text_of(path) {
            Some(text) if text.starts_with('/') || text == "*" => {
                let route = Route { method: method.to_owned(), path: text.to_owned(), prefixed: false };
                found.items.push(Spanned::new(route, facts.value_span(facts.resolve(path))));
            }
            Some(_) => {}
            // Middleware without a path, or a handler first: no route.
            None if method == "use" => {}
            None if matches!(facts.value(facts.resolve(path)), Value::Function(_)) => {}
            None => found.rest = Err(Why::Dynamic),
        }
    }
}

/// `{ prefix: "/x" }`, as a plugin of Fastify or a router of Koa is given it.
fn mounted(facts: &FileFacts, options: Option<ValueId>, found: &mut Found<Route>) {
    let Some(options) = options else { return };
    if let Ok(Some(prefix)) = facts.entry(options, "prefix") {
        mount(facts, Some(prefix), found);
    }
}

fn mount(facts: &FileFacts, path: Option<ValueId>, found: &mut Found<Route>) {
    let Some(path) = path else { return };
    match facts.text_of(path) {
        Some(_) => add(facts, "use", path, found),
        None => found.rest = Err(Why::Dynamic),
    }
}

/// What `app.setGlobalPrefix("x")` of Nest puts before the paths of controllers; `Err` when it makes exceptions.
pub fn global_prefix(facts: &FileFacts) -> Result<Option<String>, Why> {
    let sets = |call: &&Call| facts.method(call).is_some_and(|(_, method)| method == "setGlobalPrefix");
    let Some(call) = facts.calls.iter().find(sets) else { return Ok(None) };
    let path = facts.argument(call, 0).and_then(|path| facts.text_of(path)).ok_or(Why::Dynamic)?;
    if call.arguments.len() > 1 { Err(Why::Unsupported) } else { Ok(Some(path.to_owned())) }
}

/// `@Controller("health") class … { @Get("live") … }` of Nest.
fn controller(facts: &FileFacts, class: &Class, found: &mut Found<Route>) {
    let Some(prefix) = decorator(facts, class.decorators, &["Controller"]) else { return };
    for member in &facts.members[class.members.range()] {
        let Some((name, at, path)) = decorator(facts, member.decorators, &DECORATORS) else { continue };
        match (&prefix.2, path) {
            (Ok(prefix), Ok(path)) => {
                let parts = prefix.split('/').chain(path.split('/')).filter(|part| !part.is_empty());
                let path: String = parts.flat_map(|part| ["/", part]).collect();
                let path = if path.is_empty() { "/".to_owned() } else { path };
                let route = Route { method: name.to_ascii_lowercase(), path, prefixed: true };
                found.items.push(Spanned::new(route, facts.value_span(at)));
            }
            _ => found.rest = Err(Why::Dynamic),
        }
    }
}

/// The first decorator of one of these names: its name, place, and the path that it is given.
fn decorator<'f>(
    facts: &'f FileFacts,
    decorators: Run,
    names: &[&str],
) -> Option<(&'f str, ValueId, Result<String, Why>)> {
    facts.decorators[decorators.range()].iter().find_map(|id| {
        let Value::Call(call) = facts.value(*id) else { return None };
        let call = facts.call(call);
        let Value::Ident(name) = facts.value(call.callee) else { return None };
        let name = facts.name(name);
        let path = match facts.argument(call, 0) {
            None if facts.arguments(call).is_empty() => Ok(String::new()),
            None => Err(Why::Dynamic),
            Some(path) => match facts.text_of(path) {
                Some(text) => Ok(text.to_owned()),
                None => match facts.entry(path, "path") {
                    Ok(Some(path)) => facts.text_of(path).map(str::to_owned).ok_or(Why::Dynamic),
                    Ok(None) => Ok(String::new()),
                    Err(why) => Err(why),
                },
            },
        };
        names.contains(&name).then_some((name, *id, path))
    })
}
