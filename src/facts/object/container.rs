//! Containers of a pod: image, command, environment, ports, probes, resources, mounts.

use super::probe::{Handler, Probe};
use super::quantity::Quantity;
use super::reading::At;
use super::security::SecurityContext;
use crate::facts::command::{Command, only_sleeps};
use crate::facts::{Fact, Found, Why};
use crate::source::{Span, Spanned};

/// What a container is to its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// One of `containers`.
    Main,
    /// One of `initContainers` that ends before the main ones start.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`, which runs beside the main ones.
    Sidecar,
}

/// A container of a pod template.
#[derive(Clone, Debug)]
pub struct Container {
    /// What it is to its pod.
    pub role: Role,
    /// Its name.
    pub name: Fact<String>,
    /// Where to show what is missing: the value of `name`, else its first byte.
    pub anchor: Span,
    /// All of its bytes in the file that defines it.
    pub span: Span,
    /// Image reference as written; `None` where the cluster or another tool sets it.
    pub image: Fact<Option<String>>,
    /// Its tag, where that is written although the name before it is filled in later (`<REGISTRY>/shop:latest`).
    pub written_tag: Option<Spanned<String>>,
    /// `Always`, `IfNotPresent` or `Never`; `None`: by the tag.
    pub pull_policy: Fact<Option<String>>,
    /// `command`: replaces ENTRYPOINT, and CMD with it.
    pub command: Fact<Option<Command>>,
    /// `args`: replaces CMD.
    pub args: Fact<Option<Command>>,
    /// `workingDir`.
    pub working_dir: Fact<Option<String>>,
    /// Environment variables.
    pub env: Found<EnvVar>,
    /// Whole ConfigMaps and Secrets as environment.
    pub env_from: Found<EnvFrom>,
    /// Declared ports.
    pub ports: Found<Port>,
    /// `readinessProbe`.
    pub readiness: Fact<Option<Probe>>,
    /// `livenessProbe`.
    pub liveness: Fact<Option<Probe>>,
    /// `startupProbe`.
    pub startup: Fact<Option<Probe>>,
    /// `lifecycle.preStop`.
    pub pre_stop: Fact<Option<Handler>>,
    /// `lifecycle.postStart`.
    pub post_start: Fact<Option<Handler>>,
    /// Requests and limits.
    pub resources: Resources,
    /// `volumeMounts`.
    pub mounts: Found<VolumeMount>,
    /// The context in force, the pod's included.
    pub security: SecurityContext,
}

/// An environment variable.
#[derive(Clone, Debug)]
pub struct EnvVar {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value.
    pub value: EnvValue,
}

/// Where the value of an environment variable is from.
#[derive(Clone, Debug)]
pub enum EnvValue {
    /// Written down; the empty text by default. `$(NAME)` is left as it is.
    Literal(Fact<String>),
    /// `valueFrom`.
    From(EnvSource),
}

/// What `valueFrom` names.
#[derive(Clone, Debug)]
pub enum EnvSource {
    /// A key of a ConfigMap.
    ConfigMap {
        /// Name of the ConfigMap.
        name: Fact<String>,
        /// The key.
        key: Fact<String>,
        /// Whether the pod starts without it; default false.
        optional: Fact<bool>,
    },
    /// A key of a Secret.
    Secret {
        /// Name of the Secret.
        name: Fact<String>,
        /// The key.
        key: Fact<String>,
        /// Whether the pod starts without it; default false.
        optional: Fact<bool>,
    },
    /// A field of the pod (`metadata.name`).
    Field(Fact<String>),
    /// A resource of the container (`limits.memory`).
    Resource(Fact<String>),
    /// Something else.
    Unknown(Why),
}

/// An item of `envFrom`.
#[derive(Clone, Debug)]
pub struct EnvFrom {
    /// True for a Secret, false for a ConfigMap.
    pub secret: bool,
    /// Its name.
    pub name: Fact<String>,
    /// What is put before each key; empty by default.
    pub prefix: Fact<String>,
    /// Whether the pod starts without it; default false.
    pub optional: Fact<bool>,
}

