//! The ports that code listens on.

use super::{Call, FileFacts, Name, Value, ValueId};
use crate::facts::{Fact, Origin, Why};
use crate::source::{Span, Spanned};

/// A server that starts to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The port: as written, or what the code takes when the variable is not set.
    pub port: Fact<u16>,
    /// The environment variable that may set another port.
    pub variable: Option<Spanned<String>>,
    /// The expression that gives the port.
    pub port_value: Option<ValueId>,
    /// The address it binds to; `None` for all of them.
    pub host: Fact<Option<String>>,
    /// The environment variable that may set another address.
    pub host_variable: Option<String>,
    /// The expression that gives the address.
    pub host_value: Option<ValueId>,
    /// The module that the server comes from, when the file shows it.
    pub server: Option<String>,
    /// Bytes of the call.
    pub span: Span,
}

/// Servers that `listen`, by module.
const SERVERS: [&str; 16] = [
    "express",
    "fastify",
    "koa",
    "http",
    "https",
    "http2",
    "net",
    "@nestjs/core",
    "restify",
    "polka",
    "connect",
    "hono",
    "@hono/node-server",
    "@feathersjs/express",
    "@feathersjs/koa",
    "h3",
];

/// gRPC for Node: its own library, and the one on C that came before.
const GRPC: [&str; 2] = ["@grpc/grpc-js", "grpc"];

/// The servers of a file that start to listen, in the order of the calls.
pub fn listens(facts: &FileFacts) -> Vec<Listen> {
    facts.calls.iter().filter_map(|call| listen(facts, call)).collect()
}

fn listen(facts: &FileFacts, call: &Call) -> Option<Listen> {
    if let Some((object, "bindAsync")) = facts.method(call) {
        return bind(facts, call, object);
    }
    if let Some((object, "listen")) = facts.method(call) {
        let server = server_module(facts, object);
        let first = facts.argument(call, 0);
        let options = first.filter(|first| matches!(facts.value(facts.resolve(*first)), Value::Object(_)));
        let listen = match options {
            Some(options) => Some(with_options(facts, call, options, server)),
            None => with_arguments(facts, call, server),
        };
        let named = first.is_some_and(|first| names_port(facts, first));
        return listen.filter(|listen| listen.server.is_some() || says_port(listen) || named);
    }
    let options_of = |index| facts.argument(call, index);
    let found = facts.module_member(call.callee)?;
    match (found.module, found.member) {
        ("@hono/node-server", Some("serve")) | ("@hapi/hapi" | "hapi", Some("server" | "Server")) => {
            let options = options_of(0)?;
            Some(with_options(facts, call, options, Some(found.module.to_owned())))
        }
        _ => None,
    }
}

/// `server.bindAsync("0.0.0.0:50051", credentials, …)` of gRPC: the server or its credentials show the module.
fn bind(facts: &FileFacts, call: &Call, server: ValueId) -> Option<Listen> {
    let address = facts.argument(call, 0)?;
    let made_by = |value: ValueId| {
        let (_, made) = facts.call_of(value)?;
        let found = facts.module_member(made.callee);
        let module = found.or_else(|| facts.module_member(facts.method(made)?.0))?.module;
        GRPC.contains(&module).then(|| module.to_owned())
    };
    let module = made_by(server).or_else(|| made_by(facts.argument(call, 1)?))?;
    let (port, variable, host) = address_of(facts, facts.resolve(address));
    let span = facts.span(call.at);
    let (port_value, host_variable, host_value) = (None, None, None);
    Some(Listen { port, variable, port_value, host, host_variable, host_value, server: Some(module), span })
}

/// Port, its variable and host of `"host:port"`, also where a template takes the port from a name.
fn address_of(
    facts: &FileFacts,
    address: ValueId,
) -> (Fact<u16>, Option<Spanned<String>>, Fact<Option<String>>) {
    let unknown = (Fact::Unknown(Why::Dynamic), None, Fact::Unknown(Why::Dynamic));
    let span = facts.value_span(address);
    let known_host = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.contains('$') {
            Fact::Unknown(Why::Dynamic)
        } else {
            Fact::written(Some(host.to_owned()), span)
        }
    };
    if let Value::Text(name) = facts.value(address) {
        let Some((host, port)) = facts.name(name).rsplit_once(':') else { return unknown };
        let port = port.parse().map_or(Fact::Unknown(Why::Unsupported), |port| Fact::written(port, span));
        return (port, None, known_host(host));
    }
    let written = facts.text.get(span.range()).unwrap_or("");
    let inside = written.strip_prefix('`').and_then(|text| text.strip_suffix("}`"));
    let Some((host, name)) = inside.and_then(|text| text.rsplit_once(":${")) else { return unknown };
    let end = span.end - "}`".len() as u32;
    let Some(value) = facts.lookup(Name { start: end - name.len() as u32, end }) else {
        return (Fact::Unknown(Why::Dynamic), None, known_host(host));
    };
    let (port, variable) = port(facts, value);
    (port, variable, known_host(host))
}

