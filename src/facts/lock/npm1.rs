//! package-lock.json of npm 5 and 6 (`lockfileVersion` 1): the installed tree as nested `dependencies`.
//!
//! There is no entry for the root: what it asks for stands in package.json only.

use super::read::{Reading, flag, split_name, text};
use super::scopes::{ROOT, Scope, Scopes};
use super::{Edge, EdgeKind, Flags, Flavour, LockedPackage, Platform, Target};
use crate::syntax::tree::{Entry, Ref, Tree};

pub(super) fn read(tree: &Tree, version: u32, reading: &mut Reading) {
    reading.lock.flavour = Flavour::Npm(version.max(1));
    let mut scopes = Scopes::new();
    let mut values: Vec<(Scope, Ref<'_>)> = Vec::new();
    let mut open: Vec<(Scope, Ref<'_>)> =
        tree.root().and_then(|root| root.get("dependencies")).map(|at| (ROOT, at)).into_iter().collect();
    while let Some((scope, dependencies)) = open.pop() {
        for entry in dependencies.entries() {
            let Some(name) = entry.key.str().filter(|_| entry.value.is_mapping()) else {
                reading.bad_entry(entry.span(), "the entry of a package is no object");
                continue;
            };
            let at = reading.lock.packages.len() as u32;
            reading.lock.packages.push(package(name, entry));
            scopes.put(scope, name, Target::Package(at));
            let inner = scopes.below(scope);
            values.push((inner, entry.value));
            if let Some(dependencies) = entry.value.get("dependencies") {
                open.push((inner, dependencies));
            }
        }
    }
    for (at, (scope, value)) in values.into_iter().enumerate() {
        let asked = value.get("requires").into_iter().flat_map(Ref::entries);
        let edge = |asked: Entry<'_>| {
            let name = asked.key.str()?;
            Some(Edge {
                name: name.to_owned(),
                spec: asked.value.str().unwrap_or("").to_owned(),
                kind: EdgeKind::Production,
                target: scopes.answer(scope, name),
                span: asked.key.span(),
            })
        };
        reading.lock.packages[at].edges = asked.filter_map(edge).collect();
    }
    reading.lock.index.answers = scopes.top().map(|(name, target)| (name.to_owned(), target)).collect();
}

fn package(installed_as: &str, entry: Entry<'_>) -> LockedPackage {
    let at = entry.value;
    let written = text(at, "version");
    let aliased = written.as_deref().and_then(|version| split_name(version.strip_prefix("npm:")?));
    let (name, version) = match aliased {
        Some((name, version)) => (name.to_owned(), Some(version.to_owned())),
        None => (installed_as.to_owned(), written.clone()),
    };
    // An address or a folder stands in the place of the version.
    let released =
        version.clone().filter(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    LockedPackage {
        alias: (name != installed_as).then(|| installed_as.to_owned()),
        name,
        resolved: text(at, "resolved").or_else(|| written.filter(|_| released.is_none())),
        version: released,
        key: installed_as.to_owned(),
        span: entry.key.span(),
        integrity: text(at, "integrity"),
        flags: Flags {
            dev: flag(at, "dev"),
            optional: flag(at, "optional"),
            bundled: flag(at, "bundled"),
            ..Flags::default()
        },
        platform: Platform::default(),
        edges: Vec::new(),
    }
}
