//! Logs that code sends to files or to a syslog server instead of the standard output.
//!
//! The libraries' names and options are those of their own pages on npm, seen on 2026-11-20.

use super::{Call, FileFacts, Path, Run, Value, ValueId, When};
use crate::source::Span;

/// A place where code sends its logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSink {
    /// Who sends them: `winston`.
    pub library: &'static str,
    /// Where.
    pub to: LogTo,
    /// When the code sets it up.
    pub reached: When,
    /// Bytes of what sets it up.
    pub span: Span,
}

/// Where logs go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTo {
    /// A file.
    File(Path),
    /// A syslog server.
    Syslog,
}

/// Modules of which one must be imported before a file is looked at.
const MODULES: [&str; 21] = [
    "winston",
    "winston-daily-rotate-file",
    "winston-syslog",
    "pino",
    "nestjs-pino",
    "pino-http",
    "fastify",
    "log4js",
    "bunyan",
    "bunyan-syslog",
    "bunyan-rotating-file-stream",
    "morgan",
    "fs",
    "fs-extra",
    "fs/promises",
    "graceful-fs",
    "rotating-file-stream",
    "file-stream-rotator",
    "simple-node-logger",
    "syslog-client",
    "tracer",
];

/// The places where a file sends its logs, those of calls first.
pub fn logs(facts: &FileFacts) -> Vec<LogSink> {
    if !facts.imports_any(|module| MODULES.contains(&module)) {
        return Vec::new();
    }
    let mut found: Vec<LogSink> = facts.calls.iter().filter_map(|call| of_call(facts, call)).collect();
    if facts.imports_any(|module| matches!(module, "pino" | "nestjs-pino" | "pino-http" | "fastify")) {
        found.extend(objects(facts).filter_map(|(value, entries)| pino_target(facts, value, entries)));
    }
    if facts.imports_any(|module| module == "log4js") {
        found.extend(objects(facts).flat_map(|(_, entries)| appenders(facts, entries)));
    }
    found
}

fn sink(facts: &FileFacts, library: &'static str, to: LogTo, at: Span) -> Option<LogSink> {
    let to_device = matches!(&to, LogTo::File(path) if path.is_device());
    (!to_device).then(|| LogSink { library, to, reached: facts.when(at.start), span: at })
}

fn of_call(facts: &FileFacts, call: &Call) -> Option<LogSink> {
    let at = facts.span(call.at);
    let first = facts.argument(call, 0);
    let syslog = |library| sink(facts, library, LogTo::Syslog, at);
    let (module, member) = facts.module_path(call.callee)?;
    match (module, member.as_str(), call.constructs) {
        ("winston", "transports.File", true) => winston(facts, first?, at),
        ("winston", "transports.DailyRotateFile", true)
        | ("winston-daily-rotate-file", "" | "DailyRotateFile", true) => {
            let path = first.and_then(|options| file_option(facts, options, &["filename"]).ok().flatten());
            sink(facts, "winston", LogTo::File(path.unwrap_or(Path::Computed(None))), at)
        }
        // winston 2: `winston.add(winston.transports.File, { filename })`.
        ("winston", "add", false)
            if facts.module_path(first?)? == ("winston", "transports.File".to_owned()) =>
        {
            winston(facts, facts.argument(call, 1)?, at)
        }
        ("winston-syslog", "Syslog" | "", true) | ("winston", "transports.Syslog", true) => syslog("winston"),
        ("bunyan-syslog", "createBunyanStream", false) => syslog("bunyan"),
        ("syslog-client", "createClient", false) => syslog("syslog-client"),
        ("pino", "destination", false) => {
            let path = match facts.value(facts.resolve(first?)) {
                Value::Object(_) => file_option(facts, first?, &["dest"]).ok()??,
                _ => Path::of(facts, first?)?,
            };
            sink(facts, "pino", LogTo::File(path), at)
        }
        ("fastify", "" | "fastify", false) => {
            let logger = facts.entry(first?, "logger").ok()??;
            sink(facts, "fastify", LogTo::File(file_option(facts, logger, &["file"]).ok()??), at)
        }
        ("bunyan", "createLogger", false) => bunyan(facts, first?, at),
        ("bunyan-rotating-file-stream", "", true) => {
            sink(facts, "bunyan", LogTo::File(Path::Computed(None)), at)
        }
        ("rotating-file-stream", "" | "createStream", false) => {
            let path = first.and_then(|name| Path::of(facts, name)).unwrap_or(Path::Computed(None));
            sink(facts, "rotating-file-stream", LogTo::File(path), at)
        }
        ("file-stream-rotator", "getStream", false) => {
            sink(facts, "file-stream-rotator", LogTo::File(Path::Computed(None)), at)
        }
        ("simple-node-logger", "createSimpleFileLogger" | "createRollingFileLogger", false) => {
            sink(facts, "simple-node-logger", LogTo::File(Path::Computed(None)), at)
        }
        ("tracer", "dailyfile", false) => sink(facts, "tracer", LogTo::File(Path::Computed(None)), at),
        ("morgan", "", false) => {
            let stream = facts.entry(facts.argument(call, 1)?, "stream").ok()??;
            let (_, made) = facts.call_of(stream)?;
            // What is named like a log is found where it is opened.
            let path = opened(facts, made).filter(|path| !path.is_log())?;
            sink(facts, "morgan", LogTo::File(path), at)
        }
        ("fs" | "fs-extra" | "graceful-fs" | "fs/promises", _, false) => {
            let path = opened(facts, call).filter(Path::is_log)?;
            sink(facts, "the code", LogTo::File(path), at)
        }
        _ => None,
    }
}