/// `port`, `config.port`, `app.get("port")`: a port by its name, whatever it is.
fn names_port(facts: &FileFacts, value: ValueId) -> bool {
    let name = match facts.value(value) {
        Value::Ident(name) | Value::Member { property: name, .. } => facts.name(name),
        Value::Call(call) => match facts.method(facts.call(call)) {
            Some((_, "get")) => {
                facts.argument(facts.call(call), 0).and_then(|key| facts.text_of(key)).unwrap_or("")
            }
            _ => return false,
        },
        _ => return false,
    };
    name.to_ascii_lowercase().ends_with("port")
}

fn says_port(listen: &Listen) -> bool {
    listen.port.known().is_some() || listen.variable.is_some()
}

/// The module behind `express()`, `http.createServer(app)`, `await NestFactory.create(…)`.
fn server_module(facts: &FileFacts, object: ValueId) -> Option<String> {
    let (_, made) = facts.call_of(object)?;
    let module = match facts.module_member(made.callee) {
        Some(found) => found.module,
        // `NestFactory.create`: a member of a member.
        None => facts.method(made).and_then(|(object, _)| facts.module_member(object))?.module,
    };
    SERVERS.contains(&module).then(|| module.to_owned())
}

fn with_options(facts: &FileFacts, call: &Call, options: ValueId, server: Option<String>) -> Listen {
    let span = facts.span(call.at);
    let written = facts.entry(options, "port");
    let (port, variable) = match written {
        Ok(Some(value)) => port(facts, value),
        Ok(None) => (Fact::Unknown(Why::NotFound), None),
        Err(why) => (Fact::Unknown(why), None),
    };
    let given = facts.entry(options, "host").and_then(|host| match host {
        Some(host) => Ok(Some(host)),
        None => facts.entry(options, "hostname"),
    });
    let (host, host_variable) = match given {
        Ok(Some(value)) => host(facts, value),
        Ok(None) => (default_host(facts, span, server.as_deref()), None),
        Err(why) => (Fact::Unknown(why), None),
    };
    let (port_value, host_value) = (written.ok().flatten(), given.ok().flatten());
    Listen { port, variable, port_value, host, host_variable, host_value, server, span }
}

fn with_arguments(facts: &FileFacts, call: &Call, server: Option<String>) -> Option<Listen> {
    let span = facts.span(call.at);
    let first = facts.argument(call, 0)?;
    let value = setting(facts, first).unwrap_or(first);
    let (port, variable) = port(facts, value);
    let default = || (default_host(facts, span, server.as_deref()), None);
    let is_address = |second: &ValueId| {
        !matches!(facts.value(facts.resolve(*second)), Value::Function(_) | Value::Number(_))
    };
    let host_value = facts.argument(call, 1).filter(is_address);
    let (host, host_variable) = host_value.map_or_else(default, |second| host(facts, second));
    Some(Listen { port, variable, port_value: Some(value), host, host_variable, host_value, server, span })
}

/// What `app.set("port", …)` of the same file gave to `app.get("port")`.
fn setting(facts: &FileFacts, value: ValueId) -> Option<ValueId> {
    let (_, get) = facts.call_of(value)?;
    let (object, "get") = facts.method(get)? else { return None };
    let (object, key) = (facts.path(object)?, facts.text_of(facts.argument(get, 0)?)?);
    let sets = |call: &&Call| {
        let Some((of, "set")) = facts.method(call) else { return false };
        let named = facts.argument(call, 0).and_then(|named| facts.text_of(named));
        named == Some(key) && facts.path(of).as_deref() == Some(&object)
    };
    let mut found = facts.calls.iter().filter(sets);
    let set = found.next().filter(|_| found.next().is_none())?;
    facts.argument(set, 1)
}

