//! One service of a compose file, with the defaults of the Compose specification.

use std::sync::Arc;

use super::edge::{Mount, PublishedPort, mount, port};
use super::words;
use crate::facts::command::Command;
use crate::facts::object::Quantity;
use crate::facts::object::container::list;
use crate::facts::object::quantity;
use crate::facts::object::reading::At;
use crate::facts::object::value::{Data, Field, Value};
use crate::facts::{Fact, Found, Why};
use crate::source::{Span, Spanned};
use crate::syntax::tree::Tree;

/// A service of a compose file.
#[derive(Clone, Debug)]
pub struct ComposeService {
    /// Its key; its span is the anchor of what is missing.
    pub name: Spanned<String>,
    /// The bytes of its value.
    pub span: Span,
    /// Image reference as written; `None` when it is only built.
    pub image: Fact<Option<String>>,
    /// How its image is built; `None` when it is only pulled.
    pub build: Fact<Option<Build>>,
    /// `command`: replaces CMD. An empty one clears it.
    pub command: Fact<Option<Command>>,
    /// `entrypoint`: replaces ENTRYPOINT, and clears CMD.
    pub entrypoint: Fact<Option<Command>>,
    /// `working_dir`.
    pub working_dir: Fact<Option<String>>,
    /// `user`.
    pub user: Fact<Option<String>>,
    /// Whether Docker's init is process 1; default false.
    pub init: Fact<bool>,
    /// Environment variables, in the order of the file.
    pub environment: Found<Environment>,
    /// Paths of files with variables, relative to the compose file.
    pub env_file: Found<String>,
    /// Published ports.
    pub ports: Found<PublishedPort>,
    /// Ports that only other services see.
    pub expose: Found<String>,
    /// Mounts.
    pub volumes: Found<Mount>,
    /// Services that start before it.
    pub depends_on: Found<Dependency>,
    /// Health check; `None`: that of the image.
    pub healthcheck: Fact<Option<Healthcheck>>,
    /// `no` by default.
    pub restart: Fact<String>,
    /// Number of containers; default 1.
    pub replicas: Fact<i64>,
    /// Limit of memory (`deploy.resources.limits.memory`, `mem_limit`).
    pub memory_limit: Fact<Option<Quantity>>,
    /// Limit of CPUs (`deploy.resources.limits.cpus`, `cpus`).
    pub cpu_limit: Fact<Option<Quantity>>,
    /// Profiles that start it; empty: it always starts.
    pub profiles: Found<String>,
    /// Seconds between the stop signal and SIGKILL; default 10.
    pub stop_grace_period: Fact<f64>,
    /// `stop_signal`; `None`: that of the image.
    pub stop_signal: Fact<Option<String>>,
    /// Whose processes it shares: `host`, `service:web`; `None`: it has its own, and its command is process 1 of them.
    pub pid: Fact<Option<String>>,
    /// Default false.
    pub privileged: Fact<bool>,
    /// Whether its root file system is read-only; default false.
    pub read_only: Fact<bool>,
    /// Service that it extends, when that is in another file.
    pub extends: Option<Extends>,
    /// True when `develop.watch` syncs sources into it.
    pub watched: bool,
}

/// `build` of a service.
#[derive(Clone, Debug)]
pub struct Build {
    /// Bytes of its value.
    pub span: Span,
    /// Build context, relative to the compose file; `.` by default.
    pub context: Fact<String>,
    /// Dockerfile, relative to the context; `Dockerfile` by default.
    pub dockerfile: Fact<String>,
    /// Stage that is built; `None`: the last.
    pub target: Fact<Option<String>>,
    /// Build arguments. One without a value is taken from the environment.
    pub args: Found<Environment>,
    /// True when the Dockerfile stands in the compose file itself.
    pub inline: bool,
}

/// A variable of a service or a build.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value; `None`: from the environment of whoever starts it.
    pub value: Fact<Option<String>>,
}

impl Environment {
    /// Its value; not known when it is taken from whoever starts it.
    pub fn text(&self) -> Fact<String> {
        match &self.value {
            Fact::Known { value: Some(text), origin } => {
                Fact::Known { value: text.clone(), origin: origin.clone() }
            }
            Fact::Known { value: None, .. } => Fact::Unknown(Why::Variable),
            Fact::Unknown(why) => Fact::Unknown(*why),
        }
    }
}

/// A service that another one waits for.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name.
    pub service: Spanned<String>,
    /// `service_started` by default.
    pub condition: Fact<String>,
}