/// The file that a call of `fs` writes to, piece by piece.
fn opened(facts: &FileFacts, call: &Call) -> Option<Path> {
    let (module, member) = facts.module_path(call.callee)?;
    let writes = ["createWriteStream", "appendFile", "appendFileSync", "promises.appendFile"];
    let is_fs = matches!(module, "fs" | "fs-extra" | "graceful-fs" | "fs/promises");
    (is_fs && writes.contains(&member.as_str())).then(|| Path::of(facts, facts.argument(call, 0)?)).flatten()
}

fn winston(facts: &FileFacts, options: ValueId, at: Span) -> Option<LogSink> {
    let silent = facts.entry(options, "silent").ok()?;
    if silent.is_some_and(|silent| facts.value(facts.resolve(silent)) != Value::Bool(false)) {
        return None;
    }
    let path = file_option(facts, options, &["filename"]).ok()??;
    sink(facts, "winston", LogTo::File(path), at)
}

/// `streams: [{ path: "a.log" }, { type: "rotating-file", path }]`.
fn bunyan(facts: &FileFacts, options: ValueId, at: Span) -> Option<LogSink> {
    let streams = facts.entry(options, "streams").ok()??;
    let Value::List(items) = facts.value(facts.resolve(streams)) else { return None };
    let mut found = facts.items[items.range()].iter().filter_map(|item| {
        let path = file_option(facts, *item, &["path"]).ok()??;
        sink(facts, "bunyan", LogTo::File(path), facts.value_span(*item))
    });
    found.next().map(|sink| LogSink { reached: worse(sink.reached, facts.when(at.start)), ..sink })
}

fn worse(one: When, other: When) -> When {
    if one == When::Production { other } else { one }
}

/// `{ target: "pino/file", options: { destination: "a.log" } }`, wherever it stands.
fn pino_target(facts: &FileFacts, object: ValueId, entries: Run) -> Option<LogSink> {
    let named = |key: &str| {
        let mut found = facts.entries[entries.range()].iter();
        found.find(|entry| entry.key.is_some_and(|name| facts.name(name) == key)).map(|entry| entry.value)
    };
    let at = facts.value_span(object);
    match facts.text_of(named("target")?)? {
        "pino/file" => {
            let path = file_option(facts, named("options")?, &["destination"]).ok()??;
            sink(facts, "pino", LogTo::File(path), at)
        }
        "pino-roll" | "pino-rotating-file-stream" => {
            let options = named("options");
            let path = options.and_then(|options| file_option(facts, options, &["file", "filename"]).ok()?);
            sink(facts, "pino", LogTo::File(path.unwrap_or(Path::Computed(None))), at)
        }
        "pino-syslog" => sink(facts, "pino", LogTo::Syslog, at),
        _ => None,
    }
}

/// `appenders: { app: { type: "file", filename: "a.log" } }`: those that a category names.
fn appenders(facts: &FileFacts, entries: Run) -> Vec<LogSink> {
    let entries = &facts.entries[entries.range()];
    let all = entries.iter().find(|entry| entry.key.is_some_and(|key| facts.name(key) == "appenders"));
    let Some(Value::Object(all)) = all.map(|all| facts.value(facts.resolve(all.value))) else {
        return Vec::new();
    };
    let categories = entries.iter().any(|entry| entry.key.is_some_and(|key| facts.name(key) == "categories"));
    let mut found = Vec::new();
    for entry in &facts.entries[all.range()] {
        let Some(name) = entry.key.map(|key| facts.name(key)) else { continue };
        let kind = facts.entry(entry.value, "type").ok().flatten().and_then(|kind| facts.text_of(kind));
        let to = match kind {
            Some("file" | "dateFile" | "fileSync") => file_option(facts, entry.value, &["filename"]),
            Some("multiFile") => Ok(Some(Path::Computed(None))),
            _ => continue,
        };
        if let Ok(Some(path)) = to
            && (!categories || is_named(facts, name))
        {
            found.extend(sink(facts, "log4js", LogTo::File(path), facts.value_span(entry.value)));
        }
    }
    found
}

/// True when a list or an `appender:` of the file names an appender.
fn is_named(facts: &FileFacts, name: &str) -> bool {
    let says = |value: &ValueId| matches!(facts.value(*value), Value::Text(text) if facts.name(text) == name);
    let in_list = facts.items.iter().any(says);
    in_list
        || facts
            .entries
            .iter()
            .any(|entry| entry.key.is_some_and(|key| facts.name(key) == "appender") && says(&entry.value))
}

/// The objects that are written out in a file.
fn objects(facts: &FileFacts) -> impl Iterator<Item = (ValueId, Run)> {
    (0..facts.values.len() as u32).map(ValueId).filter_map(|id| match facts.value(id) {
        Value::Object(entries) => Some((id, entries)),
        _ => None,
    })
}

/// The path under the first of these keys that is there. `Err` when the object is not known.
fn file_option(facts: &FileFacts, options: ValueId, keys: &[&str]) -> Result<Option<Path>, ()> {
    for key in keys {
        if let Some(value) = facts.entry(options, key).map_err(|_| ())? {
            return Ok(Path::of(facts, value));
        }
    }
    Ok(None)
}