/// Node binds to all addresses, Fastify to `localhost` (fastify.dev, Reference/Server, `listen`), also beneath Nest
/// (docs.nestjs.com, Performance).
fn default_host(facts: &FileFacts, owner: Span, server: Option<&str>) -> Fact<Option<String>> {
    let over_fastify = || {
        let adapter = |import| facts.specifier(import) == Some("@nestjs/platform-fastify");
        server == Some("@nestjs/core")
            && facts.imports.iter().any(|import| !import.type_only && adapter(import))
    };
    let is_fastify = server == Some("fastify") || over_fastify();
    let (value, source) = if is_fastify { (Some("localhost".to_owned()), "fastify") } else { (None, "node") };
    Fact::Known { value, origin: Origin::Default { owner, source } }
}

pub(crate) fn port(facts: &FileFacts, value: ValueId) -> (Fact<u16>, Option<Spanned<String>>) {
    let inner = facts.unconverted(value);
    let variable = facts
        .environment(inner)
        .map(|key| Spanned::new(facts.name(key.name).to_owned(), facts.value_span(facts.resolve(inner))));
    let port = match facts.number(value) {
        Fact::Known { value, origin } if (0.0..=65_535.0).contains(&value) && value.fract() == 0.0 => {
            Fact::Known { value: value as u16, origin }
        }
        Fact::Known { .. } => Fact::Unknown(Why::Unsupported),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    (port, variable)
}

/// The address, and the variable that may set another.
pub(crate) fn host(facts: &FileFacts, value: ValueId) -> (Fact<Option<String>>, Option<String>) {
    let value = facts.resolve(value);
    let variable = facts.environment(value).map(|key| facts.name(key.name).to_owned());
    let written = match facts.value(value) {
        Value::Or { otherwise, .. } if variable.is_some() => facts.resolve(otherwise),
        _ => value,
    };
    let host = match facts.value(written) {
        Value::Text(name) => Fact::written(Some(facts.name(name).to_owned()), facts.value_span(written)),
        Value::Member { .. } if facts.environment(written).is_some() => Fact::Unknown(Why::Variable),
        _ => Fact::Unknown(Why::Dynamic),
    };
    (host, variable)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    /// `host port variable` of each gRPC server.
    fn bound(text: &str) -> Vec<String> {
        let text = format!("const grpc = require('@grpc/grpc-js'); {text}");
        let facts = super::super::read(FileId(0), Arc::from(text), Dialect::JavaScript).tree;
        let shown = |listen: &Listen| {
            let host = listen.host.known().cloned().flatten();
            let port = listen.port.known().map(u16::to_string);
            let variable = listen.variable.as_ref().map(|variable| variable.value.clone());
            [host, port, variable].map(|part| part.unwrap_or_else(|| "-".to_owned())).join(" ")
        };
        listens(&facts).iter().map(shown).collect()
    }

    #[test]
    fn a_port_is_known_by_its_name() {
        for call in
            ["app.listen(app.get('port'), f)", "start(port => app.listen(port))", "s.listen(config.port)"]
        {
            assert_eq!(bound(call), ["- - -"], "{call}");
        }
        for call in
            ["bus.listen('created', f)", "bus.listen(topic)", "bus.listen(app.get('topic'))", "x.listen()"]
        {
            assert_eq!(bound(call), [""; 0], "{call}");
        }
    }

    #[test]
    fn grpc_servers_listen_where_they_are_bound() {
        let credentials = "grpc.ServerCredentials.createInsecure()";
        for (text, expected) in [
            ("const s = new grpc.Server(); s.bindAsync('0.0.0.0:50051', c)".to_owned(), "0.0.0.0 50051 -"),
            (
                format!("s.bindAsync(`[::]:${{PORT}}`, {credentials}); const PORT = process.env.PORT"),
                ":: - PORT",
            ),
            (
                format!(
                    "const port = process.env.P || 7000; x.server.bindAsync(`${{h}}:${{port}}`, {credentials})"
                ),
                "- 7000 P",
            ),
            (format!("s.bindAsync(address(), {credentials})"), "- - -"),
        ] {
            assert_eq!(bound(&text), [expected], "{text}");
        }
        assert_eq!(bound("socket.bindAsync('0.0.0.0:1', () => {})"), [""; 0]);
    }
}