/// `healthcheck` of a service.
#[derive(Clone, Debug)]
pub struct Healthcheck {
    /// Bytes of its value.
    pub span: Span,
    /// True when it turns off that of the image.
    pub disabled: bool,
    /// The command; `None` when only times are set. The string form and `CMD-SHELL` run in the image's shell.
    pub test: Fact<Option<Command>>,
}

/// A service that is extended.
#[derive(Clone, Debug)]
pub struct Extends {
    /// Path of its file, relative to this one; `None`: this file.
    pub file: Option<Spanned<String>>,
    /// Its name.
    pub service: Option<Spanned<String>>,
}

impl ComposeService {
    pub(super) fn read(field: &Field, at: At<'_>, trees: &[Arc<Tree>]) -> ComposeService {
        let limits = at.path(&["deploy", "resources", "limits"]);
        let first =
            |a: At<'_>, b: At<'_>| if a.exists() { a.quantity_with(bytes) } else { b.quantity_with(bytes) };
        let replicas = at.path(&["deploy", "replicas"]);
        ComposeService {
            name: Spanned::new(field.key.to_string(), field.key_span),
            span: field.value.span,
            image: at.get("image").text(),
            build: build(at.get("build")),
            command: command(at.get("command"), trees),
            entrypoint: command(at.get("entrypoint"), trees),
            working_dir: at.get("working_dir").text(),
            user: at.get("user").text(),
            init: at.get("init").bool_or(false),
            environment: environment(at.get("environment")),
            env_file: paths(at.get("env_file")),
            ports: every(at.get("ports"), port),
            expose: at.get("expose").texts(),
            volumes: every(at.get("volumes"), mount),
            depends_on: dependencies(at.get("depends_on")),
            healthcheck: healthcheck(at.get("healthcheck"), trees),
            restart: at.get("restart").text_or("no"),
            replicas: if replicas.exists() { replicas.int_or(1) } else { at.get("scale").int_or(1) },
            memory_limit: first(limits.get("memory"), at.get("mem_limit")),
            cpu_limit: first(limits.get("cpus"), at.get("cpus")),
            profiles: at.get("profiles").texts(),
            stop_grace_period: at
                .get("stop_grace_period")
                .or(10.0, |value| value.scalar().and_then(|scalar| seconds(&scalar.text)).ok_or(Why::Broken)),
            stop_signal: at.get("stop_signal").text(),
            pid: at.get("pid").text(),
            privileged: at.get("privileged").bool_or(false),
            read_only: at.get("read_only").bool_or(false),
            extends: at.get("extends").value.map(extends),
            watched: at.path(&["develop", "watch"]).exists(),
        }
    }
}

/// Reads every item: also of one that holds a variable something can be told.
fn every<T>(at: At<'_>, read: fn(At<'_>) -> T) -> Found<T> {
    let (items, rest) = at.items();
    Found { items: items.into_iter().map(|item| Spanned::new(read(item), item.span())).collect(), rest }
}

fn extends(value: &Value) -> Extends {
    let text = |key: &str| value.get(key).and_then(Value::as_spanned);
    Extends { file: text("file"), service: text("service").or_else(|| value.as_spanned()) }
}

fn build(at: At<'_>) -> Fact<Option<Build>> {
    at.optional(|value| match (&value.data, value.unknown_why()) {
        (_, Some(why)) => Err(why),
        (Data::Scalar(_), None) => Ok(Build {
            span: value.span,
            context: at.required(),
            dockerfile: at.absent().text_or("Dockerfile"),
            target: at.absent().text(),
            args: Found::default(),
            inline: false,
        }),
        (Data::Map(_), None) => Ok(Build {
            span: value.span,
            context: at.get("context").text_or("."),
            dockerfile: at.get("dockerfile").text_or("Dockerfile"),
            target: at.get("target").text(),
            args: environment(at.get("args")),
            inline: at.get("dockerfile_inline").exists(),
        }),
        _ => Err(Why::Broken),
    })
}

/// A list is the exec form; a string is split into words without a shell.
fn command(at: At<'_>, trees: &[Arc<Tree>]) -> Fact<Option<Command>> {
    match at.value {
        Some(value) if matches!(value.data, Data::Scalar(_)) => {
            at.optional(|value| split(value, trees).map(Command::Exec))
        }
        _ => at.command(),
    }
}

fn split(value: &Value, trees: &[Arc<Tree>]) -> Result<Vec<Spanned<String>>, Why> {
    let scalar = value.scalar().ok_or(Why::Broken)?;
    if let Some(why) = value.unknown_why() {
        return Err(why);
    }
    let text = scalar.mapped(trees, value.span);
    let words = words::split(&text.text).ok_or(Why::Broken)?;
    Ok(words.into_iter().map(|(word, bytes)| Spanned::new(word, text.span(bytes.start, bytes.end))).collect())
}