/// A declared port of a container.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: Fact<Option<String>>,
    /// `containerPort`.
    pub number: Fact<Option<i64>>,
    /// `TCP` by default.
    pub protocol: Fact<String>,
    /// `hostPort`.
    pub host_port: Fact<Option<i64>>,
}

/// `resources` of a container. A request that is absent is taken from its limit, as the API does.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Bytes of the key `resources`, or the container's anchor.
    pub at: Span,
    /// `requests.cpu`.
    pub cpu_request: Fact<Option<Quantity>>,
    /// `limits.cpu`.
    pub cpu_limit: Fact<Option<Quantity>>,
    /// `requests.memory`.
    pub memory_request: Fact<Option<Quantity>>,
    /// `limits.memory`.
    pub memory_limit: Fact<Option<Quantity>>,
}

/// An item of `volumeMounts`.
#[derive(Clone, Debug)]
pub struct VolumeMount {
    /// Name of the volume.
    pub name: Fact<String>,
    /// Where it appears.
    pub path: Fact<String>,
    /// The part of the volume that appears.
    pub sub_path: Fact<Option<String>>,
    /// Default false.
    pub read_only: Fact<bool>,
}

impl Container {
    /// True when the manifest starts nothing in it that does more than sleep.
    pub fn only_sleeps(&self) -> bool {
        let (Some(command), Some(args)) = (self.command.known(), self.args.known()) else { return false };
        let words: Vec<String> = command.iter().chain(args).flat_map(Command::words).collect();
        only_sleeps(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn read(at: At<'_>, pod_security: At<'_>, init: bool) -> Container {
        let name = at.get("name");
        let anchor = name.value.map_or(at.span(), |value| value.span);
        let at = at.anchored(anchor);
        let restart = at.get("restartPolicy").value.and_then(|value| value.as_str());
        let role = match (init, restart) {
            (false, _) => Role::Main,
            (true, Some("Always")) => Role::Sidecar,
            (true, _) => Role::Init,
        };
        Container {
            role,
            name: name.required(),
            anchor,
            span: at.span(),
            image: at.get("image").text().map(|image| image.filter(|image| !image.is_empty())),
            written_tag: written_tag(at.get("image")),
            pull_policy: at.get("imagePullPolicy").text(),
            command: at.get("command").command().map(none_when_empty),
            args: at.get("args").command().map(none_when_empty),
            working_dir: at.get("workingDir").text(),
            env: list(at.get("env"), env_var),
            env_from: list(at.get("envFrom"), |item| Ok(env_from(item))),
            ports: list(at.get("ports"), |item| Ok(port(item))),
            readiness: Probe::read(at.get("readinessProbe")),
            liveness: Probe::read(at.get("livenessProbe")),
            startup: Probe::read(at.get("startupProbe")),
            pre_stop: handler(at.path(&["lifecycle", "preStop"])),
            post_start: handler(at.path(&["lifecycle", "postStart"])),
            resources: Resources::read(at.get("resources"), anchor),
            mounts: list(at.get("volumeMounts"), |item| Ok(mount(item))),
            security: SecurityContext::effective(pod_security, at.get("securityContext")),
        }
    }
}

/// What stands after the last colon of an image's name, when it can be a tag: the port of a registry has a path behind it.
fn written_tag(image: At<'_>) -> Option<Spanned<String>> {
    let value = image.value?;
    let (_, tag) = value.scalar()?.text.rsplit_once(':')?;
    let is_tag = !tag.is_empty() && tag.chars().all(|it| it.is_ascii_alphanumeric() || "._-".contains(it));
    is_tag.then(|| Spanned::new(tag.to_owned(), value.span))
}

/// To Kubernetes an empty list is no list: the image's own command holds.
fn none_when_empty(command: Option<Command>) -> Option<Command> {
    command.filter(|command| command.span().is_some())
}

/// Reads the items of a list; an item that cannot be read makes the rest unknown.
pub(crate) fn list<T>(at: At<'_>, read: impl Fn(At<'_>) -> Result<T, Why>) -> Found<T> {
    let (items, mut rest) = at.items();
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        match item.value.and_then(|value| value.unknown_why()).map_or_else(|| read(item), Err) {
            Ok(value) => found.push(Spanned::new(value, item.span())),
            Err(why) => rest = rest.and(Err(why)),
        }
    }
    Found { items: found, rest }
}

