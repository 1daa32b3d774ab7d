//! What may answer requests beside routes that are written out: static files, proxies, handlers that pass nothing on,
//! plugins of packages.

use super::route::METHODS;
use super::{Call, FileFacts, FunctionId, ImportId, ImportKind, Value, ValueId};

/// Something that is handed every request, or those below a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// It may answer any of them.
    Any,
    /// It comes from another file of the project, which tells.
    Import(ImportId, ValueId),
}

/// Packages whose middleware and plugins look at requests and answer none that is in order.
const LOOKERS: [&str; 54] = [
    "express",
    "body-parser",
    "cors",
    "helmet",
    "morgan",
    "compression",
    "cookie-parser",
    "cookie-session",
    "express-session",
    "passport",
    "express-rate-limit",
    "pino-http",
    "express-pino-logger",
    "express-winston",
    "multer",
    "csurf",
    "method-override",
    "response-time",
    "connect-timeout",
    "connect-flash",
    "hpp",
    "express-mongo-sanitize",
    "express-jwt",
    "express-async-errors",
    "express-request-id",
    "express-fileupload",
    "serve-favicon",
    "errorhandler",
    "@sentry/node",
    "cls-rtracer",
    "koa",
    "koa-router",
    "@koa/router",
    "koa-bodyparser",
    "@koa/bodyparser",
    "koa-body",
    "koa-logger",
    "koa-compress",
    "koa-helmet",
    "koa-session",
    "@koa/cors",
    "fastify-plugin",
    "@fastify/cors",
    "@fastify/helmet",
    "@fastify/cookie",
    "@fastify/formbody",
    "@fastify/jwt",
    "@fastify/rate-limit",
    "@fastify/compress",
    "@fastify/sensible",
    "@fastify/multipart",
    "hono",
    "restify",
    "connect",
];

/// What takes requests in a file beside its routes.
pub fn takers(facts: &FileFacts) -> Vec<Taker> {
    let mut found = Vec::new();
    for call in &facts.calls {
        let Some((_, method)) = facts.method(call) else {
            found.extend(by_name(facts, call));
            continue;
        };
        match method {
            "use" | "register" => {
                found.extend(facts.arguments(call).iter().filter_map(|value| taker(facts, *value)));
            }
            "createServer" | "createSecureServer" => {
                found.extend(facts.arguments(call).iter().filter_map(|value| handler(facts, *value)));
            }
            // A plain server that looks at requests itself.
            "on" if facts.argument(call, 0).and_then(|event| facts.text_of(event)) == Some("request") => {
                found.push(Taker::Any);
            }
            _ => {}
        }
    }
    found
}

/// `createServer(…)` that is taken from its module by name.
fn by_name(facts: &FileFacts, call: &Call) -> Vec<Taker> {
    let makes = facts.module_member(call.callee).is_some_and(|found| {
        matches!(found.module, "http" | "https" | "http2")
            && matches!(found.member, Some("createServer" | "createSecureServer"))
    });
    let arguments = facts.arguments(call).iter().filter(|_| makes);
    arguments.filter_map(|value| handler(facts, *value)).collect()
}

/// What a plain server calls for each request: an app of a framework has routes, anything else answers everything.
fn handler(facts: &FileFacts, value: ValueId) -> Option<Taker> {
    let resolved = facts.resolve(value);
    match facts.value(resolved) {
        Value::Function(_) => Some(Taker::Any),
        _ => taker(facts, value),
    }
}

/// What a value does that is handed requests; `None` when it answers none but by routes.
pub fn taker(facts: &FileFacts, value: ValueId) -> Option<Taker> {
    let resolved = facts.resolve(value);
    if let Some(function) = facts.function_of(value) {
        return (!passes_on(facts, function)).then_some(Taker::Any);
    }
    match facts.value(resolved) {
        Value::Text(_) | Value::Number(_) | Value::Object(_) | Value::Bool(_) | Value::Undefined => None,
        Value::List(items) => facts.items[items.range()].iter().find_map(|item| taker(facts, *item)),
        // What a plugin or a factory is given.
        Value::Parameter(..) | Value::Class(_) => None,
        _ => of_module(facts, resolved),
    }
}

/// Something that a package or another file gives.
fn of_module(facts: &FileFacts, value: ValueId) -> Option<Taker> {
    let mut at = value;
    for _ in 0..8 {
        if let Some(import) = imported(facts, at) {
            let specifier = facts.specifier(&facts.imports[import.0 as usize]).unwrap_or("");
            if specifier.starts_with(['.', '#']) || specifier.starts_with("@/") {
                return Some(Taker::Import(import, value));
            }
            let (package, _) = crate::facts::resolve::package_name(specifier);
            let is_static = facts.module_member(at).is_some_and(|found| found.member == Some("static"));
            return (is_static || !LOOKERS.contains(&package)).then_some(Taker::Any);
        }
        at = match facts.value(at) {
            Value::Call(call) => facts.resolve(facts.call(call).callee),
            Value::Member { object, property } if facts.name(property) != "static" => facts.resolve(object),
            _ => return Some(Taker::Any),
        };
    }
    Some(Taker::Any)
}

