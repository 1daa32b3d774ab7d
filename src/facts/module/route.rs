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
}

/// Methods of Express, Fastify, Koa routers, Hono and the like that register a route.
const METHODS: [&str; 9] = ["get", "post", "put", "patch", "delete", "head", "options", "all", "use"];
/// Decorators of Nest's controllers.
const DECORATORS: [&str; 8] = ["Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "All"];
/// Clients and stores whose `get("/…", …)` is no route.
const NO_SERVERS: [&str; 9] =
    ["axios", "got", "superagent", "supertest", "request", "ky", "undici", "nock", "node-cache"];

/// The routes of a file. `rest` is an error when a path is computed, or when a plain `http` server looks at URLs itself.
pub fn routes(facts: &FileFacts) -> Found<Route> {
    let mut found = Found::default();
    for call in &facts.calls {
        if let Some((object, method)) = facts.method(call) {
            if METHODS.contains(&method) {
                registered(facts, call, object, method, &mut found);
            } else if method == "route" {
                described(facts, call, &mut found);
            }
        }
        if serves_by_hand(facts, call) {
            found.rest = Err(Why::Dynamic);
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
        add(facts, method, arguments[0], found);
    }
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
    let Ok(method) = facts.entry(options, "method") else { return };
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
                let route = Route { method: method.to_owned(), path: text.to_owned() };
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

/// `http.createServer((req, res) => …)`.
fn serves_by_hand(facts: &FileFacts, call: &Call) -> bool {
    let makes = facts.module_member(call.callee).is_some_and(|found| {
        matches!(found.module, "http" | "https" | "http2")
            && matches!(found.member, Some("createServer" | "createSecureServer"))
    });
    let by_hand = |argument: &ValueId| facts.function_of(*argument).is_some();
    makes && facts.arguments(call).iter().any(by_hand)
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
                let route = Route { method: name.to_ascii_lowercase(), path };
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