/// `KEY: value` or `- KEY=value`.
fn environment(at: At<'_>) -> Found<Environment> {
    if at.value.is_some_and(|value| matches!(value.data, Data::Seq(_))) {
        return list(at, |item| {
            let Fact::Known { value: Some(text), .. } = item.plain() else { return Err(Why::Broken) };
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (text.as_str(), None),
            };
            let name = Spanned::new(name.to_owned(), item.span());
            Ok(Environment { name, value: Fact::written(value, item.span()) })
        });
    }
    let (fields, rest) = at.fields();
    let items = fields.into_iter().map(|(name, at)| {
        let span = name.span;
        // `KEY:` without a value is taken from the environment, as `- KEY` is.
        let value = if at.exists() { at.plain() } else { Fact::written(None, span) };
        Spanned::new(Environment { name, value }, span)
    });
    Found { items: items.collect(), rest }
}

/// A path, a list of paths, or a list of `{path, required}`.
fn paths(at: At<'_>) -> Found<String> {
    match at.value.map(|value| &value.data) {
        Some(Data::Scalar(_)) => match at.required() {
            Fact::Known { value, .. } => Found { items: vec![Spanned::new(value, at.span())], rest: Ok(()) },
            Fact::Unknown(why) => Found { items: Vec::new(), rest: Err(why) },
        },
        _ => list(at, |item| {
            let path = item.get("path");
            match if path.exists() { path } else { item }.required() {
                Fact::Known { value, .. } => Ok(value),
                Fact::Unknown(why) => Err(why),
            }
        }),
    }
}

/// A list of names, or `{name: {condition: …}}`.
fn dependencies(at: At<'_>) -> Found<Dependency> {
    if at.value.is_some_and(|value| matches!(value.data, Data::Seq(_))) {
        return list(at, |item| match item.required() {
            Fact::Known { value, .. } => Ok(Dependency {
                service: Spanned::new(value, item.span()),
                condition: item.absent().text_or("service_started"),
            }),
            Fact::Unknown(why) => Err(why),
        });
    }
    let (fields, rest) = at.fields();
    let items = fields.into_iter().map(|(service, at)| {
        let span = service.span;
        let condition = at.get("condition").text_or("service_started");
        Spanned::new(Dependency { service, condition }, span)
    });
    Found { items: items.collect(), rest }
}

fn healthcheck(at: At<'_>, trees: &[Arc<Tree>]) -> Fact<Option<Healthcheck>> {
    at.optional(|value| {
        if let Some(why) = value.unknown_why() {
            return Err(why);
        }
        let test = at.get("test");
        let first = test.value.and_then(|test| test.items().first()).and_then(Value::as_str);
        let turned_off = at.get("disable").bool_or(false).known() == Some(&true);
        let command = match (test.value, first) {
            (Some(script), _) if script.as_str().is_some() => test.optional(|script| shell(script, trees)),
            (Some(list), Some("CMD-SHELL")) => {
                test.optional(|_| shell(list.items().get(1).ok_or(Why::Broken)?, trees))
            }
            _ => test.command().map(|command| match command {
                Some(Command::Exec(mut arguments)) if first == Some("CMD") => {
                    arguments.remove(0);
                    Some(Command::Exec(arguments))
                }
                other => other,
            }),
        };
        Ok(Healthcheck { span: value.span, disabled: turned_off || first == Some("NONE"), test: command })
    })
}

fn shell(script: &Value, trees: &[Arc<Tree>]) -> Result<Command, Why> {
    let scalar = script.scalar().ok_or(Why::Broken)?;
    match script.unknown_why() {
        Some(why) => Err(why),
        None => Ok(Command::Shell(scalar.mapped(trees, script.span))),
    }
}

/// Sizes of Docker: `512m`, `1gb`, `1.5g`, or a number of bytes or of CPUs. Its `k`, `m` and `g` are powers of 1024.
fn bytes(text: &str) -> Option<Quantity> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let suffix = match lower[end..].trim_end_matches('b').trim_end_matches('i') {
        "" => "",
        "k" => "Ki",
        "m" => "Mi",
        "g" => "Gi",
        "t" => "Ti",
        _ => return None,
    };
    quantity::parse(&format!("{}{suffix}", &lower[..end]))
}

/// Durations of compose: `1m30s`, `500ms`, `10s`. A bare number is seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..end] {
                "us" => 1e-6,
                "ms" => 1e-3,
                "" | "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[end..];
    }
    Some(total)
}
