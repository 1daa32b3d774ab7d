//! What a service shows of itself and sees of the host: published ports and mounts, in their short and long forms.

use crate::facts::object::reading::At;
use crate::facts::object::value::{Data, Value};
use crate::facts::{Fact, Why};

/// A published port, as written.
#[derive(Clone, Debug)]
pub struct PublishedPort {
    /// Port or range of ports of the container.
    pub target: Fact<String>,
    /// Port or range of ports of the host; `None`: any free one.
    pub published: Fact<Option<String>>,
    /// Address of the host; `None`: every one.
    pub host: Fact<Option<String>>,
}

/// A mount of a service.
#[derive(Clone, Debug)]
pub struct Mount {
    /// What it is.
    pub kind: MountKind,
    /// Path on the host, or name of the volume; `None` for an anonymous one.
    pub source: Fact<Option<String>>,
    /// Path in the container.
    pub target: Fact<String>,
    /// Default false.
    pub read_only: bool,
}

/// What a mount shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume that Docker keeps, named or anonymous.
    Volume,
    /// Memory, or something else that is gone with the container.
    Other,
    /// It cannot be told.
    Unknown,
}

/// `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, or the long form.
pub(super) fn port(at: At<'_>) -> PublishedPort {
    if at.value.is_some_and(|value| matches!(value.data, Data::Map(_))) {
        let (target, published, host) = (at.get("target"), at.get("published"), at.get("host_ip"));
        return PublishedPort { target: target.required(), published: published.text(), host: host.text() };
    }
    let text = match at.required() {
        Fact::Known { value, .. } => value,
        Fact::Unknown(why) => {
            let (target, published) = (Fact::Unknown(why), Fact::Unknown(why));
            return PublishedPort { target, published, host: Fact::Unknown(why) };
        }
    };
    let ports = text.split('/').next().unwrap_or_default();
    let mut parts = ports.rsplitn(3, ':').map(str::to_owned);
    let target = parts.next().unwrap_or_default();
    PublishedPort {
        target: Fact::written(target, at.span()),
        published: Fact::written(parts.next().filter(|port| !port.is_empty()), at.span()),
        host: Fact::written(parts.next(), at.span()),
    }
}

/// `source:target:ro`, `target`, or the long form.
pub(super) fn mount(at: At<'_>) -> Mount {
    if at.value.is_some_and(|value| matches!(value.data, Data::Map(_))) {
        let kind = match at.get("type").value.and_then(Value::as_str) {
            Some("bind") => MountKind::Bind,
            Some("volume") | None => MountKind::Volume,
            Some(_) => MountKind::Other,
        };
        let read_only = at.get("read_only").bool_or(false).known().copied().unwrap_or_default();
        return Mount {
            kind,
            source: at.get("source").text(),
            target: at.get("target").required(),
            read_only,
        };
    }
    let text = match at.required() {
        Fact::Known { value, .. } => value,
        Fact::Unknown(why) => return short_mount_of_variable(at, why),
    };
    let mut parts = text.splitn(3, ':').map(str::to_owned);
    let first = parts.next().unwrap_or_default();
    let Some(target) = parts.next() else {
        let none = Fact::written(None, at.span());
        return Mount {
            kind: MountKind::Volume,
            source: none,
            target: Fact::written(first, at.span()),
            read_only: false,
        };
    };
    let kind = if first.starts_with(['.', '/', '~']) { MountKind::Bind } else { MountKind::Volume };
    Mount {
        kind,
        source: Fact::written(Some(first), at.span()),
        target: Fact::written(target, at.span()),
        read_only: parts.next().is_some_and(|mode| mode.split(',').any(|option| option == "ro")),
    }
}

/// `${DATA}:/data` still says where it is mounted.
fn short_mount_of_variable(at: At<'_>, why: Why) -> Mount {
    let text = at.value.and_then(Value::scalar).map_or("", |scalar| &scalar.text);
    let after = text.rfind('}').and_then(|at| text[at..].split_once(':')).map_or("", |(_, after)| after);
    let target = after.split(':').next().filter(|path| path.starts_with('/'));
    let target = target.map_or(Fact::Unknown(why), |target| Fact::written(target.to_owned(), at.span()));
    Mount { kind: MountKind::Unknown, source: Fact::Unknown(why), target, read_only: text.ends_with(":ro") }
}