fn env_var(at: At<'_>) -> Result<EnvVar, Why> {
    let name = match at.get("name").required() {
        Fact::Known { value, .. } => Spanned::new(value, at.get("name").span()),
        Fact::Unknown(why) => return Err(why),
    };
    let at = at.anchored(name.span);
    let from = at.get("valueFrom");
    let value = if from.exists() {
        EnvValue::From(env_source(from))
    } else {
        EnvValue::Literal(at.get("value").plain().map(Option::unwrap_or_default))
    };
    Ok(EnvVar { name, value })
}

fn env_source(at: At<'_>) -> EnvSource {
    let (map, secret) = (at.get("configMapKeyRef"), at.get("secretKeyRef"));
    let (field, resource) = (at.get("fieldRef"), at.get("resourceFieldRef"));
    if map.exists() {
        let (name, key, optional) = key_of(map);
        return EnvSource::ConfigMap { name, key, optional };
    }
    if secret.exists() {
        let (name, key, optional) = key_of(secret);
        return EnvSource::Secret { name, key, optional };
    }
    if field.exists() {
        return EnvSource::Field(field.get("fieldPath").required());
    }
    if resource.exists() {
        return EnvSource::Resource(resource.get("resource").required());
    }
    EnvSource::Unknown(at.value.and_then(|value| value.unknown_why()).unwrap_or(Why::Unsupported))
}

fn key_of(at: At<'_>) -> (Fact<String>, Fact<String>, Fact<bool>) {
    (at.get("name").required(), at.get("key").required(), at.get("optional").bool_or(false))
}

fn env_from(at: At<'_>) -> EnvFrom {
    let secret = at.get("secretRef").exists();
    let source = at.get(if secret { "secretRef" } else { "configMapRef" });
    EnvFrom {
        secret,
        name: source.get("name").required(),
        prefix: at.get("prefix").text_or(""),
        optional: source.get("optional").bool_or(false),
    }
}

fn port(at: At<'_>) -> Port {
    let number = at.get("containerPort");
    let at = at.anchored(number.span());
    Port {
        name: at.get("name").text(),
        number: number.int(),
        protocol: at.get("protocol").text_or("TCP"),
        host_port: at.get("hostPort").int(),
    }
}

fn handler(at: At<'_>) -> Fact<Option<Handler>> {
    at.optional(|value| value.unknown_why().map_or_else(|| Ok(Handler::read(at)), Err))
}

fn mount(at: At<'_>) -> VolumeMount {
    VolumeMount {
        name: at.get("name").required(),
        path: at.get("mountPath").required(),
        sub_path: at.get("subPath").text(),
        read_only: at.get("readOnly").bool_or(false),
    }
}

impl Resources {
    /// Reads `resources`, or what a Job, a claim or a service writes in the same form.
    pub(crate) fn read(at: At<'_>, anchor: Span) -> Resources {
        let limit = |resource: &str| at.path(&["limits", resource]);
        let request = |resource: &str| {
            let own = at.path(&["requests", resource]);
            if own.exists() || !limit(resource).exists() { own } else { limit(resource) }
        };
        Resources {
            at: if at.exists() { at.anchor } else { anchor },
            cpu_request: request("cpu").quantity(),
            cpu_limit: limit("cpu").quantity(),
            memory_request: request("memory").quantity(),
            memory_limit: limit("memory").quantity(),
        }
    }
}