fn imported(facts: &FileFacts, value: ValueId) -> Option<ImportId> {
    if let Some(found) = facts.module_member(value) {
        return Some(found.import);
    }
    match facts.value(value) {
        Value::Import(import, _) => Some(import),
        _ => None,
    }
}

/// True for middleware: it calls `next`, handles errors, or only says that there is nothing.
fn passes_on(facts: &FileFacts, function: FunctionId) -> bool {
    let function = facts.function(function);
    let mut calls = facts.calls[function.calls.range()].iter();
    let registers = |call: &Call| facts.method(call).is_some_and(|(_, method)| METHODS.contains(&method));
    let says_no = |call: &Call| {
        let number = |value: &ValueId| matches!(facts.value(facts.resolve(*value)), Value::Number(404.0));
        facts.arguments(call).iter().any(number)
    };
    // A plugin of Fastify registers its routes on what it is given.
    function.parameters == 4
        || calls.any(|call| facts.is_path(call.callee, "next") || says_no(call) || registers(call))
}

/// True when a file loads a package that serves by itself: health routes, files, other servers' answers, pages.
pub fn loads_server(facts: &FileFacts) -> bool {
    const WORDS: [&str; 7] = ["health", "probe", "actuator", "proxy", "static", "gateway", "openapi"];
    const PACKAGES: [&str; 28] = [
        "@godaddy/terminus",
        "lightship",
        "@hapi/inert",
        "inert",
        "next",
        "nuxt",
        "sails",
        "parse-server",
        "json-server",
        "tsoa",
        "routing-controllers",
        "inversify-express-utils",
        "@feathersjs/express",
        "@feathersjs/koa",
        "apollo-server",
        "apollo-server-express",
        "@apollo/server",
        "graphql-yoga",
        "moleculer-web",
        "@trpc/server",
        "@fastify/under-pressure",
        "under-pressure",
        "@fastify/autoload",
        "fastify-autoload",
        "@overnightjs/core",
        "express-prom-bundle",
        "vite",
        "@remix-run/express",
    ];
    facts.imports.iter().any(|import| {
        let loads = !import.type_only && import.kind != ImportKind::Reexport;
        let Some(specifier) = facts.specifier(import).filter(|_| loads) else { return false };
        if specifier.starts_with(['.', '/']) {
            return false;
        }
        let (package, _) = crate::facts::resolve::package_name(specifier);
        PACKAGES.contains(&package)
            || WORDS.iter().any(|word| package.contains(word))
            || ["@loopback/", "@adonisjs/", "@keystone", "@strapi/"]
                .iter()
                .any(|scope| package.starts_with(scope))
    })
}

/// True when a module of Nest takes in one of a package that may bring controllers of its own:
/// `@Module({ imports: [PlatformModule.forRoot()] })`.
pub fn imports_module(facts: &FileFacts) -> bool {
    let modules = facts.decorators.iter().filter_map(|decorator| {
        let Value::Call(call) = facts.value(*decorator) else { return None };
        let call = facts.call(call);
        facts.is_path(call.callee, "Module").then(|| facts.argument(call, 0)).flatten()
    });
    modules.into_iter().any(|options| match facts.entry(options, "imports") {
        Ok(None) => false,
        Ok(Some(list)) => match facts.value(facts.resolve(list)) {
            Value::List(items) => facts.items[items.range()].iter().any(|item| brings_routes(facts, *item)),
            _ => true,
        },
        Err(_) => true,
    })
}

fn brings_routes(facts: &FileFacts, item: ValueId) -> bool {
    // docs.nestjs.com: these look at requests or hold things, and serve none.
    const PLAIN: [&str; 20] = [
        "@nestjs/axios",
        "@nestjs/bull",
        "@nestjs/bullmq",
        "@nestjs/cache-manager",
        "@nestjs/common",
        "@nestjs/config",
        "@nestjs/core",
        "@nestjs/cqrs",
        "@nestjs/event-emitter",
        "@nestjs/jwt",
        "@nestjs/microservices",
        "@nestjs/mongoose",
        "@nestjs/passport",
        "@nestjs/schedule",
        "@nestjs/sequelize",
        "@nestjs/terminus",
        "@nestjs/throttler",
        "@nestjs/typeorm",
        "nestjs-pino",
        "nest-winston",
    ];
    let mut at = facts.resolve(item);
    for _ in 0..8 {
        if let Some(import) = imported(facts, at) {
            let specifier = facts.specifier(&facts.imports[import.0 as usize]).unwrap_or("");
            // The controllers of the project's own files are read with them.
            let is_own = specifier.starts_with(['.', '#', '/']) || specifier.starts_with("@/");
            return !is_own && !PLAIN.contains(&crate::facts::resolve::package_name(specifier).0);
        }
        at = match facts.value(at) {
            Value::Call(call) => facts.resolve(facts.call(call).callee),
            Value::Member { object, .. } => facts.resolve(object),
            Value::Class(_) => return false,
            _ => return true,
        };
    }
    true
}
